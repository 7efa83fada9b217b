"""A student of 24 with fever after a journey: laboratory, blood film, ultrasound of the spleen."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing import blood, sonography
from study.demo.drawing.reports import Section, panel

BLOOD = (
    ("Haemoglobin", "113 (11.3)", "g/L (g/dL)", "120 - 155", "L"),
    ("White cells", "4.4", "x10^9/L", "4.0 - 10.0", ""),
    ("Platelets", "52", "x10^9/L", "150 - 400", "L"),
    ("Reticulocytes", "48", "x10^9/L", "25 - 100", ""),
    ("Prothrombin time, INR", "1.1", "", "0.9 - 1.2", ""),
)
CHEMISTRY = (
    ("Sodium", "131", "mmol/L", "135 - 145", "L"),
    ("Potassium", "3.7", "mmol/L", "3.5 - 5.0", ""),
    ("Creatinine", "82 (0.93)", "umol/L (mg/dL)", "45 - 84 (0.51 - 0.95)", ""),
    ("Glucose", "5.1 (92)", "mmol/L (mg/dL)", "3.9 - 7.8 (70 - 140)", ""),
    ("Lactate", "1.7", "mmol/L", "0.5 - 2.0", ""),
    ("Bilirubin, total", "38 (2.2)", "umol/L (mg/dL)", "< 21 (< 1.2)", "H"),
    ("Bilirubin, conjugated", "9 (0.5)", "umol/L (mg/dL)", "< 5 (< 0.3)", "H"),
    ("Alanine aminotransferase", "58", "U/L", "< 35", "H"),
    ("Lactate dehydrogenase", "612", "U/L", "135 - 225", "H"),
    ("Haptoglobin", "< 0.1", "g/L", "0.3 - 2.0", "L"),
    ("C-reactive protein", "164", "mg/L", "< 5", "H"),
)
MICROBIOLOGY = (
    ("Dengue NS1 antigen", "negative", "", "negative", ""),
    ("Dengue IgM", "negative", "", "negative", ""),
    ("Leptospira PCR, blood", "negative", "", "negative", ""),
    ("HIV antigen / antibody", "negative", "", "negative", ""),
    ("Blood cultures, 2 pairs, 48 h", "no growth", "", "no growth", ""),
)
URINE = (("Haemoglobin (dipstick)", "1+", "", "negative", "POS"), ("Pregnancy test", "negative", "", "", ""))

RINGS = {1: ((3, 1), (9, 2), (14, 1), (21, 1), (33, 1), (38, 1)), 2: ((5, 1), (12, 1), (28, 2), (41, 1))}
TWO_IN_A_CELL = {1: (18, 45), 2: (8,)}
EDGES = {1: ((26, 0.6), (50, 3.6)), 2: ((20, 2.2),)}


def draw(folder: Path) -> None:
    """Draw the case's images into ``folder``."""
    sections = (
        Section("Blood count", BLOOD),
        Section("Chemistry", CHEMISTRY),
        Section("Microbiology", MICROBIOLOGY),
        Section("Urine", URINE),
    )
    widths = (0.34, 0.17, 0.17, 0.24, 0.08)
    panel("Laboratory", "F, 24 years - on admission", sections, widths=widths).save(folder / "laboratory.png")
    for number in (1, 2):
        film(number, folder / f"film-{number}.jpg")
    sonography.spleen(folder / "ultrasound.jpg")


def film(number: int, path: Path) -> None:
    """Draw one field of the thin film."""
    slide, places = blood.smear(60 + number)
    whole = [(float(x), float(y)) for x, y in places if 70 < x < blood.WIDE - 70 and 70 < y < blood.HIGH - 110]
    rng = np.random.default_rng(number)
    for index, dots in RINGS[number]:
        x, y = whole[index]
        blood.ring_form(slide, (x + rng.uniform(-24, 24), y + rng.uniform(-24, 24)), 100 * number + index, dots)
    for index in TWO_IN_A_CELL[number]:
        x, y = whole[index]
        blood.ring_form(slide, (x - 22, y + 12), 300 + index)
        blood.ring_form(slide, (x + 20, y - 16), 400 + index, 1, 0.95)
    for index, angle in EDGES[number]:
        blood.on_the_edge(slide, whole[index], angle)
    if number == 2:
        blood.crescent(slide, (980, 560), 0.5)
    blood.platelet(slide, (640, 820) if number == 1 else (330, 300), 5)
    blood.save(slide, number, path)
