"""Evidence images by the SHA-256 of their bytes: written once, never changed. In the box they are files in a folder."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Protocol

_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class MediaStore(Protocol):
    """Where a record keeps the bytes of images; who may see them is the record's to say."""

    def put(self, study: str, content: bytes, mime: str) -> str:
        """Keep the bytes; returns their SHA-256 in hex. Keeping the same bytes twice is keeping them once."""
        ...

    def read(self, study: str, sha256: str) -> bytes:
        """The bytes; raises ``FileNotFoundError`` where there are none of that name for whoever asks."""
        ...


class MediaFolder:
    """A media store in a folder of this machine; its studies share what is the same."""

    def __init__(self, folder: Path) -> None:
        """Keep media in ``folder``, which is made when the first file comes."""
        self.folder = folder

    def put(self, study: str, content: bytes, mime: str) -> str:
        """Keep the bytes: written beside their place, flushed to disk, then moved there, so no half file has a name."""
        sha256 = hashlib.sha256(content).hexdigest()
        target = self.path(sha256)
        if target.exists():
            return sha256
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
                os.replace(file.name, target)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
        return sha256

    def read(self, study: str, sha256: str) -> bytes:
        """The file's bytes; raises ``FileNotFoundError`` where there is none, also for what is no SHA-256."""
        return self.path(sha256).read_bytes()

    def path(self, sha256: str) -> Path:
        """Where the file of that name lies; raises ``FileNotFoundError`` for a name that is no SHA-256 in hex."""
        if not _SHA256.match(sha256):
            raise FileNotFoundError(f"{sha256!r} is no SHA-256 in hex")
        return self.folder / sha256[:2] / sha256
