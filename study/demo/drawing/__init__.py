"""The demo's images, drawn from data that its modules and case folders state: one module a case."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

MODULES: dict[str, str] = {
    "case-1": "attr_cardiomyopathy",
    "case-2": "porphyria",
    "case-3": "jme",
    "case-3-zh": "jme",
    "case-4": "otosclerosis",
    "case-5": "subglottic_stenosis",
    "case-6": "waldenstrom",
    "case-7": "craniopharyngioma",
    "case-8": "hyperparathyroidism",
    "case-8-zh": "hyperparathyroidism",
    "practice-1": "pericarditis",
    "practice-2": "malaria",
}


def draw(key: str, folder: Path) -> None:
    """Draw all images of the case ``key`` into ``folder``, which exists."""
    import_module(f"study.demo.drawing.{MODULES[key]}").draw(folder)
