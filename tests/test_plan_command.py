"""``readerstudy plan``: from a pilot's table or stated spreads to power, widths, curves and the smallest design."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from commands.plan import app
from study.database import StudyError

STATED = ("--human-sd", "0.1", "0.2", "0.45")
MODELS = ("--model-sd", "0.15", "0.2", "0.4")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, list(map(str, words)))


def told(*words: str | Path) -> Any:
    done = run(*words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def pilot(tmp_path: Path) -> Path:
    rng = np.random.default_rng(4)
    who = [(f"h{n}", "human") for n in range(5)] + [(f"m{n}", "model") for n in range(4)]
    rows = [f"{r},{g},c{c},{rng.integers(2)},{rng.integers(2)}" for r, g in who for c in range(30)]
    path = tmp_path / "pilot.csv"
    path.write_text("\n".join(["reader,group,case,ddx,fdx", *rows]) + "\n", encoding="utf-8")
    return path


def test_a_pilot_gives_the_variances_and_the_number_of_models(tmp_path: Path) -> None:
    found = told(pilot(tmp_path), "--readers", "5,10", "--cases", "30,60")
    assert found["asked"]["comparison"] == "models_fixed"
    assert [one["design"]["models"] for one in found["designs"]] == [4] * 4
    assert found["basis"]["human"]["rest"] > 0.2  # two fair coins: the variance of a gap is .5


def test_more_readers_and_more_cases_have_more_power_and_narrower_intervals() -> None:
    found = told(*STATED, "--readers", "5,20", "--cases", "50,200")["designs"]
    powers, widths = ([one[name] for one in found] for name in ("power", "width"))
    assert powers[0] < powers[1] < powers[3]
    assert widths[0] > widths[2] > widths[3]


def test_the_smallest_design_is_named_for_a_width_too() -> None:
    found = told(*STATED, *MODELS, "--readers", "3,12", "--target-width", "0.16")["smallest"]
    assert found[0] is None
    assert found[1]["width"] <= 0.16


def test_people_get_tables_and_the_design_of_fewest_readings() -> None:
    done = run(*STATED, "--readers", "8,16", "--cases", "100", "--share", "0.5", "--effect", "0.15")
    assert "the human panel's mean against zero" in done.output
    assert "Split: each human reads 50 % of the cases" in done.output
    assert "Fewest readings:" in done.output


def test_curves_are_files_that_name_every_number(tmp_path: Path) -> None:
    done = run(*STATED, "--readers", "5,20", "--cases", "50,200", "--plots", tmp_path / "curves")
    assert done.exit_code == 0, done.output
    drawn = (tmp_path / "curves" / "power.svg").read_text(encoding="utf-8")
    assert "5 readers: 50 0." in drawn
    assert (tmp_path / "curves" / "width.svg").exists()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "Name one source of the variances"),
        ((*STATED, "--readers", "3,x"), "--readers '3,x' is no list of whole numbers"),
        ((*STATED, *MODELS, "--models", "2", "--compare", "models_random"), "need three at least; 2 asked for"),
        ((*STATED, "--compare", "models_fixed"), "needs models"),
        (MODELS, "without the humans'"),
        ((*STATED, "--share", "1.5"), "between 0 and 1"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    done = run(*words)
    assert isinstance(done.exception, StudyError)
    assert sentence in str(done.exception)
