"""One side of a move: a study's rows, as the record's owner carries them.

A row travels as the text that its database made of it, so that nothing on the way can change a number or an order of
keys, and the two sides can be compared letter by letter.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict

from study.database import Record
from study.database.wire import JSON

ROWS = 2000
PIECE = 200_000

Key = dict[str, JSON]


class Extent(BaseModel):
    """How much there is of a study, part by part in the order of writing, and where its chain ends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    state: str
    head: str
    count: int
    parts: tuple[tuple[str, int], ...]

    @property
    def rows(self) -> int:
        """All rows together."""
        return sum(rows for _, rows in self.parts)


class Manifest(BaseModel):
    """What a side says of the study; ``moved_as`` is the arrival for which it has left, where it has."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    study: str
    slug: str
    moved_to: str | None
    moved_as: str | None
    form: str
    extent: Extent


class Row(NamedTuple):
    """A row of one part, and which of its columns are its key."""

    keys: tuple[str, ...]
    text: str

    @property
    def key(self) -> tuple[Any, ...]:
        """Its key, in the order in which both sides read."""
        columns = json.loads(self.text)
        return tuple(columns[name] for name in self.keys)


@dataclass(frozen=True)
class Chunk:
    """Some rows in order, and the key to go on after; None at the end."""

    keys: tuple[str, ...]
    texts: list[str]
    next: Key | None


class Side:
    """A study in a record."""

    def __init__(self, record: Record, study: str) -> None:
        """Act as the record's owner."""
        self.record = record
        self.study = study
        self.wire = record.owner

    @property
    def name(self) -> str:
        """What a sentence calls the place."""
        return self.record.name

    def manifest(self) -> Manifest:
        """What the record says of the study; raises ``Refused`` where the caller may not move it."""
        return Manifest.model_validate(self.wire.call("moving_manifest", study=self.study))

    def chunks(self, part: str, after: Key | None = None) -> Iterator[Chunk]:
        """The rows of a part after a key; the next chunk is asked for while this one is worked on."""
        with ThreadPoolExecutor(1) as pool:
            chunk = self._chunk(part, after)
            while chunk.next is not None:
                coming = pool.submit(self._chunk, part, chunk.next)
                yield chunk
                chunk = coming.result()
            yield chunk

    def rows(self, part: str) -> Iterator[Row]:
        """The rows of a part in order."""
        for chunk in self.chunks(part):
            for text in chunk.texts:
                yield Row(chunk.keys, text)

    def write(self, part: str, texts: Sequence[str]) -> None:
        """Write rows of a chunk, those that are there already aside; a row too long for one call goes in pieces."""
        long = len(texts) == 1 and len(texts[0]) > PIECE
        if long:
            for place, start in enumerate(range(0, len(texts[0]), PIECE)):
                words = texts[0][start : start + PIECE]
                self.wire.call("arrive_piece", study=self.study, place=place, words=words)
        self.wire.call("arrive_rows", study=self.study, part=part, rows=[] if long else list(texts), pieced=long)

    def _chunk(self, part: str, after: Key | None) -> Chunk:
        reply: Any = self.wire.call("moving_rows", study=self.study, part=part, after=after, amount=ROWS)
        texts = reply["rows"]
        if reply["long"] is not None:
            texts = [self._long(part, reply["next"], reply["long"])]
        return Chunk(tuple(reply["keys"]), texts, reply["next"])

    def _long(self, part: str, key: Key, length: int) -> str:
        text = ""
        while len(text) < length:
            reply: Any = self.wire.call("moving_piece", study=self.study, part=part, key=key, after=len(text))
            text += reply["words"]
        return text
