"""The keys that secrets are encrypted with at rest: Fernet (AES-128-CBC, HMAC-SHA256).

Each is derived from a secret of the settings or of a file by HKDF (RFC 5869). What is encrypted carries the name of
what it belongs to, so that a row that was put in the place of another does not open.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from actors.publisher.settings import PublisherSettings
from runtime.errors import Unavailable
from runtime.files import flush_folder, write_atomically

__all__ = ["FILE", "KeyRing"]

log = structlog.get_logger(__name__)

FILE = "secret_key"
"""In CLIPWIRE_HOME: a key a line, the newest first."""
_INFO = b"clipwire publisher vault 1"
_SHORTEST = 32
_AGAIN_S = 300.0


class KeyRing:
    """Keys as the settings name them, read anew for every use: another process may have changed the file."""

    def __init__(self, settings: PublisherSettings, home: Path) -> None:
        self._settings = settings
        self.home = home
        self._looked_at = False
        self._own = home / FILE

    @property
    def source(self) -> str:
        """What names the key, for messages."""
        if self._settings.secret_key is not None:
            return "CLIPWIRE_SECRET_KEY"
        if self._settings.secret_key_file is not None:
            return f"CLIPWIRE_SECRET_KEY_FILE ({self._settings.secret_key_file})"
        return f"the key file {self._own}"

    @property
    def own_file(self) -> bool:
        """Whether the keys are in a file of ours, not in a setting."""
        return self._settings.secret_key is None and self._settings.secret_key_file is None

    @property
    def there(self) -> bool:
        """Whether there is a key; only the file of our own may still have to be made."""
        return not self.own_file or self._own.exists()

    def make(self) -> None:
        """Put a new key first into our own file, which is made where there is none; the others stay behind it."""
        kept = _lines(self._own) if self._own.exists() else []
        self._own.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        self._write([secrets.token_urlsafe(32), *kept])

    def forget(self) -> None:
        """Leave only the newest key in our own file."""
        self._write(_lines(self._own)[:1])

    def seal(self, of: str, secret: Any) -> bytes:
        """Encrypt a JSON value. `of`: what it belongs to."""
        return self._fernet().encrypt(json.dumps({"of": of, "secret": secret}).encode())

    def open(self, of: str, sealed: bytes) -> Any:
        """What was sealed. Raises `Unavailable` for another key, and for what belongs to something else."""
        try:
            told = json.loads(self._fernet().decrypt(sealed))
        except InvalidToken:
            raise Unavailable(
                f"what is kept of {of} was encrypted with another key than {self.source}",
                after=_AGAIN_S,
                advice="Put the right key back, or add it to CLIPWIRE_SECRET_KEYS_PREVIOUS, and start the publisher "
                "again. Nothing is lost: with that key everything goes on",
            ) from None
        if told["of"] != of:
            raise Unavailable(
                f"in the place of {of} the database holds what belongs to {told['of']}",
                after=_AGAIN_S,
                advice="Somebody has changed its rows: connect the account again, and look who may write there",
            )
        return told["secret"]

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(_derived(secret)) for secret in self._secrets()])

    def _secrets(self) -> Sequence[str]:
        settings = self._settings
        previous = settings.secret_keys_previous
        older = [part.strip() for part in previous.get_secret_value().split(",")] if previous else []
        if settings.secret_key is not None:
            keys = [settings.secret_key.get_secret_value()]
        else:
            path = settings.secret_key_file or self._own
            keys = self._read(path)
        keys += [key for key in older if key]
        if any(len(key) < _SHORTEST for key in keys):
            raise Unavailable(
                f"a key in {self.source} or CLIPWIRE_SECRET_KEYS_PREVIOUS has fewer than {_SHORTEST} characters",
                after=_AGAIN_S,
                advice="Make one with `openssl rand -base64 32`",
            )
        return keys

    def _read(self, path: Path) -> list[str]:
        try:
            lines = _lines(path)
        except OSError as error:
            raise self._absent(error.strerror or type(error).__name__) from None
        if not lines:
            raise self._absent("it is empty")
        if not self._looked_at and path.stat().st_mode & 0o077 and os.name != "nt":
            log.warning("secret_key.open_to_others", file=str(path), advice=f"chmod 600 {path}")
        self._looked_at = True
        return lines

    def _absent(self, why: str) -> Unavailable:
        return Unavailable(
            f"the key that accounts are encrypted with cannot be read: {self.source}: {why}",
            after=_AGAIN_S,
            advice="Put the file back, or set CLIPWIRE_SECRET_KEY to the key. Nothing is lost: with it everything goes "
            "on. If it is gone for good, remove the accounts (`clipwire account remove`) and connect them again",
        )

    def _write(self, keys: Sequence[str]) -> None:
        write_atomically(self._own, "".join(f"{key}\n" for key in keys), mode=0o600)
        flush_folder(self._own.parent)  # what is encrypted from now on opens with this file alone


def _lines(path: Path) -> list[str]:
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _derived(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(secret.encode())
    return base64.urlsafe_b64encode(key)
