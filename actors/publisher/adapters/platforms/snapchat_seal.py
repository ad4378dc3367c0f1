"""Files as Snapchat takes them: AES-256 in CBC mode with PKCS #7 padding, cut into parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["BLOCK", "PART", "Seal"]

BLOCK = 16
PART = 16 << 20
"""Bytes of a part; Snapchat takes up to 32 MiB each, and 35 parts."""


@dataclass(frozen=True)
class Seal:
    """A file of `size` bytes under a key. Each part follows from the last block of the one before."""

    path: Path
    size: int
    key: bytes
    iv: bytes

    @property
    def parts(self) -> int:
        """How many; the padding may need one of its own."""
        return -(-(self.size // BLOCK + 1) * BLOCK // PART)

    def part(self, index: int, before: bytes) -> bytes:
        """The encrypted part. `before`: the last block of the part before, or the file's initial vector."""
        from cryptography.hazmat.primitives.ciphers import Cipher
        from cryptography.hazmat.primitives.ciphers.algorithms import AES
        from cryptography.hazmat.primitives.ciphers.modes import CBC
        from cryptography.hazmat.primitives.padding import PKCS7

        with self.path.open("rb") as file:
            file.seek(index * PART)
            plain = file.read(PART)
        if index == self.parts - 1:
            padder = PKCS7(BLOCK * 8).padder()
            plain = padder.update(plain) + padder.finalize()
        encryptor = Cipher(AES(self.key), CBC(before)).encryptor()
        return encryptor.update(plain) + encryptor.finalize()
