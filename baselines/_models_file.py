"""``models.toml``: read whole, or refused whole with every fault by the model's name and the field."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from baselines._declaration import NO_KEY, Declared
from study.database import StudyError

_KEY_FIELDS = {"key", "api_key", "apikey", "token", "secret", "password", "authorization", "bearer", "headers"}
# What the makers of keys begin them with, at the beginning of a word: "risk-assessment" and "benchmark-large" are none.
_KEYS = re.compile(
    r"(?<![A-Za-z0-9])(?:(?:sk|gsk|xai|pk|rk)[-_][A-Za-z0-9_-]{8,}|hf_[A-Za-z0-9]{8,}|AIza[A-Za-z0-9_-]{20,})"
    r"|Bearer\s+\S+"
)
_SAID = {
    "missing": "is missing",
    "extra_forbidden": "is unknown; remove it",
    "string_pattern_mismatch": "is not written as such a name is; use letters, digits and . _ : / @ -",
    "literal_error": "is none of what can stand here: {expected}",
    "bool_type": "is true or false, without quotes",
    "bool_parsing": "is true or false, without quotes",
    "date_from_datetime_parsing": "is a day, such as 2025-06-30, without quotes",
}


class ModelsRefused(StudyError):
    """The file has faults; ``faults`` are all of them, each with the model's name and the field."""

    def __init__(self, path: Path, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(f"{path} is refused, {len(faults)} fault(s):\n" + "\n".join(faults))


def read(path: Path | str) -> list[Declared]:
    """The models that the file declares, in its order; raises ``ModelsRefused`` with every fault at once."""
    path = Path(path)
    entries, faults = _entries(path)
    found = [_declared(entry, number, path) for number, entry in enumerate(entries, 1)]
    models = [one for one in found if isinstance(one, Declared)]
    faults += [fault for one in found if not isinstance(one, Declared) for fault in one]
    names = Counter(entry["name"] for entry in entries if isinstance(entry.get("name"), str))
    faults += [f"{name}: name: is declared {times} times" for name, times in names.items() if times > 1]
    if faults:
        raise ModelsRefused(path, faults)
    return models


def _entries(path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelsRefused(path, ["there is no such file: write one after docs/models.example.toml"]) from None
    except (OSError, UnicodeDecodeError) as fault:
        raise ModelsRefused(path, [f"cannot be read ({fault})"]) from None
    except tomllib.TOMLDecodeError as fault:
        raise ModelsRefused(path, [f"is no TOML ({fault})"]) from None
    entries = data.pop("model", None)
    faults = [f"{name}: is unknown; a model begins with [[model]]" for name in data]
    if not entries or not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return [], [*faults, "no model is declared: each begins with [[model]]"]
    return entries, faults


def _declared(entry: dict[str, Any], number: int, path: Path) -> Declared | list[str]:
    name = entry["name"] if isinstance(entry.get("name"), str) else f"model {number}"
    keys = {field: f"{name}: {field}: {NO_KEY}" for field in _keys(entry)}
    try:
        declared = Declared.model_validate(entry)
    except ValidationError as error:
        told = [one for fault in error.errors(include_input=False) for one in _sentences(fault)]
        return [*keys.values(), *(f"{name}: {field}{words}" for field, words in told if field.rstrip(": ") not in keys)]
    if keys:
        return list(keys.values())
    if declared.answers is None:
        return declared
    return declared.model_copy(update={"answers": path.parent / declared.answers})


def _keys(part: Any, *above: str) -> Iterator[str]:
    """The fields that are named like a key, or hold what looks like one."""
    if isinstance(part, dict):
        for name, inner in part.items():
            if name.lower().replace("-", "_") in _KEY_FIELDS:
                yield ".".join((*above, name))
            else:
                yield from _keys(inner, *above, name)
    elif isinstance(part, list):
        for inner in part:
            yield from _keys(inner, *above)
    elif isinstance(part, str) and _KEYS.search(part):
        yield ".".join(above)


def _sentences(fault: Any) -> Iterator[tuple[str, str]]:
    """The field and the words of each fault in one of pydantic's; a check of the whole model may have found several."""
    field = ".".join(str(part) for part in fault["loc"])
    if fault["type"] in _SAID:
        yield f"{field}: ", _SAID[fault["type"]].format(**fault.get("ctx", {}))
        return
    for line in fault["msg"].removeprefix("Value error, ").split("\n"):
        yield (f"{field}: " if field else ""), line
