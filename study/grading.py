"""The grader's queue as a CSV file that clinicians fill in, and back again: no author, humans' and models' lines mixed.

Each distinct diagnosis is in the queue once a case, whoever wrote it. A line that equals the truth after normalisation
is settled and not in it, unless judges were asked about it and disagreed. Nothing in the file hints at how near a line
is, how many wrote it, or what judges said of it.
"""

from __future__ import annotations

import csv
import hashlib
import io
import math
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scoring.grades import SCALES, Scale
from scoring.matching import match
from study.canonical import digest
from study.case import Diagnosis
from study.cells import guarded, unguarded
from study.database.wire import StudyError
from study.desk.staff import GradingQueue
from study.draws import Draws
from study.results import Key, settled_grades

COLUMNS = ("line_id", "case", "diagnosis", "line", "grade", "note")
GUESS = "guess"
GUESSES = ("human", "model", "unsure")
"""Who wrote a line, as a grader guesses: a clinician, a model, cannot tell."""
FORMAT = "readerstudy grades 1"
MAX_NOTE = 500
MAX_FAULTS = 40


class GradeFileError(StudyError):
    """The file was refused whole; the message lists every fault by row and column."""


@dataclass(frozen=True)
class QueueLine:
    """One diagnosis that waits for a grade; ``id`` tells nothing of who wrote it."""

    id: str
    case: str
    diagnosis: str
    line: str


@dataclass(frozen=True)
class Filled:
    """What came back: grades ready to be saved, on which scale, and how many lines were left without one."""

    scale: Scale
    grades: tuple[Mapping[str, Any], ...]
    blank: int


def scale_of(name: str) -> Scale:
    """The scale of that id; raises ``StudyError`` that lists the scales there are."""
    if name not in SCALES:
        raise StudyError(f"There is no scale {name!r}; choose {', '.join(SCALES)}.")
    return SCALES[name]


def waiting(
    queue: GradingQueue, study: str, scale: Scale, seed: int = 0, regrade: bool = False, share: float = 1.0
) -> list[QueueLine]:
    """The lines that no grade settles on this scale, case by case, cases and lines within a case in an order drawn by
    seed.

    ``regrade`` gives those that are settled by a grade, too: all of them, or a ``share`` of them drawn by seed.
    """
    settled = settled_grades(queue.grades, scale)
    done = {key for key, own in settled.items() if own.grade is not None}
    again = set(drawn(done, share, "regrade", study, scale.id, seed)) if regrade else set()
    groups: dict[str, list[QueueLine]] = {}
    for (case, normal), line in sorted(distinct(queue, settled).items()):
        if (case, normal) not in done or (case, normal) in again:
            name = Diagnosis.model_validate(queue.cases[case]).name
            groups.setdefault(case, []).append(QueueLine(_id(study, scale, case, normal), case, name, line))
    order = Draws("grading", study, scale.id, seed).shuffled(sorted(groups))
    return [line for case in order for line in Draws("grading", study, case, seed).shuffled(groups[case])]


def drawn(keys: Iterable[Key], share: float, *named: object) -> list[Key]:
    """So large a share of the keys, at least one, the same each time: further keys change it little."""
    ordered = sorted(keys, key=lambda key: digest([*map(str, named), *key]))
    return ordered[: min(len(ordered), math.ceil(len(ordered) * share - 1e-9))]


def written(lines: Iterable[QueueLine], study: str, scale: Scale, guess: bool = False) -> str:
    """The file's text: the scale with its anchors above, then one row a line with an empty grade.

    With ``guess`` it has a column for who wrote the line, too.
    """
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["#", FORMAT, study])
    out.writerow(["# scale", scale.id, scale.version, scale.title])
    out.writerow(["# details", scale.subtype])
    out.writerows(["# level", level.grade, level.anchor] for level in scale.levels)
    out.writerow(["# fill in", "the column grade, and note if you like; leave everything else as it is"])
    if guess:
        out.writerow(["# who wrote this line?", "the column guess, if you like", *GUESSES])
    out.writerow([*COLUMNS, *([GUESS] if guess else [])])
    for line in lines:
        out.writerow([line.id, *map(guarded, (line.case, line.diagnosis, line.line)), "", "", *([""] if guess else [])])
    return "\ufeff" + text.getvalue()


def read(path: Path, queue: GradingQueue, study: str, source: str = "human") -> Filled:
    """The grades of a file that came back; raises ``GradeFileError`` with every fault, and then takes nothing."""
    rows = _rows(path)
    scale = _scale(rows, study, path)
    lines = distinct(queue, settled_grades(queue.grades, scale))
    known = {_id(study, scale, case, normal): (case, line) for (case, normal), line in lines.items()}
    start, places = _header(rows, path)
    grades: list[Mapping[str, Any]] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    blank = 0
    for number, row in enumerate(rows[start:], start=start + 1):
        cells = {name: unguarded(row[place].strip()) if place < len(row) else "" for name, place in places.items()}
        if not any(cells.values()):
            continue
        faults += [f"row {number}, column {fault}" for fault in _row_faults(cells, known, seen, number, scale)]
        if cells["grade"] == "":
            blank += 1
        elif not faults:
            case, line = known[cells["line_id"]]
            grade = {"case": case, "line": line, "scale": scale.id, "version": scale.version}
            more = {name: cells[name] for name in ("note", GUESS) if cells.get(name)}
            grades.append({**grade, "grade": int(cells["grade"]), "source": source, "note": None, **more})
    if faults:
        left = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise GradeFileError("\n".join([f"{path} was refused whole:", *faults[:MAX_FAULTS], *left]))
    return Filled(scale, tuple(grades), blank)


def distinct(queue: GradingQueue, judged: Container[Key] = (), everything: bool = False) -> dict[Key, str]:
    """One wording for each case and normal form that is to be graded: the shortest, then by alphabet.

    Lines that the program is sure of are among them only where they are ``judged``, or with ``everything``; such that
    name no diagnosis never are.
    """
    found: dict[Key, str] = {}
    for entry in queue.lines:
        diagnosis = Diagnosis.model_validate(queue.cases[entry.case])
        for line in match([entry.line], diagnosis).lines:
            key = (entry.case, line.normal)
            if line.grade is None or (line.grade and everything) or key in judged:
                kept = found.get(key)
                if kept is None or (len(line.text), line.text) < (len(kept), kept):
                    found[key] = line.text
    return found


def _id(study: str, scale: Scale, case: str, normal: str) -> str:
    """Opaque, the same each time, and nothing that a spreadsheet takes for a number."""
    words = "\n".join([FORMAT, study, scale.id, scale.version, case, normal])
    return "L" + hashlib.sha256(words.encode("utf-8")).hexdigest()[:12]


def _rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file, whichever separator the spreadsheet that saved it prefers."""
    try:
        raw = path.read_bytes()
        text = raw.decode("utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig")
    except OSError as fault:
        raise GradeFileError(f"{path} cannot be read ({fault.strerror}).") from None
    except UnicodeDecodeError:
        raise GradeFileError(f"{path} is not in UTF-8. Save it as 'CSV UTF-8' and try again.") from None
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _scale(rows: Sequence[Sequence[str]], study: str, path: Path) -> Scale:
    """The scale that the rows above the header name; raises where they are gone or speak of something else."""
    above = {row[0].strip(): [cell.strip() for cell in row[1:]] for row in rows if row and row[0].startswith("#")}
    named = above.get("# scale", [])
    if above.get("#", [])[:2] != [FORMAT, study] or len(named) < 2:
        raise GradeFileError(
            f"{path} is not a grading file of the study {study!r}, or the rows above its header were changed. "
            f"Make a new one with `readerstudy grade --study {study} --to FILE` and copy the grades over."
        )
    scale = SCALES.get(named[0])
    if scale is None or scale.version != named[1]:
        raise GradeFileError(f"{path} uses the scale {named[0]!r} version {named[1]!r}, which is not known here.")
    return scale


def _header(rows: Sequence[Sequence[str]], path: Path) -> tuple[int, dict[str, int]]:
    """Where the first row of lines is, and where each column."""
    for number, row in enumerate(rows):
        names = [cell.strip() for cell in row]
        if "line_id" in names:
            missing = [name for name in COLUMNS[:-1] if name not in names]
            known = (*COLUMNS, GUESS)
            if missing:
                raise GradeFileError(f"{path}, row {number + 1}: the column {', '.join(missing)} is missing.")
            return number + 1, {name: names.index(name) for name in known if name in names}
    raise GradeFileError(f"{path} has no row of column names ({', '.join(COLUMNS)}).")


def _row_faults(
    cells: Mapping[str, str], known: Mapping[str, tuple[str, str]], seen: dict[str, int], number: int, scale: Scale
) -> Iterator[str]:
    """What is wrong in one row, each fault with its column before it."""
    name = cells["line_id"]
    if name not in known:
        yield f"line_id: {name!r} is not a line of this study's queue on this scale"
    else:
        case, line = known[name]
        for column, was in (("case", case), ("line", line.strip())):
            if cells[column] != was:
                yield f"{column}: the text was changed from {was!r} to {cells[column]!r}"
    if name in seen:
        yield f"line_id: {name!r} stands in row {seen[name]} already"
    seen.setdefault(name, number)
    if cells["grade"] and cells["grade"] not in map(str, scale.grades):
        levels = ", ".join(map(str, scale.grades))
        yield f"grade: {cells['grade']!r} is not a level of {scale.id}; its levels are {levels}"
    if len(cells.get("note", "")) > MAX_NOTE:
        yield f"note: it has more than {MAX_NOTE} characters"
    if cells.get(GUESS) and cells[GUESS] not in GUESSES:
        yield f"guess: {cells[GUESS]!r} is none of {', '.join(GUESSES)}"
    if cells.get(GUESS) and not cells["grade"]:
        yield "guess: it is kept with a grade, and the row has none"
