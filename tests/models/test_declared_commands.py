"""``readerstudy models check`` and ``schema``: a file of models looked over before any of them is asked."""

from __future__ import annotations

import importlib
import json
import tomllib
from pathlib import Path

import pytest
from typer.testing import CliRunner

from baselines.declared import ModelsRefused
from commands.models import app

EXAMPLE = Path(__file__).parents[2] / "docs" / "models.example.toml"
run = CliRunner()


def test_a_sound_file_is_told_model_by_model_with_its_warnings() -> None:
    shown = run.invoke(app, ["check", str(EXAMPLE)])
    assert shown.exit_code == 0
    assert "claude-opus-4.5: claude-opus-4-5-20251101 by chat at api.anthropic.com; images\n" in shown.stdout
    assert "Qwen2.5-VL-7B: Qwen/Qwen2.5-VL-7B-Instruct by chat at 127.0.0.1 (local); images, schema" in shown.stdout
    assert "Warning: internvl3-78b: opengvlab/internvl3-78b names no date and no digest" in shown.stdout


def test_a_file_with_faults_is_refused(tmp_path: Path) -> None:
    (tmp_path / "models.toml").write_text('[[model]]\nname = "m"\n')
    with pytest.raises(ModelsRefused, match="m: adapter: is missing"):
        run.invoke(app, ["check", str(tmp_path / "models.toml")], catch_exceptions=False)


def test_the_schema_accepts_the_example_and_refuses_an_unknown_field() -> None:
    jsonschema = importlib.import_module("jsonschema")
    schema = json.loads(run.invoke(app, ["schema"]).stdout)
    example = json.loads(json.dumps(tomllib.loads(EXAMPLE.read_text("utf-8")), default=str))
    jsonschema.validate(example, schema)
    example["model"][0]["colour"] = "blue"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(example, schema)
