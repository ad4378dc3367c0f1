"""Which language each sentence is in, as py3langid tells it, in a child process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from runtime.children import ChildCrashError, ChildTimeoutError, run_child
from runtime.errors import Retry

__all__ = ["Languages", "languages_of"]

Languages = Callable[[Sequence[str]], Awaitable[list[Mapping[str, float]]]]

_TIMEOUT_S = 600.0
_MEMORY_MB = 2048  # of address space; the model takes 130


async def languages_of(texts: Sequence[str]) -> list[Mapping[str, float]]:
    """For each text its likeliest languages (ISO 639-1) with their probabilities. Raises `Retry`."""
    if not texts:
        return []
    try:
        answer = await run_child(
            "actors.transcriber.adapters.language_child",
            {"texts": list(texts), "memory_mb": _MEMORY_MB},
            timeout_s=_TIMEOUT_S,
            env={"OPENBLAS_NUM_THREADS": "1"},
        )
    except (ChildCrashError, ChildTimeoutError) as error:
        raise Retry(f"The language of {len(texts)} sentences could not be told: {error.what}", after=60) from None
    told: list[Mapping[str, float]] = answer["told"]
    return told
