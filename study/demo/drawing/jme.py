"""Images of the case jme and of its translation, with the data they show."""

from __future__ import annotations

from pathlib import Path

from study.demo.drawing import eeg, hippocampi
from study.demo.drawing.eeg import Burst, Page
from study.demo.drawing.reports import Section, panel

BLOOD = (
    Section(
        "Serum and plasma",
        (
            ("Glucose", "5.1 (92)", "mmol/L (mg/dL)", "3.9-5.8 (70-105)", ""),
            ("Sodium", "140", "mmol/L", "135-145", ""),
            ("Calcium, total", "2.41 (9.7)", "mmol/L (mg/dL)", "2.20-2.65 (8.8-10.6)", ""),
            ("Magnesium", "0.84 (2.0)", "mmol/L (mg/dL)", "0.70-1.05 (1.7-2.6)", ""),
            ("Creatinine", "59 (0.67)", "umol/L (mg/dL)", "45-80 (0.5-0.9)", ""),
            ("ALT", "17", "U/L", "< 35", ""),
            ("Creatine kinase", "412", "U/L", "< 170", "H"),
            ("Lactate (next day)", "1.3 (12)", "mmol/L (mg/dL)", "0.5-2.2 (5-20)", ""),
            ("Ammonia", "24", "umol/L", "11-48", ""),
            ("Ethanol", "< 0.1", "g/L", "< 0.1", ""),
        ),
    ),
    Section(
        "Blood count",
        (
            ("Haemoglobin", "134", "g/L", "120-155", ""),
            ("White cells", "8.9", "10⁹/L", "4.0-10.5", ""),
            ("Vacuolated lymphocytes", "none", "", "none", ""),
        ),
    ),
    Section(
        "Urine",
        (
            ("Drug screen (6 groups)", "negative", "", "negative", ""),
            ("hCG", "negative", "", "negative", ""),
        ),
    ),
)
GENES = (
    ("CSTB, dodecamer repeat", "2 / 3 copies", "normal (2-3)", ""),
    ("CSTB, sequence", "100 %", "no pathogenic variant", ""),
    ("EPM2A, NHLRC1", "100 %", "no pathogenic variant", ""),
    ("SCARB2, KCNC1, GOSR2, PRICKLE1", "100 %", "no pathogenic variant", ""),
    ("PPT1, TPP1, CLN3, CLN5, CLN6", "99.8 %", "no pathogenic variant", ""),
    ("MFSD8, CLN8, CTSD, DNAJC5", "99.8 %", "no pathogenic variant", ""),
    ("NEU1, ASAH1, GBA1, KCTD7", "99.7 %", "no pathogenic variant", ""),
    ("SLC2A1, SCN1A, GABRA1, CACNA1A", "99.9 %", "no pathogenic variant", ""),
    ("Mitochondrial DNA, m.8344A>G and others", "2,400x", "not found", ""),
)
PAGES = (
    Page("Rest, eyes closed, awake", (Burst(6.1, 7.35, 4.4, 185, 3),), 31, blinks=(0.7,)),
    Page("Rest, eyes closed, awake", (Burst(3.0, 5.5, 4.6, 195, 3),), 47, blinks=(8.9,), jerks=(3.1, 3.33)),
    Page(
        "Intermittent photic stimulation", (Burst(4.4, 6.7, 4.3, 190, 3),), 58, flashes=(1.5, 6.0, 16.0), jerks=(4.5,)
    ),
)


def draw(folder: Path) -> None:
    """Draw all images of the case into ``folder``."""
    panel("Laboratory report", "Girl, 16   |   first visit", BLOOD).save(folder / "laboratory.png")
    for i, page in enumerate(PAGES):
        eeg.draw_page(page).save(folder / f"eeg-{i + 1}.png")
    hippocampi.coronal(hippocampi.FLAIR, 71).save(folder / "mri-1.jpg")
    hippocampi.coronal(hippocampi.T2, 71).save(folder / "mri-2.jpg")
    hippocampi.axial(hippocampi.T2, 83).save(folder / "mri-3.jpg")
    report = panel(
        "Gene panel: epilepsy",
        "Girl, 16   |   leucocyte DNA   |   64 genes, mean depth 284x",
        (Section("Genes", GENES),),
        columns=("Gene", "Covered > 20x", "Result", ""),
        widths=(0.52, 0.18, 0.29, 0.01),
        notes=("64 genes were read; the main ones are listed. No copy-number variant.",),
    )
    report.save(folder / "genomics.png")
