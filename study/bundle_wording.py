"""What a check says about the words of a bundle: leaks, options, permissions, and what cases say about one another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet

from scoring.matching import normalise

from . import leaks, wording
from .bundle_yaml import FieldPath
from .case import APPROVED, Case, Option, StudyFile

Said = tuple[str, str, FieldPath, str]
"""Level (``fault`` or ``warning``), kind, field, message."""


def of_case(case: Case) -> Iterator[Said]:
    """What one case shows by itself."""
    yield from _permission(case)
    yield from _leaks(case)
    if not case.options:
        yield "warning", "no-options", ("options",), "has no options, so no selection can be asked; add some"
        return
    yield from _right_option(case)
    yield from _distractors(case)
    yield from _references(case)


def across_cases(cases: Sequence[Case], keys: AbstractSet[str], study: StudyFile | None) -> Iterator[tuple[str, *Said]]:
    """What shows only beside the other cases and ``study.yaml``; each starts with the key of the case it is about."""
    truths = _truths(cases)
    for case in cases:
        if case.translation_of is not None and (case.translation_of not in keys or case.translation_of == case.key):
            message = f"names {case.translation_of!r}, which is no other case"
            yield case.key, "fault", "reference", ("translation_of",), message
        if study and case.language not in study.languages:
            message = f"is {case.language!r}; study.yaml lists {', '.join(study.languages)}"
            yield case.key, "fault", "reference", ("language",), message
        if study and study.synthetic and not case.synthetic:
            message = "study.yaml says that the whole study is synthetic, this case does not"
            yield case.key, "fault", "field", ("synthetic",), message
        yield from _truth_elsewhere(case, truths)


def _permission(case: Case) -> Iterator[Said]:
    if not case.synthetic and "redistribute" not in case.permissions.model_fields_set:
        message = "a case that is not synthetic must say permissions.redistribute: true or false"
        yield "fault", "permission", ("permissions",), message


def _leaks(case: Case) -> Iterator[Said]:
    wanted = leaks.names(case.diagnosis)
    for where, text in leaks.shown_texts(case):
        found = leaks.find(text, wanted)
        if found:
            said = ", ".join(dict.fromkeys(repr(text[leak.start : leak.end]) for leak in found))
            yield "warning", "leak", where, f"names the diagnosis: {said}"
    if name := leaks.in_key(case.key, wanted):
        message = f"gives the diagnosis away ({name!r}), and keys show in matrices and exports; choose a neutral one"
        yield "warning", "leak", ("key",), message


def _right_option(case: Case) -> Iterator[Said]:
    right = [index for index, option in enumerate(case.options) if option.right]
    if len(right) != 1:
        message = f"{len(right)} of {len(case.options)} options are right; exactly one must be"
        yield "fault", "options", ("options",), message
    if len(case.options) < 2:
        yield "fault", "options", ("options",), "a single option is no choice; add distractors"
    for index in right:
        text = case.options[index].text
        if not any(wording.means(form, case.diagnosis) for form in (text, wording.without_closing(text))):
            message = f"{text!r} is neither the diagnosis nor a synonym; is it the right one?"
            yield "warning", "right-option-wording", ("options", index, "text"), message


def _distractors(case: Case) -> Iterator[Said]:
    seen: list[Option] = []
    unreviewed = 0
    for index, option in enumerate(case.options):
        where: FieldPath = ("options", index, "text")
        if twin := next((other for other in seen if wording.alike(other.text, option.text)), None):
            yield "fault", "options", where, f"{option.text!r} says the same as the option {twin.text!r}"
        seen.append(option)
        if option.review == "rejected":
            message = (
                f"{option.text!r} was rejected by a clinician; move it to the list `rejected`, or draw another one"
            )
            yield "fault", "options", (*where[:2], "review"), message
        if not option.right:
            unreviewed += option.review not in APPROVED
            yield from _against_truth(case, option, where)
    if unreviewed:
        yield "warning", "unreviewed-options", ("options",), f"{unreviewed} distractor(s) that no clinician reviewed"


def _against_truth(case: Case, option: Option, where: FieldPath) -> Iterator[Said]:
    found = wording.variant(option.text, case.diagnosis)
    if found == "same":
        yield "fault", "options", where, f"{option.text!r} is a synonym of the diagnosis, yet not marked right"
    elif found == "near":
        yield "warning", "near-option", where, f"{option.text!r} is spelt almost like the diagnosis"
    elif found == "contained":
        yield "warning", "near-option", where, f"{option.text!r} is a broader or narrower wording of the diagnosis"


def _references(case: Case) -> Iterator[Said]:
    ids = {block.id for block in case.evidence}
    for index, option in enumerate(case.options):
        for place, block in enumerate(option.ruled_out_by):
            if block not in ids:
                message = f"names no block of the case; there are {', '.join(sorted(ids))}"
                yield "fault", "reference", ("options", index, "ruled_out_by", place), f"{block!r} {message}"


def _truths(cases: Iterable[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        for name in {normalise(name) for name in leaks.names(case.diagnosis)}:
            found.setdefault(name, []).append(case)
    return found


def _truth_elsewhere(case: Case, truths: dict[str, list[Case]]) -> Iterator[tuple[str, *Said]]:
    for index, option in enumerate(case.options):
        others = sorted({other.key for other in truths.get(normalise(option.text), []) if other.key != case.key})
        if others and not option.right and not wording.means(option.text, case.diagnosis):
            message = f"{option.text!r} is the truth of {', '.join(others[:5])}"
            yield case.key, "warning", "truth-elsewhere", ("options", index, "text"), message
