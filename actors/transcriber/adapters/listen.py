"""The child process that listens: `python -m actors.transcriber.adapters.listen`, started by `whisper.py`."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actors.transcriber.adapters.samples import RATE, Reader
from actors.transcriber.core.heard import language_of
from runtime.child import Say, limit_memory, serve_child

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["compute_of", "work"]

SEED = 1
_CARD = ("float16", "int8_float16", "float32")
_PROCESSOR = ("int8", "int8_float32", "float32")
_REPEATS = 2.4  # Whisper's own limit for the compression of a text that goes in circles
_HOTTER = [0.2, 0.4, 0.6, 0.8, 1.0]


def work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    """`request`: the model's settings; with `parts` also `path`, `until`, `language` (a hint) and `batch`.

    Every part that was heard is told as progress `part`, so that it can be kept. The result is empty, or has `missing`:
    `package`, `model` (it is not on this machine), `name` (there is none of this name), `memory` (it needs more) or
    `broken`, with the library's `detail`. Without `parts` the model is only looked for.
    """
    try:
        import ctranslate2
        from faster_whisper.utils import download_model
    except ImportError:
        return {"missing": "package"}
    progress({"done": None, "note": "loading the speech model", "eta_s": None})
    try:
        folder = request["model"]
        if not Path(folder).is_dir():
            offline = not request["download"]
            folder = download_model(folder, local_files_only=offline, cache_dir=request["model_dir"])
        model = _loaded(folder, request) if request["parts"] else None
    except Exception as error:  # noqa: BLE001  # tokenizers and CTranslate2 raise bare exceptions for a broken model
        return {"missing": _missing(request["model"], error), "detail": _first_sentence(error)}
    ctranslate2.set_random_seed(SEED)  # where it is unsure the model draws lots: the same film, the same words
    if model is not None:
        _listen(model, request, progress)
    return {}


def _loaded(folder: str, request: dict[str, Any]) -> Any:
    import ctranslate2

    cards = ctranslate2.get_cuda_device_count() if request["device"] != "cpu" else 0
    if request["device"] == "cuda" or cards:
        try:
            return _model(folder, "cuda", request)
        except (RuntimeError, ValueError):  # a card without its libraries, or without enough memory
            if request["device"] == "cuda":
                raise
    else:
        limit_memory(request["memory_mb"])  # not after a card was tried: its address space is taken already
    return _model(folder, "cpu", request)


def _model(folder: str, device: str, request: dict[str, Any]) -> Any:
    import ctranslate2
    import numpy as np
    from faster_whisper import WhisperModel

    compute = compute_of(request["compute"], device, ctranslate2.get_supported_compute_types(device))
    model = WhisperModel(folder, device=device, compute_type=compute, cpu_threads=request["threads"])
    encode = model.encode
    last: tuple[Any, Any] = (None, None)

    def remembering(features: Any) -> Any:
        """Encodes the same batch once, though its language is looked for first."""
        nonlocal last
        if not np.array_equal(last[0], features):
            last = (features, encode(features))
        return last[1]

    model.encode = remembering
    return model


def compute_of(wanted: str, device: str, supported: set[str]) -> str:
    """The arithmetic to compute in: what is wanted or, for `auto`, the best that this device has."""
    if wanted != "auto":
        return wanted
    return next((kind for kind in (_CARD if device == "cuda" else _PROCESSOR) if kind in supported), "default")


def _listen(model: Any, request: dict[str, Any], progress: Say) -> None:
    parts: list[list[float]] = request["parts"]
    reader = Reader(request["path"], request["until"])
    ear = _Ear(model, request)
    whole = sum(end - start for start, end in parts)
    began, done = time.monotonic(), 0.0
    progress({"done": 0.0, "note": "listening", "eta_s": None})
    for i in range(0, len(parts), request["batch"]):
        batch = parts[i : i + request["batch"]]
        sounds = [reader.read(start, end) for start, end in batch]
        for span, heard in zip(batch, ear.hear(sounds), strict=True):
            progress({"part": {"start": span[0], "end": span[1], **_moved(heard, span[0])}})
        done += sum(end - start for start, end in batch)
        eta = (time.monotonic() - began) * (whole - done) / done
        progress({"done": done / whole, "note": "listening", "eta_s": eta})


def _moved(heard: dict[str, Any], by: float) -> dict[str, Any]:
    """Seconds of the part as seconds of the clip."""
    for entry in (*heard["words"], *heard["passages"]):
        entry["start"], entry["end"] = round(entry["start"] + by, 3), round(entry["end"] + by, 3)
    return heard


class _Ear:
    """Listens to several parts together, each in its own language."""

    def __init__(self, model: Any, request: dict[str, Any]) -> None:
        self._model = model
        self._beam = request["beam"]
        hint = (request["language"] or "").split("-")[0].lower()
        self._expected = hint if hint in model.supported_languages else None

    def hear(self, sounds: Sequence[NDArray[np.float32]]) -> list[dict[str, Any]]:
        """For each part its `words`, `passages` and `language`; times from its own start."""
        languages = self._languages(sounds)
        heard: list[dict[str, Any]] = [{} for _ in sounds]
        for language in dict.fromkeys(languages):
            places = [i for i, spoken in enumerate(languages) if spoken == language]
            for i, segments in zip(places, self._batch([sounds[i] for i in places], language), strict=True):
                circling = any(segment.compression_ratio > _REPEATS for segment in segments)
                best = self._again(sounds[i], language, segments) if circling else segments
                heard[i] = {**_told(best, self._model.frames_per_second), "language": language}
        return heard

    def _languages(self, sounds: Sequence[NDArray[np.float32]]) -> list[str]:
        """Found for each part by itself, by the encoder's work that is needed anyway."""
        import numpy as np
        from faster_whisper.audio import pad_or_trim

        if not self._model.model.is_multilingual:
            return ["en"] * len(sounds)
        features = np.stack([pad_or_trim(self._model.feature_extractor(sound)[..., :-1]) for sound in sounds])
        languages = []
        for found in self._model.model.detect_language(self._model.encode(features)):
            token, probability = found[0]
            self._expected = language_of(token[2:-2], probability, self._expected)
            languages.append(self._expected or token[2:-2])
        return languages

    def _batch(self, sounds: Sequence[NDArray[np.float32]], language: str) -> list[list[Any]]:
        """The segments of each part. The parts lie behind one another in one sound, which is cut where they begin."""
        import numpy as np
        from faster_whisper import BatchedInferencePipeline

        rate = self._model.frames_per_second
        frame = RATE // rate
        whole = [np.pad(sound, (0, -len(sound) % frame)) for sound in sounds]
        ends = np.cumsum([len(sound) for sound in whole]) / RATE
        starts = [0.0, *ends[:-1].tolist()]
        segments, _ = BatchedInferencePipeline(self._model).transcribe(
            np.concatenate(whole),
            language=language,
            beam_size=self._beam,
            temperature=0.0,
            word_timestamps=True,
            batch_size=len(sounds),
            clip_timestamps=[{"start": a, "end": b} for a, b in zip(starts, ends.tolist(), strict=True)],
        )
        # A segment tells the frame at which its part begins.
        place = {int(int(start * RATE) / RATE * rate): i for i, start in enumerate(starts)}
        by_part: list[list[Any]] = [[] for _ in sounds]
        for segment in segments:
            by_part[place[segment.seek]].append(segment)
        return by_part

    def _again(self, sound: NDArray[np.float32], language: str, before: list[Any]) -> list[Any]:
        """A part in whose text the model went in circles, with more and more chance, as Whisper itself does it."""
        segments, _ = self._model.transcribe(
            sound,
            language=language,
            beam_size=self._beam,
            temperature=_HOTTER,
            word_timestamps=True,
            condition_on_previous_text=False,
        )
        again = [replace(segment, seek=0) for segment in segments]
        worst = max((segment.compression_ratio for segment in again), default=0.0)
        return again if worst < max(segment.compression_ratio for segment in before) else before


def _told(segments: Iterable[Any], rate: int) -> dict[str, Any]:
    """Times count from the begin of the part; those of segments count from that of the sound they were heard in."""
    words, passages = [], []
    for segment in segments:
        by = segment.seek / rate
        for word in segment.words or ():
            text = word.word.strip()
            if text:
                span = {"start": max(0.0, word.start - by), "end": max(0.0, word.end - by, word.start - by)}
                words.append({"text": text, **span, "confidence": _finite(word.probability)})
        span = {"start": max(0.0, segment.start - by), "end": max(0.0, segment.end - by)}
        doubts = (segment.compression_ratio, segment.no_speech_prob, segment.avg_logprob)
        names = ("compression", "no_speech", "log_probability")
        passages.append({**span, **dict(zip(names, map(_finite, doubts), strict=True))})
    return {"words": words, "passages": passages}


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None


def _missing(model: str, error: Exception) -> str:
    if isinstance(error, MemoryError) or "allocate memory" in str(error):  # the latter says MKL
        return "memory"
    from huggingface_hub.errors import RepositoryNotFoundError  # not before: it needs some itself

    if isinstance(error, ConnectionError | FileNotFoundError) and not Path(model).is_dir():
        return "model"
    unknown = isinstance(error, RepositoryNotFoundError) or "Invalid model size" in str(error)
    return "name" if unknown else "broken"


def _first_sentence(error: Exception) -> str:
    return str(error).strip().split("\n")[0].split(". ")[0].rstrip(".") or type(error).__name__


if __name__ == "__main__":
    serve_child(work)
