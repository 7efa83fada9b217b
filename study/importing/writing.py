"""A parsed source becomes a bundle on disk: whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .. import leaks
from ..bundle_wording import of_case
from ..bundle_write import dump
from ..case import Case
from .parsed import ImportRefused, Parsed, Progress, Refusal, faults_of


@dataclass(frozen=True)
class Imported:
    """What an import did. ``leaks`` maps a case's key to the fields that named its diagnosis, masked or not."""

    folder: Path
    cases: int
    types: Counter[str]
    left_out: tuple[Refusal, ...]
    leaks: dict[str, tuple[str, ...]]
    masked: bool
    no_options: int
    unspecified: int


def write(
    parsed: Parsed, into: Path, *, mask: bool = False, skip_invalid: bool = False, progress: Progress | None = None
) -> Imported:
    """Write the bundle into ``into``, which must be empty or new; raises :class:`ImportRefused` with every refusal."""
    if into.is_symlink() or (into.exists() and (not into.is_dir() or any(into.iterdir()))):
        raise ImportRefused(f"{into} is there and not an empty folder; give a new one")
    cases, refusals = _validated(parsed)
    if refusals and not skip_invalid:
        message = f"{len(refusals)} record(s) of {parsed.source} cannot become cases, so nothing was written"
        raise ImportRefused(f"{message}; correct them, or leave them out with --skip-invalid", refusals)
    if not cases:
        raise ImportRefused(f"no record of {parsed.source} can become a case, so nothing was written", refusals)
    found = {case.key: fields for case in cases if (fields := _leaking(case))}
    if mask:
        cases = [_masked(case) if case.key in found else case for case in cases]
    _write_whole(parsed, cases, into, progress)
    types = Counter(block.type for case in cases for block in case.evidence)
    bare = sum(not case.options for case in cases)
    unspecified = sum(case.specialty == "unspecified" for case in cases)
    return Imported(into, len(cases), Counter(types), refusals, found, mask, bare, unspecified)


def _validated(parsed: Parsed) -> tuple[list[Case], tuple[Refusal, ...]]:
    cases: list[Case] = []
    refusals = list(parsed.refusals)
    keys: dict[str, int] = {}
    for line, data in parsed.cases:
        try:
            case = Case.model_validate(data)
        except ValidationError as error:
            refusals.append(Refusal(line, faults_of(error)))
            continue
        faults = [message for level, _, _, message in of_case(case) if level == "fault"]
        if case.key in keys:
            faults.append(f"has the key {case.key!r} of line {keys[case.key]}")
        keys.setdefault(case.key, line)
        if faults:
            refusals.append(Refusal(line, "; ".join(faults)))
        else:
            cases.append(case)
    return cases, tuple(sorted(refusals, key=lambda refusal: refusal.line))


def _leaking(case: Case) -> tuple[str, ...]:
    wanted = leaks.names(case.diagnosis)
    blocks = {place: case.evidence[place].id for place in range(len(case.evidence))}
    found = [where for where, text in leaks.shown_texts(case) if leaks.find(text, wanted)]
    return tuple(f"{blocks[int(where[1])]}.{where[-1]}" if len(where) > 1 else str(where[0]) for where in found)


def _masked(case: Case) -> Case:
    wanted = leaks.names(case.diagnosis)
    blocks = []
    for block in case.evidence:
        hidden = {
            name: leaks.mask(text, wanted) for name in ("title", "text", "finding") if (text := getattr(block, name))
        }
        blocks.append(block.model_copy(update=hidden))
    return case.model_copy(update={"evidence": tuple(blocks)})


def _write_whole(parsed: Parsed, cases: list[Case], into: Path, progress: Progress | None) -> None:
    into.parent.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=f".{into.name}-", dir=into.parent))
    try:
        bundle = staging / "bundle"
        (bundle / "cases").mkdir(parents=True)
        (bundle / "study.yaml").write_text(dump(_plain(parsed.study)), encoding="utf-8")
        for done, case in enumerate(cases, start=1):
            folder = bundle / "cases" / case.key
            folder.mkdir()
            (folder / "case.yaml").write_text(dump(_plain(case)), encoding="utf-8")
            if progress:
                progress(done, len(cases))
        if into.exists():
            into.rmdir()
        bundle.rename(into)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _plain(model: Any) -> Mapping[str, Any]:
    dumped: dict[str, Any] = model.model_dump(mode="json", exclude_unset=True)
    return dumped
