"""Lines put into files of a size that a batch takes, on disk, each with the digest of its bytes."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable, Iterator
from typing import IO

MOST_LINES = 50_000
MOST_BYTES = 150_000_000


class Parcel:
    """A file of lines in the making."""

    def __init__(self) -> None:
        """Begin an empty file."""
        self.file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - whoever fills it closes it
        self.lines = self.bytes = 0
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> str:
        """The SHA-256 of its bytes."""
        return self._hash.hexdigest()

    def takes(self, line: bytes, most_lines: int, most_bytes: int) -> bool:
        """Whether the line may go into it still."""
        return not self.lines or (self.lines < most_lines and self.bytes + len(line) <= most_bytes)

    def add(self, line: bytes) -> None:
        """Put the line into it."""
        self.file.write(line)
        self._hash.update(line)
        self.lines, self.bytes = self.lines + 1, self.bytes + len(line)


def parcels(lines: Iterable[bytes], most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES) -> Iterator[Parcel]:
    """The lines in files, each full before the next is begun, and gone when the next is asked for."""
    parcel = Parcel()
    try:
        for line in lines:
            if not parcel.takes(line, most_lines, most_bytes):
                yield parcel
                parcel.file.close()
                parcel = Parcel()
            parcel.add(line)
        if parcel.lines:
            yield parcel
    finally:
        parcel.file.close()
