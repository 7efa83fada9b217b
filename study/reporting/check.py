"""Whether a report says what its export gives: everything is derived again, and what differs is named."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser
from importlib import resources
from importlib.metadata import version
from pathlib import Path
from typing import Any, ClassVar

from study.audit import Audit, Progress, audit
from study.chain import Fault
from study.database.wire import StudyError
from study.reporting.compose import composed
from study.reporting.markdown import FIGURES, lines
from study.reporting.page import page
from study.reporting.parts import Number, Report
from study.reporting.source import source
from study.reporting.write import EXPORT, NUMBERS, PAGE, SCRIPT, TEXT

_DATA = re.compile(r"<data [^>]*>[^<]*</data>")
UNCHECKED = "words: only digits are compared, for the text may be edited"
_DIGITS = re.compile(r"<?-?\.?\d[\d.,]*")


@dataclass(frozen=True)
class Checked(Audit):
    """What was derived again, what differs from it, and what nobody can tell."""

    SENTENCE: ClassVar[str] = "report of {study}: {told} derived again; {ending}"


def check(folder: Path, progress: Progress | None = None) -> Checked:
    """Derive the report in the folder from the export in it; raises ``StudyError`` where the folder holds none."""
    _whole_report(folder)
    told = _read_numbers(folder)
    sealed = audit(folder / EXPORT, None, progress)
    faults = [Fault(f"export: {one.where}", one.what) for one in sealed.faults]
    if any(fault.where.startswith("export: file ") for fault in faults):
        # What does not carry its seal is not computed with.
        return Checked(sealed.study, {"numbers": 0}, tuple(faults), ())
    made = composed(source(folder / EXPORT), progress) if progress else composed(source(folder / EXPORT))
    expected = {one.id: one for one in made.numbers()}
    for found in (_numbers(told, expected, folder), _page(folder, made, expected), _text(folder, made)):
        faults += found
    faults += [*_figures(folder, made), *_script(folder)]
    counted = {"numbers": len(expected), "figures": len(made.figures())}
    return Checked(sealed.study, counted, tuple(faults), (UNCHECKED,))


def _whole_report(folder: Path) -> None:
    gone = [name for name in (PAGE, TEXT, NUMBERS, EXPORT) if not (folder / name).exists()]
    if gone:
        raise StudyError(f"{folder} is no report: it lacks {', '.join(gone)}. Name the folder that `report` wrote.")


def _read_numbers(folder: Path) -> dict[str, Any]:
    try:
        told = json.loads((folder / NUMBERS).read_text("utf-8"))
        assert isinstance(told["numbers"], dict)
    except (ValueError, KeyError, TypeError, AssertionError):
        raise StudyError(f"{folder / NUMBERS} is not what `report` writes there. Write the report again.") from None
    wrote = (told.get("software") or {}).get("readerstudy")
    if wrote != version("readerstudy"):
        raise StudyError(
            f"{folder} was written by readerstudy {wrote}, and this is {version('readerstudy')}, which may compute and "
            f"word it in another way. Check it with readerstudy {wrote}."
        )
    return dict(told)


def _numbers(told: Mapping[str, Any], expected: Mapping[str, Number], folder: Path) -> Iterator[Fault]:
    seal = hashlib.sha256((folder / EXPORT / "manifest.json").read_bytes()).hexdigest()
    if told.get("manifest_sha256") != seal:
        yield Fault(f"{NUMBERS}: manifest_sha256", "it is not the hash of the export's manifest")
    for name in sorted(told["numbers"].keys() | expected.keys()):
        stated, number = told["numbers"].get(name), expected.get(name)
        if number is None:
            yield Fault(f"{NUMBERS}: {name}", "the export gives no such number")
        elif not isinstance(stated, dict):
            yield Fault(f"{NUMBERS}: {name}", "it is not there")
        else:
            yield from _differs(f"{NUMBERS}: {name}", stated.get("value"), stated.get("shown"), number)


def _differs(where: str, value: Any, shown: Any, number: Number) -> Iterator[Fault]:
    same = isinstance(value, int | float) and math.isclose(value, number.value, rel_tol=1e-9, abs_tol=1e-12)
    if not same:
        yield Fault(where, f"its value is {value!r}, the export gives {number.value!r}")
    if shown != number.shown:
        yield Fault(where, f"it is shown as {shown!r}, the export gives {number.shown!r}")


Quote = tuple[str, str, str, int]


class _Quoted(HTMLParser):
    """The numbers of a page: id, value and what is shown, and on which line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Quote] = []
        self._open: tuple[str, str, int] | None = None
        self._shown = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a number."""
        if tag == "data":
            told = dict(attrs)
            self._open, self._shown = (told.get("data-number") or "", told.get("value") or "", self.getpos()[0]), ""

    def handle_data(self, data: str) -> None:
        """Take what is shown."""
        self._shown += data

    def handle_endtag(self, tag: str) -> None:
        """End a number."""
        if tag == "data" and self._open is not None:
            name, value, at = self._open
            self.found.append((name, value, self._shown, at))
            self._open = None


def _page(folder: Path, made: Report, expected: Mapping[str, Number]) -> Iterator[Fault]:
    """Each number of the page by its id; then every other digit, line by line."""
    stated, wanted = (folder / PAGE).read_text("utf-8"), page(made)
    quoted = _quoted(stated)
    for name, value, shown, at in quoted:
        number = expected.get(name)
        where = f"{PAGE} line {at}: {name}"
        if number is None:
            yield Fault(where, "the export gives no such number")
        else:
            yield from _differs(where, _parsed(value), shown, number)
    for name in sorted(expected.keys() - {one[0] for one in quoted}):
        yield Fault(f"{PAGE}: {name}", "it is not there")
    yield from _misplaced(quoted, _quoted(wanted))
    bare = (_DATA.sub("", stated).splitlines(), _DATA.sub("", wanted).splitlines())
    yield from _changed(PAGE, *bare, {})


def _quoted(text: str) -> list[Quote]:
    parser = _Quoted()
    parser.feed(text)
    return parser.found


def _misplaced(stated: list[Quote], wanted: list[Quote]) -> Iterator[Fault]:
    """The first number that stands where another belongs, or once too often: true by its id, false by its place."""
    meant = [one[0] for one in wanted] + ["no number"] * len(stated)
    for (name, _, _, at), own in zip(stated, meant, strict=False):
        if name != own:
            yield Fault(f"{PAGE} line {at}: {name}", f"it stands where the export has {own}")
            return


def _parsed(value: str) -> float | str:
    try:
        return float(value)
    except ValueError:
        return value


def _text(folder: Path, made: Report) -> Iterator[Fault]:
    wanted = lines(made)
    stated = (folder / TEXT).read_text("utf-8").splitlines()
    yield from _changed(TEXT, stated, [line for line, _ in wanted], dict(enumerate(own for _, own in wanted)))


def _changed(
    name: str, stated: list[str], wanted: list[str], numbers: Mapping[int, tuple[Number, ...]]
) -> Iterator[Fault]:
    """Every line in which digits differ; words alone may be changed by whoever edits a report."""
    for tag, a, b, c, d in SequenceMatcher(None, stated, wanted, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        for place in range(max(b - a, d - c)):
            said = stated[a + place] if a + place < b else ""
            meant = wanted[c + place] if c + place < d else ""
            if _DIGITS.findall(said) != _DIGITS.findall(meant):
                at = f"{name} line {min(a + place, len(stated) - 1) + 1}"
                yield _line_fault(at, said, meant, numbers.get(c + place, ()))


def _line_fault(at: str, said: str, meant: str, numbers: tuple[Number, ...]) -> Fault:
    changed, place = [], 0
    for number in numbers:
        found = said.find(number.shown, place)
        if found < 0:
            changed.append(number)
        else:
            place = found + len(number.shown)
    if changed:
        named = ", ".join(f"{one.id} (the export gives {one.shown})" for one in changed[:5])
        return Fault(at, f"it does not show {named}: {said[:160]!r}")
    if not meant:
        return Fault(at, f"the export gives no such line: {said[:160]!r}")
    return Fault(at, f"it says {said[:160]!r}, the export gives {meant[:160]!r}")


def _figures(folder: Path, made: Report) -> Iterator[Fault]:
    drawn = {f"{one.name}.svg": one.svg for one in made.figures()}
    for name, svg in drawn.items():
        path = folder / FIGURES / name
        if not path.is_file():
            yield Fault(f"{FIGURES}/{name}", "it is not there")
        elif path.read_text("utf-8") != svg:
            yield Fault(f"{FIGURES}/{name}", "it is not the drawing that the export gives")


def _script(folder: Path) -> Iterator[Fault]:
    template = (resources.files("study") / "reporting" / "analysis_template.py").read_text("utf-8")
    script = folder / SCRIPT
    if not script.is_file():
        yield Fault(SCRIPT, "it is not there")
    elif script.read_text("utf-8") != template:
        yield Fault(SCRIPT, "it is not the script that `report` writes; an analysis of your own has a name of its own")
