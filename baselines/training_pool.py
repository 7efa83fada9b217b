"""Training samples to choose from: a JSONL file in the chat form that trainers read, each with its type of evidence.

One sample a line: ``{"id", "type", "messages": [{"role", "content"}, ...], "images": [...]}``. Images are files, named
from the folder of the file; where they stand in a conversation is said by ``<image>`` in a text or by a part
``{"type": "image"}``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from study.case import EvidenceType
from study.database import StudyError

MARK = "<image>"
MAX_FAULTS = 40
CONTENT = 'is words, or a list of parts {"type": "text", "text": words} and {"type": "image"}'
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class TrainingPoolRefused(StudyError):
    """The pool was refused whole; the message lists every fault by line."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextPart(_Part):
    """Words in a message."""

    type: Literal["text"]
    text: str


class ImagePart(_Part):
    """The place of the next image of the sample."""

    type: Literal["image"]


class Message(_Part):
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: (
        Text | Annotated[tuple[Annotated[TextPart | ImagePart, Field(discriminator="type")], ...], Field(min_length=1)]
    )

    @property
    def text(self) -> str:
        """Its words."""
        parts = (
            [self.content] if isinstance(self.content, str) else [getattr(part, "text", "") for part in self.content]
        )
        return "\n".join(parts)

    @property
    def images(self) -> int:
        """How many images it places."""
        if isinstance(self.content, str):
            return self.content.count(MARK)
        return sum(part.type == "image" for part in self.content)


class Sample(_Part):
    """One sample of the pool; ``type`` is the type of evidence that it exercises."""

    id: Text
    type: EvidenceType
    messages: tuple[Message, ...]
    images: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Sample:
        roles = [message.role for message in self.messages]
        if "user" not in roles or roles[-1] != "assistant":
            raise ValueError("a conversation asks as user and ends with the assistant's answer")
        placed = sum(message.images for message in self.messages)
        if placed != len(self.images):
            raise ValueError(f"its messages place {placed} images and it names {len(self.images)}: give each its place")
        return self

    @property
    def text(self) -> str:
        """All its words."""
        return "\n".join(message.text for message in self.messages)


@dataclass(frozen=True)
class TrainingPool:
    """The samples of a file in its order, the folder that their images are named from, and the file's hash."""

    samples: tuple[Sample, ...]
    folder: Path
    sha256: str

    def image(self, name: str) -> Path:
        """Where an image of the pool lies."""
        return self.folder / name


def read(path: Path) -> TrainingPool:
    """The pool of this file; raises ``TrainingPoolRefused`` with every fault by line."""
    try:
        content = path.read_bytes()
        lines = content.decode("utf-8-sig").split("\n")  # U+2028 and the like stand inside of texts
    except OSError as error:
        raise TrainingPoolRefused(f"{path} cannot be read: {error.strerror}. Give the path of a JSONL file.") from None
    except UnicodeDecodeError as error:
        raise TrainingPoolRefused(f"{path} is not UTF-8 text (byte {error.start}).") from None
    numbered = [(number, line) for number, line in enumerate(lines, 1) if line.strip()]
    read_in = [(number, _sample(line)) for number, line in numbered]
    faults = [(number, fault) for number, found in read_in if isinstance(found, list) for fault in found]
    samples = [(number, found) for number, found in read_in if isinstance(found, Sample)]
    faults += [*_repeated(samples), *_without_image(samples, path.parent)]
    if not numbered:
        faults = [(1, "the file has no sample")]
    if faults:
        raise TrainingPoolRefused(_told(path, faults))
    return TrainingPool(tuple(sample for _, sample in samples), path.parent, hashlib.sha256(content).hexdigest())


def _sample(line: str) -> Sample | list[str]:
    try:
        return Sample.model_validate(json.loads(line))
    except json.JSONDecodeError as error:
        return [f"is no JSON: {error.msg} at character {error.pos + 1}"]
    except ValidationError as error:
        return list(dict.fromkeys(_fault(fault) for fault in error.errors()))


def _fault(fault: Any) -> str:
    if fault["loc"][:1] == ("messages",) and "content" in fault["loc"]:
        return f"messages.{fault['loc'][1]}.content: {CONTENT}"
    where = ".".join(str(part) for part in fault["loc"]) or "the line"
    return f"{where}: {str(fault['msg']).removeprefix('Value error, ')}"


def _repeated(samples: Sequence[tuple[int, Sample]]) -> Iterator[tuple[int, str]]:
    first: dict[str, int] = {}
    for number, sample in samples:
        if first.setdefault(sample.id, number) != number:
            yield number, f"id: {sample.id!r} is that of line {first[sample.id]} already"


def _without_image(samples: Sequence[tuple[int, Sample]], folder: Path) -> Iterator[tuple[int, str]]:
    for number, sample in samples:
        for name in sample.images:
            if "://" in name or name.startswith("data:") or not (folder / name).is_file():
                shown = name if len(name) <= 80 else f"{name[:77]}..."
                yield number, f"images: {shown!r} is no file; images are files, named from the pool's folder"


def _told(path: Path, faults: Sequence[tuple[int, str]]) -> str:
    shown = sorted(faults, key=lambda fault: fault[0])[:MAX_FAULTS]
    listed = "".join(f"\n  line {number}, {fault}" for number, fault in shown)
    more = f"\n  and {len(faults) - len(shown)} more" if len(faults) > len(shown) else ""
    return f"{path} was not taken; it has {len(faults)} fault(s):{listed}{more}"
