"""Words that only fill time, such as “um”, by language."""

from __future__ import annotations

import re

__all__ = ["is_filler", "plain"]

_ANYWHERE = "uh uhm erm hm mh äh ähm öh öhm øh øhm euh heu ehm эм えーと えっと えーっと 嗯 呃"
"""What is a word in no language; for speech whose language is not known."""
_IN_ANY = frozenset(_ANYWHERE.split())
_FILLERS = {
    language: frozenset(f"{_ANYWHERE} {more}".split())
    for language, more in {
        "en": "um er",
        "de": "ähem",
        "nl": "eh",
        "sv": "eh",
        "da": "æh",
        "no": "eh",
        "nb": "eh",
        "fr": "hum",
        "es": "eh em",
        "ca": "eh em",
        "it": "",
        "pt": "eh hum ahn ãh",
        "ru": "э ээ мм хм",
        "uk": "е-е мм хм ем",
        "pl": "yy ee",
        "cs": "ee",
        "tr": "ıı ee",
        "el": "εμ εε",
        "he": "אממ אהה",
        "ar": "اممم ممم",
        "hi": "उम्म हम्म अं",
        "ja": "あのー あのう ええと ええっと",
        "ko": "음 으음 흠",
        "zh": "嗯嗯 呃呃",
    }.items()
}
"""Only what is nothing else in that language: Spanish “este” and Japanese “あの” are words as well, and stay."""


def is_filler(word: str, language: str | None) -> bool:
    """Whether a word only fills time. `language`: a BCP 47 tag; where it is not known, only what is a word in none."""
    text = plain(word)
    fillers = _FILLERS.get((language or "").casefold().split("-")[0], _IN_ANY)
    return text in fillers or _short(text) in fillers


def plain(text: str) -> str:
    """Without case and without marks around it."""
    return re.sub(r"^[\W_]+|[\W_]+$", "", text.casefold())


def _short(text: str) -> str:
    """Drawn-out letters once: “uhhh” as “uh”; a single letter that was drawn out stays two."""
    once = re.sub(r"(.)\1+", r"\1", text)
    return once if len(once) > 1 else text[:2]
