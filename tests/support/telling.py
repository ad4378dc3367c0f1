"""A child process that tells its environment, or what it has imported. For `tests/runtime/test_limits.py`."""

from __future__ import annotations

import os
import sys
from typing import Any

from runtime.child import Say, serve_child


def work(request: dict[str, Any], say: Say) -> dict[str, Any]:
    """All variables that it was given; with `modules`, all modules instead."""
    return dict.fromkeys(sys.modules, True) if request.get("modules") else dict(os.environ)


if __name__ == "__main__":
    serve_child(work)
