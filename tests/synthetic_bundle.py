"""A bundle of made-up text cases for tests that need a whole study with options: no images, so it is made at once."""

from __future__ import annotations

from pathlib import Path

DIAGNOSES = (
    "Acute pericarditis",
    "Falciparum malaria",
    "Otosclerosis",
    "Gout",
    "Pulmonary embolism",
    "Addison disease",
    "Myasthenia gravis",
    "Coeliac disease",
    "Temporal arteritis",
    "Pheochromocytoma",
    "Sarcoidosis",
    "Hypothyroidism",
)
STUDY = "title: {title}\nlanguages: [en]\nsynthetic: true\n"
CASE = """\
key: {key}
language: en
specialty: internal-medicine
synthetic: true
practice: {practice}
source:
  licence: CC0-1.0
permissions:
  external_models: true
  redistribute: true
evidence:
  - id: history
    type: history
    text: A made-up patient, number {number}, comes with complaint {key} since {number} weeks.
  - id: laboratory
    type: laboratory
    text: Made-up value {number} of the panel for {key}.
diagnosis:
  name: {right}
options:
  - {{text: {right}, right: true}}
  - {{text: {first}, origin: clinician, review: reviewed}}
  - {{text: {second}, origin: clinician, review: reviewed}}
  - {{text: {third}, origin: clinician, review: reviewed}}
"""
# Distractors that are no case's truth, so that the bundle has no warning.
OTHERS = ("Tension headache", "Iron deficiency", "Vasovagal syncope", "Plantar fasciitis", "Costochondritis", "Rosacea")


def synthetic_bundle(folder: Path, cases: int = 4, practice: int = 0, title: str = "Made-up cases") -> Path:
    """A bundle without faults and warnings: ``cases`` text cases with four options each, and some for practice."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(STUDY.format(title=title), encoding="utf-8")
    for number, right in enumerate(DIAGNOSES[: cases + practice], 1):
        key = f"case-{number:02d}"
        first, second, third = (OTHERS[(number + shift) % len(OTHERS)] for shift in range(3))
        text = CASE.format(
            key=key,
            number=number,
            right=right,
            first=first,
            second=second,
            third=third,
            practice="true" if number > cases else "false",
        )
        (folder / "cases" / key).mkdir(parents=True)
        (folder / "cases" / key / "case.yaml").write_text(text, encoding="utf-8")
    return folder
