"""Images of the case otosclerosis, with the data they show."""

from __future__ import annotations

from pathlib import Path

from study.demo.drawing import eardrum, hearing, temporal_bone
from study.demo.drawing.hearing import Ear

EARS = (
    Ear(
        "Right",
        {125: 55, 250: 60, 500: 60, 1000: 55, 2000: 50, 4000: 40, 8000: 35},
        {250: 15, 500: 15, 1000: 15, 2000: 25, 4000: 15},
        (80, 100),
    ),
    Ear(
        "Left",
        {125: 50, 250: 50, 500: 50, 1000: 45, 2000: 40, 4000: 35, 8000: 30},
        {250: 10, 500: 10, 1000: 15, 2000: 20, 4000: 10},
        (75, 100),
    ),
)
COMPLIANCE = {"Right": 0.34, "Left": 0.38}
FOCUS_MM = {"right": 2.1, "left": 1.5}


def draw(folder: Path) -> None:
    """Draw all images of the case into ``folder``."""
    for i, side in enumerate(("right", "left")):
        eardrum.eardrum(side, 31 + 10 * i).save(folder / f"endoscopy-{i + 1}.jpg")
        hearing.audiogram(EARS[i]).save(folder / f"audiogram-{i + 1}.png")
        page = temporal_bone.oval_window(side, FOCUS_MM[side], 20 + 10 * i)
        page.save(folder / f"ct-{i + 2}.jpg")
    hearing.tympanometry(COMPLIANCE).save(folder / "tympanometry.png")
    temporal_bone.epitympanum("right", 20).save(folder / "ct-1.jpg")
    temporal_bone.superior_canal("right", 50).save(folder / "ct-4.jpg")
