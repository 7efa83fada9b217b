"""`readerstudy analyse FILE.csv`: what it prints, what it refuses, and how."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from typer.testing import CliRunner, Result

from commands.analyse import analyse

REFDATA = Path(__file__).parents[1] / "../shared/refdata"
ROWS = list[tuple[object, ...]]
HEADER = "reader,group,case,ddx,fdx"


def run(tmp_path: Path, rows: ROWS, header: str = HEADER, *options: str) -> Result:
    file = tmp_path / "table.csv"
    file.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return invoke(file, *options)


def invoke(file: Path, *options: str) -> Result:
    app = typer.Typer()
    app.command()(analyse)
    return CliRunner().invoke(app, [str(file), *options])


def analysed(tmp_path: Path, rows: ROWS, header: str = HEADER) -> Any:
    result = run(tmp_path, rows, header, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def panel(humans: int = 4, models: int = 3, cases: int = 12, seed: int = 1) -> ROWS:
    rng = np.random.default_rng(seed)
    names = [(f"H{n}", "human") for n in range(humans)] + [(f"M{n}", "model") for n in range(models)]
    return [(*name, f"c{case:02}", *rng.integers(0, 2, size=2)) for name in names for case in range(cases)]


def test_reference_panel_gives_the_reference_figures(tmp_path: Path) -> None:
    source = REFDATA / "panel_synth.csv"
    if not source.exists():
        pytest.skip("the reference data (panel_synth.csv) are not beside this checkout")
    import pandas as pd

    table = pd.read_csv(source).rename(columns={"ddx_top5": "ddx", "fdx_correct": "fdx"})
    table[HEADER.split(",")].to_csv(tmp_path / "panel.csv", index=False)
    found = json.loads(invoke(tmp_path / "panel.csv", "--json").stdout)
    difference = found["difference"]
    assert (found["human"]["readers"], found["human"]["cases"], found["models"]["readers"]) == (12, 120, 5)
    assert difference["ci"] == pytest.approx([-0.178208, 0.030986], abs=5e-7)
    assert (difference["p"], difference["n"]) == (pytest.approx(0.14746, abs=5e-6), 2040)
    assert found["human"]["gap"]["p"] == pytest.approx(0.028915, abs=5e-7)
    assert found["within_case"] is None
    first = next(row for row in found["model_vs_panel"] if (row["model"], row["outcome"]) == ("M1", "fdx"))
    assert (first["estimate"], first["df"]) == pytest.approx((-0.105556, 163.66), rel=1e-4)


def test_json_names_what_the_manual_promises(tmp_path: Path) -> None:
    found = analysed(tmp_path, panel())
    figure = {"estimate", "se", "df", "ci", "p", "n"}
    for group in ("human", "models"):
        assert {"readers", "cases", "ddx", "fdx", "gap", "lost", "rescued"} <= found[group].keys()
        assert all(figure <= found[group][outcome].keys() for outcome in ("ddx", "fdx", "gap", "lost", "rescued"))
    assert figure | {"method"} <= found["difference"].keys() & found["difference_models_fixed"].keys()
    assert {"reader", "n", "ddx", "fdx", "gap"} <= found["readers"][0].keys()
    assert {"model", "outcome", "estimate", "se", "df", "ci", "p"} <= found["model_vs_panel"][0].keys()
    assert (len(found["readers"]), len(found["model_vs_panel"])) == (7, 9)


def test_gap_is_lost_minus_rescued_and_difference_is_human_minus_model(tmp_path: Path) -> None:
    found = analysed(tmp_path, panel())
    human, models = found["human"], found["models"]
    assert human["gap"]["estimate"] == pytest.approx(human["lost"]["estimate"] - human["rescued"]["estimate"])
    assert found["difference"]["estimate"] == pytest.approx(human["gap"]["estimate"] - models["gap"]["estimate"])


def test_selection_is_corrected_for_chance_where_options_are_told(tmp_path: Path) -> None:
    found = analysed(tmp_path, [(*row, 4) for row in panel()], HEADER + ",options")
    fdx = found["human"]["fdx"]["estimate"]
    assert found["human"]["fdx_corrected"]["estimate"] == pytest.approx((fdx - 0.25) / 0.75)
    assert analysed(tmp_path, panel())["human"]["fdx_corrected"] is None


def test_runs_of_a_model_are_averaged_and_are_not_readers(tmp_path: Path) -> None:
    rows = [(*row, 1) for row in panel()]
    doubled = rows + [(*row[:5], 2) for row in rows if row[1] == "model"]
    once, twice = (analysed(tmp_path, table, HEADER + ",run") for table in (rows, doubled))
    assert twice["difference"] == once["difference"]
    assert any("averaged per case" in note for note in twice["missing"]["notes"])


def test_missing_cells_are_named_and_the_within_case_difference_is_given(tmp_path: Path) -> None:
    rows = panel()
    rows[0] = (*rows[0][:4], "")
    del rows[5]
    found = analysed(tmp_path, rows)
    cells = {(cell["reader"], cell["outcome"]): (cell["no_row"], cell["blank"]) for cell in found["missing"]["cells"]}
    assert cells == {("H0", "ddx"): (1, 0), ("H0", "fdx"): (1, 1)}
    assert (found["human"]["ddx"]["n"], found["human"]["fdx"]["n"], found["human"]["gap"]["n"]) == (47, 46, 46)
    assert found["within_case"]["se"] > 0
    assert "U-statistics" in found["difference"]["method"]


def test_two_models_are_fixed_and_method_says_so(tmp_path: Path) -> None:
    found = analysed(tmp_path, panel(models=2))
    assert found["difference"] == found["difference_models_fixed"]
    assert "fixed" in found["difference"]["method"]
    assert any("2 models are too few" in sentence for sentence in found["refused"])


def test_one_human_gets_figures_and_no_test(tmp_path: Path) -> None:
    found = analysed(tmp_path, panel(humans=1))
    assert found["human"]["gap"]["se"] is None
    assert (found["difference"], found["model_vs_panel"]) == (None, [])
    assert any("one reader has no variance" in sentence for sentence in found["refused"])


def test_humans_alone_are_analysed(tmp_path: Path) -> None:
    found = analysed(tmp_path, panel(models=0))
    assert found["models"] is None
    assert found["human"]["gap"]["df"] > 0


def test_scores_that_do_not_vary_are_refused_without_nan(tmp_path: Path) -> None:
    rows: ROWS = [(f"H{r}", "human", f"c{c}", 1, 1) for r in range(3) for c in range(4)]
    found = analysed(tmp_path, rows)
    assert (found["human"]["ddx"]["estimate"], found["human"]["ddx"]["p"]) == (1.0, None)
    assert any("do not vary" in sentence for sentence in found["refused"])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (panel(cases=1), "needs two cases at least; the table has 1"),
        (panel(humans=1, models=1), "no group has two readers with answers"),
        ([(f"H{n}", "human", f"c{case}", "", "") for n in range(3) for case in range(3)], "no group has two readers"),
    ],
)
def test_too_little_data_is_refused_with_a_sentence(tmp_path: Path, rows: ROWS, sentence: str) -> None:
    result = run(tmp_path, rows, HEADER, "--json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert sentence in result.stderr


def test_every_fault_is_listed_by_row_and_column(tmp_path: Path) -> None:
    rows: ROWS = [
        ("A", "human", "c1", 1, 2),
        ("A", "robot", "c1", "x", "nan"),
        ("", "human", "c2", 1, -1),
        ("A", "human", "c1", 1, 1),
        ("B", "human", "c1"),
        ("B", "human", "c2", 1, 1, 1),
    ]
    result = run(tmp_path, rows)
    assert result.exit_code == 1
    places = [line.strip().split(":")[0] for line in result.stderr.splitlines()[1:]]
    assert places == [
        "row 2, fdx", "row 3, group", "row 3, ddx", "row 3, fdx", "row 3, case", "row 3, group",
        "row 4, reader", "row 4, fdx", "row 5, case", "row 6, ddx", "row 6, fdx", "row 7, line",
    ]  # fmt: skip
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("rows", "header", "sentence"),
    [
        ([("A", "human", "c1", 1)], "reader,group,case,ddx", "row 1, fdx: the column is absent"),
        ([], HEADER, "has a header and no row"),
        ([("A", "human", "c1", 1, 1, 1), ("A", "human", "c1", 1, 1, 2)], HEADER + ",run", "a second run of a human"),
        (
            [("A", "human", "c1", 1, 1, 4), ("B", "human", "c1", 1, 1, 5)],
            HEADER + ",options",
            "another number of options",
        ),
        ([("A", "human", "c1", 1, 1, 1)], HEADER + ",options", "needs 2 options or more"),
        ([("A", "human", "c1", 1, 1), ("A", "model", "c2", 1, 1)], HEADER, "another group for this reader than row 2"),
    ],
)
def test_bad_tables_are_refused_whole(tmp_path: Path, rows: ROWS, header: str, sentence: str) -> None:
    result = run(tmp_path, rows, header)
    assert result.exit_code == 1
    assert sentence in result.stderr


def test_files_that_are_no_table_get_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "image.csv").write_bytes(b"\xff\xd8\xff\xe0\x00")
    (tmp_path / "empty.csv").write_text("")
    for name, sentence in (
        ("none.csv", "cannot be read"),
        ("image.csv", "not UTF-8"),
        ("empty.csv", "column is absent"),
    ):
        result = invoke(tmp_path / name)
        assert result.exit_code == 1
        assert sentence in result.stderr


def test_a_byte_order_mark_and_other_columns_are_no_fault(tmp_path: Path) -> None:
    found = analysed(tmp_path, [(*row, "x") for row in panel()], "\ufeff" + HEADER + ",remark")
    assert found["cases"] == 12


def test_people_get_tables_with_n_and_what_was_left_out(tmp_path: Path) -> None:
    rows = panel()
    del rows[5]
    result = run(tmp_path, rows)
    assert result.exit_code == 0
    assert "Humans (readers: 4, cases: 12)" in result.stdout
    assert "H0 (human), ddx: 1 without a row, 0 blank, of 12 cases" in result.stdout


def test_on_a_narrow_screen_long_names_give_way_and_n_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    name = "an-organisation/a-model-with-a-long-name"
    rows = [(name if reader == "M0" else reader, *rest) for reader, *rest in panel()]
    told = run(tmp_path, rows).stdout.split("Panel minus each model")[1]
    # Four humans on twelve cases: 48 cells against a model, in three outcomes of three models.
    assert sum(line.rstrip().endswith("│ 48 │") for line in told.splitlines()) == 9


def test_no_infinite_degrees_of_freedom_and_no_negative_nought_are_printed(tmp_path: Path) -> None:
    shown = run(tmp_path, panel()).stdout
    assert "∞" in shown
    assert "inf" not in shown
    assert "-0.000" not in shown


def test_pooled_variances_and_mixed_models_are_added_on_request(tmp_path: Path) -> None:
    plain = analysed(tmp_path, panel())
    asked = json.loads(run(tmp_path, panel(), HEADER, "--pooled", "--mixed", "--json").stdout)
    assert (plain["pooled"], "mixed" in plain) == (None, False)
    assert "pooled" in asked["pooled"]["method"]
    assert "(1 + task | reader)" in asked["mixed"]["gap"]["method"]
    assert asked["mixed"]["gap"]["estimate"] == pytest.approx(plain["difference"]["estimate"])
    shown = run(tmp_path, panel(), HEADER, "--mixed").output
    assert "linear mixed models" in shown
    assert "(1 + task | reader)" in asked["logistic"]["gap"]["method"]
    assert asked["logistic"]["gap"]["df"] is None
    assert "logistic mixed models, log odds" in shown


def test_scores_that_are_no_hits_have_a_linear_model_alone(tmp_path: Path) -> None:
    rows = [(*row[:3], 0.5, *row[4:]) if place == 3 else row for place, row in enumerate(panel())]
    found = json.loads(run(tmp_path, rows, HEADER, "--mixed", "--json").stdout)
    assert found["mixed"]["gap"]["se"] > 0
    assert found["logistic"]["gap"] is None
    assert "takes hits alone" in found["logistic_refused"]


def test_a_mixed_model_that_the_data_do_not_carry_is_refused_beside_the_rest(tmp_path: Path) -> None:
    found = json.loads(run(tmp_path, panel(models=1), HEADER, "--mixed", "--json").stdout)
    assert found["mixed"]["gap"] is None
    assert "two readers in each group" in found["mixed_refused"]
    assert found["difference"]["se"] > 0
