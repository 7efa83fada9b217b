"""The arms that are held against one another to see what a type of evidence does, as image and as expert finding."""

from __future__ import annotations

from scoring.utilisation import Contrast
from study.conditions import Condition
from study.model_readings import TYPES, Rules, named

NONE = "no condition of the study"
FORM_LEFT_OUT = {
    "image": "the main reading, and one that leaves {kind} out",
    "text": "a reading with {kind} as finding, and the same without it",
}


def contrasts_of(rules: Rules, others: str) -> tuple[dict[str, Contrast], list[str]]:
    """The arms that are held against one another for each type that the study leaves out; what is missing for some."""
    contrasts: dict[str, Contrast] = {}
    notes: list[str] = []
    for kind in TYPES:
        wanted = _wanted(kind, others)
        names = {form: (named(rules, full), named(rules, without)) for form, (full, without) in wanted.items()}
        if not any(without for _, without in names.values()):
            continue
        for form, pair in names.items():
            if None in pair:
                notes.append(f"{kind} as {form}: the study has not both {FORM_LEFT_OUT[form].format(kind=kind)}.")
        image, text = ((full or NONE, without or NONE) for full, without in (names["image"], names["text"]))
        contrasts[kind] = Contrast(image, text)
    return contrasts, notes


def _wanted(kind: str, others: str) -> dict[str, tuple[Condition, Condition]]:
    """The rules of the arms with the type and without it, by form."""
    without = Condition.model_validate({"by_type": {kind: "absent"}})
    image = (Condition(), without)
    if others == "image":
        return {"image": image, "text": (Condition.model_validate({"by_type": {kind: "finding"}}), without)}
    bare = Condition.model_validate({"visual": "finding", "by_type": {kind: "absent"}})
    return {"image": image, "text": (Condition(visual="finding"), bare)}
