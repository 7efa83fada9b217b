"""A small synthetic bundle that bots can play a study of: three cases, one also in Chinese, one for practice."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

STUDY = "title: A small study to play\nlanguages: [en, zh]\nsynthetic: true\n"
HEAD = """\
key: {key}
language: {language}
specialty: internal-medicine
synthetic: true
{more}source:
  licence: CC0-1.0
permissions:
  external_models: true
  redistribute: true
"""
EVIDENCE = """\
evidence:
  - id: history
    type: history
    text: {history}
  - id: picture
    type: x-ray
    title: X-ray
    images:
      - file: picture.png
        alt: X-ray, frontal view, 1 of 1
        deidentified: {{by: drawn by the tests, on: 2026-01-01, how: synthetic}}
    finding: {finding}
"""
CASES = {
    "gout": ("en", "", "A man with sudden pain in one big toe at night.", "Punched-out erosions.", "Gout"),
    "malaria": ("en", "", "Fever with rigors after travel to the tropics.", "A clear chest.", "Malaria"),
    "stone": ("en", "", "Colicky loin pain down to the groin.", "A small density in the ureter.", "Ureteric stone"),
    "stone-zh": ("zh", "translation_of: stone\n", "腰部绞痛，向腹股沟放射。", "输尿管区小致密影。", "输尿管结石"),
    "warm-up": ("en", "practice: true\n", "Cough and fever for three days.", "A lobar shadow.", "Pneumonia"),
}
OTHERS = {"en": ("Sprain", "Influenza", "Asthma"), "zh": ("扭伤", "流行性感冒", "哮喘")}


def played_bundle(folder: Path) -> Path:
    """Write the bundle into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(STUDY, encoding="utf-8")
    for number, (key, (language, more, history, finding, truth)) in enumerate(CASES.items()):
        case = folder / "cases" / key
        case.mkdir(parents=True)
        text = HEAD.format(key=key, language=language, more=more) + EVIDENCE.format(history=history, finding=finding)
        text += f"diagnosis:\n  name: {truth}\noptions:\n  - {{text: {truth}, right: true}}\n"
        text += "".join(f"  - {{text: {o}, origin: test, review: reviewed}}\n" for o in OTHERS[language])
        (case / "case.yaml").write_text(text, encoding="utf-8")
        Image.new("L", (8, 6), 40 * min(number, 2)).save(case / "picture.png")
    return folder
