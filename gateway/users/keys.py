"""Access tokens: JSON Web Tokens (RFC 7519) with HMAC-SHA256, and the keys that sign them.

The keys are in a file of CLIPWIRE_HOME that only its owner reads. A new one is made when the newest is too old; the one
before stays for as long as a token that it has signed may be good.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jwt

from runtime.files import try_lock, write_atomically

__all__ = ["FILE", "Claims", "Clock", "SigningKeys", "now"]

FILE = "signing_keys"
_ALGORITHM = "HS256"
_ISSUER = "clipwire"
_SLACK = timedelta(minutes=1)
Clock = Callable[[], datetime]


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Claims:
    """What an access token says: whose, and of which login. What they may is looked up, so it holds at once."""

    user_id: str
    session_id: str


@dataclass(frozen=True)
class _Key:
    kid: str
    secret: str
    made_at: float


class SigningKeys:
    """The keys in `home`. `rotate_after`: age of a key; `access_for`: life of a token."""

    def __init__(self, home: Path, *, rotate_after: timedelta, access_for: timedelta, clock: Clock = now) -> None:
        self._path = home / FILE
        self._rotate_after = rotate_after
        self.access_for = access_for
        self._clock = clock
        self._seen: tuple[tuple[int, int], tuple[_Key, ...]] | None = None

    def sign(self, claims: Claims) -> str:
        """An access token."""
        moment = self._clock()
        keys = self._keys()
        if self._is_stale(keys):
            keys = self._renewed(forced=False)
        told = {
            "iss": _ISSUER,
            "aud": _ISSUER,
            "sub": claims.user_id,
            "sid": claims.session_id,
            "iat": moment,
            "exp": moment + self.access_for,
            "jti": secrets.token_hex(8),
        }
        return jwt.encode(told, keys[0].secret, _ALGORITHM, headers={"kid": keys[0].kid, "typ": "at+jwt"})

    def read(self, token: str) -> Claims | None:
        """What it says; none, if it is forged, of another sort, or has run out."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
            key = next((key for key in self._keys() if key.kid == kid), None)
            if key is None:
                return None
            told = jwt.decode(
                token,
                key.secret,
                algorithms=[_ALGORITHM],  # never the one that the token names
                audience=_ISSUER,
                issuer=_ISSUER,
                options={"require": ["exp", "iat", "sub", "sid"], "verify_exp": False, "verify_iat": False},
            )
        except jwt.PyJWTError:
            return None
        if not isinstance(told["exp"], int | float) or told["exp"] <= self._clock().timestamp():
            return None
        return Claims(str(told["sub"]), str(told["sid"]))

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self._renewed(forced=True)

    def _is_stale(self, keys: tuple[_Key, ...]) -> bool:
        return not keys or self._clock().timestamp() - keys[0].made_at > self._rotate_after.total_seconds()

    def _renewed(self, *, forced: bool) -> tuple[_Key, ...]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o711)
        with self._path.with_name(f".{FILE}.lock").open("a") as lock:
            while not try_lock(lock.fileno()):
                time.sleep(0.001)  # whoever has it writes one small file
            keys = self._keys()
            if forced or self._is_stale(keys):  # else another process was first
                moment = self._clock().timestamp()
                new = _Key(secrets.token_hex(4), secrets.token_urlsafe(48), moment)
                kept = (new, *self._still_good(keys, moment))
                write_atomically(self._path, json.dumps([asdict(key) for key in kept]), mode=0o600)
        return self._keys()

    def _still_good(self, keys: tuple[_Key, ...], moment: float) -> list[_Key]:
        """The one that signed until now, and those whose last tokens may be good: each signed until the next came."""
        life = (self.access_for + _SLACK).total_seconds()
        ended = [moment, *(key.made_at for key in keys)]
        return [key for key, end in zip(keys, ended, strict=False) if moment - end < life]

    def _keys(self) -> tuple[_Key, ...]:
        """As the file has them now; another process may have changed it."""
        try:
            there = self._path.stat()
        except FileNotFoundError:
            return ()
        changed = there.st_mtime_ns, there.st_ino
        if self._seen is None or self._seen[0] != changed:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            self._seen = changed, tuple(_Key(**key) for key in told)
        return self._seen[1]
