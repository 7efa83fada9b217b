"""``readerstudy models run``, ``status``, ``cost``, ``import``, ``ablate`` as their users call them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from commands.main import build
from study.database import StudyError, open_box
from study.desk import CoordinatorDesk
from tests.conftest import open_folder
from tests.model_server import Fail, ModelServer, Say
from tests.played_bundle import played_bundle

ROOT = Path(__file__).parents[2]
MODELS = """
[[model]]
name = "first"
adapter = "chat"
model = "small-2025-01-31"
base_url = "{url}"
local = true
tries = 2
prices = {{ input = 1.0, output = 10.0 }}
limits = {{ concurrency = 8, image_pixels = 6000, max_output_tokens = 500 }}

[[model]]
name = "second"
adapter = "chat"
model = "other-latest"
base_url = "{url}"
local = true
"""


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


@dataclass
class Place:
    """A data folder with an open study, and a file of models."""

    data: Path
    models: Path

    def run(self, *words: str | Path) -> Done:
        """A command on this folder, ended."""
        ended = CliRunner().invoke(build(), [*map(str, words), "--data", str(self.data)], env={"COLUMNS": "200"})
        if isinstance(ended.exception, StudyError):
            return Done(1, ended.stdout, str(ended.exception))
        return Done(ended.exit_code, ended.stdout, ended.stderr)

    def process(self, *words: str | Path) -> Done:
        """The same in a process of its own."""
        command = [sys.executable, "-m", "commands.main", *map(str, words), "--data", str(self.data)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
        return Done(ended.returncode, ended.stdout, ended.stderr)

    def json(self, *words: str | Path) -> Any:
        """What it prints as JSON."""
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def place(running: ModelServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("models")
    bundle = played_bundle(folder / "bundle")
    (folder / "models.toml").write_text(MODELS.format(url=running.url), encoding="utf-8")
    with open_folder() as data, open_box(data) as box:
        made = Place(data, folder / "models.toml")
        rules = folder / "protocol.yaml"
        rules.write_text("model_samples: 2\n", encoding="utf-8")
        words = (
            "study",
            "new",
            bundle,
            "--slug",
            "pilot",
            "--protocol",
            rules,
            "--conditions",
            "medsyn",
            "--seed",
            "5",
        )
        done = made.run(*words)
        assert done.returncode == 0, done.stderr
        desk = CoordinatorDesk(box.owner)
        study = desk.find("pilot").study
        warnings = desk.status(study).meta["warnings"]
        desk.open(study, warnings, dict.fromkeys(warnings, "as planned"))
        yield made


@pytest.fixture(scope="module")
def read(place: Place, running: ModelServer) -> tuple[Done, int]:
    """The run in which the first model reads the study, and how often the server was asked."""
    running.forget()
    return place.run("models", "run", "--models", place.models, "--only", "first"), len(running.asked)


def test_a_dry_run_says_what_would_be_sent_and_sends_nothing(place: Place, server: ModelServer) -> None:
    (found,) = place.json("models", "run", "--models", place.models, "--only", "first", "--dry-run")
    # Four cases and one for practice, twice, with a list, a diagnosis, a choice and the closing questions each.
    assert (found["readings"], found["done"], found["calls"], found["samples"]) == (10, 0, 40, 2)
    assert found["images"][0] == {"native": [8, 6], "sent": [8, 6]}
    assert 0 < found["cost"] < found["cost_at_most"]
    said = place.run("models", "run", "--models", place.models, "--dry-run").stdout
    assert "second, main: 10 readings (2 samples), about 40 calls" in said
    assert "Warning: second: other-latest names no date and no digest" in said
    assert server.asked == []


def test_models_read_and_their_state_and_cost_are_told(
    place: Place, read: tuple[Done, int], server: ModelServer
) -> None:
    done, asked = read
    assert (done.returncode, asked) == (0, 40), done.stderr
    assert (
        "first, main: 10 of 10 readings completed. 40 calls (ok 40), 4,000 tokens in and 800 out, $0.0120."
        in done.stdout
    )
    assert "accuracy" not in done.stdout.lower()
    (row,) = place.json("models", "status")
    assert (row["samples"], row["readings"], row["calls"]) == (2, {"completed": 10}, {"ok": 40})
    (spent,) = place.json("models", "cost")
    assert (spent["calls"], spent["input_tokens"], spent["cost"]) == (40, 4000, 0.012)
    assert "$0.0120 in all" in place.run("models", "cost").stdout
    again = place.run("models", "run", "--models", place.models, "--only", "first")
    assert "0 of 10 readings completed, 10 before. 0 calls (none)" in again.stdout
    assert server.asked == []


@pytest.mark.usefixtures("read")
def test_a_dry_run_measures_answers_by_those_that_came(place: Place) -> None:
    (found,) = place.json(
        "models", "run", "--models", place.models, "--only", "first", "--condition", "findings", "--dry-run"
    )
    assert (found["answer_tokens"], found["answer_tokens_measured"], found["images"]) == (20, True, [])


@pytest.mark.usefixtures("read")
def test_what_every_condition_would_cost_is_said_with_its_sum_and_nothing_is_sent(
    place: Place, server: ModelServer
) -> None:
    done = place.run("models", "ablate", "--models", place.models, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "first, without-x-ray-findings: 8 readings (2 samples), about 32 calls" in done.stdout
    assert "In all: 148 readings, about 552 calls. Cost: about $" in done.stdout
    assert ", and that of 9 without prices." in done.stdout
    assert server.asked == []
    tables = place.run("models", "ablate", "--tables", "--dry-run")
    assert (tables.returncode, "A dry run is of models that would read" in tables.stderr) == (1, True)


def test_a_provider_that_is_down_ends_with_an_error_and_no_accuracy(place: Place, server: ModelServer) -> None:
    server.script = lambda _: Fail(503)
    done = place.process("models", "run", "--models", place.models, "--only", "first", "--condition", "findings")
    assert done.returncode == 1
    assert "0 of 8 readings completed, 8 left" in done.stdout
    assert "first failed by itself (503: scripted)" in done.stdout
    assert not [word for word in ("accuracy", "%", "coverage") if word in done.stdout + done.stderr]
    (row,) = [row for row in place.json("models", "status") if row["condition"] == "findings"]
    assert set(row["readings"]) <= {"assigned", "reading"}


def test_conditions_of_a_model_that_is_down_are_not_begun(place: Place, server: ModelServer, tmp_path: Path) -> None:
    file = tmp_path / "models.toml"
    file.write_text(MODELS.format(url=server.url).replace('"first"', '"away"'), encoding="utf-8")
    server.script = lambda _: Fail(401)
    done = place.run("models", "ablate", "--models", file, "--only", "away", "--no-cache")
    assert done.returncode == 1
    assert "away, main: 0 of 10 readings completed, 10 left" in done.stdout
    assert "away, without-x-ray: not begun, for its endpoint is down." in done.stdout
    assert [row["condition"] for row in place.json("models", "status") if row["model"] == "away"] == ["main"]


def test_a_budget_ends_with_an_error_and_says_what_is_spent(place: Place, server: ModelServer) -> None:
    done = place.run(
        "models", "run", "--models", place.models, "--only", "first", "--condition", "fresh", "--budget", "0.004"
    )
    assert done.returncode == 1
    assert "The budget of $0.004 does not reach for the next question" in done.stdout


def test_every_condition_is_read_by_one_command(place: Place, server: ModelServer) -> None:
    done = place.run("models", "ablate", "--models", place.models, "--only", "first")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "The tables are printed once the study is closed and unblinded" in done.stdout
    rows = {row["condition"]: row["readings"] for row in place.json("models", "status")}
    assert sorted(rows) == sorted(
        ["main", "findings", "remove-text", "random-text", "fresh", "without-x-ray", "without-x-ray-findings",
         "finding-x-ray", "refine-x-ray"]
    )  # fmt: skip
    assert {state for counts in rows.values() for state in counts} == {"completed"}
    words = {str(asked.messages) for asked in server.asked}
    assert any("In particular, take into account the evidence of this type: X-ray." in text for text in words)


def test_a_model_none_of_whose_answers_can_be_read_ends_with_an_error_and_stays_known_as_failed(
    place: Place, server: ModelServer, tmp_path: Path
) -> None:
    file = tmp_path / "models.toml"
    file.write_text(MODELS.format(url=server.url).replace('"second"', '"chatty"'), encoding="utf-8")
    server.script = lambda _: Say("I think that it is gout.")
    words = ("models", "run", "--models", file, "--only", "chatty", "--condition", "findings", "--condition", "fresh")
    done = place.run(*words)
    assert (done.returncode, "0 of 8 readings completed, 8 failed (invalid 8)" in done.stdout) == (1, True)
    assert done.stderr.count("names no date and no digest") == 1
    again = place.run(*words)
    assert (again.returncode, "completed, 8 before (8 of them failed). 0 calls" in again.stdout) == (1, True)


def test_keys_that_are_missing_are_told_before_any_model_is_asked(
    place: Place, server: ModelServer, tmp_path: Path
) -> None:
    file = tmp_path / "models.toml"
    text = MODELS.format(url=server.url).replace('"first"', '"with a key"').replace('"second"', '"without"')
    file.write_text(f'{text}key_env = "NOBODY_SETS_THIS"\n', encoding="utf-8")
    for command in ("run", "ablate", "probe"):
        done = place.run("models", command, "--models", file)
        assert (done.returncode, "The variable NOBODY_SETS_THIS is not set" in done.stderr) == (1, True)
    assert server.asked == []
    assert not [row for row in place.json("models", "status") if row["model"] in ("with a key", "without")]


def test_answers_made_elsewhere_are_imported(place: Place, server: ModelServer, tmp_path: Path) -> None:
    file = tmp_path / "answers.jsonl"
    lines = [
        {"model": "o3", "case": "gout", "kind": kind, "answer": answer, "provenance": "a table"}
        for kind, answer in (
            ("ddx", {"lines": ["Gout"], "none": False, "confidence": 80}),
            ("open", {"diagnosis": "Gout", "none": False, "confidence": 80}),
            ("selection", {"option": "Gout", "confidence": 80}),
        )
    ]
    file.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    done = place.run("models", "import", file)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "o3, main: 1 of 5 readings completed, 4 left" in done.stdout
    assert "It reads with 1 sample; the protocol fixes 2." in done.stdout
    assert server.asked == []
    file.write_text(json.dumps(lines[0] | {"sample": 3}), encoding="utf-8")
    told = "The protocol fixes 2 samples of each model, and the file goes up to 3."
    assert told in place.run("models", "import", file).stderr


def test_the_faults_of_every_file_of_answers_are_told_at_once(place: Place, tmp_path: Path) -> None:
    models = tmp_path / "models.toml"
    one = '[[model]]\nname = "{0}"\nadapter = "replay"\nmodel = "{0}"\nanswers = "{1}"\n'
    models.write_text("".join(one.format(name, tmp_path / f"{name}.jsonl") for name in ("a", "b")), encoding="utf-8")
    (tmp_path / "a.jsonl").write_text("no JSON", encoding="utf-8")
    done = place.run("models", "run", "--models", models)
    assert done.returncode == 1
    assert [f"{name}.jsonl is refused, 1 fault" in done.stderr for name in ("a", "b")] == [True, True]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--models", "nowhere.toml"), "nowhere.toml"),
        (("--only", "gpt"), "There is no baseline 'gpt'; there are retrieval and chance."),
        (("--budget", "1"), "Name the file that declares models with --models."),
    ],
)
def test_what_cannot_be_run_is_told_in_a_sentence(place: Place, words: tuple[str, ...], told: str) -> None:
    done = place.run("models", "run", *words)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert told in done.stderr


def test_the_offline_baselines_read_without_a_file_of_models(place: Place) -> None:
    done = place.run("models", "run", "--only", "chance")
    assert (done.returncode, done.stdout.startswith("chance have read the study")) == (0, True), done.stderr


def test_the_whole_record_holds_afterwards(place: Place) -> None:
    done = place.run("verify", "--study", "pilot", "--parity")
    assert done.returncode == 0, done.stdout
