"""What a model is asked about moments, and what its answers are worth.

Its questions are closed and about candidates by their number; times never come from it. An answer that does not fit is
no answer: every candidate exactly once, known moods, bounded texts.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar, get_args
from unicodedata import category, normalize

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from contracts.media import Transcript
from contracts.sight import Moment, Mood
from contracts.text import clock, joined

__all__ = [
    "AnswerError",
    "Verdict",
    "Wording",
    "material",
    "read",
    "said_before",
    "schema_of",
    "told",
    "whereabouts",
    "worded",
    "worth",
]

MOST_TEXT, MOST_BEFORE = 1500, 200
"""Characters of what is said in a candidate, and just before it, that a model is sent."""
WEIGHTS = {"stands_alone": 0.2, "hook": 0.25, "pays_off": 0.2, "grade": 0.35}
"""What the answers count for in the value of a candidate. What is not safe is worth nothing."""
_FAULT = 600
_DOMAINS = (
    "ai|app|biz|br|ca|cc|ch|club|cn|co|com|cz|de|dev|dk|es|eu|fi|fm|fr|gg|gl|info|io|it|jp|kr|link|ly|me|mx|net|nl|org|"
    "page|pl|pt|pw|ru|se|shop|site|sk|tk|to|top|tv|uk|us|ws|xyz|бел|рф|срб|укр|中国|网络|公司|한국"
)
"""Ends of addresses whose first part may be one letter or a number."""
_FILES = "css|csv|docx?|exe|html?|java|jpe?g|jsx?|json|mp[34]|pdf|php|png|sql|tsx?|txt|wav|xml|ya?ml"
"""Ends of names that no domain has: Node.js is no address."""
_LINK = re.compile(
    rf"""
    \w://|\bmailto:|\bwww\.|\w@[\w-]+\.      # what says itself that it is one
    |\b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b         # a number of the net
    |\w\.[^\W\d_]{{2,}}(?:/|[:?\#]\w)         # with a path
    |\w\.(?:{_DOMAINS}|xn--[\w-]+)\b           # with an end that is known
    |[^\W\d_][\w-]*\w\.(?!(?:{_FILES})\b)(?-i:[a-z]{{2,}}|[A-Z]{{2,}})\b  # two words, and no space between
    """,
    re.VERBOSE | re.IGNORECASE,
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2066-\u2069\ufeff]+")


class AnswerError(Exception):
    """An answer that cannot be used; the message says why, for a person and for the model."""


def _clean(text: str) -> str:
    """One line without control characters; nobody is sent to an address that a model made up or was told."""
    text = " ".join(_CONTROL.sub(" ", text).split())
    if _LINK.search("".join(letter for letter in normalize("NFKC", text) if category(letter) != "Cf")):
        raise ValueError("must hold no web address")
    if not text:
        raise ValueError("must not be empty")
    return text


def _tag(text: str) -> str:
    return _clean(_clean(text).lstrip("# "))


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    candidate: int


class Verdict(_Answer):
    """The answers to the questions about one candidate."""

    stands_alone: bool
    hook: bool
    pays_off: bool
    safe: bool
    mood: Mood
    grade: Annotated[int, Field(ge=1, le=5)]


class Wording(_Answer):
    """The words for one moment."""

    title: Annotated[str, Field(max_length=100), AfterValidator(_clean)]
    hook: Annotated[str, Field(max_length=80), AfterValidator(_clean)]
    description: Annotated[str, Field(max_length=600), AfterValidator(_clean)]
    tags: Annotated[tuple[Annotated[str, Field(max_length=40), AfterValidator(_tag)], ...], Field(max_length=12)]
    mood: Mood


A = TypeVar("A", Verdict, Wording)


class _Verdicts(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answers: tuple[Verdict, ...]


class _Wordings(BaseModel):
    model_config = ConfigDict(extra="forbid")

    answers: tuple[Wording, ...]


_FORMS: dict[type[Any], type[_Verdicts] | type[_Wordings]] = {Verdict: _Verdicts, Wording: _Wordings}


def schema_of(kind: type[A], count: int) -> dict[str, Any]:
    """The JSON schema of an answer about candidates 1 to `count`, in the part of the language that all servers know."""
    fields: dict[str, Any] = {
        "candidate": {"type": "integer", "enum": list(range(1, count + 1))},
        "mood": {"type": "string", "enum": list(get_args(Mood))},
        "grade": {"type": "integer", "enum": [1, 2, 3, 4, 5]},
        "tags": {"type": "array", "items": {"type": "string"}},
    }
    other = {"type": "boolean"} if kind is Verdict else {"type": "string"}
    names = list(kind.model_fields)
    item = {
        "type": "object",
        "properties": {name: fields.get(name, other) for name in names},
        "required": names,
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"answers": {"type": "array", "items": item}},
        "required": ["answers"],
        "additionalProperties": False,
    }


def material(moments: Sequence[Moment], *, title: str, language: str | None, before: Sequence[str] = ()) -> str:
    """The message: everything that comes from the video, as JSON that nothing in it can end."""
    about: dict[str, Any] = {"title": title[:300], "language": language, "candidates": []}
    for index, moment in enumerate(moments):
        entry = {"number": index + 1, "seconds": round(moment.end - moment.start), "said": _cut(moment.text, MOST_TEXT)}
        if index < len(before) and before[index]:
            entry["said_before"] = before[index]
        about["candidates"].append(entry)
    text = json.dumps(about, ensure_ascii=False).replace("<", "\\u003c")
    return f"<material>\n{text}\n</material>\n\nAnswer for candidates 1 to {len(moments)}."


def whereabouts(moments: Sequence[Moment]) -> str:
    """Where in the whole video the candidates lie, for a model that watches it."""
    spans = [f"candidate {n} from {clock(m.start)} to {clock(m.end)}" for n, m in enumerate(moments, start=1)]
    return f"The whole video comes with the message, with {', '.join(spans)}."


def said_before(transcript: Transcript | None, moment: Moment) -> str:
    """The end of what is said just before a moment."""
    words = transcript.words if transcript else ()
    at = bisect_left(words, moment.start, key=lambda word: word.start)
    text = joined([word.text for word in words[max(0, at - 40) : at]])
    return text if len(text) <= MOST_BEFORE else f"… {text[-MOST_BEFORE:].partition(' ')[2]}"


def read(kind: type[A], text: str, count: int) -> tuple[A, ...]:
    """The answers in the order of the candidates 1 to `count`. Raises `AnswerError`."""
    try:
        answers: Any = _FORMS[kind].model_validate_json(_object_in(text)).answers
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, fault['loc'])) or 'it'}: {fault['msg']}" for fault in error.errors()[:6]]
        raise AnswerError("; ".join(faults)[:_FAULT]) from None
    numbers = sorted(answer.candidate for answer in answers)
    if numbers != list(range(1, count + 1)):
        told = ", ".join(map(str, numbers[:20])) or "none"
        raise AnswerError(f"answers must hold every candidate from 1 to {count} once; they hold {told}")
    return tuple(sorted(answers, key=lambda answer: answer.candidate))


def worth(verdict: Verdict) -> float:
    """What a candidate is worth by a model's answers, from 0 to 1."""
    values = {
        "stands_alone": verdict.stands_alone,
        "hook": verdict.hook,
        "pays_off": verdict.pays_off,
        "grade": (verdict.grade - 1) / 4,
    }
    return round(sum(WEIGHTS[name] * value for name, value in values.items()), 4) if verdict.safe else 0.0


def worded(moment: Moment, wording: Wording) -> Moment:
    """The moment in the model's words."""
    tags = tuple(dict.fromkeys(wording.tags))
    update = {"title": wording.title, "hook": wording.hook, "description": wording.description, "tags": tags}
    return moment.model_copy(update=update)


def told(moment: Moment, verdict: Verdict, who: str) -> Moment:
    """The moment with what the model said of it."""
    good = {"stands alone": verdict.stands_alone, "opens with a hook": verdict.hook, "pays off": verdict.pays_off}
    words = [name for name, value in good.items() if value] + [
        f"no: {name}" for name, value in good.items() if not value
    ]
    said = f"{who} gives it {verdict.grade} of 5 ({', '.join(words)})"
    return moment.model_copy(update={"reason": f"{moment.reason} {said}.", "judged_by": who})


def _object_in(text: str) -> str:
    """The JSON object in an answer; models put fences or a sentence around it."""
    first, last = text.find("{"), text.rfind("}")
    if first < 0 or last < first:
        raise AnswerError("it holds no JSON object")
    return text[first : last + 1]


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most * 2 // 3]} … {text[-most // 3 :]}"
