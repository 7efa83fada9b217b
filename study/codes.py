"""Invitation codes and session tokens: made here, shown once, kept by the record as hashes alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
_READ_AS = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class Code:
    """An invitation code: 80 random bits, of which the first group is its public handle."""

    text: str

    @property
    def handle(self) -> str:
        """The first group, by which the record finds the invitation."""
        return normalised(self.text)[:4]

    @property
    def hash(self) -> str:
        """SHA-256 hex of the normalised code."""
        return hashlib.sha256(normalised(self.text).encode("ascii")).hexdigest()


def normalised(code: str) -> str:
    """The 16 characters of a code as people type it: case, dashes and spaces ignored, O read as 0, I and L as 1."""
    return "".join(c for c in code.upper().translate(_READ_AS) if c in ALPHABET)


def new_code() -> Code:
    """A new code, ``XXXX-XXXX-XXXX-XXXX``."""
    characters = [secrets.choice(ALPHABET) for _ in range(16)]
    return Code("-".join("".join(characters[start : start + 4]) for start in range(0, 16, 4)))


def new_token() -> str:
    """A new session token: 256 random bits for the reader's cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> str:
    """What the record keeps of a session token: SHA-256 hex."""
    return hashlib.sha256(token.encode("utf-8")).hexdigest()
