"""YAML with line numbers: what a bundle file says, and on which line each field stands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FieldPath = tuple[str | int, ...]
MAX_BYTES = 4_000_000
MAX_DEPTH = 40
_TOO_DEEP = "is nested too deeply to be a bundle file"
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class YamlFault:
    """One thing wrong with the YAML itself: where, and what."""

    field: FieldPath
    line: int | None
    message: str


@dataclass(frozen=True)
class Document:
    """A YAML file as data; ``lines`` maps each field to its 1-based line."""

    data: Any
    lines: dict[FieldPath, int]
    faults: tuple[YamlFault, ...]

    def line(self, field: FieldPath) -> int | None:
        """The line of the field, or of the nearest field around it; None where the file could not be parsed."""
        for length in range(len(field), -1, -1):
            if field[:length] in self.lines:
                return self.lines[field[:length]]
        return None


def read(path: Path) -> Document:
    """The file as data with lines; whatever is wrong with it as YAML is in ``faults``, never raised."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return _broken(f"cannot be read: {error.strerror}")
    if len(raw) > MAX_BYTES:
        return _broken(f"holds {len(raw):,} bytes; a bundle file has at most {MAX_BYTES:,}")
    try:
        return parse(raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return _broken(f"is not UTF-8 (byte {error.start}); save it as UTF-8", 1 + raw[: error.start].count(b"\n"))


def parse(text: str) -> Document:
    """The text as data with lines; duplicate keys, anchors and aliases are faults because readers overlook them."""
    loader = _Loader(text)
    try:
        if _deepest(text) > MAX_DEPTH:
            return _broken(_TOO_DEEP)
        node = loader.get_single_node()
        walk = _Walk(loader)
        data = walk.value(node, ()) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        return _broken(f"is not YAML: {error.problem or error.context}", mark.line + 1 if mark else None)
    except yaml.YAMLError as error:
        return _broken(f"is not YAML: {error}")
    except RecursionError:
        return _broken(_TOO_DEEP)
    finally:
        loader.dispose()
    return Document(data, walk.lines, tuple(walk.faults))


def _deepest(text: str) -> int:
    """How deep lists and fields lie in one another; composing a hostile depth would exhaust the C stack."""
    depth = deepest = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            deepest = max(deepest, depth)
            if deepest > MAX_DEPTH:
                break
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
    return deepest


def _broken(message: str, line: int | None = None) -> Document:
    return Document(None, {} if line is None else {(): line}, (YamlFault((), line, message),))


class _Walk:
    """Turns nodes into data; aliases are refused, so the walk is no longer than the file."""

    def __init__(self, loader: Any) -> None:
        self.loader = loader
        self.lines: dict[FieldPath, int] = {}
        self.faults: list[YamlFault] = []
        self._seen: set[int] = set()

    def value(self, node: yaml.Node, field: FieldPath) -> Any:
        self.lines.setdefault(field, node.start_mark.line + 1)
        if not isinstance(node, yaml.ScalarNode):
            if id(node) in self._seen:
                self._fault(node, field, "an alias (*name) stands here; write the value out")
                return None
            self._seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, field)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*field, index)) for index, item in enumerate(node.value)]
        return self._scalar(node, field)

    def _mapping(self, node: yaml.MappingNode, field: FieldPath) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value)
            if key in found:
                first = self.lines[(*field, key)]
                self._fault(key_node, (*field, key), f"the key {key!r} stands twice (first on line {first})")
                continue
            self.lines[(*field, key)] = key_node.start_mark.line + 1
            found[key] = self.value(value_node, (*field, key))
        return found

    def _scalar(self, node: yaml.Node, field: FieldPath) -> Any:
        try:
            return self.loader.construct_object(node, deep=True)
        except (yaml.YAMLError, ValueError) as error:
            reason = getattr(error, "problem", None) or str(error)
            self._fault(node, field, f"the value {str(node.value)[:60]!r} cannot be read: {reason}")
            return None

    def _fault(self, node: yaml.Node, field: FieldPath, message: str) -> None:
        self.faults.append(YamlFault(field, node.start_mark.line + 1, message))
