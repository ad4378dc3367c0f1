"""One Clipwire per CLIPWIRE_HOME: its lock, and run.json, in which it tells where it is reached."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import ConfigurationError
from runtime.files import try_lock

__all__ = ["Addresses", "HomeLock", "running_clipwire"]

_TRIES = 5
_PAUSE_S = 0.02


@dataclass(frozen=True)
class Addresses:
    """What `run.json` says. `http_url` is absent when the HTTP door does not run."""

    nats_url: str
    database_url: str | None
    media_url: str
    http_url: str | None
    pid: int


class HomeLock:
    """Held while a Clipwire runs in `home`; the system releases it when the process ends, however it ends."""

    def __init__(self, home: Path) -> None:
        self.path = home / "lock"

    def __enter__(self) -> None:
        try:
            self.file = self.path.open("a")
        except OSError as error:
            raise _unusable(self.path.parent, error) from None
        for _ in range(_TRIES):
            if try_lock(self.file.fileno()):
                return
            time.sleep(_PAUSE_S)  # who only asks whether somebody runs holds it for an instant
        self.file.close()
        raise ConfigurationError(
            f"another Clipwire is running in {self.path.parent}",
            advice="If it has just been started, wait until it is ready; else stop it, or choose another CLIPWIRE_HOME",
        )

    def __exit__(self, *_: object) -> None:
        self.file.close()


def running_clipwire(home: Path) -> Addresses | None:
    """The addresses of the Clipwire that runs in `home` and is ready; none, if there is none.

    The lock tells: run.json outlives a kill, and its process id may be anybody's by then.
    """
    try:
        with (home / "lock").open() as file:
            if try_lock(file.fileno(), shared=True):
                return None
        return Addresses(**json.loads((home / "run.json").read_text()))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise _unusable(home, error) from None


def _unusable(home: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"CLIPWIRE_HOME is {home}, and it can't be used ({error.strerror})", advice="Choose a folder of yours"
    )
