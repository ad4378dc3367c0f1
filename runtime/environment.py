"""Which variables of the environment a program may know that is started from here."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["PREFIX", "is_setting", "without_secrets"]

PREFIX = "CLIPWIRE_"
_SECRET = re.compile(r"SECRET|PASSW|TOKEN|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY", re.IGNORECASE)
"""Names under which other programs keep what nobody shall know; nothing here reads them."""


def is_setting(name: str) -> bool:
    """Whether a variable is one of ours."""
    return name.upper().startswith(PREFIX)


def without_secrets(values: Mapping[str, str]) -> dict[str, str]:
    """Of `values` what is no setting of ours, and not named as a secret of somebody else."""
    return {name: value for name, value in values.items() if not is_setting(name) and not _SECRET.search(name)}
