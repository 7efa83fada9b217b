"""Random draws that come out the same in every version of Python and of every library: SHA-256 in counter mode."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

NAME = "sha256-counter-1"
_WORD = 1 << 64


class Draws:
    """A stream of draws named by ``key``: the same key gives the same stream, another key an independent one."""

    def __init__(self, *key: object) -> None:
        """Start the stream of ``key``, whose parts are joined by a character that no part holds."""
        self._key = "\x1f".join(str(part) for part in key).encode("utf-8")
        self._words = self._stream()

    def _stream(self) -> Iterator[int]:
        block = 0
        while True:
            digest = hashlib.sha256(NAME.encode() + b"\x1f" + self._key + block.to_bytes(8, "big")).digest()
            for start in range(0, 32, 8):
                yield int.from_bytes(digest[start : start + 8], "big")
            block += 1

    def below(self, bound: int) -> int:
        """A whole number from 0 to ``bound`` - 1, each equally likely: words past the last multiple are redrawn."""
        if bound < 1:
            raise ValueError(f"a draw needs a bound of 1 or more, got {bound}")
        full = _WORD - _WORD % bound
        while True:
            word = next(self._words)
            if word < full:
                return word % bound

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """The items in a random order, each order equally likely (Fisher and Yates)."""
        order = list(items)
        for last in range(len(order) - 1, 0, -1):
            other = self.below(last + 1)
            order[last], order[other] = order[other], order[last]
        return order
