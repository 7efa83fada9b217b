"""A small hand-written bundle for tests: two cases that are not synthetic, one with an image, no fault, no leak."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

STUDY = "title: Two cases\nlanguages: [en]\n"
PERICARDITIS = """\
key: pain
language: en
specialty: cardiology
source:
  licence: CC0-1.0
permissions:
  external_models: false
  redistribute: true
evidence:
  - id: history
    type: history
    text: Sharp chest pain, better when leaning forward.
  - id: ecg
    type: electrophysiology
    title: ECG
    images:
      - file: ecg.png
        alt: Electrocardiogram, twelve leads, 1 of 1
        deidentified: {by: A. Clinician, on: 2026-01-01, how: drawn anew}
    finding: Diffuse concave ST elevation with PR depression.
diagnosis:
  name: Acute pericarditis
options:
  - text: Acute pericarditis
    right: true
  - text: Myocardial infarction
    origin: clinician
    review: reviewed
    ruled_out_by: [ecg]
"""
MALARIA = """\
key: fever
language: en
specialty: infectious-diseases
source:
  licence: CC0-1.0
permissions:
  redistribute: false
evidence:
  - id: history
    type: history
    text: Fever after a journey.
diagnosis:
  name: Malaria
  synonyms: [Plasmodium infection]
options:
  - {text: Malaria, right: true}
  - {text: Dengue, origin: clinician, review: reviewed}
"""


def write_bundle(folder: Path, **cases: str) -> Path:
    """A bundle of these cases (key=text of case.yaml) in ``folder``; the small bundle's two where none is given."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    for key, text in (cases or {"pain": PERICARDITIS, "fever": MALARIA}).items():
        case = folder / "cases" / key
        case.mkdir(parents=True)
        (case / "case.yaml").write_text(text, encoding="utf-8")
        if "ecg.png" in text:
            Image.new("L", (8, 6)).save(case / "ecg.png")
    return folder
