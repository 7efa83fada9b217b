"""Bundles of made-up cases whose options a model of the tests' server proposes and audits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from commands import main
from study import bundle
from study.case import Case
from tests.model_server import Act, Asked, Say
from tests.small_bundle import write_bundle

DIAGNOSES = {"fever": "Malaria", "joint": "Gout", "chest": "Acute pericarditis"}
NAMED = ("Dengue", "Typhoid fever", "Septic arthritis", "Pulmonary embolism", "Chikungunya", "Leptospirosis")
CASE = """\
# made up by hand
key: {key}
language: en
specialty: internal-medicine
synthetic: true
source: {{licence: CC0-1.0}}
evidence:
  - {{id: history, type: history, text: "A made-up patient, complaint {key}."}}
  - {{id: laboratory, type: laboratory, text: "Made-up value of {key}."}}
diagnosis:
  name: {name}
"""


def bare(folder: Path, **names: str) -> Path:
    """A bundle of synthetic cases without options."""
    cases = {key: CASE.format(key=key, name=name) for key, name in (names or DIAGNOSES).items()}
    return write_bundle(folder, **cases)


def cases_of(folder: Path) -> dict[str, Case]:
    """The bundle's cases as they are on disk."""
    return {case.key: case for case in bundle.read(folder).cases}


def declare(folder: Path, url: str, **more: Any) -> Path:
    """A file that declares one model of the tests' server, outside of the institution unless it is told."""
    told = {"name": "guesser", "adapter": "chat", "model": "small-2025-01-31", "base_url": url, "tries": 2} | more
    file = folder / "models.toml"
    file.write_text("[[model]]\n" + "".join(f"{name} = {_toml(value)}\n" for name, value in told.items()))
    return file


def done(*words: str, code: int = 0) -> Result:
    """The command's result; the tests' assertion is that it exits so."""
    found = CliRunner().invoke(main.build(), list(words))
    assert found.exit_code == code, f"{found.output}{found.exception!r}"
    return found


def differs(*names: str) -> Act:
    """A differential of these names."""
    return Say(text=json.dumps({"diagnoses": list(names)}))


def labels(asked: Asked) -> dict[str, str]:
    """The options of a question by their labels."""
    lines = [line.split(". ", 1) for line in asked.text.splitlines() if line[1:3] == ". "]
    return {one[0]: one[1] for one in lines}


def picks(asked: Asked, text: str) -> Act:
    """The choice of the option with this text; where it is not shown, of the first."""
    found = next((label for label, option in labels(asked).items() if option == text), "A")
    return Say(text=json.dumps({"choice": found}))


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name} = {_toml(one)}" for name, one in value.items()) + " }"
    return json.dumps(value)
