"""A child process that tells its environment. For `tests/runtime/test_limits.py`."""

from __future__ import annotations

import os
from typing import Any

from runtime.children import Say, serve_child


def work(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """All variables that it was given."""
    return dict(os.environ)


if __name__ == "__main__":
    serve_child(work)
