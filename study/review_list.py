"""The review list as a CSV file: a line for each distractor, out to a clinician and in again, faults by their lines.

A text that a spreadsheet would run as a formula goes out after an apostrophe, which is taken away when it comes in.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from . import review
from .case import APPROVED, Case, Option
from .cells import guarded, unguarded
from .database.wire import StudyError

TOLD = ("case", "diagnosis", "option", "origin", "state", "blocks")
ASKED = ("decision", "new_wording", "ruled_out_by", "reason", "by", "on")
COLUMNS = TOLD + ASKED
_DECISIONS = {"accepted": "accept", "edited": "edit", "rejected": "reject"}


class ListRefused(StudyError):
    """The list has faults; the message names each by its line."""


def text(cases: Sequence[Case], everything: bool = False) -> str:
    """The list of what waits for a review; with ``everything`` also of what was decided, as it was."""
    file = io.StringIO()
    writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for case in cases:
        for option in (*case.distractors, *(case.rejected if everything else ())):
            if everything or option.review not in APPROVED:
                writer.writerow({name: guarded(cell) for name, cell in _row(case, option).items()})
    return file.getvalue()


def read(content: str, cases: Sequence[Case], by: str = "", today: date | None = None) -> list[review.Decision]:
    """The decisions of a list that was filled in; lines without a decision are passed over.

    ``by`` and ``today`` stand in where a line does not say. Raises ``ListRefused`` with every fault by its line.
    """
    reader = csv.DictReader(io.StringIO(content.removeprefix("\ufeff")))
    header = reader.fieldnames or []
    missing = [name for name in ("case", "option", *ASKED) if name not in header]
    if missing or set(header) - set(COLUMNS):
        unknown = [name for name in header if name not in COLUMNS]
        also = f"; it does not know {', '.join(unknown)}" if unknown else ""
        raise ListRefused(f"line 1: a review list has the columns {', '.join(COLUMNS)}{also}.")
    found: list[tuple[int, review.Decision]] = []
    faults: list[tuple[int, str]] = []
    for row in reader:
        line = reader.line_num
        try:
            decision = _decision(row, by, today or date.today())
        except ValueError as fault:
            faults.append((line, str(fault)))
        else:
            found += [(line, decision)] if decision else []
    decisions = [decision for _, decision in found]
    faults += [(found[number][0], message) for number, message in review.faults(cases, decisions)]
    if faults:
        raise ListRefused("\n".join(f"line {line}: {message}." for line, message in sorted(faults)))
    return decisions


def _row(case: Case, option: Option) -> dict[str, str]:
    edited = option.reviewed is not None and option.reviewed.was is not None
    return {
        "case": case.key,
        "diagnosis": case.diagnosis.name,
        "option": option.reviewed.was or "" if edited and option.reviewed else option.text,
        "origin": option.origin or "",
        "state": option.review,
        "blocks": "; ".join(block.id for block in case.evidence),
        "decision": _DECISIONS.get(option.review, "") if option.reviewed else "",
        "new_wording": option.text if edited else "",
        "ruled_out_by": "; ".join(option.ruled_out_by),
        "reason": option.reason or "",
        "by": option.reviewed.by if option.reviewed else "",
        "on": option.reviewed.on.isoformat() if option.reviewed else "",
    }


def _decision(row: Mapping[str | None, str | list[str] | None], by: str, today: date) -> review.Decision | None:
    if None in row:
        raise ValueError("has more cells than the first line")
    told = {str(name): unguarded((cell if isinstance(cell, str) else "").strip()) for name, cell in row.items()}
    if not told["decision"]:
        return None
    verdict = next((one for one in review.VERDICTS if one == told["decision"].lower()), None)
    if verdict is None:
        raise ValueError(f"the decision {told['decision']!r} is none of {', '.join(review.VERDICTS)}")
    return review.Decision(
        case=told["case"],
        option=told["option"],
        verdict=verdict,
        by=told["by"] or by,
        on=_day(told["on"]) if told["on"] else today,
        ruled_out_by=tuple(_parts(told["ruled_out_by"])),
        reason=told["reason"] or None,
        text=told["new_wording"] or None,
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"the day {text!r} is none; write it as 2026-03-31") from None


def _parts(text: str) -> Iterator[str]:
    return (part.strip() for part in text.replace(",", ";").split(";") if part.strip())
