"""A woman of 46 with noisy breathing: flow-volume loop, laboratory, and (in their own modules) scope, CT and biopsy."""

from __future__ import annotations

from pathlib import Path

from study.demo.drawing import airway, breathing, histology, neck
from study.demo.drawing.reports import Section, panel

NORMAL = breathing.Predicted(fvc=3.55, fev1=2.86, peak=6.7, inspiratory=4.9)
FVC, PLATEAUS = 3.45, (2.35, 2.27)

BLOOD = (
    ("Haemoglobin", "134", "g/L", "120 - 155", ""),
    ("White cells", "6.4", "x10^9/L", "4.0 - 10.0", ""),
    ("Eosinophils", "0.15", "x10^9/L", "0.02 - 0.50", ""),
    ("Platelets", "266", "x10^9/L", "150 - 400", ""),
    ("Sedimentation rate", "9", "mm/h", "< 20", ""),
    ("C-reactive protein", "2", "mg/L", "< 5", ""),
    ("Creatinine", "64 (0.72)", "umol/L (mg/dL)", "45 - 84 (0.51 - 0.95)", ""),
    ("Angiotensin-converting enzyme", "34", "U/L", "20 - 70", ""),
    ("IgG4", "0.42", "g/L", "0.03 - 1.40", ""),
)
ANTIBODIES = (
    ("ANCA, indirect immunofluorescence", "negative", "", "< 1:20", ""),
    ("PR3 antibodies", "< 0.2", "IU/mL", "< 2.0", ""),
    ("MPO antibodies", "< 0.2", "IU/mL", "< 3.5", ""),
    ("Antinuclear antibodies", "< 1:80", "titre", "< 1:80", ""),
    ("Rheumatoid factor", "8", "IU/mL", "< 14", ""),
)
URINE = (
    ("Blood, protein, leucocytes (dipstick)", "negative", "", "negative", ""),
    ("Sediment", "no casts", "", "", ""),
)


def draw(folder: Path) -> None:
    """Draw the case's images into ``folder``."""
    after = ("15 min after salbutamol 400 ug:", "FEV1 2.28 L (+1 %), PEF 2.4 L/s", "Three efforts, reproducible")
    breathing.report(folder / "flow-volume.png", "F, 46 years, 165 cm, 66 kg", NORMAL, FVC, PLATEAUS, after)
    airway.draw(folder)
    neck.draw(folder)
    sections = (Section("Blood", BLOOD), Section("Antibodies", ANTIBODIES), Section("Urine", URINE))
    widths = (0.39, 0.15, 0.17, 0.22, 0.07)
    panel("Laboratory", "F, 46 years - week 3", sections, widths=widths).save(folder / "laboratory.png")
    histology.airway_biopsy(folder)
