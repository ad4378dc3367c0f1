"""Secrets of webhooks: made here, told once, kept encrypted (Fernet) under a key of their own in CLIPWIRE_HOME."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from standardwebhooks import Webhook

from runtime.errors import Unavailable
from runtime.files import write_atomically

__all__ = ["Vault", "new_secret", "signature"]

_FILE = "webhooks_key"
_BYTES = 32  # the specification asks for 24 to 64


def new_secret() -> str:
    """As Standard Webhooks writes one: `whsec_` and base64."""
    return f"whsec_{base64.b64encode(secrets.token_bytes(_BYTES)).decode()}"


def signature(keys: Sequence[str], ident: str, at: datetime, body: bytes) -> str:
    """The header `webhook-signature`: one signature for each key, so that a receiver may change its own in peace."""
    return " ".join(Webhook(key).sign(msg_id=ident, timestamp=at, data=body.decode()) for key in keys)


class Vault:
    """Encrypts what the database keeps. The key is made at the first use."""

    def __init__(self, home: Path) -> None:
        self._path = home / _FILE

    def seal(self, secret: str) -> bytes:
        """Encrypt."""
        if not self._path.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(self._path, Fernet.generate_key().decode() + "\n", mode=0o600)
        return self._fernet().encrypt(secret.encode())

    def open(self, sealed: bytes) -> str:
        """What was sealed. Raises `Unavailable` when the key is gone or another one."""
        try:
            return self._fernet().decrypt(sealed).decode()
        except InvalidToken:
            raise Unavailable(
                f"the secrets of the webhooks were encrypted with another key than that in {self._path}",
                advice="Put the right file back, or give each webhook a new secret: POST /api/v1/webhooks/{id}/secret",
            ) from None

    def _fernet(self) -> Fernet:
        try:
            return Fernet(self._path.read_text(encoding="utf-8").strip())
        except (OSError, ValueError) as error:
            raise Unavailable(
                f"the key of the webhooks' secrets cannot be read: {self._path} ({error})",
                advice="Put the file back, or delete it and give each webhook a new secret",
            ) from None
