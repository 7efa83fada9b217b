"""The demo's images, drawn from data that its modules and case folders state: one module a case."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

MODULES: dict[str, str] = {
    "attr-cardiomyopathy": "attr_cardiomyopathy",
    "porphyria": "porphyria",
    "jme": "jme",
    "jme-zh": "jme",
    "otosclerosis": "otosclerosis",
    "pericarditis": "pericarditis",
    "subglottic-stenosis": "subglottic_stenosis",
    "waldenstrom": "waldenstrom",
    "craniopharyngioma": "craniopharyngioma",
    "hyperparathyroidism": "hyperparathyroidism",
    "hyperparathyroidism-zh": "hyperparathyroidism",
    "malaria": "malaria",
}


def draw(key: str, folder: Path) -> None:
    """Draw all images of the case ``key`` into ``folder``, which exists."""
    import_module(f"study.demo.drawing.{MODULES[key]}").draw(folder)
