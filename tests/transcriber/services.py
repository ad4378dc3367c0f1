"""Groq's and OpenAI's transcription on 127.0.0.1, with the shapes and faults of the real ones.

It understands a language of tones: a burst of `300 + 40 n` Hz is the word `w<n>`. So it hears what is really in the
FLAC that it was sent, also where that was cut through a word.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.parser import BytesParser
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from tests.support.http import Handler, answering

__all__ = ["KEY", "Asked", "Reply", "Server", "error", "listening", "serving", "spoken"]

KEY = "gsk_secret0123456789"
RATE = 16000
_PATHS = ("/openai/v1/audio/transcriptions", "/v1/audio/transcriptions")
_STEP = 160


@dataclass(frozen=True)
class Asked:
    """One request as it came."""

    model: str
    fields: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    flac: bytes
    samples: NDArray[np.int16]

    @property
    def seconds(self) -> float:
        """How much sound was sent."""
        return len(self.samples) / RATE


@dataclass(frozen=True)
class Reply:
    """An answer. `cut`: the connection ends after so many bytes of the body; `hang`: nothing
    comes; `drip`: a byte now and then.
    """

    body: bytes | str = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    hang: bool = False
    drip: bool = False


def error(status: int, code: str | None, message: str, **headers: str) -> Reply:
    body = {"error": {"message": message, "type": "invalid_request_error", "code": code}}
    return Reply(json.dumps(body), status, {name.replace("_", "-"): value for name, value in headers.items()})


def spoken(words: Sequence[tuple[int, float, float]], seconds: float) -> NDArray[np.int16]:
    """Sound in which these words are said: number, start, end."""
    samples = np.zeros(round(seconds * RATE), np.int16)
    for number, start, end in words:
        n = np.arange(round(start * RATE), round(end * RATE))
        samples[n] = (np.sin(n * 2 * np.pi * (300 + 40 * number) / RATE) * 12000).astype(np.int16)
    return samples


def heard_in(samples: NDArray[np.int16]) -> list[dict[str, Any]]:
    """The words in a sound, with their times."""
    blocks = samples[: len(samples) // _STEP * _STEP].reshape(-1, _STEP).astype(np.float64)
    loud = np.concatenate([[False], np.sqrt((blocks**2).mean(axis=1)) > 3000, [False]])
    edges = np.flatnonzero(loud[1:] != loud[:-1])
    words = []
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        burst = samples[begin * _STEP : end * _STEP].astype(np.float64)
        power = np.abs(np.fft.rfft(burst * np.hanning(len(burst)), RATE))
        number = round((int(power.argmax()) - 300) / 40)
        words.append({"word": f"w{number}", "start": round(begin * 0.01, 2), "end": round(end * 0.01, 2)})
    return words


def listening(asked: Asked, *, words: bool = True, language: str = "English") -> dict[str, Any]:
    """The true answer: words as OpenAI writes them, and segments of five words with punctuation."""
    said = heard_in(asked.samples)
    segments = []
    for i in range(0, len(said), 5):
        group = said[i : i + 5]
        text = " " + " ".join(word["word"] for word in group).capitalize() + "."
        told = {"avg_logprob": -0.25, "compression_ratio": 1.2, "no_speech_prob": 0.01, "temperature": 0}
        place = {"id": i // 5, "seek": 0, "start": group[0]["start"], "end": group[-1]["end"]}
        segments.append({**place, "text": text, "tokens": [1], **told})
    text = "".join(segment["text"] for segment in segments)
    answer = {"task": "transcribe", "language": language, "duration": asked.seconds, "text": text, "segments": segments}
    return {**answer, "words": said, "x_groq": {"id": "req_1"}} if words else answer


@dataclass
class Server:
    """The running server. `answer`: what it says to a request; none: what is true."""

    url: str
    answer: Callable[[Asked], Reply | None] = lambda asked: None
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Server]:
    """Serve until the block ends."""

    class Handling(Handler):
        def do_POST(self) -> None:
            asked = _read(self)
            server.asked.append(asked)
            reply = Reply(json.dumps({"error": {"message": f"Unknown path {self.path}", "code": None}}), 404)
            if self.path in _PATHS:
                reply = server.answer(asked) or Reply(json.dumps(listening(asked)))
            if reply.hang:
                self.hang()
                return
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            self.tell(body, reply.status, reply.headers, cut=0 if reply.drip else reply.cut)
            if reply.drip:
                self._drip(body)

        def _drip(self, body: bytes) -> None:
            with suppress(OSError):  # nobody listens any more
                for byte in body:
                    self.wfile.write(bytes([byte]))
                    if self.over.wait(0.1):
                        return

    with answering(Handling) as url:
        server = Server(url)
        yield server


def _read(request: Handler) -> Asked:
    body = request.body()
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    fields: dict[str, list[str]] = {}
    flac = b""
    form: Any = BytesParser().parsebytes(head + body)
    for part in form.get_payload():
        name = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)
        if name == "file":
            flac = value
        else:
            fields.setdefault(str(name), []).append(value.decode())
    headers = {key.lower(): value for key, value in request.headers.items()}
    return Asked(fields["model"][0], fields, headers, flac, _samples(flac))


def _samples(flac: bytes) -> NDArray[np.int16]:
    with av.open(io.BytesIO(flac), "r") as container:
        frames = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
        assert container.streams.audio[0].rate == RATE
        assert container.streams.audio[0].channels == 1
    return np.concatenate(frames) if frames else np.empty(0, np.int16)
