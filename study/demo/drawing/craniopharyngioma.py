"""A boy of 9 who has stopped growing: growth chart, laboratory, bone age, perimetry; CT and MRI in ``head``."""

from __future__ import annotations

from pathlib import Path

from study.demo.drawing import charts, hand, head
from study.demo.drawing.reports import Section, panel

HEIGHTS = (
    (2.0, 88.2),
    (3.0, 97.2),
    (4.0, 104.6),
    (4.8, 110.0),
    (5.5, 114.5),
    (6.5, 116.6),
    (7.5, 117.6),
    (8.33, 118.3),
    (9.33, 119.2),
)
WEIGHTS = (
    (2.0, 12.9),
    (3.0, 14.8),
    (4.0, 16.9),
    (4.8, 18.6),
    (5.5, 20.2),
    (6.5, 22.4),
    (7.5, 24.8),
    (8.33, 27.3),
    (9.33, 30.1),
)
TARGET = (143.5, 160.5)
HORMONES = (
    ("Free thyroxine", "8.4 (0.65)", "pmol/L (ng/dL)", "11.0 - 19.0 (0.85 - 1.48)", "L"),
    ("TSH", "1.9", "mIU/L", "0.7 - 5.0", ""),
    ("Cortisol, 8 a.m.", "96 (3.5)", "nmol/L (ug/dL)", "170 - 540 (6.2 - 19.6)", "L"),
    ("ACTH, 8 a.m.", "2.4 (11)", "pmol/L (pg/mL)", "1.6 - 13.9 (7 - 63)", ""),
    ("IGF-1", "38", "ug/L", "85 - 300", "L"),
    ("Growth hormone, peak (clonidine)", "2.1", "ug/L", "> 7", "L"),
    ("Prolactin", "742 (35)", "mIU/L (ug/L)", "85 - 380 (4 - 18)", "H"),
    ("LH", "< 0.2", "IU/L", "< 0.3 before puberty", ""),
    ("FSH", "0.6", "IU/L", "< 3.0 before puberty", ""),
)
OTHER = (
    ("Sodium", "141", "mmol/L", "135 - 145", ""),
    ("Osmolality, serum", "288", "mOsm/kg", "275 - 295", ""),
    ("Osmolality, morning urine", "624", "mOsm/kg", "> 600 after the night", ""),
    ("Glucose", "4.4 (79)", "mmol/L (mg/dL)", "3.5 - 5.6 (63 - 101)", ""),
    ("Creatinine", "41 (0.46)", "umol/L (mg/dL)", "30 - 60 (0.34 - 0.68)", ""),
    ("Haemoglobin", "121", "g/L", "115 - 150", ""),
    ("Alanine aminotransferase", "19", "U/L", "< 35", ""),
    ("Tissue transglutaminase IgA", "< 1", "U/mL", "< 7", ""),
    ("Alpha-fetoprotein", "2.1", "ug/L", "< 8", ""),
    ("Beta-hCG", "< 1", "IU/L", "< 2", ""),
)
CHILD = hand.Look(scale=0.74, cortex=0.30, child=True)


def draw(folder: Path) -> None:
    """Draw the case's images into ``folder``."""
    charts.growth(folder / "growth.png", HEIGHTS, WEIGHTS, TARGET)
    sections = (Section("Hormones", HORMONES), Section("Other", OTHER))
    widths = (0.34, 0.14, 0.18, 0.26, 0.08)
    panel("Laboratory", "M, 9 years 4 months - 8 a.m., fasting", sections, widths=widths).save(
        folder / "laboratory.png"
    )
    hand.radiograph(folder / "x-ray.jpg", CHILD, left=True, seed=40)
    common = "Fixation losses 1/14, false positives 3 %, false negatives 5 %"
    charts.perimetry(folder / "fields-1.png", False, 51, ("Visual acuity 6/12 (20/40)", common))
    charts.perimetry(folder / "fields-2.png", True, 52, ("Visual acuity 6/12 (20/40)", common))
    head.draw(folder)
