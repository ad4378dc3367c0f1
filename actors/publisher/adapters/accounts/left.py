"""Fresh tokens that the database did not take: they wait on the disk, encrypted, for the next renewal."""

from __future__ import annotations

from pathlib import Path

import structlog

from actors.publisher.adapters.accounts.keys import KeyRing
from actors.publisher.ports import Tokens
from contracts.ids import digest
from runtime.errors import Unavailable
from runtime.files import flush_folder, write_atomically

__all__ = ["LeftTokens"]

log = structlog.get_logger(__name__)


class LeftTokens:
    """One file for an account and the version of its tokens that these follow."""

    def __init__(self, keys: KeyRing) -> None:
        self._keys = keys
        self._folder = keys.home / "publisher"

    def leave(self, account_id: str, version: int, tokens: Tokens) -> None:
        """Keep them until they are found or forgotten."""
        sealed = self._keys.seal(account_id, tokens.model_dump(mode="json"))
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_atomically(self._path(account_id, version), sealed.decode("ascii"), mode=0o600)
        flush_folder(self._folder)

    def find(self, account_id: str, version: int) -> Tokens | None:
        """What was left; none if nothing, or if no key opens it: then it is worth nothing, and the log says so."""
        path = self._path(account_id, version)
        if not path.exists():
            return None
        try:
            return Tokens.model_validate(self._keys.open(account_id, path.read_bytes()))
        except Unavailable as error:
            log.warning("account.left_tokens_unreadable", id=account_id, why=error.what)
            return None

    def forget(self, account_id: str, version: int) -> None:
        """They are in the database, or nobody needs them."""
        self._path(account_id, version).unlink(missing_ok=True)

    def encrypt_again(self, account_id: str, version: int) -> None:
        """Under the newest key."""
        tokens = self.find(account_id, version)
        if tokens is not None:
            self.leave(account_id, version, tokens)

    def _path(self, account_id: str, version: int) -> Path:
        return self._folder / f"{digest(account_id)}-{version}"
