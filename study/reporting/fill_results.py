"""What results, models and graders say to an item of a checklist."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from study.conditions import MAIN
from study.reporting.facts import Facts
from study.reporting.fill_types import AUTHOR, Fill, filled, missing


def _index_test(facts: Facts) -> Fill:
    return (
        filled("Methods: the script of each case, and the models as they were declared") if _models(facts) else AUTHOR
    )


def _models(facts: Facts) -> list[str]:
    return sorted({entry.model for entry in facts.source.models})


def _lacking(facts: Facts, *names: str) -> list[str]:
    """The models that declare none of these."""
    return sorted(
        {entry.model for entry in facts.source.models if not any(entry.details.get(name) is not None for name in names)}
    )


def _versions(facts: Facts) -> Fill:
    if not _models(facts):
        return Fill("not applicable", "no model took part")
    lacking = {
        "a version": _lacking(facts, "model", "version"),
        "a knowledge cut-off": _lacking(facts, "cutoff"),
        "whether the version is pinned": _lacking(facts, "pinned"),
    }
    told = "; ".join(f"{what}: {', '.join(names)}" for what, names in lacking.items() if names)
    used = f"Methods, with versions; used {_used(facts)}"
    return missing(f"{used}. Not declared: {told}") if told else filled(used)


def _used(facts: Facts) -> str:
    days = sorted(
        row["begun_at"].date().isoformat()
        for row in facts.source.tables["readings"]
        if row["group"] == "model" and row["begun_at"] is not None
    )
    return f"from {days[0]} to {days[-1]} (export/readings.csv)" if days else "never"


def _parameters(facts: Facts) -> Fill:
    lacking = _lacking(facts, "parameters", "kind")
    where = "Methods and export/readers.csv (details)"
    return missing(f"{where}; not declared: {', '.join(lacking)}") if lacking else filled(where)


def _access(facts: Facts) -> Fill:
    hosts = sorted(
        {f"{entry.model} at {entry.details['host']}" for entry in facts.source.models if "host" in entry.details}
    )
    lacking = _lacking(facts, "host")
    told = ", ".join(hosts)
    return missing(f"{told or 'no endpoint'}; without one: {', '.join(lacking)}") if lacking else filled(told)


def _prompts(facts: Facts) -> Fill:
    version = (facts.source.protocol or {}).get("texts_version")
    return Fill(
        "for the author", f"their text, version {version}, is in export/study.json; how it was arrived at is not"
    )


def _execution(facts: Facts) -> Fill:
    return filled(
        "question by question as the pages turn, in one conversation a case unless a condition says fresh; "
        "export/events.csv"
    )


def _samples(facts: Facts) -> Fill:
    counts = ", ".join(f"{e.model} {e.samples}" for e in facts.source.models if e.condition == MAIN)
    return filled(f"samples a case: {counts}; averaged by case before anything else") if counts else AUTHOR


def _threshold(facts: Facts) -> Fill:
    return filled(f"fixed at opening: {facts.gap.scale}, from {facts.gap.threshold} on covered (Methods)")


def _agreement(facts: Facts) -> Fill:
    if facts.gap.agreement is None:
        return missing("one source of grades alone, so no agreement is known")
    return filled("agreement of graders stands in the section on agreement")


def _graders(facts: Facts) -> Fill:
    graders = {grade.grader for grade in facts.source.grades}
    sources = ", ".join(f"{source} {n}" for source, n in sorted(facts.gap.sources.items())) or "none"
    return filled(f"{len(graders)} graders; grades by source: {sources} (export/grades.csv)")


def _statistics(facts: Facts) -> Fill:
    return filled("Methods; the method stands beside each difference")


def _subgroups(facts: Facts) -> Fill:
    planned = ", ".join(facts.plan.get("subgroups") or ()) or "none"
    return filled(f"by specialty; planned subgroups: {planned}, all others are labelled exploratory")


def _contamination(facts: Facts) -> Fill:
    undated = sum(not row["published"] for row in facts.source.tables["cases"] if not row["practice"])
    lacking = _lacking(facts, "cutoff")
    if not undated and not lacking and _models(facts):
        return filled("section before and after models' cut-offs; every case has a date and every model a cut-off")
    told = f"{undated} case texts without a date" if undated else ""
    models = f"models without a cut-off: {', '.join(lacking)}" if lacking else ""
    return missing("; ".join(part for part in (told, models) if part) or "no model took part")


def _blinding(facts: Facts) -> Fill:
    return filled("no page, text or call carries truth, key, grades or others' answers before its time")


def _compute(facts: Facts) -> Fill:
    if not facts.source.tables["calls"]:
        return Fill("for the author", "no call of a model is in the record")
    return filled("section on the compute of models: calls, tokens, cost, time; hardware is the provider's")


def _sensitivity(facts: Facts) -> Fill:
    conditions = sorted({entry.condition for entry in facts.source.models} - {MAIN})
    told = f"conditions {', '.join(conditions)}" if conditions else ""
    return filled(f"bootstrap beside closed forms; {told}") if told else filled("bootstrap beside closed forms")


RESULTS: Mapping[str, Callable[[Facts], Fill]] = {
    "index_test": _index_test,
    "versions": _versions,
    "parameters": _parameters,
    "access": _access,
    "prompts": _prompts,
    "execution": _execution,
    "samples": _samples,
    "threshold": _threshold,
    "agreement": _agreement,
    "grading": lambda facts: filled("Methods: scale, threshold, rule; lines were graded without their authors"),
    "grading_blind": lambda facts: filled("the list for graders has distinct lines, shuffled, without authors"),
    "graders": _graders,
    "statistics": _statistics,
    "subgroups": _subgroups,
    "contamination": _contamination,
    "blinding": _blinding,
    "sensitivity": _sensitivity,
    "indeterminate": lambda facts: filled('"I can name no diagnosis" is graded 0; Methods for "cannot tell"'),
    "missing": lambda facts: filled("Table of readings left out, by reason; failures both ways where there are any"),
    "flow": lambda facts: filled("section and figure on the flow of readers and cases"),
    "crosstab": lambda facts: filled("lost and rescued, beside coverage and selection"),
    "accuracy": lambda facts: filled("coverage, selection and gap with 95 % intervals and n"),
    "comparison": lambda facts: filled("humans against models: each outcome by each method"),
    "compute": _compute,
}
