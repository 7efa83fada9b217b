"""A record of which one answer is lost after the call was carried out, as when a connection dies with its reply."""

from __future__ import annotations

from typing import Any

from study.database import Record, Unreachable, Wire
from study.database.wire import JSON


class Losing:
    """The record itself; the answer to its owner's first call of ``function`` does not arrive. ``lost`` counts them."""

    def __init__(self, record: Record, function: str) -> None:
        self._record, self._function, self.lost = record, function, 0

    @property
    def owner(self) -> Wire:
        """The owner's wire, which loses one answer."""
        return self

    def call(self, function: str, /, **arguments: JSON) -> JSON:
        """The call is made; its first answer is lost."""
        reply = self._record.owner.call(function, **arguments)
        if function == self._function and not self.lost:
            self.lost += 1
            raise Unreachable(f"The answer to {function} was lost on its way.")
        return reply

    def __getattr__(self, name: str) -> Any:
        return getattr(self._record, name)
