"""A chosen span in words for people: its reason, its title, its hook, what each part of its score means."""

from __future__ import annotations

from actors.vlm.core.reasons import reason, why
from actors.vlm.core.score import ScoredClip, Span
from actors.vlm.core.titles import hook, title
from contracts.media import ScorePart
from contracts.sight import Moment

__all__ = ["moment"]


def moment(clip: ScoredClip, span: Span, judgement: float | None, judged: float) -> Moment:
    """The span as it is offered, with every part of its score and the reason in words.

    `judgement`: of somebody else, from 0 to 1, with the weight `judged`; None: there is none.
    """
    values = clip.values(span.start, span.end)
    share = 1.0 if judgement is None else 1 - judged
    parts = [
        ScorePart(
            name=name,
            value=round(value, 3) if name in clip.weights else None,
            weight=round(share * clip.weights.get(name, 0.0), 4),
            why=why(clip, name, value, span),
        )
        for name, value in values.items()
    ]
    score = sum(clip.weights[name] * values[name] for name in clip.weights) * share
    if judgement is not None:
        parts.append(ScorePart(name="judgement", value=judgement, weight=judged, why="what the model thinks of it"))
        score += judged * judgement
    return Moment(
        start=round(span.start.t, 3),
        end=round(span.end.t, 3),
        score=round(min(1.0, score), 4),
        reason=reason(clip, span, values),
        title=title(clip, span),
        hook=hook(clip, span),
        text=clip.speech.text(span.start.word, span.end.word),
        parts=tuple(parts),
    )
