"""The protocol's rules as sentences for a Methods paragraph. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

REVEAL = {
    "all": "All evidence of a case was shown at once",
    "block-by-block": "Evidence was revealed block by block in written order",
    "type-by-type": "Evidence was revealed type by type",
}
ASKED = {"end": "after the last block", "every-step": "after every block", "named": "after named blocks"}
FEEDBACK = {
    "none": "Readers were not told how they did.",
    "practice": "Readers were told how they did after practice cases only.",
    "after_reading": "Readers were told after each reading how they did: a demonstration.",
}
ADVISED = {"ddx": "differential", "open": "open diagnosis", "selection": "selection"}


def rules(protocol: Mapping[str, Any] | None) -> Iterator[str]:
    """One sentence a rule; one that says so where a study has no protocol."""
    if protocol is None:
        yield "The export carries no protocol."
        return
    yield f"{REVEAL[protocol['reveal']]}."
    yield from _questions(protocol)
    yield from _limits(protocol)
    yield FEEDBACK[protocol["feedback"]]
    yield from _arms(protocol)


def _questions(protocol: Mapping[str, Any]) -> Iterator[str]:
    ddx, fdx = protocol["ddx"], protocol["fdx"]
    after = f" ({', '.join(ddx['after'])})" if ddx["after"] else ""
    none = ', or that none can be named ("I can name no diagnosis")' if ddx["cannot_name"] else ""
    yield (
        f"A ranked differential of {ddx['min_lines']} to {ddx['max_lines']} diagnoses was asked "
        f"{ASKED[ddx['asked']]}{after}{none}; lines past the cap are kept and not scored."
    )
    parts = []
    if fdx["open"]:
        parts.append("the one diagnosis that the reader would sign (open)")
    if fdx["selection"]:
        forced = 'with "cannot tell" allowed' if fdx["cannot_tell"] else "as a forced choice"
        parts.append(f"one of the options, {forced}")
    if parts:
        yield f"Then, each locked before the next was shown: {'; '.join(parts)}."
    if ddx["confidence"] or fdx["confidence"]:
        yield "Confidence was given as a whole per cent without a preset and locked with the answer."


def _limits(protocol: Mapping[str, Any]) -> Iterator[str]:
    told = {kind: limit for kind, limit in protocol["limits"].items() if limit}
    if told:
        listed = ", ".join(f"{kind} {limit['seconds']} s ({limit['kind']})" for kind, limit in told.items())
        yield f"Time limits: {listed}."
    else:
        yield "There was no time limit."
    yield f"Resources allowed: {', '.join(protocol['resources']) or 'none'}."
    yield "A case could be skipped before the options were seen." if protocol["skip"] else "No case could be skipped."
    yield from _advice(protocol)
    if protocol["closing"]:
        yield "After the last lock readers said whether they had seen the case before and looked anything up."


def _advice(protocol: Mapping[str, Any]) -> Iterator[str]:
    rule = protocol.get("advice")
    if not rule:
        return
    where = f" in the arms {', '.join(rule['arms'])}" if rule["arms"] else ""
    named = "under its name" if rule["named"] else "without its name"
    told = ", ".join(ADVISED[task] for task in rule["shows"])
    yield (
        f"Once their own answers were locked, readers{where} were shown the answer of {rule['model']} {named} "
        f"({told}), one sample a case drawn by seed, and answered the same questions again; models were shown none."
    )
    yield "The analysis of the gap uses the unaided answers; assisted answers are analysed apart."


def _arms(protocol: Mapping[str, Any]) -> Iterator[str]:
    for name, arm in protocol["arms"].items():
        forms = ", ".join(f"{kind} as {form}" for kind, form in arm["by_type"].items())
        yield f"Arm {name}: visual evidence as {arm['visual']}{'; ' + forms if forms else ''}."
    conditions = protocol.get("conditions") or {}
    if conditions:
        yield f"Models also read under the conditions {', '.join(conditions)}."
