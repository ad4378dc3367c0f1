"""The sound of a talk: its lines spoken one after the other, what the audience answers, music, the room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from cli.sample.speech import speak
from tools.quality.making.script import Line, Script
from tools.quality.making.truth import Said, Span

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RATE", "Told", "Track", "record"]

RATE = 22050
"""Hz, mono: what eSpeak NG speaks in."""
SPEECH = 0.09
"""Root mean square of speech, of full scale; the room is 40 dB below, music 15 dB."""
TAIL = 1.5
"""Seconds after the last line."""
AUDIBLE = 0.02
"""Share of a line's peak below which a sample belongs to no word."""


@dataclass(frozen=True)
class Told:
    """A line with its place in the talk. `answered`: when the audience has ended; `end` where it is silent."""

    line: Line
    start: float
    end: float
    answered: float
    words: tuple[Said, ...]


@dataclass(frozen=True)
class Track:
    """Samples of shape (length,) from -1 to 1, and what they are."""

    samples: NDArray[Any]
    told: tuple[Told, ...]
    sounds: tuple[Span, ...]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.samples) / RATE


def record(script: Script) -> Track:
    """Speak and mix the whole talk."""
    import numpy as np

    rng = np.random.default_rng(script.seed + 1000)
    if not script.kind.sound:
        return _silence(script, rng)
    texts = [line.text for line in script.lines]
    speech = speak(texts, [0.0] * len(texts), [line.voice for line in script.lines], timeout=300)
    if speech.rate != RATE:
        raise RuntimeError(f"eSpeak NG speaks at {speech.rate} Hz, not at {RATE}")
    pcm = np.frombuffer(speech.pcm, np.int16).astype(np.float32) / 32768
    pieces: list[tuple[float, NDArray[Any]]] = []
    told: list[Told] = []
    sounds: list[Span] = []
    at = 0.5
    for line, spoken in zip(script.lines, speech.lines, strict=True):
        at += line.pause
        voice = pcm[round(spoken.start * RATE) : round(spoken.end * RATE)]
        level = float(np.sqrt((voice**2).mean())) or 1.0
        voice = voice * (SPEECH / level * 10 ** (line.gain / 20))
        words = _words(line, voice, [(text, a - spoken.start, b - spoken.start) for text, a, b in spoken.words], at)
        pieces.append((at, voice))
        end = answered = words[-1].end
        if line.reaction:
            length = float(rng.uniform(1.8, 3.2))
            crowd = (_laughter if line.reaction == "laughter" else _applause)(length, rng)
            pieces.append((end + 0.1, crowd * SPEECH * 1.3))
            sounds.append(Span(kind=line.reaction, start=end + 0.1, end=end + 0.1 + length))
            answered = end + 0.1 + length
        told.append(Told(line, words[0].start, end, answered, words))
        at = max(answered, at + len(voice) / RATE)
    samples = _mixed(pieces, at + TAIL, rng)
    if script.kind.music:
        samples += 10 ** (-15 / 20) * SPEECH * _music(len(samples), rng)
        sounds.append(Span(kind="music", start=0.0, end=len(samples) / RATE))
    return Track(np.clip(samples, -1, 1), tuple(told), tuple(sounds))


def _silence(script: Script, rng: Any) -> Track:
    """A talk without sound: stretches one after the other, of which every fifth is a moment that is only seen."""
    import numpy as np

    told: list[Told] = []
    for number, line in enumerate(script.lines[:10]):
        lively = number % 5 == 2
        start = told[-1].end if told else 0.0
        end = start + float(rng.uniform(15, 21) if lively else rng.uniform(7, 14))
        shown = replace(line, role="hook" if lively else "filler", moment=number // 5 if lively else None)
        told.append(Told(shown, start, end, end, ()))
    return Track(np.zeros(round(told[-1].end * RATE), np.float32), tuple(told), ())


def _words(line: Line, voice: NDArray[Any], marked: list[tuple[str, float, float]], at: float) -> tuple[Said, ...]:
    """The synthesiser says where words begin; where they are heard first and last is read from its samples."""
    import numpy as np

    loud = np.abs(voice) > AUDIBLE * float(np.abs(voice).max())
    out = []
    for text, begin, end in marked:
        heard = np.flatnonzero(loud[round(begin * RATE) : round(end * RATE)])
        first, last = (heard[0] / RATE, (heard[-1] + 1) / RATE) if len(heard) else (0.0, end - begin)
        out.append(
            Said(
                text=text,
                start=round(at + begin + float(first), 3),
                end=round(at + begin + float(last), 3),
                speaker=line.speaker,
            )
        )
    return tuple(out)


def _mixed(pieces: list[tuple[float, NDArray[Any]]], seconds: float, rng: Any) -> NDArray[Any]:
    import numpy as np

    out: NDArray[Any] = rng.normal(0, SPEECH / 100, round(seconds * RATE)).astype(np.float32)
    for start, piece in pieces:
        first = round(start * RATE)
        out[first : first + len(piece)] += piece[: len(out) - first]
    return out


def _applause(seconds: float, rng: Any) -> NDArray[Any]:
    """Thirty people who clap, each in a rhythm of their own; a clap is a short burst of noise around 1 to 3 kHz."""
    import numpy as np

    length = round(seconds * RATE)
    out = np.zeros(length + RATE // 10, np.float32)
    for _ in range(30):
        pace, at, strength = rng.uniform(3.0, 5.5), rng.uniform(0, 0.4), rng.uniform(0.3, 1.0)
        while at < seconds:
            size = round(rng.uniform(0.012, 0.03) * RATE)
            burst = _band(rng.normal(0, 1, size), 900, 3200) * np.exp(-np.arange(size) / size * 5)
            first = round(at * RATE)
            out[first : first + size] += strength * burst
            at += rng.normal(1 / pace, 0.02) if rng.random() > 0.05 else 0.5
    return _shaped(out[:length], seconds)


def _laughter(seconds: float, rng: Any) -> NDArray[Any]:
    """Eight people: voiced bursts (“ha”) four to six times a second with a falling pitch, breathy in between."""
    import numpy as np

    length = round(seconds * RATE)
    out = np.zeros(length + RATE, np.float32)
    for _ in range(8):
        pace, at, pitch = rng.uniform(4.0, 6.0), rng.uniform(0, 0.5), rng.uniform(160, 380)
        strength, ends = rng.uniform(0.4, 1.0), rng.uniform(0.6, 1.0) * seconds
        while at < ends:
            size = round(0.6 / pace * RATE)
            t = np.arange(size) / RATE
            tone = sum(np.sin(2 * np.pi * pitch * (1 - 0.2 * t) * k * t) / k for k in range(1, 14))
            breath = rng.normal(0, 0.5, size)
            syllable = _band(tone + breath, 500, 2800) * np.hanning(size)
            first = round(at * RATE)
            out[first : first + size] += strength * syllable
            at, pitch, strength = at + rng.normal(1 / pace, 0.01), pitch * 0.985, strength * 0.96
    return _shaped(out[:length], seconds)


def _music(length: int, rng: Any) -> NDArray[Any]:
    """Four chords over and over, with a soft beat; root mean square 1."""
    import numpy as np

    t = np.arange(length) / RATE
    beat = 60 / float(rng.uniform(84, 116))
    out = np.zeros(length, np.float32)
    for step, chord in enumerate(((0, 4, 7), (9, 12, 16), (5, 9, 12), (7, 11, 14))):
        on = ((t // (4 * beat)).astype(int) % 4) == step
        soft = np.minimum(1, (t % (4 * beat)) / 0.05) * np.exp(-(t % (4 * beat)) / (6 * beat))
        for note in chord:
            hertz = 220 * 2 ** (note / 12)
            out += on * soft * (np.sin(2 * np.pi * hertz * t) + 0.4 * np.sin(4 * np.pi * hertz * t))
    kick = np.exp(-(t % beat) * 18) * np.sin(2 * np.pi * 55 * (t % beat))
    out += 2.0 * kick.astype(np.float32)
    return out / float(np.sqrt((out**2).mean()))


def _band(samples: NDArray[Any], low: float, high: float) -> NDArray[Any]:
    """What lies between two frequencies in Hz, with soft edges."""
    import numpy as np

    spectrum = np.fft.rfft(samples)
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    gain = 1 / (1 + (low / np.maximum(hertz, 1)) ** 4) / (1 + (hertz / high) ** 4)
    band: NDArray[Any] = np.fft.irfft(spectrum * gain, len(samples))
    return band


def _shaped(samples: NDArray[Any], seconds: float) -> NDArray[Any]:
    """Swells quickly, fades slowly; root mean square 1."""
    import numpy as np

    t = np.arange(len(samples)) / RATE
    out = samples * np.minimum(1, t / 0.25) * np.minimum(1, (seconds - t) / (0.4 * seconds))
    return out / float(np.sqrt((out**2).mean()))
