"""The child process that tells languages by py3langid: `python -m actors.transcriber.adapters.language_child`.

Its model takes 130 MB; they are gone with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from runtime.child import Say, limit_memory, serve_child

__all__ = ["languages", "work"]

_MOST = 4


def work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    """`request`: `texts`, `memory_mb`; `told`: each one's likeliest languages (ISO 639-1) with their probabilities."""
    limit_memory(request["memory_mb"])
    return {"told": languages(request["texts"])}


def languages(texts: Sequence[str]) -> list[dict[str, float]]:
    """Of each text the likeliest languages (ISO 639-1) with their probabilities."""
    return [dict(_identifier().rank(text)[:_MOST]) for text in texts]


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


if __name__ == "__main__":
    serve_child(work)
