"""Images of the practice case pericarditis, with the data they show."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing import ecg, heart
from study.demo.drawing.reports import Section, panel

BLOOD = (
    Section(
        "Plasma and serum",
        (
            ("Troponin T, high sensitivity (0 h)", "6", "ng/L", "< 14", ""),
            ("Troponin T, high sensitivity (3 h)", "7", "ng/L", "< 14", ""),
            ("Creatine kinase", "118", "U/L", "< 190", ""),
            ("NT-proBNP", "64", "ng/L", "< 125", ""),
            ("C-reactive protein", "58", "mg/L", "< 5", "H"),
            ("D-dimer", "0.28", "mg/L FEU", "< 0.50", ""),
            ("Creatinine", "81 (0.92)", "umol/L (mg/dL)", "62-106 (0.70-1.20)", ""),
            ("Potassium", "4.2", "mmol/L", "3.5-5.0", ""),
            ("TSH", "1.6", "mU/L", "0.4-4.0", ""),
            ("Antinuclear antibodies", "< 1:80", "", "< 1:80", ""),
        ),
    ),
    Section(
        "Blood count",
        (
            ("Haemoglobin", "149", "g/L", "135-172", ""),
            ("White cells", "11.8", "10⁹/L", "4.0-10.0", "H"),
            ("Neutrophils", "8.1", "10⁹/L", "1.8-7.5", "H"),
            ("Platelets", "264", "10⁹/L", "150-400", ""),
        ),
    ),
)

# Millivolts of P, PR segment, Q, R, S, ST segment, T.
LEADS = ecg.limb_leads((0.10, -0.03, -0.04, 0.70, -0.12, 0.12, 0.20), (0.14, -0.08, -0.06, 1.05, -0.14, 0.20, 0.26)) | {
    "V1": np.array((0.05, 0.02, 0, 0.22, -0.80, -0.05, 0.02)),
    "V2": np.array((0.07, -0.01, 0, 0.45, -1.05, 0.14, 0.34)),
    "V3": np.array((0.08, -0.04, 0, 0.75, -0.70, 0.20, 0.42)),
    "V4": np.array((0.09, -0.07, -0.05, 1.30, -0.40, 0.22, 0.42)),
    "V5": np.array((0.09, -0.08, -0.07, 1.25, -0.22, 0.22, 0.36)),
    "V6": np.array((0.09, -0.07, -0.07, 1.00, -0.10, 0.17, 0.27)),
}
RHYTHM = ecg.Rhythm(beat=0.625, spread=0.008, pr=0.152, qt=0.345, seed=12)


def draw(folder: Path) -> None:
    """Draw all images of the case into ``folder``."""
    panel("Laboratory report", "Man, 20s   |   on admission", BLOOD).save(folder / "laboratory.png")
    ecg.twelve_leads(LEADS, RHYTHM, "12-lead ECG   Man, 20s").save(folder / "ecg.png")
    size = "LVIDd 4.8 cm   IVSd 0.9 cm   LVEF 62 %"
    heart.four_chambers(heart.NORMAL, 0.06, size).save(folder / "echo-1.jpg")
    heart.short_axis_echo(0.135, 0.085, "pericardial fluid 0.7 cm").save(folder / "echo-2.jpg")
