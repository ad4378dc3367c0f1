"""The child process that tells languages by py3langid: `python -m actors.transcriber.adapters.language_child`.

Its model takes 130 MB; they are gone with it.
"""

from __future__ import annotations

from typing import Any

from runtime.child import Say, limit_memory, serve_child

__all__ = ["work"]

_MOST = 4


def work(request: dict[str, Any], progress: Say) -> dict[str, Any]:
    """`request`: `texts`, `memory_mb`; `told`: each one's likeliest languages (ISO 639-1) with their probabilities."""
    limit_memory(request["memory_mb"])
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    return {"told": [dict(identifier.rank(text)[:_MOST]) for text in request["texts"]]}


if __name__ == "__main__":
    serve_child(work)
