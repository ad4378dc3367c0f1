"""What the tokens of users' bots are encrypted with: Fernet, its key by HKDF (RFC 5869) from a secret.

The secret is the bot's own, in a setting or a file: this process has no business with what publishing accounts are
encrypted with. A token carries its bot's id, so that it opens in its own row alone.
"""

from __future__ import annotations

import base64
import json
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.telegram.settings import TelegramSettings
from runtime.errors import Unavailable
from runtime.files import write_atomically

__all__ = ["Keys"]

_FILE = "telegram_key"
_INFO = b"clipwire telegram bots 1"


class Keys:
    """Seals and opens tokens."""

    def __init__(self, settings: TelegramSettings, home: Path) -> None:
        self._settings = settings
        self._own = home / _FILE

    def seal(self, bot_id: int, token: str) -> bytes:
        """Encrypt a token under the newest key."""
        return self._fernet().encrypt(json.dumps({"of": bot_id, "token": token}).encode())

    def open(self, bot_id: int, sealed: bytes) -> str:
        """A token. Raises `Unavailable` for another key, and for a row that was put in another's place."""
        try:
            told = json.loads(self._fernet().decrypt(sealed))
        except InvalidToken:
            told = {}
        if told.get("of") != bot_id:
            raise Unavailable(
                f"the token of the bot {bot_id} does not open with the key that is set",
                advice="Put the right CLIPWIRE_TELEGRAM_SECRET_KEY back, or have its owner bring the token again",
            )
        return str(told["token"])

    def _fernet(self) -> MultiFernet:
        return MultiFernet([Fernet(_derived(secret)) for secret in self._secrets()])

    def _secrets(self) -> list[str]:
        settings = self._settings
        previous = settings.telegram_secret_keys_previous
        older = previous.get_secret_value().split(",") if previous else []
        if settings.telegram_secret_key is not None:
            found = [settings.telegram_secret_key.get_secret_value()]
        else:
            if not self._own.exists():
                write_atomically(self._own, secrets.token_urlsafe(32) + "\n", mode=0o600)
            found = self._own.read_text(encoding="utf-8").splitlines()
        return [secret.strip() for secret in (*found, *older) if secret.strip()]


def _derived(secret: str) -> bytes:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=_INFO).derive(secret.encode())
    return base64.urlsafe_b64encode(key)
