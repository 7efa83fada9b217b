"""Images of the case porphyria, with the data they show."""

from __future__ import annotations

from pathlib import Path

from study.demo.drawing import neurography, normal_film, plain_abdomen, urine
from study.demo.drawing.neurography import Nerve, Stimulus
from study.demo.drawing.reports import Section, panel

EMERGENCY = (
    Section(
        "Serum",
        (
            ("Sodium", "118", "mmol/L", "135-145", "LL"),
            ("Potassium", "3.7", "mmol/L", "3.5-5.0", ""),
            ("Osmolality", "246", "mOsm/kg", "275-295", "L"),
            ("Urea (urea nitrogen)", "3.1 (8.7)", "mmol/L (mg/dL)", "2.5-7.1 (7-20)", ""),
            ("Creatinine", "58 (0.66)", "umol/L (mg/dL)", "45-84 (0.5-0.95)", ""),
            ("Glucose", "5.6 (101)", "mmol/L (mg/dL)", "3.9-7.8 (70-140)", ""),
            ("Bilirubin", "11 (0.6)", "umol/L (mg/dL)", "< 21 (< 1.2)", ""),
            ("ALT", "48", "U/L", "< 35", "H"),
            ("Lipase", "34", "U/L", "13-60", ""),
            ("C-reactive protein", "2", "mg/L", "< 5", ""),
            ("hCG", "< 1", "U/L", "< 5", ""),
        ),
    ),
    Section(
        "Blood count",
        (
            ("Haemoglobin", "131", "g/L", "120-155", ""),
            ("MCV", "89", "fL", "80-98", ""),
            ("White cells", "10.9", "10⁹/L", "4.0-10.0", "H"),
            ("Platelets", "288", "10⁹/L", "150-400", ""),
        ),
    ),
    Section(
        "Urine",
        (
            ("Osmolality", "512", "mOsm/kg", "50-1,200", ""),
            ("Sodium", "78", "mmol/L", "", ""),
            ("Dipstick", "negative", "", "negative", ""),
        ),
    ),
)
SPECIAL = (
    Section(
        "Random urine, protected from light",
        (
            ("Porphobilinogen / creatinine", "46", "umol/mmol", "< 1.5", "HH"),
            ("5-aminolevulinic acid / creatinine", "27", "umol/mmol", "< 3.8", "HH"),
        ),
    ),
    Section(
        "Blood, plasma, faeces",
        (
            ("Plasma fluorescence, peak", "620", "nm", "none", "POS"),
            ("Porphyrins, faeces (dry weight)", "92", "nmol/g", "< 200", ""),
            ("Coproporphyrin III : I, faeces", "0.8", "", "< 1.5", ""),
            ("Hydroxymethylbilane synthase, red cells", "52", "% of control", "80-120", "L"),
            ("Lead, blood", "0.07 (1.4)", "umol/L (ug/dL)", "< 0.17 (< 3.5)", ""),
        ),
    ),
    Section(
        "Tetracosactide test, 250 ug",
        (
            ("Cortisol, 0 min", "690 (25.0)", "nmol/L (ug/dL)", "133-540 (4.8-19.6)", "H"),
            ("Cortisol, 30 min", "905 (32.8)", "nmol/L (ug/dL)", "> 430 (> 15.6)", ""),
        ),
    ),
    Section(
        "Cerebrospinal fluid",
        (
            ("Protein", "0.31 (31)", "g/L (mg/dL)", "0.15-0.45 (15-45)", ""),
            ("White cells", "1", "/uL", "< 5", ""),
            ("Glucose", "3.4 (61)", "mmol/L (mg/dL)", "2.2-3.9 (40-70)", ""),
        ),
    ),
)
NERVES = (
    Nerve("Right radial", "ext. indicis", 2, (Stimulus("Forearm", 2.3, 0.9), Stimulus("Spiral groove", 6.0, 0.8))),
    Nerve("Right median", "APB", 4, (Stimulus("Wrist", 3.6, 2.6), Stimulus("Elbow", 7.8, 2.5))),
    Nerve("Right ulnar", "ADM", 4, (Stimulus("Wrist", 2.8, 2.9), Stimulus("Below elbow", 6.6, 2.8))),
    Nerve("Right fibular", "EDB", 2, (Stimulus("Ankle", 4.4, 1.8), Stimulus("Fibular head", 11.4, 1.7))),
)
CONDUCTION = (
    Section(
        "Motor",
        (
            ("Radial, right", "0.9", "2.3", "54", "-", "L"),
            ("Median, right", "2.6", "3.6", "53", "28.1", "L"),
            ("Ulnar, right", "2.9", "2.8", "56", "27.6", "L"),
            ("Fibular, right", "1.8", "4.4", "46", "49.8", "L"),
            ("Tibial, right", "5.1", "4.6", "45", "51.2", ""),
        ),
    ),
    Section(
        "Sensory (amplitude in uV)",
        (
            ("Radial, right", "31", "-", "58", "-", ""),
            ("Median, right", "34", "-", "56", "-", ""),
            ("Ulnar, right", "22", "-", "57", "-", ""),
            ("Sural, right", "19", "-", "49", "-", ""),
        ),
    ),
)
NOTES = (
    "Limits: amplitude radial > 2, median > 4, ulnar > 4, fibular > 2, tibial > 4 mV; sensory > 10 uV, sural > 6 uV;",
    "velocity arms > 50, legs > 40 m/s; F latency arms < 32, legs < 56 ms. No conduction block, no dispersion.",
    "Needle: fibrillation 2+ in triceps and extensor digitorum, few in deltoid, none in tibialis anterior.",
)


def draw(folder: Path) -> None:
    """Draw all images of the case into ``folder``."""
    panel("Emergency laboratory", "Woman, 20s   |   day 1, 14:20", EMERGENCY).save(folder / "laboratory-1.png")
    panel("Special tests", "Woman, 20s   |   days 1 and 2", SPECIAL).save(folder / "laboratory-2.png")
    fresh = (urine.FRESH, urine.FRESH, urine.CONTROL)
    urine.photograph(fresh, "0 h").save(folder / "urine-1.jpg")
    later = (urine.DARKENED, urine.KEPT_DARK, urine.CONTROL)
    urine.photograph(later, "24 h").save(folder / "urine-2.jpg")
    plain_abdomen.radiograph(erect=False).save(folder / "xray-1.jpg")
    plain_abdomen.radiograph(erect=True).save(folder / "xray-2.jpg")
    normal_film.film().save(folder / "film.jpg")
    neurography.motor_traces(NERVES).save(folder / "neurography-1.png")
    table = panel(
        "Nerve conduction studies",
        "Woman, 20s   |   day 6",
        CONDUCTION,
        columns=("Nerve", "Amplitude (mV)", "Distal latency (ms)", "Velocity (m/s)", "F (ms)", "Flag"),
        widths=(0.22, 0.18, 0.2, 0.18, 0.12, 0.1),
        notes=NOTES,
    )
    table.save(folder / "neurography-2.png")
