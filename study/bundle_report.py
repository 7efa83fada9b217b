"""What a check of a case bundle found: faults, which refuse it, and warnings, which ask for a reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

FAULT_KINDS: dict[str, str] = {
    "folder": "the bundle's folders and files are not where they belong",
    "yaml": "a file is not readable YAML, or holds a key twice",
    "field": "a field is unknown, missing or has a wrong value",
    "key": "a key is used twice, or differs from its folder's name",
    "image": "an image is missing, lies outside its case, or does not decode",
    "identifying": "a file carries metadata that may identify a person",
    "permission": "a case that is not synthetic does not say what may be done with it",
    "deidentification": "an image of a case that is not synthetic does not say who de-identified it, when and how",
    "options": "the options do not hold exactly one right one, or a distractor means the same as another option",
    "reference": "a field names a block or a case that does not exist",
}
WARNING_KINDS: dict[str, str] = {
    "leak": "the diagnosis or a synonym is named where a reader sees it",
    "near-option": "a distractor is so near to the diagnosis that it would grade 4 or more",
    "truth-elsewhere": "a distractor is the truth of another case of the bundle",
    "right-option-wording": "the right option is worded as neither the diagnosis nor a synonym",
    "unreviewed-options": "nobody reviewed the distractors",
    "no-options": "a case has no options, so no selection can be asked",
}


@dataclass(frozen=True)
class Notice:
    """One fault or warning: of which case, in which file and field, on which line, and what to do."""

    level: Literal["fault", "warning"]
    kind: str
    file: str
    field: str
    message: str
    line: int | None = None
    case: str | None = None


@dataclass(frozen=True)
class Report:
    """All that a check found, in the order of the files."""

    path: Path
    title: str | None
    cases: int
    images: int
    notices: tuple[Notice, ...]

    @property
    def faults(self) -> tuple[Notice, ...]:
        """What refuses the bundle."""
        return tuple(notice for notice in self.notices if notice.level == "fault")

    @property
    def warnings(self) -> tuple[Notice, ...]:
        """What opening a study asks a reason for."""
        return tuple(notice for notice in self.notices if notice.level == "warning")

    @property
    def ok(self) -> bool:
        """Whether the bundle may be used."""
        return not self.faults

    def warning_counts(self) -> dict[str, int]:
        """How many warnings of each kind there are; opening a study asks one reason for each kind."""
        return dict(sorted(Counter(notice.kind for notice in self.warnings).items()))

    def as_json(self) -> dict[str, Any]:
        """The report for a program to read."""
        return {
            "path": str(self.path),
            "title": self.title,
            "ok": self.ok,
            "cases": self.cases,
            "images": self.images,
            "faults": [asdict(notice) for notice in self.faults],
            "warnings": [asdict(notice) for notice in self.warnings],
            "warning_counts": self.warning_counts(),
        }
