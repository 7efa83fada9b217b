"""`readerstudy analyse --sensitivity`, `models ablate --tables`, `models sft-mix` on a study that a model has read."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner, Result

from commands import main
from scoring.sensitivity import evidence_sensitivity
from study.database import StudyError, open_box
from tests.conftest import open_folder
from tests.home import BoxHome
from tests.model_study import protocol, read
from tests.pool_file import sample, write
from tests.small_study import PNG, TRUTHS, case, small_study

pytestmark = pytest.mark.database
CONDITIONS = (("main", 0.4), ("without-x-ray", 0.25), ("finding-x-ray", 0.85))
FAST = ("--draws", "100", "--sensitivity")


@pytest.fixture(scope="module")
def folder() -> Iterator[tuple[Path, str]]:
    """A data folder with an unblinded study of three cases, read by model M in three conditions; and its name."""
    with open_folder() as data, open_box(data) as box:
        published = {"licence": "CC0-1.0", "published": "2025-03-01"}
        study = small_study(BoxHome(box), protocol(), contents=[case(key) | {"source": published} for key in TRUTHS])
        for condition, right in CONDITIONS:
            read(study, condition, right)
        study.close(unblind=True)
        yield data, study.slug


def run(folder: tuple[Path, str], *words: str) -> Result:
    data, slug = folder
    return CliRunner().invoke(main.build(), [*words, "--study", slug, "--data", str(data)], env={"COLUMNS": "200"})


def as_json(folder: tuple[Path, str], *words: str) -> Any:
    done = run(folder, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_sensitivity_is_told_with_its_settings(folder: tuple[Path, str]) -> None:
    found = as_json(folder, "analyse", *FAST)
    (xray,) = found["models"][0]["use"]["types"]
    assert xray["s_text"]["estimate"] == pytest.approx(evidence_sensitivity([0.85, 0.05, 0.05, 0.05], [0.25] * 4))
    assert (xray["nmse"]["n"], found["models"][0]["estimator"]) == (3, "elicited")
    assert (found["settings"]["base"], found["settings"]["others"], found["study"]) == (2.0, "image", folder[1])


def test_people_get_a_table_with_the_estimator_and_the_null(folder: tuple[Path, str]) -> None:
    told = run(folder, "analyse", *FAST).output
    assert "Synthetic cases: not patients." in told
    assert "M: by elicited." in told
    assert "S of the finding" in told
    assert "no null" in told, "one sample a case"


def test_a_scatter_is_written_with_a_point_a_case_and_the_identity_line(
    folder: tuple[Path, str], tmp_path: Path
) -> None:
    assert run(folder, "analyse", *FAST, "--plots", str(tmp_path)).exit_code == 0
    plot = ElementTree.parse(tmp_path / "sensitivity-M.svg").getroot()
    name = "{http://www.w3.org/2000/svg}"
    assert len(plot.findall(f".//{name}circle")) == 3
    assert len(plot.findall(f".//{name}line")) == 1
    words = " ".join(text.text or "" for text in plot.iter(f"{name}text"))
    assert "x-ray, n = 3 cases" in words
    assert "By elicited" in words


def test_another_base_of_the_logarithm_scales_all_sensitivities(folder: tuple[Path, str]) -> None:
    bits, nats = (as_json(folder, "analyse", *FAST, "--log-base", base) for base in ("2", "2.718281828459045"))
    first, second = (found["models"][0]["use"]["types"][0]["s_image"]["estimate"] for found in (bits, nats))
    assert second == pytest.approx(first * 0.6931471805599453)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((*FAST, "--only", "N"), "No model 'N' took part in small-.*; there are: M"),
        ((*FAST, "--log-base", "1"), "the logarithm's base is above 1"),
        (("--plots", "figures"), "--plots: for --sensitivity alone"),
        (("--only", "M"), "--only: for --sensitivity or --contamination alone"),
        ((*FAST, "--cutoff", "M=2025-01-01"), "--cutoff: for --contamination alone"),
        ((*FAST, "--mixed"), "--mixed: for the analysis of the gap alone"),
    ],
)
def test_what_cannot_be_analysed_is_refused_in_a_sentence(
    folder: tuple[Path, str], words: tuple[str, ...], sentence: str
) -> None:
    with pytest.raises(StudyError, match=sentence):
        raise run(folder, "analyse", *words).exception or AssertionError


def test_sensitivity_is_not_of_a_table(tmp_path: Path) -> None:
    done = CliRunner().invoke(main.build(), ["analyse", str(tmp_path / "table.csv"), "--sensitivity"])
    assert isinstance(done.exception, StudyError)
    assert "give --study" in str(done.exception)


def test_tables_hold_each_condition_against_the_main_reading(folder: tuple[Path, str]) -> None:
    found = as_json(folder, "models", "ablate", "--tables")
    rows = {row["condition"]: row for row in found["rows"]}
    assert set(rows) == {"main", "without-x-ray", "finding-x-ray"}
    assert (rows["main"]["accuracy"]["estimate"], rows["main"]["accuracy"]["n"]) == (1.0, 3)
    assert rows["finding-x-ray"]["difference"]["n"] == 3
    told = run(folder, "models", "ablate", "--tables").output
    assert "One type of evidence left out" in told
    assert "Exploratory." in told


def test_tables_are_of_the_models_that_a_file_declares(folder: tuple[Path, str], tmp_path: Path) -> None:
    path = tmp_path / "models.toml"
    endpoint = 'adapter = "chat"\nbase_url = "http://127.0.0.1:1/v1"\nmodel = "m-2025-01-01"\nlocal = true\n'
    entry = '[[model]]\nname = "{}"\n' + endpoint
    path.write_text(entry.format("M"))
    found = as_json(folder, "models", "ablate", "--tables", "--models", str(path))
    assert {row["model"] for row in found["rows"]} == {"M"}
    path.write_text(entry.format("N"))
    with pytest.raises(StudyError, match="No model 'N' took part"):
        raise run(folder, "models", "ablate", "--tables", "--models", str(path)).exception or AssertionError


def test_ablate_without_anything_to_do_says_what_it_can(folder: tuple[Path, str]) -> None:
    with pytest.raises(StudyError, match="--tables prints"):
        raise run(folder, "models", "ablate").exception or AssertionError


def test_results_are_told_against_the_declared_cut_off_or_another(folder: tuple[Path, str]) -> None:
    (model,) = as_json(folder, "analyse", "--contamination")["models"]
    assert model["cutoff"] == "2025-01-31"
    assert [period["cases"] for period in model["periods"]] == [0, 3, 0], "the cases appeared in March"
    (later,) = as_json(folder, "analyse", "--contamination", "--cutoff", "M=2025-03-01")["models"]
    assert [period["cases"] for period in later["periods"]] == [3, 0, 0]
    told = run(folder, "analyse", "--contamination").output
    assert "M, cut-off 2025-01-31" in told
    assert "selection" in told
    with pytest.raises(StudyError, match="The cut-off 'M=soon' is none"):
        raise run(folder, "analyse", "--contamination", "--cutoff", "M=soon").exception or AssertionError


MARKED = [{"role": "user", "content": "<image> What is it?"}, {"role": "assistant", "content": "Gout."}]


def mixed(folder: tuple[Path, str], pool: Path, *words: str) -> Result:
    return run(folder, "models", "sft-mix", "--model", "M", "--from", str(pool), *words)


def test_a_mixture_is_written_with_its_manifest(folder: tuple[Path, str], tmp_path: Path) -> None:
    pool = write(tmp_path / "pool.jsonl", *(sample(n, kind) for n in range(9) for kind in ("x-ray", "ct")))
    target = tmp_path / "mix.jsonl"
    done = mixed(folder, pool, "--size", "8", "--rest", "0.5", "--to", str(target))
    assert "8 samples: 4 x-ray, and 4 of any type." in done.output.replace("\n", " ")
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [set(line) for line in lines] == [{"messages"}] * 8
    told = json.loads((tmp_path / "mix.manifest.json").read_text())
    assert told["mixture_sha256"] == hashlib.sha256(target.read_bytes()).hexdigest()
    assert told["pool"]["sha256"] == hashlib.sha256(pool.read_bytes()).hexdigest()
    (xray,) = told["types"]
    assert (xray["type"], xray["share"], xray["wanted"]) == ("x-ray", 1.0, 4)
    assert xray["deficit"] == pytest.approx(xray["s_text"] - xray["s_image"])
    with pytest.raises(StudyError, match="is there already"):
        raise mixed(folder, pool, "--size", "8", "--to", str(target)).exception or AssertionError


def test_a_pool_with_the_studys_own_case_is_refused_by_name_or_taken_without_it(
    folder: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "own.png").write_bytes(PNG)
    own = sample(77, "x-ray", messages=MARKED, images=["own.png"])
    pool = write(tmp_path / "pool.jsonl", own, *(sample(n, "x-ray") for n in range(4)))
    target = str(tmp_path / "mix.jsonl")
    with pytest.raises(StudyError, match=r"x-ray-77: its image own.png is one of the case's \(case "):
        raise mixed(folder, pool, "--size", "2", "--to", target).exception or AssertionError
    assert not (tmp_path / "mix.jsonl").exists()
    done = mixed(folder, pool, "--size", "4", "--to", target, "--without-duplicates")
    assert "Left out as near-duplicates of the study's cases: 1." in done.output.replace("\n", " ")
    told = json.loads((tmp_path / "mix.manifest.json").read_text())
    assert {one["sample"] for one in told["near_duplicates_left_out"]} == {"x-ray-77"}
    assert "x-ray-77" not in told["samples"]
