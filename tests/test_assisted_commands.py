"""`study new --protocol assisted` and a simulation of an assisted study, as commands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from study.bundle import read
from tests.conftest import open_folder
from tests.played_bundle import played_bundle

pytestmark = [pytest.mark.database, pytest.mark.timeout(240)]
ROOT = Path(__file__).parents[1]


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end."""
    command = [sys.executable, "-m", "commands.main", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=200)


def answers(bundle: Path, leave: str = "") -> str:
    """A file of answers of one model to every case but one; it names its option by its words or its label."""
    lines: list[dict[str, Any]] = []
    for case in read(bundle).cases:
        where = {"model": "M", "case": case.key, "provenance": "a test"}
        lines += [
            where | {"kind": "ddx", "answer": {"lines": ["Asthma"], "confidence": 40}},
            where | {"kind": "open", "text": '{"diagnosis": "Asthma"}'},
            where | {"kind": "selection", "answer": {"option": case.options[1].text}},
        ]
    return "\n".join(json.dumps(line) for line in lines if line["case"] != leave)


def test_a_study_is_made_of_a_file_of_answers_and_refused_with_every_case_that_is_not_there(tmp_path: Path) -> None:
    bundle, file = played_bundle(tmp_path / "bundle"), tmp_path / "answers.jsonl"
    with open_folder() as data:
        new = ["study", "new", bundle, "--slug", "s", "--data", data, "--protocol"]
        without = run(*new, "assisted")
        assert (without.returncode, "--advice FILE.jsonl" in without.stderr) == (1, True)
        file.write_text(answers(bundle, leave="malaria"), encoding="utf-8")
        lacking = run(*new, "assisted", "--advice", file)
        assert (lacking.returncode, "malaria (no answer)" in lacking.stderr) == (1, True)
        file.write_text(answers(bundle), encoding="utf-8")
        assert "it has those of: M" in run(*new, "assisted", "--advice", file, "--advisor", "N").stderr
        assert "shows no model's answer" in run(*new, "medsyn", "--advice", file).stderr
        made = run(*new, "assisted", "--advice", file)
        assert made.returncode == 0, made.stderr


def test_bots_play_an_assisted_study_and_some_follow(tmp_path: Path) -> None:
    bundle, to = played_bundle(tmp_path / "bundle"), tmp_path / "out"
    with open_folder() as data:
        told = ["--data", data, "--bundle", bundle, "--to", to, "--slug", "played"]
        done = run("simulate", "--protocol", "assisted", "--readers", 4, "--seed", 3, *told)
        assert done.returncode == 0, done.stderr
        checked = run("verify", "--data", data, "--study", "played")
        assert (checked.returncode, "everything holds" in checked.stdout) == (0, True)
    shown, given = (pd.read_parquet(to / f"{name}.parquet") for name in ("advice", "answers"))
    counts = given[(given["missing"] == "") & ~given["practice"]].groupby("kind").size()
    assert counts["assisted-ddx"] == counts["assisted-open"] == len(shown) > 0
    both = given[given["kind"].isin(("open", "assisted-open"))].pivot(index="reading", columns="kind", values="lines")
    changed = (both["open"] != both["assisted-open"])[both["assisted-open"].notna()]
    assert 0 < changed.sum() < len(changed)
