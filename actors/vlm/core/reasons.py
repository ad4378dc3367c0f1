"""Why a span was chosen: one sentence for a person, and a few words for each part of its score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actors.vlm.core.score import ScoredClip, Span

__all__ = ["reason", "why"]

_AT = {
    "sentence": "with a whole sentence", "edge": "at the edge of the clip", "cut": "at a cut", "fade": "at a fade",
    "pause": "at a pause within a sentence", "quiet": "where it is calm", "word": "between two words of a sentence",
}  # fmt: skip
_ABSENT = {
    "question": "there is no transcript", "number": "there is no transcript", "pace": "there is no transcript",
    "novelty": "there is no transcript", "delivery": "there is no transcript",
    "contrast": "there is no transcript in a language that is known well enough",
    "rise": "there is no sound", "energy": "there is no sound", "face": "nobody looked for faces",
    "speaker": "nobody in sight is known to speak", "motion": "there is no picture that moves",
    "reaction": "nobody laughs or claps in this clip",
}  # fmt: skip
_REACTIONS = {"laughter": "a laugh", "applause": "applause", "reaction": "a reaction of the audience"}
MOST = 4
"""Things that are said about a moment."""
TOLD, NOTICED = 0.5, 0.1
"""From which value on the delivery is a reason, and a way of telling a part of it."""
SPEAKS_S = 1.0
"""Seconds of speech in a span without words from which it is not said that nobody speaks: there is no transcript."""
LIVELIER = 1.25
"""Times the usual motion of the clip from which its movement is a reason."""


def reason(clip: ScoredClip, span: Span, values: Mapping[str, float]) -> str:
    """For example: “Opens with a question, gives a number, and ends on a laugh; 32 s, the speaker is in view.”"""
    opening, ending = _opening(clip, span, values), _ending(span, values)
    body = _body(clip, span, values)[: MOST - bool(opening) - bool(ending)]
    said = [*([opening] if opening else []), *body, *([ending] if ending else [])]
    if len(said) < 2 and not (span.start.level or span.end.level):
        said.insert(0, "stands alone" if span.end.word > span.start.word else "shows whole shots")
    said = said or [_edges(span)]
    facts = [f"{span.length:.0f} s", *_view(clip, values)]
    if span.end.word == span.start.word:
        facts.append("what is said is not known" if _speaks(clip, span, values) else "nobody speaks")
    but = [flaw.why for flaw in (span.start.flaw, span.end.flaw) if flaw.size >= 1]
    text = f"{_listed(said)}; {', '.join(facts)}" + (f"; but it {_listed(but)}" if but else "")
    return f"{text[0].upper()}{text[1:]}."


def _opening(clip: ScoredClip, span: Span, values: Mapping[str, float]) -> str:
    if values["question"] == 1:
        return "opens with a question"
    if values["contrast"] == 1:
        return f"opens with \u201c{_first(clip, span, clip.speech.turns)}\u201d"
    if values["number"] == 1:
        return "opens with a number"
    return "starts louder than what was before" if values["rise"] >= 0.6 else ""


def _ending(span: Span, values: Mapping[str, float]) -> str:
    if span.end.reaction:
        return f"ends on {_REACTIONS[span.end.reaction]}"
    if span.end.kind == "fade":
        return "ends with a fade"
    if span.end.word == span.start.word:
        return "ends at a cut" if span.end.kind == "cut" else ""
    return "comes to a close" if values["landing"] >= 0.65 else ""


def _body(clip: ScoredClip, span: Span, values: Mapping[str, float]) -> list[str]:
    """What is between opening and end, the rarest first."""
    told = _told(clip, span)
    opened = values["question"] == 1 or values["contrast"] == 1
    said = {
        "makes people laugh or clap": values["reaction"] >= 0.5 and not span.end.reaction,
        "gives a number": values["number"] > 0 and (values["number"] < 1 or opened),
        "asks a question": 0 < values["question"] < 1,
        f"is told {told} than what is around it": values["delivery"] >= TOLD,
        "is louder than most of the clip": clip.audible
        and not (values["delivery"] >= TOLD and "louder" in told)
        and clip.louder(span.start.t, span.end.t) >= 2,
        "tells something that is said nowhere else in it": values["novelty"] >= 0.7,
        "has much movement": values["motion"] >= 0.7,
        "has more movement than the clip mostly has": values["motion"] < 0.7 and _moves(clip, span) >= LIVELIER,
        "takes a turn": 0 < values["contrast"] < 1,
    }
    return [text for text, holds in said.items() if holds]


def _view(clip: ScoredClip, values: Mapping[str, float]) -> list[str]:
    if values["speaker"] >= 0.5:
        return ["the speaker is in view"]
    return ["a face is in view"] if values["face"] >= 0.6 and "face" in clip.weights else []


def _speaks(clip: ScoredClip, span: Span, values: Mapping[str, float]) -> bool:
    """Whether somebody is heard, or seen, to speak."""
    seconds = max(clip.voices.mean(span.start.t, span.end.t), values["speaker"]) * span.length
    return seconds >= SPEAKS_S


def _first(clip: ScoredClip, span: Span, sums: Sequence[int]) -> str:
    """The first word of a span that is counted in `sums`."""
    index = next(i for i in range(span.start.word, span.end.word) if sums[i + 1] > sums[i])
    return clip.speech.words[index].text.strip(" \"'.,;:!?\u201c\u201d\u201e\u00ab\u00bb\uff0c\u3002\u3001").lower()


def why(clip: ScoredClip, name: str, value: float, span: Span) -> str:
    """A part of the score in words."""
    start, end = span.start.t, span.end.t
    if name not in clip.weights:
        return _ABSENT[name]
    if name in {"question", "number", "contrast"}:
        thing = {"question": "a question", "number": "a number", "contrast": "a contrast or a surprise"}[name]
        return f"{thing} in the first 3 s" if value == 1 else f"{thing} later on" if value else f"without {thing}"
    if name == "completeness":
        flaws = [flaw.why for flaw in (span.start.flaw, span.end.flaw) if flaw.size]
        flaws += ["the subject changes in it"] if clip.changes(span.start, span.end) else []
        kinds = _edges(span)
        return f"{kinds}, but {_listed(flaws)}" if flaws else kinds
    if name == "landing":
        return _landing(span, value)
    if name == "delivery":
        told = _told(clip, span)
        return f"told {told} than what is before and behind it" if told else "told like what is around it"
    if name == "energy":
        usual = clip.loudness.mean(0, clip.duration)
        return f"sound at {clip.loudness.mean(start, end):.0f} LUFS where the clip has {usual:.0f}"
    if name == "rise":
        return "its first 3 s are louder than what was before" if value >= 0.3 else "starts no louder than the rest"
    if name == "pace":
        rate = (span.end.word - span.start.word) / span.length
        return f"{rate:.1f} words a second where {clip.speech.usual_rate:.1f} are usual"
    if name == "length":
        return f"{span.length:.1f} s long"
    if name == "motion":
        return f"{_moves(clip, span):.1f} times the clip's usual motion"
    if name == "novelty":
        return f"{'rarer' if value > 0.5 else 'more common'} words than in the rest"
    return {
        "face": f"a face in {100 * value:.0f} % of the pictures",
        "speaker": f"somebody in sight speaks for {100 * value:.0f} % of the time",
        "reaction": f"{clip.reaction.mean(start, end) * span.length:.1f} s of laughter or applause",
    }[name]


def _edges(span: Span) -> str:
    start, end = _AT[span.start.kind], _AT[span.end.kind]
    return f"starts and ends {end}" if start == end else f"starts {start} and ends {end}"


def _moves(clip: ScoredClip, span: Span) -> float:
    """How many times the usual motion of the clip it has."""
    return clip.motion.mean(span.start.t, span.end.t) / max(1e-9, clip.motion.mean(0, clip.duration))


def _told(clip: ScoredClip, span: Span) -> str:
    """“louder and closer”; empty where a span is told like what is around it."""
    if span.end.word == span.start.word:
        return ""
    ways = zip(("louder", "quicker", "closer"), clip.told(span.start, span.end), strict=True)
    return _listed([way for way, more in ways if more >= NOTICED])


def _landing(span: Span, value: float) -> str:
    if span.end.reaction:
        return f"{_REACTIONS[span.end.reaction]} at the end, heard out"
    if span.end.flaw.size:
        return span.end.flaw.why
    return "a finished thought with a pause behind it" if value >= 0.65 else "the clip goes on without a pause"


def _listed(items: Sequence[str]) -> str:
    if len(items) > 2:
        return f"{', '.join(items[:-1])}, and {items[-1]}"
    return " and ".join(items)
