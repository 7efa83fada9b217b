"""``readerstudy cases ...`` as a person types it."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from commands.cases import app
from tests.small_bundle import MALARIA, PERICARDITIS, write_bundle
from tests.test_import_agentclinic import record, write_lines

run = CliRunner()


def test_check_of_a_sound_bundle_exits_0_and_counts(tmp_path: Path) -> None:
    result = run.invoke(app, ["check", str(write_bundle(tmp_path))])
    assert (result.exit_code, result.output.strip()) == (0, "2 case(s), 1 image(s): 0 fault(s), 0 warning(s).")


def test_check_names_file_line_and_field_and_exits_1(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path, fever=MALARIA.replace("specialty:", "speciality:"))
    result = run.invoke(app, ["check", str(folder)])
    assert result.exit_code == 1
    assert "fault field: cases/fever/case.yaml:3: speciality: unknown key" in result.output
    assert "The bundle is refused." in result.output


def test_check_as_json_is_for_programs(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path, fever=MALARIA.replace("Fever", "Malaria"))
    report = json.loads(run.invoke(app, ["check", str(folder), "--json"]).stdout)
    assert (report["ok"], report["warning_counts"], report["warnings"][0]["line"]) == (True, {"leak": 1}, 11)


def test_preview_shows_blocks_and_options_and_neither_key_nor_file_secrets(tmp_path: Path) -> None:
    synthetic = PERICARDITIS.replace("specialty:", "synthetic: true\nspecialty:")
    output = run.invoke(app, ["preview", str(write_bundle(tmp_path, pain=synthetic))]).output
    assert "SYNTHETIC" in output
    assert "Image 1 of 1: ecg.png, 8 x 6 pixels" in output
    assert output.index("Block 1 of 2") < output.index("Block 2 of 2: ECG") < output.index("( ) Acute pericarditis")
    assert not {"right", "reviewed", "clinician", "ruled_out_by"} & set(output.lower().split())


def test_preview_of_an_unknown_case_lists_those_there_are(tmp_path: Path) -> None:
    result = run.invoke(app, ["preview", str(write_bundle(tmp_path)), "--case", "gout"])
    assert (result.exit_code, "there are fever, pain" in result.output) == (1, True)


def test_the_schema_accepts_a_case_and_refuses_an_unknown_key() -> None:
    jsonschema = importlib.import_module("jsonschema")
    schema = json.loads(run.invoke(app, ["schema", "case.yaml"]).stdout)
    case = yaml.load(MALARIA, yaml.BaseLoader) | {"options": yaml.safe_load(MALARIA)["options"]}
    case["permissions"] = {"redistribute": False}
    jsonschema.validate(case, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(case | {"truth": "x"}, schema)


def test_import_check_options_and_check_again(tmp_path: Path) -> None:
    file, out = write_lines(tmp_path, record()), tmp_path / "out"
    (tmp_path / "pool.csv").write_text("term\nSeptic arthritis\nReactive arthritis\nOld gouty arthritis\n")
    imported = run.invoke(app, ["import", "agentclinic", str(file), "--into", str(out)])
    assert imported.exit_code == 0, imported.output
    assert "Unknown name 'Mystery_Test' (1)" in imported.output
    completed = run.invoke(app, ["options", str(out), "--pool", str(tmp_path / "pool.csv")])
    assert "1 of 1 case(s) without options got some, out of 3 terms." in completed.output
    assert "agentclinic-001: 1 of 3 distractors" in completed.output
    report = json.loads(run.invoke(app, ["check", str(out), "--json"]).stdout)
    assert (report["faults"], report["warning_counts"]) == ([], {"unreviewed-options": 1})


def test_a_refused_import_lists_every_line_and_exits_1(tmp_path: Path) -> None:
    result = run.invoke(
        app, ["import", "agentclinic", str(write_lines(tmp_path, "{", "[]")), "--into", str(tmp_path / "o")]
    )
    assert result.exit_code == 1
    assert "line 1: is not JSON" in result.output
    assert "line 2: record:" in result.output
    assert not (tmp_path / "o").exists()
