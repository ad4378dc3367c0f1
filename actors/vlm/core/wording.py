"""A chosen span in words for people: its reason, its title, what each part of its score means."""

from __future__ import annotations

from collections.abc import Sequence

from actors.vlm.core.borders import Border
from actors.vlm.core.curve import ramp
from actors.vlm.core.score import WEIGHTS, ScoredClip, Span
from contracts.media import ScorePart
from contracts.sight import Moment
from contracts.text import joined

__all__ = ["moment"]

_AT = {
    "sentence": "with a sentence", "edge": "at the edge of the clip", "cut": "at a cut",
    "pause": "at a pause", "quiet": "where it is calm", "word": "between two words",
}  # fmt: skip


def moment(clip: ScoredClip, span: Span) -> Moment:
    """The span as it is offered, with every part of its score and the reason in words."""
    values = clip.values(span.start, span.end)
    total = sum(WEIGHTS[name] for name, value in values.items() if value is not None)
    parts = tuple(
        ScorePart(
            name=name,
            value=None if value is None else round(value, 3),
            weight=0.0 if value is None else round(WEIGHTS[name] / total, 4),
            why=_why(clip, name, value, span),
        )
        for name, value in values.items()
    )
    best = sorted(
        (p for p in parts if (p.value or 0) >= 0.5 and p.name != "length"), key=lambda p: -(p.value or 0) * p.weight
    )
    reasons = ", ".join(part.why for part in best[:3]) or "nothing stands out, but it can stand alone"
    words = clip.words[span.start.word : span.end.word]
    return Moment(
        start=round(span.start.t, 3),
        end=round(span.end.t, 3),
        score=round(span.score, 4),
        reason=f"{reasons[0].upper()}{reasons[1:]}; {span.length:.0f} s from {_clock(span.start.t)}.",
        title=_title(clip, span),
        text=joined([word.text for word in words]),
        parts=parts,
    )


def _why(clip: ScoredClip, name: str, value: float | None, span: Span) -> str:
    start, end = span.start.t, span.end.t
    if value is None:
        return {"energy": "there is no sound", "novelty": "nothing is said here"}.get(name, "not known for this clip")
    if name == "hook":
        return f"opens with {_listed(list(clip.opening[span.start.word][1]))}" if value else "no hook in the first 3 s"
    if name == "completeness":
        return f"starts {_AT[span.start.kind]} and ends {_AT[span.end.kind]}"
    if name == "energy":
        usual = clip.loudness.mean(0, clip.duration)
        return f"sound at {clip.loudness.mean(start, end):.0f} LUFS where the clip has {usual:.0f}"
    if name == "pace":
        return f"{(span.end.word - span.start.word) / span.length:.1f} words a second"
    if name == "length":
        return f"{span.length:.1f} s long"
    if name == "face":
        return f"a face in {100 * value:.0f} % of the pictures"
    if name == "motion":
        times = clip.motion.mean(start, end) / max(1e-9, clip.motion.mean(0, clip.duration))
        return f"{times:.1f} times the clip's usual motion"
    return f"{'rarer' if value > 0.5 else 'more common'} words than in the rest"


def _title(clip: ScoredClip, span: Span) -> str:
    """The strongest sentence: informative, with a hook, of 4 to 14 words. Else the clip's title and the time."""
    best, sentence, first = (-1.0, ""), [], span.start.word
    for index in range(span.start.word, span.end.word):
        sentence.append(clip.words[index].text)
        if clip.words[index].closes or index == span.end.word - 1:
            hook = clip.hook(Border(clip.words[first].start, "sentence", first))[0]
            rare = (clip.rare[index + 1] - clip.rare[first]) / (index + 1 - first)
            worth = 0.5 * hook + rare + ramp(len(sentence), 1, 4, 14, 40)
            best = max(best, (worth, joined(sentence)), key=lambda pair: pair[0])
            sentence, first = [], index + 1
    when = f" at {_clock(span.start.t)}"
    return _trimmed(best[1].rstrip(" .,;:"), 80) or _trimmed(clip.title, 80 - len(when)) + when


def _listed(items: Sequence[str]) -> str:
    return ", ".join(items[:-1]) + " and " + items[-1] if len(items) > 1 else "".join(items)


def _clock(seconds: float) -> str:
    whole = int(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02d}"


def _trimmed(text: str, most: int) -> str:
    """At most `most` characters, cut at a word border."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    head = text[: most - 1]
    return (head[: head.rfind(" ")] if " " in head else head).rstrip(" ,;:-") + "…"
