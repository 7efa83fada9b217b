"""Images of the case attr-cardiomyopathy, with the data they show."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing import ecg, heart, heart_mri, myocardium, sequencing, skeleton
from study.demo.drawing.canvas import Canvas
from study.demo.drawing.reports import Section, panel

BLOOD = (
    Section(
        "Heart and kidney",
        (
            ("NT-proBNP", "3,420", "ng/L", "< 450", "H"),
            ("Troponin T, high sensitivity (0 h)", "62", "ng/L", "< 14", "H"),
            ("Troponin T, high sensitivity (3 h)", "60", "ng/L", "< 14", "H"),
            ("Creatinine", "112 (1.27)", "umol/L (mg/dL)", "62-106 (0.70-1.20)", "H"),
            ("eGFR (CKD-EPI 2021)", "59", "mL/min/1.73 m²", "> 60", "L"),
            ("Alkaline phosphatase", "92", "U/L", "40-129", ""),
            ("Alpha-galactosidase A, leucocytes", "58", "nmol/h/mg protein", "33-134", ""),
        ),
    ),
    Section(
        "Monoclonal protein",
        (
            ("Free kappa light chain, serum", "24.8", "mg/L", "3.3-19.4", "H"),
            ("Free lambda light chain, serum", "19.1", "mg/L", "5.7-26.3", ""),
            ("Ratio kappa / lambda", "1.30", "", "0.26-1.65", ""),
            ("Immunofixation, serum", "no band", "", "no band", ""),
            ("Immunofixation, urine (24 h)", "no band", "", "no band", ""),
        ),
    ),
    Section(
        "Blood count and other",
        (
            ("Haemoglobin", "138", "g/L", "130-170", ""),
            ("TSH", "2.1", "mU/L", "0.4-4.0", ""),
            ("Ferritin", "142", "ug/L", "30-400", ""),
            ("Urine albumin / creatinine", "2.1", "mg/mmol", "< 3.0", ""),
        ),
    ),
)

GENES = (
    ("TTR (all 4 exons)", "100 %", "no variant", ""),
    ("GLA (all 7 exons, intron 4 c.639+919)", "100 %", "no variant", ""),
    ("MYBPC3", "100 %", "no pathogenic or likely pathogenic variant", ""),
    ("MYH7", "100 %", "no pathogenic or likely pathogenic variant", ""),
    ("TNNT2, TNNI3, TPM1, ACTC1, MYL2, MYL3", "99.8 %", "no pathogenic or likely pathogenic variant", ""),
    ("LAMP2, PRKAG2, PTPN11, FLNC", "99.6 %", "no pathogenic or likely pathogenic variant", ""),
)

# Millivolts of P, PR segment, Q, R, S, ST segment, T.
LEADS = ecg.limb_leads((0.06, 0, -0.02, 0.31, -0.05, 0, 0.05), (0.09, 0, -0.14, 0.17, -0.12, 0, 0.05)) | {
    "V1": np.array((0.06, 0, -0.06, -0.42, -0.26, 0.05, 0.10)),
    "V2": np.array((0.07, 0, -0.10, -0.66, -0.40, 0.08, 0.18)),
    "V3": np.array((0.06, 0, -0.08, -0.52, -0.32, 0.07, 0.18)),
    "V4": np.array((0.06, 0, -0.06, 0.30, -0.42, 0.02, 0.12)),
    "V5": np.array((0.06, 0, -0.03, 0.58, -0.24, 0, -0.05)),
    "V6": np.array((0.06, 0, -0.03, 0.52, -0.12, 0, -0.06)),
}
RHYTHM = ecg.Rhythm(beat=0.77, spread=0.012, pr=0.224, qt=0.42, seed=4)


def _laboratory() -> Canvas:
    return panel("Laboratory report", "Man, 70s   |   serum, plasma and 24 h urine   |   day 1", BLOOD)


def _genes() -> Canvas:
    page = panel(
        "Sequencing report",
        "Leucocyte DNA   |   cardiomyopathy panel   |   mean depth 312x",
        (Section("Genes", GENES),),
        columns=("Gene", "Covered > 20x", "Result", ""),
        widths=(0.42, 0.17, 0.40, 0.01),
        notes=("Copy-number analysis: no deletion or duplication.", "Below: TTR exon 4, Sanger confirmation."),
        room=460,
    )
    sequencing.chromatogram(page, "ACCGCCGTCGTCACCAATCCCAAGGAATGA", (60, page.height - 480), 1480, 360, seed=5)
    return page


def draw(folder: Path) -> None:
    """Draw all images of the case into ``folder``."""
    _laboratory().save(folder / "laboratory.png")
    ecg.twelve_leads(LEADS, RHYTHM, "12-lead ECG   Man, 70s").save(folder / "ecg.png")
    heart.four_chambers(notes="IVSd 1.7 cm   LVPWd 1.6 cm   LVEF 52 %").save(folder / "echo-1.jpg")
    heart.short_axis_echo(notes="RV free wall 0.8 cm   pericardial fluid 0.5 cm").save(folder / "echo-2.jpg")
    heart.strain_plot().save(folder / "echo-3.png")
    for i, level in enumerate(heart_mri.LEVELS):
        heart_mri.short_axis(level, 50 + 10 * i).save(folder / f"mri-{i + 1}.jpg")
    heart_mri.four_chamber().save(folder / "mri-4.jpg")
    heart_mri.extracellular_volume().save(folder / "mri-5.jpg")
    skeleton.planar().save(folder / "nuclear-1.jpg")
    skeleton.slice_through_heart().save(folder / "nuclear-2.jpg")
    myocardium.haematoxylin_eosin().save(folder / "microscopy-1.jpg")
    myocardium.congo_red().save(folder / "microscopy-2.jpg")
    myocardium.polarised().save(folder / "microscopy-3.jpg")
    _genes().save(folder / "genomics.png")
