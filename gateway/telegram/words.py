"""Every text that the bot says, one file per language. Values are put in as text, never as markup."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

__all__ = ["LANGUAGES", "Words", "language_for", "words_in"]

LANGUAGES = ("de", "en", "ru")
_FOLDER = Path(__file__).parent / "texts"
_LONGEST = 600


class Words:
    """The texts of one language."""

    def __init__(self, language: str, texts: Mapping[str, str]) -> None:
        self.language = language
        self.texts = texts

    def __call__(self, key: str, /, **values: object) -> str:
        """A text as HTML. Values are escaped, and cut where they are long. Raises `KeyError` for an unknown one."""
        shown = {name: escape(_short(str(value)), quote=False) for name, value in values.items()}
        return self.texts[key].format_map(shown)

    def plain(self, key: str, /, **values: object) -> str:
        """A text without markup: for buttons, and for what pops up."""
        return self.texts[key].format_map({name: _short(str(value), 100) for name, value in values.items()})

    def knows(self, key: str) -> bool:
        """Whether there is such a text."""
        return key in self.texts

    def moment(self, moment: datetime, zone: ZoneInfo, now: datetime) -> str:
        """A time as people say it: today and tomorrow by these words."""
        local, today = moment.astimezone(zone), now.astimezone(zone).date()
        if local.date() == today:
            return self.plain("time.today", time=f"{local:%H:%M}")
        if local.date() == today + timedelta(days=1):
            return self.plain("time.tomorrow", time=f"{local:%H:%M}")
        day = self.plain(f"time.day{local.isoweekday()}")
        return self.plain("time.other", day=day, date=f"{local:%d.%m.%Y}", time=f"{local:%H:%M}")


@cache
def words_in(language: str) -> Words:
    """The texts of one of `LANGUAGES`."""
    return Words(language, _flat(tomllib.loads((_FOLDER / f"{language}.toml").read_text(encoding="utf-8"))))


def language_for(code: str | None, otherwise: str) -> str:
    """The language of somebody whose Telegram says `code` (a BCP 47 tag)."""
    spoken = (code or "").partition("-")[0].lower()
    return spoken if spoken in LANGUAGES else otherwise


def _flat(tables: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {f"{table}.{name}": text for table, texts in tables.items() for name, text in texts.items()}


def _short(text: str, longest: int = _LONGEST) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
