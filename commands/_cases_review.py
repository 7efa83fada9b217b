"""``readerstudy cases review``: the review list of a bundle's distractors, out to a clinician and in again."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from study import review, review_list
from study.bundle import Bundle
from study.database import StudyError


def out(found: Bundle, file: Path, everything: bool) -> None:
    """Write the list; a file that is there is not written over."""
    text = review_list.text(found.cases, everything)
    try:
        with file.open("x", encoding="utf-8-sig", newline="") as written:
            written.write(text)
    except FileExistsError:
        raise StudyError(f"{file} is there already; name another file, for decisions may be in it.") from None
    except OSError as fault:
        raise StudyError(f"{file} cannot be written ({fault.strerror}).") from None
    left = len(review.waiting(found.cases))
    Console(soft_wrap=True).print(f"{left} distractors wait for a review; the list is in {file}.", markup=False)


def take(found: Bundle, file: Path, by: str) -> None:
    """Read the list in: every decision, or none with each fault by its line."""
    try:
        content = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise StudyError(f"{file} cannot be read: {fault}.") from None
    try:
        decisions = review_list.read(content, found.cases, by)
    except review_list.ListRefused as refused:
        raise StudyError(f"{file} is refused, nothing was written:\n{refused}") from None
    changed = review.write(found.path, found.cases, decisions)
    console = Console(soft_wrap=True)
    counts = {name: sum(one.verdict == name for one in decisions) for name in review.VERDICTS}
    told = f"{counts['accept']} accepted, {counts['edit']} edited, {counts['reject']} rejected"
    console.print(f"{told}; {changed} case(s) changed.", markup=False)
    if counts["reject"]:
        console.print("Draw others in the place of the rejected: readerstudy cases options BUNDLE --model NAME.")
