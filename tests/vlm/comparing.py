"""What a library of prints says of one clip after another."""

from __future__ import annotations

from actors.vlm.adapters.seen.library import PrintLibrary
from actors.vlm.ports import Prints, Sight
from contracts.sight import SeenBefore, Sound
from runtime.media import FileMediaStore
from tests.vlm.clips import a_sight
from tests.vlm.footage import a_clip

__all__ = ["compared", "looked_at"]


def a_look(prints: Prints | None, sounds: tuple[Sound, ...] = (), made_from: str = "0" * 64) -> Sight:
    return a_sight(60.0).model_copy(update={"prints": prints, "sounds": sounds, "made_from": made_from})


async def looked_at(
    library: PrintLibrary, clip_id: str, prints: Prints | None, sounds: tuple[Sound, ...] = ()
) -> tuple[SeenBefore, ...]:
    return await library.seen_before(a_clip().model_copy(update={"clip_id": clip_id}), a_look(prints, sounds))


async def compared(
    media: FileMediaStore, first: Prints, second: Prints, sounds: tuple[Sound, ...] = ()
) -> tuple[SeenBefore, ...]:
    """What of the second is in the first."""
    library = PrintLibrary(media)
    assert await looked_at(library, "youtube:first", first) == ()
    return await looked_at(library, "vimeo:second", second, sounds)
