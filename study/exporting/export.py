"""A study to a folder: tables as CSV and Parquet, their data dictionary, and a manifest that seals every file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from study.chain import Event, stamp
from study.database.migrations import migrations
from study.database.wire import StudyError, Wire
from study.exporting import rows, source
from study.exporting.columns import MISSING, Column
from study.exporting.columns import tables as table_columns
from study.exporting.files import TableFiles, Written, written
from study.exporting.folder import check_target, whole
from study.exporting.source import Head, Tables
from study.projection import StoredReading

Progress = Callable[[int, int], None]
TOGETHER = 40
CSV_RULES = (
    "UTF-8 with byte-order mark, texts quoted as in RFC 4180, lines end in LF. A text that begins with = + - @, a tab "
    "or a carriage return stands after an apostrophe, so that no spreadsheet runs it as a formula; the Parquet files "
    "hold it as it was. Times are UTC. Yes/no columns hold yes and no."
)


@dataclass(frozen=True)
class Exported:
    """What an export wrote, and where."""

    folder: Path
    study: str
    files: tuple[Written, ...]
    watermarked: bool
    unblinded: bool


def export(wire: Wire, study: str, to: Path, progress: Progress | None = None) -> Exported:
    """Write the study's export into the folder ``to``, which must not exist or be empty; all of it or nothing.

    The heads of all readings are taken first, and noted in the study's chain. Raises ``StudyError`` for a folder that
    cannot be used, ``Refused`` where the caller does not coordinate the study.
    """
    check_target(to)
    heads = source.take_heads(wire, study)
    found = source.tables(wire, study)
    with whole(to) as folder:
        files = _write_tables(wire, found, heads, folder, progress)
        files += _write_dictionary(found, folder)
        if _unblinded(found):
            files.append(_write_study(found, folder))
        _write_manifest(found, heads, files, folder)
    return Exported(to, found.study.slug, tuple(files), found.study.watermarked, _unblinded(found))


def longest_list(found: Tables) -> int:
    """How many lines of a differential count at most, over all scripts; 1 where none is asked."""
    return max((step.get("cap") or 1 for script in found.scripts.values() for step in script["steps"]), default=1)


def _write_tables(
    wire: Wire, found: Tables, heads: Sequence[Head], folder: Path, progress: Progress | None
) -> list[Written]:
    """Every table; readings come with their events a few at a time, so that memory does not grow with the study."""
    unblinded, cap, software = _unblinded(found), longest_list(found), version("readerstudy")
    counts = {head.reading: head.count for head in heads}
    total, done = sum(counts.values()), 0
    columns = table_columns(cap, unblinded, found.advised)
    with ExitStack() as stack:
        files = {name: stack.enter_context(TableFiles(folder, name, columns[name])) for name in columns}
        for stored, events, telemetry in _readings(wire, found.study.study, counts):
            one = rows.reading(found, stored, events, telemetry)
            _add(files["events"], rows.event_rows(one))
            _add(files["answers"], rows.answer_rows(found, one, cap, software))
            _add(files["stages"], rows.stage_rows(found, one))
            if found.advised:
                _add(files["advice"], rows.advice_rows(found, one, cap))
            files["readings"].add(rows.reading_row(found, one, unblinded))
            if unblinded:
                _add(files["telemetry"], rows.telemetry_rows(telemetry))
            done += len(events)
            if progress:
                progress(done, total)
        _check_all(files["readings"].rows, len(counts), done, total)
        _add(files["readers"], rows.reader_rows(found))
        if unblinded:
            _add(files["cases"], rows.case_rows(found))
            _add(files["truth"], rows.truth_rows(found))
            _add(files["grades"], rows.grade_rows(found, source.grades(wire, found.study.study)))
            _add(files["calls"], rows.call_rows(found, source.calls(wire, found.study.study)))
            _add(files["chain"], rows.chain_rows(source.acts(wire, found.study.study, found.study.count)))
    return [one for table in files.values() for one in table.written()]


def _check_all(readings: int, noted: int, events: int, counted: int) -> None:
    """Raise where rows that the heads count did not come: an export with a gap is none."""
    if (readings, events) != (noted, counted):
        raise StudyError(
            f"The heads name {noted} readings with {counted} events; the record gave {readings} with {events}. "
            "Nothing was written. Run `readerstudy verify`, which names what is gone."
        )


def _readings(
    wire: Wire, study: str, counts: Mapping[str, int]
) -> Iterator[tuple[StoredReading, list[Event], list[dict[str, Any]]]]:
    """Each reading that the heads name, with its events and what the browser measured, a few readings at a time."""
    for chunk in source.stored_readings(wire, study):
        named = [stored for stored in chunk if stored.reading in counts]
        for start in range(0, len(named), TOGETHER):
            group = {stored.reading: stored for stored in named[start : start + TOGETHER]}
            measured: dict[str, list[dict[str, Any]]] = {name: [] for name in group}
            for row in source.telemetry(wire, study, [name for name in group if counts[name]]):
                measured[row["reading"]].append(row)
            for name, events in source.readings_events(wire, study, {name: counts[name] for name in group}):
                yield group[name], events, measured[name]


def _add(table: TableFiles, found: Iterator[rows.Row]) -> None:
    for row in found:
        table.add(row)


def _write_dictionary(found: Tables, folder: Path) -> list[Written]:
    """Every column of every table, as a table and as JSON."""
    columns = table_columns(longest_list(found), _unblinded(found), found.advised)
    entries = [(name, column) for name, group in columns.items() for column in group]
    with TableFiles(folder, "dictionary", DICTIONARY) as table:
        for name, column in entries:
            table.add({"table": name, "column": column.name, "kind": column.kind, "meaning": column.meaning})
    path = folder / "dictionary.json"
    described = {name: [asdict(column) for column in group] for name, group in columns.items()}
    path.write_text(json.dumps({"tables": described, "missing": MISSING}, ensure_ascii=False, indent=2), "utf-8")
    return [*table.written(), written(path, len(entries))]


def _write_study(found: Tables, folder: Path) -> Written:
    """What the study was set up with: protocol, texts, scripts and declarations, and the dates of its acts."""
    study = found.study.model_dump(mode="json", exclude={"head", "count", "now"})
    told = {**study, "schema": migrations()[-1].version, "scripts": found.scripts}
    path = folder / "study.json"
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
    return written(path, 1)


DICTIONARY = (
    Column("table", "text", "Name of the table: its files have this name."),
    Column("column", "text", "Name of the column."),
    Column("kind", "text", "Kind of its values: text, whole, number, yes/no, time or json."),
    Column("meaning", "text", "What its values mean."),
)


def _write_manifest(found: Tables, heads: Sequence[Head], files: Sequence[Written], folder: Path) -> None:
    study = found.study
    manifest: Mapping[str, object] = {
        "format": "readerstudy-export-1",
        "study": {"id": study.study, "slug": study.slug, "title": study.title, "state": study.state},
        "created_at": stamp(study.now),
        "software": {"readerstudy": version("readerstudy")},
        "synthetic": study.synthetic,
        "watermarked": study.watermarked,
        "note": _note(found),
        "unblinded": _unblinded(found),
        "protocol": study.protocol_hash,
        "frozen": study.frozen_hash,
        "csv": CSV_RULES,
        "files": [asdict(one) for one in files],
        "study_chain": {"head": study.head, "count": study.count},
        "heads": [asdict(head) for head in heads],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, ensure_ascii=False, indent=1), "utf-8")


def _note(found: Tables) -> str:
    """What a reader of the files must know before any number."""
    told = []
    if found.study.synthetic:
        told.append("Synthetic cases: not patients.")
    if found.study.watermarked:
        told.append("Demonstration: readers were told after each reading how they did. Not for analysis.")
    if not _unblinded(found):
        told.append("Not unblinded: no diagnosis, right option or grade is in these files.")
    return " ".join(told)


def _unblinded(found: Tables) -> bool:
    return found.study.state == "unblinded"
