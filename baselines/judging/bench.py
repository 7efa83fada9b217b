"""Who may sit as a judge: at least two, none related to those whose lines are graded, each the one that it was before.

The lines are distinct strings without an author, so that nobody can tell which of them a relative wrote. The rule is
therefore: no judge is of a family that took part in the study as a model, in whatever condition.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from baselines.declared import Declared
from baselines.judging.terms import UNKNOWN, Terms, identity_of
from scoring.adjudication import JUDGE, RULE, judge_of
from study.desk import ModelReader
from study.desk.staff import Grade
from study.judged import note_of

ASKED = ("responses", "chat")


def faults(
    judges: Sequence[Declared], terms: Terms, took_part: Sequence[ModelReader], grades: Sequence[Grade]
) -> list[str]:
    """Why these may not judge, as sentences; empty where they may."""
    families = families_of(took_part)
    found = [fault for judge in judges for fault in _of_one(judge, terms, families, grades)]
    twice = Counter(identity_of(judge) for judge in judges)
    same = [judge.name for judge in judges if twice[identity_of(judge)] > 1]
    if same:
        found.append(f"{' and '.join(same)} are one model with the same parameters: they are one judge, not several.")
    own = [grade for grade in grades if (grade.scale, grade.version) == (terms.scale.id, terms.scale.version)]
    there = {name for grade in own if (name := judge_of(grade.source)) is not None}
    if len(there | {judge.name for judge in judges}) < RULE.judges and not terms.alone:
        found.append(
            f"One judge is not enough: name {RULE.judges} with --judge, or say --one-judge-is-enough, which every "
            "result will then repeat."
        )
    return found


def families_of(took_part: Sequence[ModelReader]) -> dict[str, list[str]]:
    """The models that took part by family; baselines, which are nobody's relatives, are left out."""
    found: dict[str, set[str]] = {}
    for member in took_part:
        if member.details.get("kind") == "model":
            found.setdefault(str(member.details.get("family") or UNKNOWN), set()).add(member.name)
    return {family: sorted(names) for family, names in found.items()}


def warnings(took_part: Sequence[ModelReader]) -> list[str]:
    """What somebody should know before judges grade."""
    unknown = families_of(took_part).get(UNKNOWN)
    if not unknown:
        return []
    return [f"{', '.join(unknown)} took part without a declared family: no judge can be kept from grading a relative."]


def _of_one(judge: Declared, terms: Terms, families: Mapping[str, list[str]], grades: Sequence[Grade]) -> Iterator[str]:
    if judge.adapter not in ASKED:
        yield f"{judge.name} is asked by {judge.adapter}; a judge is asked line by line: {' or '.join(ASKED)}."
    family = judge.family or UNKNOWN
    related = families.get(family, []) if judge.family else [name for names in families.values() for name in names]
    if related and family not in terms.allowed:
        why = f"is of the family {family}" if judge.family else "declares no family"
        yield (
            f"The judge {judge.name} {why}, and took part: {', '.join(sorted(related))}. A judge does not grade its "
            f"relatives; choose another, or allow it by name: --allow-family {family}."
        )
    before = {note.identity for grade in grades if grade.source == JUDGE + judge.name and (note := note_of(grade))}
    if before - {identity_of(judge), ""}:
        yield (
            f"The judge {judge.name} has graded here with another version, endpoint or parameters. Declare what judges "
            "now under another name."
        )
    if terms.budget is not None and not judge.local and judge.cost(1, 1) is None:
        yield f"{judge.name} declares no prices: a budget cannot be kept."
    if terms.budget is not None and judge.prices and judge.limits.max_output_tokens is None:
        yield f"{judge.name} declares no limits.max_output_tokens: one answer's cost has no bound, nor has the budget."
