"""How a candidate is scored: a weighted sum of five visible parts, each from 0 to 1. Pure, so reproducible.

| part       | weight | value                                                         | needs                   |
| ---------- | ------ | ------------------------------------------------------------- | ----------------------- |
| velocity   | 0.30   | ln(1 + v) / ln(1 + 100 000), v = views / (age + 1 day)        | views, published_at     |
| niche      | 0.25   | mean over the niche's words of where each is found            | the title: always there |
| engagement | 0.20   | r / (r + 0.03), r = (likes + 2 comments + 15) / (views + 500) | views, likes            |
| length     | 0.15   | trapezoid over ln(duration): 15 s, 2 min, 30 min, 3 h         | duration                |
| freshness  | 0.10   | 2 ** (-age / 14 days)                                         | published_at            |

A part whose input the source does not tell has no value and weight 0; the other weights are divided by their sum, so
they always add up to 1 and nothing is guessed in its place. Why so:

- *velocity*: view counts are spread over many orders of magnitude (Cha et al., "I Tube, You Tube, Everybody Tubes",
  IMC 2007), so they are compared by their logarithm; early views predict later ones after that transform (Szabo and
  Huberman, "Predicting the popularity of online content", CACM 53(8), 2010). The added day is the shrinkage: the
  first minutes of a video's life say little, so its views count as if they had taken a day at least.
- *engagement*: a rate out of few views is noise. It is drawn towards 3 likes per 100 views by 500 imagined ones (a
  beta prior; Evan Miller, "How not to sort by average rating", 2009). A comment is rarer than a like and counts twice.
- *length*: below 15 s there is nothing to cut out; from 2 to 30 minutes several moments are likely; hours cost much
  to look through and keep a fifth of the value.
- *freshness*: a half-life, as rankings of news have it; a date in the future counts as now.
- *niche*: each word counts where it is found first: title (1), tags (0.8), description (0.5), nowhere (0). Words are
  compared without case, accents, width and English plural; scripts without spaces by pairs of characters.
"""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import datetime

from contracts.media import Candidate, ScorePart
from contracts.text import clock

__all__ = ["METHOD", "WEIGHTS", "rank", "words"]

METHOD = "local/1"
WEIGHTS = {"velocity": 0.30, "niche": 0.25, "engagement": 0.20, "length": 0.15, "freshness": 0.10}

_DAY = 86_400.0
_FULL_VELOCITY = 100_000.0  # views a day that count as 1
_PRIOR_VIEWS = 500.0
_PRIOR_RATE = 0.03
_COMMENT = 2.0
_HALF_LIFE_DAYS = 14.0
_LENGTHS = (15.0, 120.0, 1800.0, 10_800.0)  # seconds: worthless, good from, good until, too long
_LONG = 0.2
_FIELDS = (("title", 1.0), ("tags", 0.8), ("description", 0.5))

# `\w` leaves out the vowel signs of Indic and South-East Asian scripts, which are part of their words.
_WORD = re.compile(r"[\w\u0900-\u0963\u0966-\u0dff\u0e31-\u0e4e\u0eb1-\u0ecd\u102b-\u103e\u17b4-\u17d3]+")
# Scripts that are written without spaces: Thai to Khmer, kana, Han.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+"
)
_STOP = {"a", "an", "and", "are", "as", "at", "by", "for", "from", "how", "in", "is", "it", "of", "on", "or"}
_STOP |= {"the", "to", "was", "what", "with", "you", "your"}

_Measured = tuple[float | None, str]


def rank(candidate: Candidate, *, niche: str, now: datetime) -> tuple[float, tuple[ScorePart, ...]]:
    """The score of a candidate for a niche at `now` (aware), from 0 to 1, and its parts in the order of `WEIGHTS`."""
    age = None if candidate.published_at is None else (now - candidate.published_at).total_seconds() / _DAY
    measured: dict[str, _Measured] = {
        "velocity": _velocity(candidate.views, age),
        "niche": _niche(candidate, niche),
        "engagement": _engagement(candidate),
        "length": _length(candidate.duration),
        "freshness": _freshness(age),
    }
    total = sum(WEIGHTS[name] for name, (value, _) in measured.items() if value is not None)
    parts = tuple(
        ScorePart(
            name=name,
            value=None if value is None else round(value, 4),
            weight=0.0 if value is None else min(1.0, WEIGHTS[name] / total),
            why=why,
        )
        for name, (value, why) in measured.items()
    )
    score = sum(part.value * part.weight for part in parts if part.value is not None)
    return min(1.0, max(0.0, round(score, 4))), parts


def words(text: str) -> list[str]:
    """The words of a text in order, made comparable: no case, accents, width or English plural; repeated ones stay."""
    folded = unicodedata.normalize("NFKD", text).casefold()
    plain = unicodedata.normalize("NFC", "".join(sign for sign in folded if not _is_accent(sign)))
    return [piece for word in _WORD.findall(plain) for piece in _pieces(word)]


def _velocity(views: int | None, age: float | None) -> _Measured:
    if views is None:
        return None, "the source does not tell the views"
    if age is None:
        return None, "the source does not tell when it was published"
    rate = views / (max(0.0, age) + 1.0)
    value = min(1.0, math.log1p(rate) / math.log1p(_FULL_VELOCITY))
    return value, f"{views:,} views in {_days(age)}, {rate:,.0f} a day with one day added"


def _engagement(candidate: Candidate) -> _Measured:
    if candidate.views is None or candidate.likes is None:
        missing = "views" if candidate.views is None else "likes"
        return None, f"the source does not tell the {missing}"
    acts = candidate.likes + _COMMENT * (candidate.comments or 0)
    rate = (acts + _PRIOR_RATE * _PRIOR_VIEWS) / (candidate.views + _PRIOR_VIEWS)
    comments = "comments not told" if candidate.comments is None else f"{candidate.comments:,} comments"
    why = f"{candidate.likes:,} likes and {comments} on {candidate.views:,} views, {rate:.1%} after shrinkage"
    return rate / (rate + _PRIOR_RATE), why


def _length(duration: float | None) -> _Measured:
    if not duration:
        return None, "the source does not tell the length"
    none, good, until, long = _LENGTHS
    if duration < good:
        share = math.log(max(duration, none) / none) / math.log(good / none)
        return share, f"{clock(round(duration))}, short for cutting; good from {clock(round(good))}"
    if duration <= until:
        return 1.0, f"{clock(round(duration))}, a good length to cut from"
    share = min(1.0, math.log(duration / until) / math.log(long / until))
    return 1.0 - share * (1.0 - _LONG), f"{clock(round(duration))}, long; good until {clock(round(until))}"


def _freshness(age: float | None) -> _Measured:
    if age is None:
        return None, "the source does not tell when it was published"
    if age < 0:
        return 1.0, f"dated {_days(-age)} in the future, counted as new"
    return 2.0 ** (-age / _HALF_LIFE_DAYS), f"published {_days(age)} ago; worth halves every {_HALF_LIFE_DAYS:g} days"


def _niche(candidate: Candidate, niche: str) -> _Measured:
    asked = list(dict.fromkeys(words(niche)))
    wanted = [word for word in asked if word not in _STOP] or asked
    if not wanted:
        return 0.0, f"the niche {niche!r} has no words to compare"
    texts = {"title": candidate.title, "tags": " ".join(candidate.tags), "description": candidate.description}
    fields = [(name, worth, set(words(texts[name]))) for name, worth in _FIELDS]
    score, found = 0.0, []
    for word in wanted:
        place = next(((name, worth) for name, worth, there in fields if word in there), None)
        if place:
            found.append(f"{word!r} in the {place[0]}")
            score += place[1]
    where = f": {', '.join(found[:5])}{', …' if len(found) > 5 else ''}" if found else ""
    return score / len(wanted), f"{len(found)} of {len(wanted)} niche words found{where}"


def _pieces(word: str) -> list[str]:
    """A word without its plural; a run of an unspaced script as pairs of neighbouring characters."""
    pieces: list[str] = []
    end = 0
    for run in _UNSPACED.finditer(word):
        pieces += _singular(word[end : run.start()]) + _pairs(run.group())
        end = run.end()
    return pieces + _singular(word[end:])


def _singular(word: str) -> list[str]:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else word[:-1]
    return [word] if word else []


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]


def _is_accent(sign: str) -> bool:
    """Whether it may be left out: Latin, Greek and Cyrillic accents, Hebrew and Arabic points."""
    return "\u0300" <= sign <= "\u036f" or "\u0591" <= sign <= "\u05c7" or "\u064b" <= sign <= "\u065f"


def _days(age: float) -> str:
    age = max(0.0, age)
    if age < 1:
        return f"{age * 24:.0f} hours"
    return "1 day" if round(age) == 1 else f"{age:,.0f} days"
