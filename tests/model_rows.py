"""The analyst's rows of models as tests write them: a case, a condition, and what was chosen."""

from __future__ import annotations

from typing import Any

OPTIONS = ("Gout", "Malaria", "Pneumonia", "Typhus")
RIGHT = "Malaria"
AT = "2026-01-02T03:04:05+00:00"


def row(case: str, chosen: str | None = RIGHT, condition: str = "main", sample: int = 1, **more: Any) -> dict[str, Any]:
    """A completed reading of model M; the labels' order turns with the sample, as a reading's seed turns it."""
    order = [OPTIONS[(place + sample) % len(OPTIONS)] for place in range(len(OPTIONS))]
    label = chr(65 + order.index(chosen)) if chosen in order else None
    answer = {
        "kind": "selection",
        "answer": {"choice": label, "confidence": 50},
        "at": AT,
        "late": False,
        "timed_out": False,
    }
    return {
        "kind": "model",
        "model": "M",
        "sample": sample,
        "condition": condition,
        "case": case,
        "translation_of": None,
        "language": "en",
        "specialty": "general",
        "arm": "images" if condition == "main" else condition,
        "state": "completed",
        "answers": [answer],
        "options": [{"label": chr(65 + n), "text": text, "right": text == RIGHT} for n, text in enumerate(order)],
        "diagnosis": {"name": RIGHT, "synonyms": [], "codes": []},
        "distribution": None,
        "outcome": None,
        "published": None,
    } | more


def told(case: str, p: dict[str, float], condition: str = "main", sample: int = 1, estimator: str = "logprobs") -> Any:
    """A reading with its distribution by option, kept under the labels of this reading."""
    made = row(case, max(p, key=lambda option: p[option]), condition, sample)
    labels = {option["text"]: option["label"] for option in made["options"]}
    kept = {"estimator": estimator, "p": {labels.get(option, option): share for option, share in p.items()}}
    return made | {"distribution": kept}


def failed(case: str, condition: str = "main", sample: int = 1, outcome: str = "refused") -> dict[str, Any]:
    """A reading in which the model gave no answer that counts."""
    return row(case, condition=condition, sample=sample) | {"state": "failed", "outcome": outcome, "answers": []}
