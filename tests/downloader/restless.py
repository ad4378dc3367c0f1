"""A child process that does as it is told. For `test_children.py`."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

from runtime.child import serve_child
from runtime.errors import Retry


def work(request: dict[str, Any], progress: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    """`do`: what to do."""
    progress({"pid": os.getpid()})
    match request["do"]:
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "bug":
            raise ValueError("a bug")
        case "later":
            raise Retry("not now", after=5, advice="wait")
        case "print":
            print("noise", flush=True)
            print("x" * 300_000, file=sys.stderr, flush=True)
        case "hang":
            time.sleep(600)
    return {"large": "x" * 1_000_000}


if __name__ == "__main__":
    serve_child(work)
