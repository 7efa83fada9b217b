"""The Methods paragraph, composed from what is stored: protocol, allocation, models, graders, plan, software."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from scoring.adjudication import RULE
from study.agreement import sentences
from study.reporting.facts import Facts
from study.reporting.parts import Block, Bullets, Inline, Paragraph, Section, Table, Text, count
from study.reporting.rules import rules

MODEL = ("model", "condition", "samples", "version", "pinned", "knowledge cut-off", "settings")


def methods(facts: Facts) -> Section:
    """What was done, in sentences whose facts are all in the export; what only the authors know is not here."""
    blocks: list[Block] = [
        Paragraph(tuple(_cases_and_readers(facts))),
        Paragraph((" ".join(rules(facts.source.protocol)),)),
        Paragraph((_allocation(facts),)),
        Paragraph((_grading(facts),)),
        Paragraph((_statistics(facts),)),
        Paragraph((_software(facts),)),
    ]
    rows = tuple(_models(facts))
    if rows:
        blocks.insert(3, Table("Models as they were declared", MODEL, rows))
    if facts.gap.agreement is not None:
        blocks.append(Bullets(tuple((sentence,) for sentence in sentences(facts.gap.agreement))))
    return Section("methods", "Methods, from what is stored", tuple(blocks))


def _cases_and_readers(facts: Facts) -> Iterator[Inline]:
    cases = [row for row in facts.source.tables["cases"] if not row["practice"]]
    kinds = Counter(one["type"] for row in cases for one in json.loads(row["evidence"]))
    yield "The study has "
    yield from count("methods.cases", facts.cases())
    yield " clinical cases" + (", synthetic, " if facts.source.manifest["synthetic"] else " ")
    yield f"of {len({row['specialty'] for row in cases})} specialties, in {', '.join(facts.languages) or 'no language'}"
    translated = sum(bool(row["translation_of"]) for row in cases)
    if translated:
        yield f"; {translated} case texts are translations of another and count as the same case"
    evidence = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
    yield f". Evidence by type, over all case texts: {evidence or 'none'}. They were read by "
    yield from count("methods.humans", len(facts.names("human")))
    yield " clinicians and "
    yield from count("methods.models", len(facts.names("model")))
    yield " models, who turned the same pages under the same rules, held by one database."


def _allocation(facts: Facts) -> str:
    acts = [json.loads(row["body"]) for row in facts.source.tables["chain"] if row["kind"] == "allocated"]
    names = sorted({str((act.get("generator") or {}).get("name")) for act in acts})
    rule = (facts.source.protocol or {}).get("allocation") or {}
    who = "Every reader was given every case of a language that they read"
    if rule.get("readers_per_case"):
        who = f"Each case was given to {rule['readers_per_case']} of {rule['readers']} readers, in balanced blocks"
    seeded = f" (generator {', '.join(names)}; the number of rows is in the study's chain)" if names else ""
    return (
        f"{who}, in an order that is balanced over positions and otherwise random by seed{seeded}. The options' order "
        "was drawn by seed for each reading."
    )


def _models(facts: Facts) -> Iterator[tuple[Text, ...]]:
    for entry in facts.source.models:
        name = f"methods.model.{entry.model}.{entry.condition}.samples"
        told = entry.details
        pinned = {True: "yes", False: "no"}.get(told.get("pinned", ""), "not told")
        version = str(told.get("model") or told.get("version") or "not told")
        if told.get("revision"):
            version += f" at {told['revision']}"
        cutoff = str(told.get("cutoff") or "not declared")
        settings = _settings(told)
        yield (
            (entry.model,),
            (entry.condition,),
            count(name, entry.samples),
            (version,),
            (pinned,),
            (cutoff,),
            (settings,),
        )


def _settings(told: Mapping[str, Any]) -> str:
    """What was asked for with every question, as it was declared."""
    kept = told.get("parameters")
    if kept is None:
        hidden = {"version", "model", "cutoff", "pinned", "run"}
        kept = {key: value for key, value in told.items() if key not in hidden}
    shown = {key: value for key, value in kept.items() if value not in (None, {}, [])}
    return ", ".join(f"{key} {value}" for key, value in shown.items()) or "the endpoint's own"


def _grading(facts: Facts) -> str:
    found = facts.gap
    sources = ", ".join(f"{n} by {source}" for source, n in sorted(found.sources.items())) or "none"
    return (
        f"Distinct lines were graded without their authors on {found.scale}, from {found.threshold} on correct; lines "
        f"that equal the diagnosis or a synonym after normalisation have the highest grade. Grades: {sources}. "
        f"Several grades of a line become one by the rule {RULE.as_json()['name']}; a human's counts before a judge's."
    )


def _statistics(facts: Facts) -> str:
    plan = facts.plan
    if not plan:
        return "The study has no analysis plan: every result is exploratory."
    used = facts.methods()
    failures = "as wrong" if plan.get("failures") == "wrong" else "as left out"
    margin = f" The margin of non-inferiority is {plan['margin']}." if plan.get("margin") else ""
    subgroups = f" Planned subgroups: {', '.join(plan['subgroups'])}." if plan.get("subgroups") else ""
    return (
        f"The plan, fixed at opening, names {plan['primary']} (FDx: {plan['fdx']}) as primary outcome, the family "
        f"{', '.join(plan['family'])} with correction {plan['correction']}, the method {plan['method']}, and counts "
        f"failures {failures}.{margin}{subgroups} What it does not name is exploratory. Differences were computed by: "
        f"{'; '.join(used) or 'none could be'}. Intervals are of 95 % and two-sided."
    )


def _software(facts: Facts) -> str:
    study, told = facts.source.study, facts.source.manifest
    dates = ", ".join(
        f"{act} {str(study[f'{act}_at'])[:10]}" for act in ("opened", "closed", "unblinded") if study.get(f"{act}_at")
    )
    return (
        f"Software: readerstudy {told['software']['readerstudy']}, schema {study['schema']}. Protocol "
        f"{_protocol_name(facts)}, SHA-256 {study['protocol_hash']}; study frozen as {study['frozen_hash']}. {dates}. "
        f"The study's chain ends at row {told['study_chain']['count']} with {told['study_chain']['head']}."
    )


def _protocol_name(facts: Facts) -> str:
    protocol = facts.source.protocol or {}
    return f"{protocol.get('name', 'none')} version {protocol.get('version', '–')}"
