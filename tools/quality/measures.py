"""What the analysis of a talk is worth: its outcome against the truth. Pure; every rule is told in docs/quality.md."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from random import Random

from contracts.media import Transcript
from tools.quality.counts import Measured
from tools.quality.crop import faces, reversals, turns
from tools.quality.making.truth import Planted, Truth
from tools.quality.running import TOP, Outcome

__all__ = ["is_found", "measured", "word_errors"]

CUT_S = 0.1
"""Seconds by which a cut may be off."""
SOFT_S = 0.2
"""Seconds around a dissolve or fade in which a cut is neither right nor wrong."""
WORD_S = 0.04
"""Seconds that a boundary may lie in a word: one picture."""
HOOK_S = 0.5
"""Seconds of a planted moment that may be missing at its start or behind its pay-off."""
OVERLAP = 0.5
"""Least intersection over union of a planted moment and the one that is to be it."""
CHANCES = 200
"""Draws from which the share found by chance is estimated."""


def measured(truth: Truth, said: Outcome) -> Measured:
    """Everything that can be told of a talk."""
    out = Measured(truth, seconds=said.seconds, processor=said.processor)
    _cuts(truth, [shot.start for shot in said.sight.shots[1:]], out)
    _words(truth, said, out)
    _moments(truth, said, out)
    framing = said.sight.framing
    faces(truth, framing, out)
    out.path_s, out.reversals = truth.duration, reversals(truth, framing)
    if out.reversals > 0.13 * truth.duration:
        out.failures.append(f"path: turns round {out.reversals} times in {truth.duration:.0f} s")
    turns(truth, said.sight.people, out)
    _captions(truth, said.transcript, said.reason, out)
    return out


def _cuts(truth: Truth, told: Sequence[float], out: Measured) -> None:
    left = list(truth.cuts)
    for cut in told:
        near = min(left, key=lambda true: abs(true - cut), default=None)
        if near is not None and abs(near - cut) <= CUT_S:
            left.remove(near)
            out.cuts_found += 1
        elif not any(span.start - SOFT_S <= cut <= span.end + SOFT_S for span in truth.soft):
            out.cuts_wrong += 1
            decoy = next((s.kind for s in truth.decoys if s.start - SOFT_S <= cut <= s.end + SOFT_S), None)
            out.failures.append(f"cut: none at {cut:.2f}" + (f" ({decoy})" if decoy else ""))
    out.cuts_missed = len(left)
    out.failures += [f"cut: missed at {cut:.2f}" for cut in left]


def _words(truth: Truth, said: Outcome, out: Measured) -> None:
    out.unheard = said.transcript is None
    for moment in said.moments:
        for edge in (moment.start, moment.end):
            out.boundaries += 1
            inside = next((w for w in truth.words if w.start + WORD_S < edge < w.end - WORD_S), None)
            if inside:
                out.in_word += 1
                out.failures.append(f"word: {edge:.2f} is in “{inside.text}” ({inside.start:.2f} to {inside.end:.2f})")


def _moments(truth: Truth, said: Outcome, out: Measured) -> None:
    top = [(moment.start, moment.end) for moment in said.moments[:TOP]]
    out.planted = len(truth.moments)
    for number, planted in enumerate(truth.moments):
        out.overlapped += any(_union(planted, *span) >= OVERLAP for span in top)
        hit = next((span for span in top if is_found(planted, *span)), None)
        if hit:
            out.found += 1
            out.opened += hit[0] >= planted.start - 3
        else:
            best = max(said.moments, key=lambda m: _union(planted, m.start, m.end), default=None)
            rank = said.moments.index(best) + 1 if best else 0
            where = f"; nearest is number {rank}: {best.start:.1f} to {best.end:.1f}" if best else ""
            out.failures.append(
                f"moment {number + 1}: {planted.start:.1f} to {planted.landed:.1f} ({', '.join(planted.by)}){where}"
            )
    out.chance = _chance(truth, [end - start for start, end in top])


def is_found(planted: Planted, start: float, end: float) -> bool:
    """Whether a span is the planted moment: hook and pay-off are in it, and it is mostly nothing else."""
    whole = start <= planted.start + HOOK_S and end >= planted.landed - HOOK_S
    return whole and _union(planted, start, end) >= OVERLAP


def _union(planted: Planted, start: float, end: float) -> float:
    """Intersection over union."""
    common = min(end, planted.end) - max(start, planted.start)
    return max(0.0, common) / (max(end, planted.end) - min(start, planted.start))


def _chance(truth: Truth, lengths: Sequence[float]) -> float:
    """How many planted moments are found by spans of these lengths that begin with any sentence."""
    rng, found = Random(truth.seed), 0
    starts = [start for start, _ in truth.sentences] or [0.0, *truth.cuts]
    for _ in range(CHANCES):
        spans = [(at, at + length) for length in lengths for at in (rng.choice(starts) - 0.15,)]
        found += sum(any(is_found(planted, *span) for span in spans) for planted in truth.moments)
    return found / CHANCES


def _captions(truth: Truth, transcript: Transcript | None, reason: str | None, out: Measured) -> None:
    if truth.captions is None:
        return
    used = transcript is not None and transcript.method.startswith("captions:")
    if truth.captions.foreign:
        out.accepted = int(used)
        out.failures += ["captions: of another video, and taken"] if used else []
        return
    out.refused = int(not used)
    if transcript is None or not used:
        out.failures.append(f"captions: refused: {reason}")
        return
    out.shift_error = abs(transcript.shift + truth.captions.late) if truth.captions.late else abs(transcript.shift)
    if out.shift_error > 0.3:
        out.failures.append(f"captions: {truth.captions.late:+.1f} s late, moved by {transcript.shift:+.2f} s")
    out.word_errors = word_errors(truth, transcript)


def word_errors(truth: Truth, transcript: Transcript) -> tuple[float, ...]:
    """Seconds by which the starts of words are off, for the words that both have in the same order."""
    ours = [word.text for word in transcript.words]
    theirs = [word.text for word in truth.words]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    return tuple(
        abs(transcript.words[block.a + n].start - truth.words[block.b + n].start)
        for block in matcher.get_matching_blocks()
        for n in range(block.size)
    )
