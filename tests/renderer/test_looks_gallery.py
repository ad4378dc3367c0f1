"""The gallery page tells of everything that there is, and shows it."""

from __future__ import annotations

import re

from actors.renderer.adapters.captions.styles import STYLES
from actors.renderer.adapters.looks import LOOKS
from actors.renderer.adapters.transitions import TRANSITIONS
from tools.gallery import GALLERY, ROOT, page

TOLD = page()


def test_the_page_is_what_the_code_says() -> None:
    assert (ROOT / GALLERY / "README.md").read_text(encoding="utf-8") == TOLD, "make references"


def test_every_look_transition_and_caption_style_is_on_the_page() -> None:
    assert [name for name in [*LOOKS, *TRANSITIONS, *STYLES] if f"| `{name}` |" not in TOLD] == []


def test_every_look_and_transition_is_shown() -> None:
    for kind, names in (("looks", LOOKS), ("transitions", TRANSITIONS)):
        assert [name for name in names if not re.search(rf'src="{kind}/{name}[-.]', TOLD)] == []


def test_every_picture_on_the_page_is_there_and_every_picture_there_is_on_the_page() -> None:
    shown = set(re.findall(r'src="([^"]+)"', TOLD))
    folder = ROOT / GALLERY
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.suffix in {".jpg", ".png"}}
    assert shown == there


def test_the_pictures_are_small_enough_for_a_repository() -> None:
    assert sum(path.stat().st_size for path in (ROOT / GALLERY).rglob("*") if path.is_file()) < 4_000_000
