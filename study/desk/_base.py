"""What all desks share: a wire, request ids, and replies read into models."""

from __future__ import annotations

import uuid
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from study.database.wire import JSON, StudyError, Wire

# Request ids that follow from what is asked, so that a repeat is the same request: uuid5 in this namespace.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:readerstudy:request")

Model = TypeVar("Model", bound=BaseModel)


class Reply(BaseModel):
    """A part of a reply: frozen; parts that a later schema adds are left unread."""

    model_config = ConfigDict(extra="ignore", frozen=True)


def request_id(*parts: object) -> str:
    """The request id that follows from ``parts``, the same in every process."""
    return str(uuid.uuid5(NAMESPACE, "/".join(str(part) for part in parts)))


def fresh_id() -> str:
    """A request id for an act that may be meant twice."""
    return str(uuid.uuid4())


class Desk:
    """Typed calls of one role over one wire."""

    def __init__(self, wire: Wire) -> None:
        """Call over ``wire``, which knows who is calling."""
        self.wire = wire

    def _call(self, function: str, **arguments: Any) -> Any:
        return self.wire.call(function, **arguments)

    def _read(self, model: type[Model], function: str, **arguments: Any) -> Model:
        return read(model, self._call(function, **arguments), function)

    def _list(self, model: type[Model], function: str, **arguments: Any) -> list[Model]:
        reply = self._call(function, **arguments)
        return [read(model, item, function) for item in reply]


def read(model: type[Model], reply: JSON, function: str) -> Model:
    """The reply as a model; raises ``StudyError`` where the record answered in a form that this version cannot read."""
    try:
        return model.model_validate(reply)
    except ValidationError as error:
        where = ", ".join(".".join(map(str, fault["loc"])) or "the whole" for fault in error.errors()[:5])
        raise StudyError(
            f"{function} was answered in a form that this version cannot read ({where}): "
            "the program and the database are of different versions; update both."
        ) from None
