"""How a process that cannot run says why: one line, and an exit code that tells whether starting it again may help."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from pydantic import ValidationError

from runtime.errors import ClipwireError, ConfigurationError

__all__ = ["REFUSED", "TOLD", "refusals", "setting_fault"]

# EX_CONFIG of BSD's sysexits.h: a setting is wrong, and starting again with the same one does not help.
REFUSED = 78
# Names the file descriptor on which a supervisor wants to be told; unset: standard error.
TOLD = "CLIPWIRE_REFUSAL_FD"


@contextmanager
def refusals() -> Iterator[None]:
    """Around a process's main: an error that a person can act on ends it with one line instead of a traceback."""
    try:
        yield
    except ValidationError as error:
        if not error.title.endswith("Settings"):
            raise
        _end(setting_fault(error), REFUSED)
    except ConfigurationError as error:
        _end(str(error), REFUSED)
    except ClipwireError as error:
        _end(str(error), 1)


def setting_fault(error: ValidationError) -> str:
    """A wrong setting in words, named as the environment variable that it is."""
    first = error.errors(include_url=False, include_context=False)[0]
    name = ".".join(str(part) for part in first["loc"])
    variable = f"CLIPWIRE_{name.upper()}" if error.title.endswith("Settings") else name
    return f"{variable}: {first['msg'].removeprefix('Value error, ')}. See docs/settings.md"


def _end(words: str, code: int) -> NoReturn:
    told = os.environ.get(TOLD)
    if told is None:
        sys.stderr.write(f"clipwire: {words}\n")
    else:
        os.write(int(told), words.encode())
    raise SystemExit(code)
