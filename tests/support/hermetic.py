"""Imported before any setting is read: the tests know none of this machine's own, and touch no server of its owner."""

from __future__ import annotations

import os

for name in [name for name in os.environ if name.startswith("CLIPWIRE_")]:
    del os.environ[name]
os.environ["CLIPWIRE_ENV_FILE"] = os.devnull
