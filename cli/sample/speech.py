"""Speech by eSpeak NG, with the time of every word. Runs as a child process, because the synthesiser is C code.

`python -m cli.sample.speech OUT`: JSON lists of sentences, pauses and voices on standard input; writes `OUT.pcm`
(16-bit mono) and prints
`{"rate": Hz, "lines": [{"start": s, "end": s, "words": [[text, start, end], …]}, …]}`.

Source of the C interface: `speak_lib.h` of eSpeak NG 1.51 (API revision 12).
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from runtime.errors import ConfigurationError

__all__ = ["Line", "Speech", "Voice", "speak"]

_SYNCHRONOUS = 2
_UTF8 = 1
_WORD, _END_OF_LIST = 1, 0
_RATE, _PITCH, _RANGE = 1, 3, 4
_PAUSE = 0.36  # seconds of silence after a sentence
_LONGEST_PATH = 150  # eSpeak NG keeps the path of its data in 160 bytes


@dataclass(frozen=True)
class Voice:
    """`name`: a language of eSpeak NG, a variant behind a `+`; `rate`: words a minute; `pitch`, `range`: 0 to 99."""

    name: str = "en-us+m3"
    rate: int = 146
    pitch: int = 42
    range: int = 62


@dataclass(frozen=True)
class Line:
    """One spoken sentence. Words are (text, start, end); all times in seconds from the start of the film."""

    start: float
    end: float
    words: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Speech:
    """16-bit mono samples of the whole film, and when what is said."""

    pcm: bytes
    rate: int
    lines: tuple[Line, ...]

    @property
    def duration(self) -> float:
        """Seconds."""
        return len(self.pcm) / 2 / self.rate


def speak(sentences: list[str], pauses: list[float], voices: Sequence[Voice] = (), *, timeout: float = 120.0) -> Speech:
    """Speak the sentences one after the other, with `pauses` seconds of extra silence before each.

    `voices`: one per sentence; empty: the same for all.
    Raises `ConfigurationError` when the synthesiser does not work on this machine.
    """
    with tempfile.TemporaryDirectory(prefix="clipwire-speech-") as folder:
        out = Path(folder) / "speech"
        done = subprocess.run(
            [sys.executable, "-m", "cli.sample.speech", str(out)],
            input=json.dumps([sentences, pauses, [astuple(voice) for voice in voices or [Voice()] * len(sentences)]]),
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        if done.returncode != 0:
            last = (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
            raise ConfigurationError(
                f"the speech synthesiser failed: {last}", advice="Use a video of your own: clipwire demo --video PATH"
            )
        answer = json.loads(done.stdout)
        lines = tuple(
            Line(line["start"], line["end"], tuple((text, start, end) for text, start, end in line["words"]))
            for line in answer["lines"]
        )
        return Speech(out.with_suffix(".pcm").read_bytes(), answer["rate"], lines)


class _Event(ctypes.Structure):
    _fields_ = [  # ctypes reads a plain list
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    ]


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


class _Synthesiser:
    def __init__(self, shortcut: Path) -> None:
        import espeakng_loader

        data = Path(espeakng_loader.get_data_path())
        if len(str(data)) > _LONGEST_PATH:
            shortcut.symlink_to(data.parent)
            data = shortcut / data.name
        self._lib: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self.rate: int = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, str(data).encode(), 0)
        if self.rate <= 0:
            raise RuntimeError(f"eSpeak NG found no voices in {data}")
        self._samples: list[bytes] = []
        self._marks: list[tuple[int, float]] = []
        self._callback = _Callback(self._receive)  # kept: the library calls it for as long as it lives
        self._lib.espeak_SetSynthCallback(self._callback)

    def _receive(self, samples: Any, count: int, events: Any) -> int:
        if samples and count:
            self._samples.append(ctypes.string_at(samples, count * 2))
        index = 0
        while events[index].type != _END_OF_LIST:
            if events[index].type == _WORD:
                self._marks.append((events[index].text_position - 1, events[index].audio_position / 1000))
            index += 1
        return 0

    def become(self, voice: Voice) -> None:
        """Speak as this voice from now on."""
        if self._lib.espeak_SetVoiceByName(voice.name.encode()) != 0:
            raise RuntimeError(f"eSpeak NG has no voice {voice.name}")
        for parameter, value in ((_RATE, voice.rate), (_PITCH, voice.pitch), (_RANGE, voice.range)):
            self._lib.espeak_SetParameter(parameter, value, 0)

    def say(self, text: str) -> tuple[bytes, list[tuple[int, float]]]:
        """Samples, and (position in the text, seconds) of every word."""
        self._samples, self._marks = [], []
        body = text.encode()
        if self._lib.espeak_Synth(body, len(body) + 1, 0, 0, 0, _UTF8, None, None) != 0:
            raise RuntimeError(f"eSpeak NG could not speak {text!r}")
        return b"".join(self._samples), self._marks


def word_times(text: str, marks: list[tuple[int, float]], end: float) -> list[tuple[str, float, float]]:
    """Words of `text` with their times: starts from the synthesiser's marks; a word lasts until the next one begins.

    The synthesiser speaks some pairs ("of the") as one and marks only the first: such words share its time by length.
    """
    words: list[tuple[int, str]] = []
    position = 0
    for word in text.split():
        position = text.index(word, position)
        words.append((position, word))
        position += len(word)
    starts = [next((t for at, t in marks if at <= place < at + 1), None) for place, _ in words]
    if starts and starts[0] is None:
        starts[0] = 0.0
    known = [index for index, start in enumerate(starts) if start is not None]
    times: list[float] = []
    for here, after in zip(known, [*known[1:], len(words)], strict=True):
        begin = starts[here] or 0.0
        until = starts[after] if after < len(words) else end
        span = max((until if until is not None else end) - begin, 0.0)
        group = [len(word) + 1 for _, word in words[here:after]]
        times += [begin + span * sum(group[:index]) / sum(group) for index in range(len(group))]
    return [(word, start, stop) for (_, word), start, stop in zip(words, times, [*times[1:], end], strict=True)]


def _trimmed(pcm: bytes, quiet: int = 160) -> int:
    """Bytes up to the last sample that can be heard."""
    import numpy as np

    loud = np.flatnonzero(np.abs(np.frombuffer(pcm, np.int16).astype(np.int32)) > quiet)
    return int(loud[-1] + 1) * 2 if len(loud) else len(pcm)


def main() -> None:
    """See the module's docstring."""
    out = Path(sys.argv[1])
    sentences, pauses, voices = json.load(sys.stdin)
    synthesiser = _Synthesiser(out.with_name("espeak"))
    rate = synthesiser.rate
    film = bytearray()
    lines = []
    speaking = None
    for sentence, pause, voice in zip(sentences, pauses, voices, strict=True):
        if voice != speaking:
            synthesiser.become(Voice(*voice))
            speaking = voice
        film += bytes(int(pause * rate) * 2)
        start = len(film) / 2 / rate
        pcm, marks = synthesiser.say(sentence)
        pcm = pcm[: _trimmed(pcm)]
        length = len(pcm) / 2 / rate
        words = [(text, start + begin, start + end) for text, begin, end in word_times(sentence, marks, length)]
        lines.append({"start": start, "end": start + length, "words": words})
        film += pcm + bytes(int(_PAUSE * rate) * 2)
    out.with_suffix(".pcm").write_bytes(film)
    json.dump({"rate": rate, "lines": lines}, sys.stdout)


if __name__ == "__main__":
    main()
