"""A man of 68 with nosebleeds and blurred vision: tables, gel, cytometry and reads; the rest in other modules."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing import abdomen, blood, cytometry, gel, histology, retina
from study.demo.drawing.cells import scatter
from study.demo.drawing.cytometry import DotPlot, Population
from study.demo.drawing.gel import Fraction
from study.demo.drawing.reports import Section, panel

COUNT = (
    ("Haemoglobin", "87 (8.7)", "g/L (g/dL)", "135 - 175", "L"),
    ("Mean cell volume", "94", "fL", "80 - 98", ""),
    ("White cells", "5.2", "x10^9/L", "4.0 - 10.0", ""),
    ("Lymphocytes", "1.9", "x10^9/L", "1.0 - 3.5", ""),
    ("Platelets", "118", "x10^9/L", "150 - 400", "L"),
    ("Film", "rouleaux", "", "", "POS"),
    ("Sedimentation rate", "121", "mm/h", "< 20", "H"),
)
CHEMISTRY = (
    ("Total protein", "106", "g/L", "64 - 83", "H"),
    ("Albumin", "31", "g/L", "35 - 50", "L"),
    ("IgM", "58 (5,800)", "g/L (mg/dL)", "0.4 - 2.3 (40 - 230)", "H"),
    ("IgG", "5.1 (510)", "g/L (mg/dL)", "7.0 - 16.0 (700 - 1,600)", "L"),
    ("IgA", "0.6 (60)", "g/L (mg/dL)", "0.7 - 4.0 (70 - 400)", "L"),
    ("Free light chains, kappa", "88", "mg/L", "3.3 - 19.4", "H"),
    ("Free light chains, lambda", "11", "mg/L", "5.7 - 26.3", ""),
    ("Ratio kappa / lambda", "8.0", "", "0.26 - 1.65", "H"),
    ("Plasma viscosity (25 C)", "5.2", "mPa.s", "1.50 - 1.72", "H"),
    ("Beta-2 microglobulin", "4.6", "mg/L", "0.8 - 2.4", "H"),
    ("Calcium, adjusted", "2.31 (9.3)", "mmol/L (mg/dL)", "2.15 - 2.55 (8.6 - 10.2)", ""),
    ("Creatinine", "92 (1.04)", "umol/L (mg/dL)", "62 - 106 (0.70 - 1.20)", ""),
    ("Lactate dehydrogenase", "188", "U/L", "135 - 225", ""),
)
NORMAL = (
    Fraction("albumin", 0.10, 0.022, 42),
    Fraction("alpha 1", 0.23, 0.020, 2.5),
    Fraction("alpha 2", 0.37, 0.028, 6),
    Fraction("beta", 0.54, 0.030, 8),
    Fraction("gamma", 0.80, 0.070, 11),
)
PATIENT = (
    Fraction("albumin", 0.10, 0.022, 31),
    Fraction("alpha 1", 0.23, 0.020, 3.2),
    Fraction("alpha 2", 0.37, 0.028, 7.4),
    Fraction("beta", 0.54, 0.030, 7.4),
    Fraction("gamma (rest)", 0.69, 0.070, 5.0),
    Fraction("band", 0.83, 0.011, 52),
)
BAND = Fraction("band", 0.83, 0.012, 4.5)


def _faint(grams: float) -> Fraction:
    return Fraction("rest", 0.74, 0.085, grams)


LANES = (
    ("SP", PATIENT),
    ("G", (_faint(3.6),)),
    ("A", (Fraction("rest", 0.62, 0.06, 1.0),)),
    ("M", (BAND, _faint(0.3))),
    ("K", (BAND, _faint(2.2))),
    ("L", (_faint(1.4),)),
)
GREEN, PURPLE, DUST = (20, 120, 90), (130, 40, 150), (150, 150, 158)
REST = (0.42, 0.42)
PLOTS = (
    DotPlot(
        "CD19", "CD5", (Population(3.5, 0.9, (0.22, 0.35), 2600, PURPLE), Population(0.8, 3.5, (0.35, 0.22), 900, DUST))
    ),
    DotPlot("CD20", "CD23", (Population(3.8, 0.8, (0.25, 0.35), 2600, PURPLE), Population(0.8, 0.8, REST, 900, DUST))),
    DotPlot(
        "lambda",
        "kappa",
        (Population(0.9, 3.6, (REST[0], 0.2), 2600, PURPLE), Population(3.4, 0.9, (0.2, 0.35), 60, GREEN)),
    ),
    DotPlot(
        "CD10",
        "surface IgM",
        (Population(0.8, 3.4, (0.35, 0.28), 2600, PURPLE), Population(2.9, 0.9, (0.3, 0.35), 70, DUST)),
    ),
    DotPlot("CD38", "CD25", (Population(2.1, 3.0, (0.55, 0.3), 2600, PURPLE), Population(0.9, 0.8, REST, 500, DUST))),
    DotPlot("CD103", "CD22", (Population(0.8, 3.1, (0.35, 0.28), 2600, PURPLE), Population(0.8, 0.8, REST, 700, DUST))),
)
READS = cytometry.Pileup("GGTGCCCATCAGAAGCGACTGATCCCCATCAAGTACAAGGCA", 38_141_131, (19, "C"), 0.38, 412)
GENES = (
    ("Gene", "Variant", "Allele share", "Classification"),
    ("MYD88", "c.794T>C  p.(Leu265Pro)", "38 %", "pathogenic"),
    ("CXCR4", "none found (C-terminal domain covered)", "", ""),
    ("TP53", "none found", "", ""),
    ("NOTCH2", "none found", "", ""),
    ("KLF2", "none found", "", ""),
    ("BRAF", "none found (codon 600 covered)", "", ""),
)
FISH = (
    "Fluorescence in situ hybridisation, 200 interphase nuclei each",
    "IGH::CCND1, t(11;14): not found.  IGH break-apart: intact.",
    "TP53 (17p13): two signals.  13q14: two signals.",
)
CELLS = (
    (blood.LYMPHOCYTE, 34),
    (blood.PLASMACYTOID, 22),
    (blood.PLASMA_CELL, 6),
    (blood.MAST_CELL, 3),
    (blood.MYELOCYTE, 9),
    (blood.ERYTHROBLAST, 12),
)


def draw(folder: Path) -> None:
    """Draw the case's images into ``folder``."""
    retina.fundus(folder / "fundus-1.jpg", 50, right=True)
    retina.fundus(folder / "fundus-2.jpg", 80, right=False)
    widths = (0.31, 0.16, 0.18, 0.27, 0.08)
    sections = (Section("Blood count", COUNT), Section("Chemistry and proteins", CHEMISTRY))
    panel("Laboratory", "M, 68 years - on admission", sections, widths=widths).save(folder / "laboratory.png")
    facts = ("Total protein 106 g/L. Narrow band, 52 g/L; the rest of the gamma region reduced.",)
    gel.electrophoresis(folder / "electrophoresis-1.png", PATIENT, NORMAL, facts)
    gel.immunofixation(folder / "electrophoresis-2.png", LANES)
    abdomen.draw(folder)
    aspirate(folder / "marrow-1.jpg")
    histology.marrow_trephine(folder / "marrow-2.jpg")
    note = "Bone marrow. First plot: lymphocyte gate; other plots: as labelled, B-cell population in purple"
    cytometry.dot_plots(folder / "flow-cytometry.png", "Flow cytometry", note, PLOTS, 4)
    cytometry.sequencing(folder / "sequencing.png", "Targeted sequencing, marrow cells", READS, GENES, FISH)


def aspirate(path: Path) -> None:
    """Draw a field of the aspirate: the cells of ``CELLS`` among red cells."""
    slide, _ = blood.smear(71, 9.5, 0.4)
    rng = np.random.default_rng(72)
    kinds = [kind for kind, count in CELLS for _ in range(count)]
    places = scatter(blood.WIDE, blood.HIGH, 6.9 * blood.UM, 73)
    order = rng.permutation(len(places))
    for i, (kind, index) in enumerate(zip(rng.permutation(len(kinds)), order, strict=False)):
        x, y = places[index]
        blood.nucleated(slide, kinds[kind], (float(x), float(y)), 200 + 7 * i)
    blood.save(slide, 7, path)
