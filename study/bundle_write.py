"""Bundle files as YAML that people like to read: fields in their own order, long text as blocks."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml

from . import bundle_yaml
from .case import Case
from .database.wire import StudyError

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


def with_lists(text: str, lists: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """A case file's text with these lists of fields at its end, in the place of those of that name.

    Every other character stays as its author wrote it; a list without entries is taken away. Raises ValueError where
    the file is laid out so that this cannot be done.
    """
    told = {name: [dict(entry) for entry in entries] for name, entries in lists.items() if entries}
    body = "".join(_without(text.splitlines(keepends=True), lists))
    if body and not body.endswith("\n"):
        body += "\n"
    written = body + (dump(told) if told else "")
    data = bundle_yaml.parse(text).data
    others = {name: value for name, value in data.items() if name not in lists} if isinstance(data, dict) else {}
    if bundle_yaml.parse(written).data != others | told:
        raise ValueError(f"the case file is laid out so that {', '.join(lists)} cannot be changed without rewriting it")
    return written


def lists_of(case: Case) -> dict[str, list[dict[str, Any]]]:
    """A case's options and those that were rejected, as its file has them."""
    plain = {"mode": "json", "exclude_defaults": True}
    listed = {"options": case.options, "rejected": case.rejected}
    return {name: [one.model_dump(**plain) for one in own] for name, own in listed.items()}  # type: ignore[arg-type]


def write_lists(path: Path, lists: Mapping[str, Mapping[str, Sequence[Mapping[str, Any]]]]) -> None:
    """Put lists of fields into the case files of a bundle, by key; all of them, or none at all.

    Raises ``StudyError`` where that cannot be done.
    """
    texts: dict[Path, str] = {}
    for key, own in lists.items():
        file = path / "cases" / key / "case.yaml"
        try:
            texts[file] = with_lists(file.read_text(encoding="utf-8"), own)
        except ValueError as error:
            raise StudyError(f"{file}: {error}; nothing was written.") from None
    try:
        write_all(texts)
    except OSError as error:
        raise StudyError(f"{error.filename} cannot be written ({error.strerror}); nothing was written.") from None


def write_all(texts: Mapping[Path, str]) -> None:
    """Write these files: each one whole, and none before all of them are on the disk under another name.

    Raises ``OSError`` where one cannot be written; then none was.
    """
    fresh = {file: file.with_name(f".{file.name}.new") for file in texts}
    try:
        for file, text in texts.items():
            with fresh[file].open("w", encoding="utf-8", newline="") as written:
                written.write(text)
                written.flush()
                os.fsync(written.fileno())
    except OSError:
        for path in fresh.values():
            with suppress(OSError):
                path.unlink(missing_ok=True)
        raise
    for file, path in fresh.items():
        os.replace(path, file)


def _without(lines: Sequence[str], names: Iterable[str]) -> Iterator[str]:
    """The lines less the blocks of these fields; comments that stand before the next field are kept."""
    starts, held, within = tuple(f"{name}:" for name in names), list[str](), False
    for line in lines:
        if line.startswith(starts):
            within, held = True, []
        elif within and re.match(r"[^\s#-]", line):
            yield from held
            within = False
        elif within:
            held = [*held, line] if line.startswith("#") or not line.strip() else []
        if not within:
            yield line
    yield from held if within else ()
