"""A woman of 58 with a second kidney stone: images, and a table whose abbreviations serve both languages."""

from __future__ import annotations

from pathlib import Path

from study.demo.drawing import hand, scintigram, sonography
from study.demo.drawing.reports import Section, panel

SERUM = (
    ("Ca (total)", "2.98 (11.9)", "mmol/L (mg/dL)", "2.15 - 2.55 (8.6 - 10.2)", "H"),
    ("Albumin", "38", "g/L", "35 - 50", ""),
    ("Ca (adjusted)", "3.02 (12.1)", "mmol/L (mg/dL)", "2.15 - 2.55 (8.6 - 10.2)", "H"),
    ("PO4", "0.68 (2.1)", "mmol/L (mg/dL)", "0.80 - 1.50 (2.5 - 4.6)", "L"),
    ("Mg", "0.78", "mmol/L", "0.70 - 1.00", ""),
    ("Cl", "109", "mmol/L", "98 - 107", "H"),
    ("HCO3", "21", "mmol/L", "22 - 29", "L"),
    ("K", "4.0", "mmol/L", "3.5 - 5.0", ""),
    ("Creatinine", "72 (0.81)", "umol/L (mg/dL)", "45 - 84 (0.51 - 0.95)", ""),
    ("eGFR (CKD-EPI 2021)", "84", "mL/min/1.73 m2", "> 60", ""),
    ("ALP", "268", "U/L", "30 - 130", "H"),
    ("PTH (intact)", "31.8 (300)", "pmol/L (pg/mL)", "1.6 - 6.9 (15 - 65)", "H"),
    ("PTHrP", "< 0.5", "pmol/L", "< 1.4", ""),
    ("25-OH-D", "58 (23)", "nmol/L (ng/mL)", "> 50 (> 20)", ""),
    ("TSH", "1.8", "mIU/L", "0.4 - 4.0", ""),
    ("SPEP", "normal", "", "", ""),
)
URINE = (
    ("Ca / 24 h", "9.8 (393)", "mmol (mg)", "2.5 - 7.5 (100 - 300)", "H"),
    ("Creatinine / 24 h", "9.6 (1.09)", "mmol (g)", "7.0 - 14.0 (0.8 - 1.6)", ""),
    ("CaCl / CrCl", "0.025", "", "", ""),
)
ADULT = hand.Look(cortex=0.24, lace=("2 middle", "3 middle"), tufts=True, hole="4 metacarpal")


def draw(folder: Path) -> None:
    """Draw the case's images into ``folder``."""
    sections = (Section("Serum", SERUM), Section("Urine, 24 h", URINE))
    note = "CaCl / CrCl = (U-Ca x S-Cr) / (S-Ca x U-Cr), S-Ca total, all in mmol"
    widths = (0.28, 0.17, 0.19, 0.28, 0.08)
    panel("Laboratory", "F, 58", sections, widths=widths, notes=(note,)).save(folder / "laboratory.png")
    hand.radiograph(folder / "x-ray.jpg", ADULT, left=False, seed=30)
    sonography.neck_longitudinal(folder / "ultrasound-1.jpg")
    sonography.neck_transverse(folder / "ultrasound-2.jpg")
    scintigram.sestamibi(folder / "scintigraphy-1.jpg", 15, thyroid=1.0, focus=0.45, seed=61)
    scintigram.sestamibi(folder / "scintigraphy-2.jpg", 120, thyroid=0.10, focus=0.62, seed=62)
