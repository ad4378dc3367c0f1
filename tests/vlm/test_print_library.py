"""The library of prints: shared by processes, outliving them, and wary of what is not its own."""

from __future__ import annotations

import numpy as np

from actors.vlm.adapters.seen.library import PrintLibrary
from actors.vlm.ports import Prints
from contracts.keys import PRINTS
from runtime.media import FileMediaStore
from tests.vlm.comparing import looked_at
from tests.vlm.printing import film_prints, prints_of, story


async def test_prints_outlive_the_process_and_a_clip_is_never_its_own_copy(media: FileMediaStore) -> None:
    prints = prints_of(film_prints(story(1)))
    await looked_at(PrintLibrary(media), "youtube:first", prints)
    assert len(await media.list(PRINTS)) == 1
    again = PrintLibrary(media)
    assert await looked_at(again, "youtube:first", prints) == ()
    assert [seen.clip_id for seen in await looked_at(again, "vimeo:second", prints)] == ["youtube:first"]


async def test_two_processes_find_each_others_clips(media: FileMediaStore) -> None:
    one, two = PrintLibrary(media), PrintLibrary(media)
    prints = prints_of(film_prints(story(1)))
    assert await looked_at(one, "youtube:first", prints) == ()
    assert await looked_at(two, "vimeo:second", prints)
    assert {seen.clip_id for seen in await looked_at(one, "file:third", prints)} == {"youtube:first", "vimeo:second"}


async def test_other_media_under_the_same_name_have_other_prints(media: FileMediaStore) -> None:
    library = PrintLibrary(media)
    await looked_at(library, "youtube:first", prints_of(film_prints(story(1))))
    await looked_at(library, "youtube:first", prints_of(film_prints(story(2))))
    assert await looked_at(library, "vimeo:second", prints_of(film_prints(story(1)))) == ()
    assert await looked_at(library, "vimeo:third", prints_of(film_prints(story(2))))


async def test_prints_of_another_version_or_broken_ones_are_passed_over(media: FileMediaStore) -> None:
    prints = prints_of(film_prints(story(1)))
    await looked_at(PrintLibrary(media), "youtube:first", prints)
    path = await media.local((await media.list(PRINTS))[0])
    whole = path.read_text()
    path.write_text(whole.replace('"version": 1', '"version": 0'))
    (path.parent / "broken.json").write_text("{")
    library = PrintLibrary(media)
    assert await looked_at(library, "vimeo:second", prints) == ()
    path.write_text(whole)
    assert {seen.clip_id for seen in await looked_at(library, "vimeo:second", prints)} == {"youtube:first"}


async def test_prints_that_another_process_has_replaced_are_learnt_anew(media: FileMediaStore) -> None:
    one, two = PrintLibrary(media), PrintLibrary(media)
    old, new = prints_of(film_prints(story(1))), prints_of(film_prints(story(2)))
    await looked_at(one, "youtube:first", old)
    await looked_at(two, "youtube:first", new)
    assert await looked_at(one, "vimeo:second", old) == ()
    assert {seen.clip_id for seen in await looked_at(one, "file:third", new)} == {"youtube:first"}


async def test_a_clip_without_prints_is_new(media: FileMediaStore) -> None:
    assert await looked_at(PrintLibrary(media), "youtube:first", None) == ()
    assert await looked_at(PrintLibrary(media), "youtube:first", prints_of()) == ()


async def test_one_among_many_is_found(media: FileMediaStore) -> None:
    rng = np.random.default_rng(5)
    library = PrintLibrary(media)
    for number in range(60):
        pictures = rng.integers(0, 256, (120, 2, 32), np.uint8).repeat(3, axis=0)
        other = Prints(pictures=prints_of(pictures.tobytes()).pictures, sound="")
        await looked_at(library, f"file:{number}", other)
    await looked_at(library, "youtube:first", prints_of(film_prints(story(1))))
    found = await looked_at(library, "vimeo:second", prints_of(film_prints(story(1), start=12, end=30)))
    assert [seen.clip_id for seen in found] == ["youtube:first"]
