"""The tests know none of this machine's own settings, and touch no server of its owner."""

from __future__ import annotations

import os

__all__ = ["forget_this_machine"]


def forget_this_machine() -> None:
    """Before any setting is read."""
    for name in [name for name in os.environ if name.startswith("CLIPWIRE_")]:
        del os.environ[name]
    os.environ["CLIPWIRE_ENV_FILE"] = os.devnull
