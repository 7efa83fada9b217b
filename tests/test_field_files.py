"""Scores in the files of the field's tools: each read again by its own rules, with the same result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from scoring import missing, mrmc
from scoring.analysis import analyse
from scoring.table import read_table
from study.database import StudyError
from study.exporting.field_files import Format, write_field_files
from study.exporting.scores import of_table
from tests import field_files
from tests.field_files import Read

FIGURES = ("estimate", "se", "df", "p", "n")
HEADER = "reader,group,case,ddx,fdx,run"
REFERENCE = Path(__file__).parents[2] / "shared" / "refdata"


def table(humans: int = 4, models: int = 3, cases: int = 12, runs: int = 2, holes: float = 0.0) -> pd.DataFrame:
    """Seeded scores of 0 and 1; ``holes`` is the share of rows that are absent."""
    random = np.random.default_rng(7)
    who = [(f"Dr {n}", "human", "") for n in range(humans)]
    who += [(f"model {n}", "model", str(run)) for n in range(models) for run in range(runs)]
    rows = [
        f"{reader},{group},case {case},{random.integers(2)},{random.integers(2)},{run}"
        for reader, group, run in who
        for case in range(cases)
        if random.random() >= holes
    ]
    return read_table([f"{line}\n" for line in (HEADER, *rows)])


def put(tmp_path: Path, scored: pd.DataFrame, form: Format) -> Path:
    write_field_files(of_table(scored), form, "a study", tmp_path / "out")
    return tmp_path / "out"


def matrix(scored: pd.DataFrame, group: str, outcome: str, run: str = "") -> Any:
    own = scored[(scored["group"] == group) & (scored["run"] == run)]
    return own.pivot(index="reader", columns="case", values=outcome).sort_index(axis=1).to_numpy(float)


def by_name(found: Read, folder: Path) -> Read:
    """The same with the names that ``ids.csv`` gives."""
    names: dict[str, str] = {}
    for row in field_files.rows(folder / "ids.csv"):
        if row["kind"] in ("reader", "case"):
            names |= {f"{row['kind']} {row[key]}": row["name"] for key in ("number", "id")}
            names[f"{row['kind']} {int(row['number'])}"] = row["name"]
    case = {one: names.get(f"case {one}", one) for one in found.truth}
    ratings = {(names[f"reader {r}"], t, case[c]): value for (r, t, c), value in found.ratings.items()}
    return Read({case[one]: truth for one, truth in found.truth.items()}, ratings)


@pytest.mark.parametrize(
    ("form", "name", "read", "tests"),
    [
        ("imrmc", "humans.imrmc", field_files.imrmc, ("DDX", "FDX")),
        ("rjafroc", "humans.xlsx", field_files.rjafroc, ("1", "2")),
        ("or-dbm", "humans.txt", field_files.or_dbm, ("1", "2")),
    ],
)
def test_a_panel_read_again_gives_the_same_comparison_of_ddx_and_fdx(
    tmp_path: Path, form: Format, name: str, read: Any, tests: tuple[str, str]
) -> None:
    scored = table()
    folder = put(tmp_path, scored, form)
    found = by_name(read(folder / name), folder)
    again = mrmc.crossed(np.stack([found.scores(test) for test in tests]))
    direct = mrmc.crossed(np.stack([matrix(scored, "human", one) for one in ("ddx", "fdx")]))
    assert (again.F, again.df2, again.p) == pytest.approx((direct.F, direct.df2, direct.p), rel=1e-9)
    for reader in ("Dr 0", "Dr 3"):
        right = scored.loc[scored["reader"] == reader, "ddx"].mean()
        assert found.area(reader, tests[0]) == pytest.approx(right, rel=1e-12)


def test_each_run_of_the_models_is_a_panel_of_its_own_and_humans_stand_against_it(tmp_path: Path) -> None:
    scored = table(models=3, runs=2)
    folder = put(tmp_path, scored, "imrmc")
    names = {path.stem for path in folder.glob("*.imrmc")}
    assert names == {"humans", "models-1", "models-2", "ddx-1", "ddx-2", "fdx-1", "fdx-2"}
    nested = by_name(field_files.imrmc(folder / "fdx-2.imrmc"), folder)
    humans, models = (nested.scores(test) for test in ("HUMAN", "MODEL"))
    again = mrmc.group_contrast(humans[:4], models[4:])
    direct = mrmc.group_contrast(matrix(scored, "human", "fdx"), matrix(scored, "model", "fdx", "1"))
    assert (again.estimate, again.se, again.df) == pytest.approx((direct.estimate, direct.se, direct.df), rel=1e-9)


def test_missing_cells_are_absent_and_the_u_statistics_are_the_same(tmp_path: Path) -> None:
    scored = table(holes=0.2)
    folder = put(tmp_path, scored, "imrmc")
    found = by_name(field_files.imrmc(folder / "humans.imrmc"), folder)
    again, direct = missing.panel(found.scores("DDX")), missing.panel(matrix(scored, "human", "ddx"))
    assert (again.estimate, again.se, again.df) == pytest.approx((direct.estimate, direct.se, direct.df), rel=1e-9)


def test_the_crossed_workbook_leaves_cases_out_that_not_everybody_read_and_says_so(tmp_path: Path) -> None:
    scored = table(holes=0.1)
    whole = matrix(scored, "human", "ddx")
    kept = int((~np.isnan(whole).any(axis=0)).sum())
    assert 0 < kept < whole.shape[1]
    folder = put(tmp_path, scored, "rjafroc")
    assert field_files.rjafroc(folder / "humans.xlsx").scores("1").shape == (4, kept)
    assert f"humans: {whole.shape[1] - kept} cases are left out" in (folder / "README.txt").read_text()


def test_the_tidy_table_read_again_gives_the_whole_analysis(tmp_path: Path) -> None:
    scored = table(holes=0.1)
    folder = put(tmp_path, scored, "tidy")
    long = pd.read_csv(folder / "scores.csv", dtype={"run": str}, keep_default_na=False, na_values={"score": [""]})
    keys = ["reader", "group", "case", "run"]
    wide = long.pivot(index=keys, columns="task", values="score").reset_index()
    lines = wide[["reader", "group", "case", "ddx", "fdx", "run"]].to_csv(index=False).splitlines(keepends=True)
    again, direct = analyse(read_table(lines)).to_json(), analyse(scored).to_json()
    for one, two in ((again["human"]["gap"], direct["human"]["gap"]), (again["within_case"], direct["within_case"])):
        assert [one[key] for key in FIGURES] == pytest.approx([two[key] for key in FIGURES], rel=1e-9)


def test_scores_between_0_and_1_are_refused_by_the_formats_that_cannot_hold_them(tmp_path: Path) -> None:
    scored = table(runs=1)
    scored.loc[3, "ddx"] = 0.5
    with pytest.raises(StudyError, match="1 scores are neither 0 nor 1, the first of Dr 0 on case 3"):
        put(tmp_path, scored, "imrmc")
    assert not (tmp_path / "out").exists()
    assert len(field_files.rows(put(tmp_path, scored, "tidy") / "scores.csv")) == 2 * len(scored)


def test_names_never_become_a_part_of_the_format(tmp_path: Path) -> None:
    scored = table()
    scored["reader"] = scored["reader"].replace("Dr 0", "=truth,N0: 1")
    write_field_files(of_table(scored), "imrmc", "N1: 3 BEGIN DATA: é", tmp_path / "out")
    assert len(field_files.imrmc(tmp_path / "out" / "humans.imrmc").truth) == 12 + 5
    assert "'=truth,N0: 1" in (tmp_path / "out" / "ids.csv").read_text(encoding="utf-8")


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference data lie beside the project and are not here")
def test_variances_are_those_that_imrmc_itself_gives_for_its_example() -> None:
    found = field_files.imrmc(REFERENCE / "export_example_binary.imrmc")
    ddx, fdx = found.scores("DDX"), found.scores("FDX")
    rows = field_files.rows(REFERENCE / "export_example_binary.iMRMC403_java_statAnalysis.csv")
    told = {(row["modalityA"], row["modalityB"]): row for row in rows}
    for scores, key, name in ((ddx, ("DDX", "NO_MOD"), "varAUCA"), (ddx - fdx, ("DDX", "FDX"), "varAUCAminusAUCB")):
        ours = missing.panel(scores)
        assert ours.se**2 == pytest.approx(float(told[key][name]), rel=1e-8)
        assert ours.df == pytest.approx(float(told[key]["dfHillis"]), rel=1e-8)
