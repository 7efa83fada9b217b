"""Bundle files as YAML that people like to read: fields in their own order, long text as blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from . import bundle_yaml

_Base: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _Dumper(_Base):  # type: ignore[misc]
    pass


def _text(dumper: Any, value: str) -> Any:
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if "\n" in value else None)


_Dumper.add_representer(str, _text)


def dump(data: Mapping[str, Any] | Sequence[Any]) -> str:
    """The data as YAML text that ends with a newline."""
    return str(yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110))


def with_options(text: str, options: Sequence[Mapping[str, Any]]) -> str:
    """A case file's text with these options at its end; every other character stays as its author wrote it.

    Raises ValueError where the file has options already: they are never written over.
    """
    data = bundle_yaml.parse(text).data
    if not isinstance(data, dict) or data.get("options"):
        raise ValueError("the case file already has options")
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if not line.startswith("options:")] if "options" in data else lines
    body = "".join(kept)
    if body and not body.endswith("\n"):
        body += "\n"
    written = body + dump({"options": [dict(option) for option in options]})
    if bundle_yaml.parse(written).data != {**data, "options": [dict(option) for option in options]}:
        raise ValueError("the case file is laid out so that options cannot be added without rewriting it")
    return written
