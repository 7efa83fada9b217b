"""What the stored facts say to an item of a checklist, and where it stands; or what is lacking."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from study.reporting.facts import Facts
from study.reporting.fill_results import RESULTS
from study.reporting.fill_types import AUTHOR, Fill, filled, missing


def _cases(facts: Facts) -> list[Mapping[str, Any]]:
    return [row for row in facts.source.tables["cases"] if not row["practice"]]


def _opened(facts: Facts) -> Fill:
    study = facts.source.study
    return filled(f"the protocol was frozen at opening, {str(study['opened_at'])[:10]}, before any answer; chain")


def _ethics(facts: Facts) -> Fill:
    told = facts.source.study["meta"].get("ethics")
    return filled(str(told)) if told else missing("study.yaml names neither an ethics reference nor a waiver")


def _sources(facts: Facts) -> Fill:
    licences = Counter(str(row["licence"]) for row in _cases(facts) if row["licence"])
    if not licences:
        return missing("no case names the licence of its source")
    told = ", ".join(f"{licence} {n}" for licence, n in sorted(licences.items()))
    return filled(f"export/cases.csv; case texts by licence: {told}")


def _published(facts: Facts) -> Fill:
    days = sorted(str(row["published"]) for row in _cases(facts) if row["published"])
    lacking = len(_cases(facts)) - len(days)
    if not days:
        return missing("no case names the day on which it first appeared")
    undated = f"; {lacking} case texts have no date" if lacking else ""
    return filled(f"cases first appeared from {days[0]} to {days[-1]} (export/cases.csv){undated}")


def _annotation(facts: Facts) -> Fill:
    cases = _cases(facts)
    wrong = sum(max(row["options"] - 1, 0) for row in cases)
    reviewed, signed = sum(row["reviewed"] for row in cases), sum(bool(row["signed_off"]) for row in cases)
    told = f"{signed} of {len(cases)} case texts signed off, {reviewed} of {wrong} wrong options reviewed"
    return filled(f"{told} (export/cases.csv)") if signed or reviewed else missing(told)


def _evidence(facts: Facts) -> Fill:
    kinds = Counter(one["type"] for row in _cases(facts) for one in json.loads(row["evidence"]))
    return filled(f"Methods; {sum(kinds.values())} blocks of {len(kinds)} types, text and images (export/cases.csv)")


def _deidentified(facts: Facts) -> Fill:
    if facts.source.manifest["synthetic"]:
        return Fill("not applicable", "synthetic cases: no patient is described")
    return Fill("for the author", "each image's case.yaml names who de-identified it, when and how")


def _reference(facts: Facts) -> Fill:
    return filled(f"the diagnosis of each of {facts.cases()} cases, with its synonyms (export/truth.csv)")


def _alternatives(facts: Facts) -> Fill:
    return filled("the wrong options that were chosen stand in export/answers.csv (choice_text)")


FACTS: Mapping[str, Callable[[Facts], Fill]] = {
    "author": lambda facts: AUTHOR,
    "not_applicable": lambda facts: Fill("not applicable", "nothing of the kind is part of such a study"),
    "opened": _opened,
    "ethics": _ethics,
    "sources": _sources,
    "published": _published,
    "annotation": _annotation,
    "evidence": _evidence,
    "deidentified": _deidentified,
    "reference": _reference,
    "alternatives": _alternatives,
    "output": lambda facts: filled("Methods; every line as written stands in export/answers.csv"),
    "software": lambda facts: filled(f"Methods; readerstudy {facts.source.manifest['software']['readerstudy']}"),
    "protocol": lambda facts: filled(f"export/study.json; SHA-256 {facts.source.study['protocol_hash']}"),
    "data": lambda facts: Fill("for the author", "the export beside this report is what could be shared"),
    "code": lambda facts: filled("analysis.py beside this report computes every number from the export"),
    "audit": lambda facts: filled("export/events.csv and chain.csv, sealed by hashes; `readerstudy verify`"),
    "allocation": lambda facts: filled("Methods; who was given what, and in which place, is in export/readings.csv"),
    "test_only": lambda facts: Fill("not applicable", "all cases are for testing; nothing is trained here"),
    "profiles": lambda facts: filled("readers in bands (export/readers.csv); cases in export/cases.csv"),
}


FILLS: Mapping[str, Callable[[Facts], Fill]] = {**FACTS, **RESULTS}
