"""A clinician's review of distractors: each is accepted, edited or rejected, with the blocks that rule it out.

What was decided is written into the case files with who decided and when; a rejected option leaves the options and is
kept among the ``rejected``, so that it is not proposed again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal, get_args

from . import wording
from .bundle_write import lists_of, write_lists
from .case import APPROVED as APPROVED
from .case import Case, Option, Reviewed
from .database.wire import StudyError

Verdict = Literal["accept", "edit", "reject"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True)
class Decision:
    """What a clinician decided about one distractor, named by its wording; ``text`` is the new one where edited."""

    case: str
    option: str
    verdict: Verdict
    by: str
    on: date
    ruled_out_by: tuple[str, ...] = ()
    reason: str | None = None
    text: str | None = None


def waiting(cases: Sequence[Case]) -> list[tuple[Case, Option]]:
    """The distractors that no clinician has reviewed, each with its case."""
    return [(case, option) for case in cases for option in case.distractors if option.review not in APPROVED]


def faults(cases: Sequence[Case], decisions: Sequence[Decision]) -> list[tuple[int, str]]:
    """What is wrong with these decisions, each with the number of the decision, from 0."""
    by_key, seen = {case.key: case for case in cases}, set[tuple[str, str]]()
    found: list[tuple[int, str]] = []
    for number, one in enumerate(decisions):
        if (one.case, one.option) in seen:
            found.append((number, f"{one.option!r} is decided twice"))
        seen.add((one.case, one.option))
        case = by_key.get(one.case)
        said = [f"there is no case {one.case!r}"] if case is None else list(_of_one(case, one))
        found += [(number, message) for message in said]
    return found or _wordings(by_key, decisions)


def decided(cases: Sequence[Case], decisions: Sequence[Decision]) -> list[Case]:
    """The cases that these decisions change, changed; raises ``StudyError`` with every fault."""
    wrong = faults(cases, decisions)
    if wrong:
        raise StudyError("\n".join(f"{decisions[n].case}: {message}." for n, message in wrong))
    return list(_changed({case.key: case for case in cases}, decisions).values())


def write(path: Path, cases: Sequence[Case], decisions: Sequence[Decision]) -> int:
    """Write the decisions into the bundle's case files, all of them or none; how many cases changed.

    Raises ``StudyError`` with every fault, and where a file cannot be written.
    """
    changed = decided(cases, decisions)
    write_lists(path, {case.key: lists_of(case) for case in changed})
    return len(changed)


def _of_one(case: Case, one: Decision) -> Iterator[str]:
    if not one.by.strip():
        yield f"nobody is named who decided about {one.option!r}"
    if _done(case, one):
        return
    if not any(option.text == one.option for option in case.distractors):
        there = ", ".join(repr(option.text) for option in case.distractors) or "none"
        yield f"{one.option!r} is no distractor here; there are: {there}"
    ids = [block.id for block in case.evidence]
    unknown = [block for block in one.ruled_out_by if block not in ids]
    if unknown:
        yield f"{', '.join(unknown)} is no block of the case; there are {', '.join(ids)}"
    if one.verdict != "reject" and not one.ruled_out_by:
        yield f"no block is named that rules {one.option!r} out"
    if one.verdict == "edit":
        yield from _new_wording(case, one)
    elif one.text and one.text != one.option:
        yield f"a new wording is given for {one.option!r}, which is not to be edited"


def _new_wording(case: Case, one: Decision) -> Iterator[str]:
    if not one.text or one.text == one.option:
        yield f"no new wording is given for {one.option!r}, which is to be edited"
    elif wording.variant(one.text, case.diagnosis) == "same":
        yield f"the new wording {one.text!r} means the diagnosis"


def _wordings(cases: Mapping[str, Case], decisions: Sequence[Decision]) -> list[tuple[int, str]]:
    """Edited wordings that say the same as another option of the case does now."""
    found = []
    changed = _changed(cases, decisions)
    for number, one in enumerate(decisions):
        if one.verdict == "edit" and one.case in changed:
            others = [option.text for option in changed[one.case].options]
            if sum(wording.alike(str(one.text), other) for other in others) > 1:
                found.append((number, f"the new wording {one.text!r} says the same as another option"))
    return found


def _changed(cases: Mapping[str, Case], decisions: Sequence[Decision]) -> dict[str, Case]:
    changed: dict[str, Case] = {}
    for one in decisions:
        case = changed.get(one.case, cases[one.case])
        if not _done(case, one):
            changed[one.case] = _with(case, one)
    return changed


def _with(case: Case, one: Decision) -> Case:
    options, rejected = list(case.options), list(case.rejected)
    place = next(n for n, option in enumerate(options) if option.text == one.option and not option.right)
    after = _reviewed(options[place], one)
    if one.verdict == "reject":
        rejected.append(after)
        del options[place]
        if len(options) == 1:
            options = []  # the right one alone is no choice; others are to be drawn
    else:
        options[place] = after
    return case.model_copy(update={"options": tuple(options), "rejected": tuple(rejected)})


def _reviewed(option: Option, one: Decision) -> Option:
    edited = one.verdict == "edit"
    told = {
        "review": {"accept": "accepted", "edit": "edited", "reject": "rejected"}[one.verdict],
        "text": one.text if edited else option.text,
        "ruled_out_by": one.ruled_out_by or option.ruled_out_by,
        "reason": one.reason or option.reason,
        "reviewed": Reviewed(by=one.by, on=one.on, was=option.text if edited else None),
    }
    return option.model_copy(update=told)


def _done(case: Case, one: Decision) -> bool:
    """Whether the case has this very decision already, so that a list may be read in again."""
    if one.verdict == "reject":
        return any(option.text == one.option and option.reviewed for option in case.rejected)
    for option in (option for option in case.distractors if option.reviewed and option.review in APPROVED):
        if one.verdict == "edit" and option.reviewed and (option.reviewed.was, option.text) == (one.option, one.text):
            return True
        if one.verdict == "accept" and option.text == one.option and option.ruled_out_by == one.ruled_out_by:
            return True
    return False
