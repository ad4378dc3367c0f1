"""Tokens and codes that are shown once: 256 random bits, of which the database keeps a SHA-256.

That is enough for them, as nobody can guess 256 bits; passwords, which can be guessed, get Argon2id. The prefix is for
people and for programs that look for lost secrets.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import Literal

__all__ = ["Kind", "digest", "new_id", "new_secret"]

Kind = Literal["cwt", "cwr", "cwi"]
"""API token, refresh token, invitation."""


def new_secret(kind: Kind) -> str:
    """A new one."""
    return f"{kind}_{secrets.token_urlsafe(32)}"


def digest(secret: str) -> bytes:
    """What is kept of it."""
    return sha256(secret.encode("utf-8", "replace")).digest()


def new_id(prefix: str) -> str:
    """A public id, which tells nothing."""
    return f"{prefix}_{secrets.token_hex(10)}"
