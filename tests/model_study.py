"""A model that reads a small study under conditions and says how likely it holds each option."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from study.conditions import Condition
from study.model_readings import distribution_notes
from study.protocol import Protocol, preset
from tests.small_study import TRUTHS, SmallStudy


def protocol() -> Protocol:
    conditions = {
        "without-x-ray": Condition.model_validate({"by_type": {"x-ray": "absent"}}),
        "finding-x-ray": Condition.model_validate({"by_type": {"x-ray": "finding"}}),
    }
    return preset("medsyn").model_copy(update={"conditions": conditions})


def read(study: SmallStudy, condition: str, right: float) -> None:
    """A model reads all cases; it gives the right option this probability, and the others the rest in equal parts."""
    found: Any = study.act("enrol_model", study=study.study, name="M", details={"cutoff": "2025-01-31"}, samples=1,
                           condition=condition)  # fmt: skip
    found = study.home.owner.call("model_readings", study=study.study, name="M")
    member = next(one for one in found if one["condition"] == condition)
    for row in member["readings"]:
        page: Any = study.home.owner.call("open_reading", reading=row["reading"], visit=str(uuid4()))
        while page["state"] in ("assigned", "reading"):
            page = turned(study, page, right)


def turned(study: SmallStudy, page: Any, right: float) -> Any:
    kind = page["current"]["kind"] if page["current"] else "show"
    answers: dict[str, Any] = {
        "ddx": {"lines": ["Gout"], "confidence": 70},
        "open": {"diagnosis": "Gout", "confidence": 60},
        "closing": {"seen_before": "no", "looked_up": False, "comment": ""},
    }
    client: dict[str, Any] = {}
    if kind == "selection":
        told = {o["label"]: right if o["text"] in TRUTHS.values() else (1 - right) / 3 for o in page["options"]}
        client = distribution_notes(elicited=told)
        answers["selection"] = {"choice": max(told, key=lambda label: told[label]), "confidence": 50}
    where = {"reading": page["reading"], "step": page["step"], "attempt": page["attempt"]}
    reply: Any = study.act("turn", study.home.owner, **where, answer=answers.get(kind, {}), client=client)
    return reply["page"]
