"""Before any test or fixture is imported: some settings are read when their class is made."""

from __future__ import annotations

from tests.support.hermetic import forget_this_machine

forget_this_machine()
