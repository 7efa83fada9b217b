"""``readerstudy models probe``: what is asked and kept, how it goes on, and what `analyse --contamination` says."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from commands import main
from study.database import open_box
from study.desk.calls import CallRow
from study.desk.work import WorkDesk
from tests.conftest import open_folder
from tests.home import BoxHome
from tests.model_server import Asked, Fail, ModelServer, Say, model_server
from tests.probing.study import file_of, has_read, probed_study
from tests.running.runs import wait_for
from tests.small_study import SmallStudy

ROOT = Path(__file__).parents[2]
CASES = 4
BLOCKS = 2
ALL = ("--only", "a model", "--paraphraser", "a writer")


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    running.forget()
    return running


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with open_folder() as data:
        yield data


@pytest.fixture
def made(folder: Path, server: ModelServer) -> SmallStudy:
    with open_box(folder) as box:
        study = probed_study(box, server.url, CASES)
    server.forget()
    server.script = has_read
    return study


def words(folder: Path, made: SmallStudy, *more: str) -> list[str]:
    where = ["--study", made.slug, "--models", str(file_of(made, folder)), "--data", str(folder)]
    return ["models", "probe", *more, *where]


def done(*words: str, code: int = 0) -> Result:
    found = CliRunner().invoke(main.build(), list(words), env={"COLUMNS": "200"})
    assert found.exit_code == code, f"{found.output}{found.exception!r}"
    return found


@contextmanager
def looked_into(folder: Path, made: SmallStudy) -> Iterator[SmallStudy]:
    with open_box(folder) as box:
        yield SmallStudy(BoxHome(box), made.study, made.slug)


def probes(folder: Path, made: SmallStudy) -> list[CallRow]:
    with looked_into(folder, made) as study:
        return list(WorkDesk(study.home.owner).calls_for(made.study, "probe"))


def unblinded(folder: Path, made: SmallStudy) -> None:
    with looked_into(folder, made) as study:
        study.close(unblind=True)


def contamination(folder: Path, made: SmallStudy) -> Any:
    where = ("--study", made.slug, "--data", str(folder))
    return json.loads(done("analyse", "--contamination", "--json", *where).stdout)


def test_probes_are_asked_once_and_kept_as_calls_with_what_they_were_about(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    told = done(*words(folder, made, *ALL)).output
    assert f"a writer, paraphrases: {CASES * BLOCKS} of {CASES * BLOCKS} questions answered" in told
    assert "a model, probes: 12 of 16 questions answered; failed: 4 refused" in told
    rows = probes(folder, made)
    assert Counter(row.request["text"]["probe"] for row in rows if row.request) == {
        "rewording": CASES * BLOCKS, "title-completion": CASES, "image-removed": CASES, "original": CASES,
        "paraphrase": CASES,
    }  # fmt: skip
    assert all(row.told is not None and row.reading is None for row in rows)
    assert not any("right" in json.dumps(row.request) for row in rows)
    sent = len(server.asked)
    again = done(*words(folder, made, *ALL)).output
    assert (len(server.asked), "12 from stored replies" in again) == (sent, True)


def test_rates_with_what_failed_and_changes_of_accuracy_stand_beside_the_accuracy(
    folder: Path, made: SmallStudy
) -> None:
    done(*words(folder, made, *ALL))
    unblinded(folder, made)
    found = contamination(folder, made)
    assert [model["model"] for model in found["models"]] == ["a model"]
    (probed,) = found["probes"]
    rates = {one["kind"]: one for one in probed["rates"]}
    hits = {kind: one["hits"] and one["hits"]["estimate"] for kind, one in rates.items()}
    assert hits == {"title-completion": 1.0, "image-removed": None, "original": 1.0, "paraphrase": 0.0}
    refused = rates["image-removed"]
    assert (refused["asked"], refused["answered"], refused["failed"]) == (CASES, 0, {"refused": CASES})
    assert (rates["original"]["hits"]["n"], rates["original"]["chance"]) == (CASES, 0.25)
    assert rates["original"]["hits"]["ci"][0] == pytest.approx(0.51, abs=0.01)
    changes = {one["kind"]: one["change"] for one in probed["changes"]}
    assert (changes["image-removed"], changes["paraphrase"]["estimate"], changes["paraphrase"]["n"]) == (
        None,
        -1,
        CASES,
    )
    told = done("analyse", "--contamination", "--study", made.slug, "--data", str(folder)).output
    assert "paraphrase, by a writer" in told
    assert "4 refused" in told


def test_a_probe_run_that_is_killed_goes_on_and_asks_again_for_what_was_in_flight_alone(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    server.script = lambda asked: Say(text="Gout", delay=0.5) if "Complete" in asked.text else has_read(asked)
    asked = words(folder, made, "--only", "a model", "--kind", "title-completion", "--samples", "4")
    process = subprocess.Popen([sys.executable, "-m", "commands.main", *asked], cwd=ROOT)
    wait_for(lambda: len(server.asked) > 8)
    process.kill()
    process.wait()
    time.sleep(0.7)
    sent, before = len(server.asked), probes(folder, made)
    flying = [row for row in before if row.outcome is None]
    assert 0 < len(flying) <= 4
    (told,) = json.loads(done(*asked, "--json").stdout)
    assert (told["answered"], told["repeats"], told["why"]) == (4 * CASES, len(flying), None)
    assert len(server.asked) == sent + 4 * CASES - (len(before) - len(flying))
    assert Counter(row.outcome for row in probes(folder, made)) == {"ok": 4 * CASES, "lost": len(flying)}


def test_two_cases_that_are_asked_about_in_the_same_words_have_a_call_each(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    with looked_into(folder, made) as study, study.home.database() as conn:
        conn.execute(
            "update study.cases set content = jsonb_set(content, '{title}', %s) where study = %s and not practice",
            [json.dumps("A patient who coughs at night and feels well by day"), made.study],
        )
    asked = words(folder, made, "--only", "a model", "--kind", "title-completion")
    for _ in range(2):
        (told,) = json.loads(done(*asked, "--json").stdout)
        assert told["answered"] == CASES
    assert len({row.request["text"]["case"] for row in probes(folder, made) if row.request}) == CASES


def test_a_reply_that_the_rule_cannot_read_is_no_answer(folder: Path, made: SmallStudy, server: ModelServer) -> None:
    server.script = lambda asked: Say(text="Hard to say.") if "Write the letter" in asked.text else has_read(asked)
    told = done(*words(folder, made, "--only", "a model", "--kind", "original"), code=1).output
    assert f"0 of {CASES} questions answered; failed: {CASES} invalid" in told
    unblinded(folder, made)
    (rate,) = contamination(folder, made)["probes"][0]["rates"]
    assert (rate["asked"], rate["answered"], rate["failed"], rate["hits"]) == (CASES, 0, {"invalid": CASES}, None)


def test_a_paraphrase_that_changes_a_number_is_none_and_its_case_is_not_asked(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    def careless(asked: Asked) -> Any:
        first = "in other words" in asked.text and "number 0" in asked.text
        return Say(text="Somebody has been unwell for quite a while, as it was told.") if first else has_read(asked)

    server.script = careless
    told = done(*words(folder, made, *ALL, "--kind", "paraphrase")).output
    assert f"a writer, paraphrases: {CASES * BLOCKS - 1} of {CASES * BLOCKS} questions answered" in told
    assert "1 not asked, for want of a paraphrase" in told


def test_an_endpoint_that_is_down_makes_the_command_fail(folder: Path, made: SmallStudy, server: ModelServer) -> None:
    server.script = lambda asked: Fail(503)
    told = done(*words(folder, made, "--only", "a model", "--kind", "title-completion"), code=1).output
    assert "0 of 4 questions answered" in told


def test_a_dry_run_a_budget_and_refusals(folder: Path, made: SmallStudy, server: ModelServer) -> None:
    assert "a model: 12 questions, about" in done(*words(folder, made, "--only", "a model", "--dry-run")).output
    assert server.asked == []
    few = words(folder, made, "--only", "a model", "--kind", "title-completion", "--budget", "0.0000001")
    assert "The budget of $1e-07 does not reach" in done(*few, code=1).output
    lacking = done(*words(folder, made, "--kind", "paraphrase"), code=1)
    assert "needs a model that writes it" in str(lacking.exception)
    own = done(*words(folder, made, "--only", "a writer", "--paraphraser", "a writer"), code=1)
    assert "would be probed with its own words" in str(own.exception)


def test_a_model_outside_is_asked_about_no_case_that_may_not_be_sent(folder: Path, made: SmallStudy) -> None:
    file = file_of(made, folder)
    file.write_text(file.read_text().replace("local = true", "local = false"))
    with looked_into(folder, made) as study, study.home.database() as conn:
        conn.execute("update study.cases set synthetic = false where study = %s and key = 'case-001'", [made.study])
    refused = done(*words(folder, made, "--only", "a model"), code=1)
    assert "1 cases may not be sent there: case-001" in str(refused.exception)
    told = done(*words(folder, made, "--only", "a model", "--permitted-only", "--dry-run")).output
    assert "1 cases are left out" in told
    assert "a model: 9 questions" in told
