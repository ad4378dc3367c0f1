"""Which of a render's files suits a platform, and what to order from the renderer where none does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from actors.publisher.core.limits import Limits
from contracts.events import PublishRequested, RenderRequested
from contracts.media import MediaRef, Sentence
from contracts.publishing import PublishWish
from contracts.renders import Render
from contracts.style import ShapeName

__all__ = ["Cut", "cuts_of", "remade", "suits"]

ASPECTS: dict[ShapeName, float] = {"9:16": 9 / 16, "4:5": 4 / 5, "1:1": 1.0, "16:9": 16 / 9}
MARGIN_S = 0.5
"""Shorter than the longest that a platform takes: containers and platforms round."""
AIR_S = 0.15
"""After the last word."""
LEAST = 0.5
"""Share of the longest span that has to be left, for its end to be moved to the end of a sentence."""


@dataclass(frozen=True)
class Cut:
    """One video of a render; `shape` is none for the render's own."""

    shape: ShapeName | None
    video: MediaRef
    thumbnail: MediaRef
    width: int
    height: int


def cuts_of(render: Render) -> tuple[Cut, ...]:
    """The render's own video first, then its further shapes."""
    own = Cut(None, render.video, render.thumbnail, render.width, render.height)
    return (own, *(Cut(v.shape, v.video, v.thumbnail, v.width, v.height) for v in render.variants))


def suits(cut: Cut, limits: Limits) -> bool:
    """Whether sides and aspect are within the limits."""
    sides = limits.side
    fits = sides is None or (sides[0] <= min(cut.width, cut.height) and max(cut.width, cut.height) <= sides[1])
    return fits and _shown(cut.width / cut.height, limits)


def remade(
    render: Render, request: PublishRequested, limits: Limits, sentences: Sequence[Sentence]
) -> RenderRequested | None:
    """The order for a short of the same moment that suits the platform, for the account alone; none if this one does,
    or if no order would help.

    What is too long ends with the last sentence that fits, if that leaves half of what the platform takes.
    """
    recipe, end = render.recipe, render.end
    if not any(suits(cut, limits) for cut in cuts_of(render)):
        made = {cut.shape for cut in cuts_of(render)}
        shape = next((name for name, aspect in ASPECTS.items() if _shown(aspect, limits) and name not in made), None)
        if shape is not None:
            recipe = recipe.model_copy(update={"shapes": (*recipe.shapes, shape)[-4:]})
    longest = limits.duration[1] - MARGIN_S if limits.duration else None
    if longest is not None and render.duration > longest + MARGIN_S:
        end = min(render.end, render.start + longest)
        ends = [each.end + AIR_S for each in sentences if render.start < each.end <= end - AIR_S]
        if ends and ends[-1] - render.start >= LEAST * longest:
            end = ends[-1]
    order = RenderRequested(
        clip_id=render.clip_id,
        start=render.start,
        end=round(end, 3),
        recipe=recipe,
        channel_id=request.channel_id,
        title=render.title if request.title is None else request.title,
        reason=f"another shape or length for {request.account_id}",
        requested_by=request.requested_by,
        accounts=(request.account_id,),
        publish=PublishWish(
            description=request.description,
            publish_at=request.publish_at,
            vouch=request.vouch,
            requested_by=request.requested_by,
        ),
    )
    return None if (recipe, end) == (render.recipe, render.end) else order


def _shown(aspect: float, limits: Limits) -> bool:
    return limits.aspect is None or limits.aspect[0] - 0.01 <= aspect <= limits.aspect[1] + 0.01
