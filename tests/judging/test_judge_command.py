"""``readerstudy grade --judge``: what it says, how it goes on after a kill, and what `analyse` says of its grades."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from commands import main
from study.database import open_box
from tests.conftest import open_folder
from tests.home import BoxHome
from tests.judging.bench import WAITING, by_line, grades, judges, read_study, says
from tests.model_server import Act, Asked, Fail, ModelServer, Reset, Say, Script, model_server
from tests.running.runs import calls, outcomes
from tests.small_study import SmallStudy

ROOT = Path(__file__).parents[2]
BOTH = ("--judge", "judge north", "--judge", "judge south")
AGREED = {"Influenza": 2, "gout": 0, "Mumps": 0}


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with model_server() as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    running.forget()
    running.script = by_line({"north": AGREED, "south": AGREED})
    return running


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A data folder."""
    with open_folder() as data:
        yield data


@pytest.fixture
def made(folder: Path, server: ModelServer) -> SmallStudy:
    """A closed study of this test's own in the data folder, and a file that declares two judges for it."""
    with open_box(folder) as box:
        study = read_study(box)
    entries = "".join(
        f'[[model]]\nname = "{one.name}"\nadapter = "chat"\nmodel = "{one.model}"\nbase_url = "{server.url}"\n'
        f'revision = "{study.slug}"\nlocal = true\nfamily = "{one.family}"\nlimits = {{ concurrency = 2 }}\n'
        for one in judges(server.url)
    )
    (folder / f"{study.slug}.toml").write_text(entries)
    return study


def words(folder: Path, made: SmallStudy, *more: str) -> list[str]:
    """The words of a command that has two judges grade."""
    where = ["--study", made.slug, "--models", str(folder / f"{made.slug}.toml"), "--data", str(folder)]
    return ["grade", *(more or BOTH), *where]


def done(*words: str, code: int = 0) -> Result:
    found = CliRunner().invoke(main.build(), list(words))
    assert found.exit_code == code, f"{found.output}{found.exception!r}"
    return found


def begun(folder: Path, made: SmallStudy) -> subprocess.Popen[str]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "commands.main", *words(folder, made)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@contextmanager
def looked_into(folder: Path, made: SmallStudy) -> Iterator[SmallStudy]:
    """The study, over a box that is open."""
    with open_box(folder) as box:
        yield SmallStudy(BoxHome(box), made.study, made.slug)


def test_two_judges_grade_a_study_and_a_second_run_asks_nothing(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    told = done(*words(folder, made)).output
    assert f"{WAITING} distinct lines to judge on Bond 2012 / Kanjee 2023 by the rubric kanjee2023.1" in told
    assert f"judge south: {WAITING} graded, 0 without a grade" in told
    assert "0 lines wait for a human" in told
    sent = len(server.asked)
    assert f"0 of {WAITING} gradings are left" in done(*words(folder, made)).output
    assert len(server.asked) == sent


def test_a_dry_run_asks_nothing_and_refusals_are_sentences(folder: Path, made: SmallStudy, server: ModelServer) -> None:
    assert "8 of 8 gradings are left, about" in done(*words(folder, made, *BOTH, "--dry-run")).output
    alone = done(*words(folder, made, *BOTH[:2]), code=1)
    assert "One judge is not enough: name 2 with --judge, or say --one-judge-is-enough" in str(alone.exception)
    unknown = done(*words(folder, made, "--judge", "judge east"), code=1)
    assert "declares no judge east; it declares judge north, judge south." in str(unknown.exception)
    assert "Give one of --to FILE" in str(done("grade", "--data", str(folder), code=1).exception)
    assert server.asked == []


def test_a_run_that_is_killed_goes_on_and_asks_again_for_what_was_in_flight_alone(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    server.script = slow(0.5)
    process = begun(folder, made)
    wait_until(lambda: len(server.asked) > WAITING // 2)
    process.kill()
    process.communicate()
    time.sleep(0.7)
    sent = len(server.asked)
    with looked_into(folder, made) as study:
        before = calls(study)
    flying = [row for row in before if row.outcome is None]
    assert 0 < len(flying) <= 2
    server.script = slow(0)
    told = json.loads(done(*words(folder, made, *BOTH, "--json")).stdout)
    with looked_into(folder, made) as study:
        assert outcomes(calls(study)) == {"ok": 2 * WAITING, "lost": len(flying)}
        assert Counter(one.source for one in grades(study)) == {"judge:judge north": 8, "judge:judge south": 8}
    assert len(server.asked) == sent + 2 * WAITING - (len(before) - len(flying))
    assert told["judges"][0]["repeated"] == len(flying)


def test_ctrl_c_lets_what_is_in_flight_come_to_its_end(folder: Path, made: SmallStudy, server: ModelServer) -> None:
    server.script = slow(0.5)
    process = begun(folder, made)
    wait_until(lambda: len(server.asked) > 2)
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=120)
    assert (process.returncode, "Interrupted: what was in flight has come to its end" in told) == (130, True)
    with looked_into(folder, made) as study:
        assert outcomes(calls(study)) == {"ok": len(grades(study))}


def test_a_key_that_a_later_judge_lacks_is_told_before_the_first_is_asked(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    file = folder / f"{made.slug}.toml"
    file.write_text(f'{file.read_text()}key_env = "NOBODY_SETS_THIS"\n')
    refused = done(*words(folder, made), code=1)
    assert "The variable NOBODY_SETS_THIS is not set" in str(refused.exception)
    assert server.asked == []


def test_a_judge_that_is_down_makes_the_command_fail_and_the_other_grades_all_the_same(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    server.script = lambda asked: Fail(401, "no_key", "No such key.") if asked.model[0] == "n" else says(0)
    told = done(*words(folder, made), code=1).output
    assert f"judge south: {WAITING} graded" in told
    assert f"{WAITING} lines wait for a human" in told


def test_what_may_have_been_paid_to_one_judge_is_no_longer_there_for_the_next(
    folder: Path, made: SmallStudy, server: ModelServer
) -> None:
    file = folder / f"{made.slug}.toml"
    dear = "tries = 1\nprices = { input = 0, output = 1e6 }\nlimits = { concurrency = 1, max_output_tokens = 10 }"
    file.write_text(file.read_text().replace("limits = { concurrency = 2 }", dear))
    server.script = lambda asked: Reset() if asked.model[0] == "n" else says(0)
    told = done(*words(folder, made, *BOTH, "--budget", "45"), code=1).output
    assert "could not be reached, or broke off" in told
    left = re.search(r"The budget of \$(\d+) does not reach for the next question", told)
    assert left is not None
    assert int(left[1]) <= 45 - 3 * 10


def test_every_result_says_how_far_the_judges_agree(folder: Path, made: SmallStudy, server: ModelServer) -> None:
    server.script = by_line({"north": AGREED, "south": AGREED | {"Mumps": 4}})
    done(*words(folder, made, *BOTH, "--repeat", "1", "--of", "0.5"))
    where = ("--study", made.slug, "--data", str(folder))
    done("study", "unblind", "--reason", "done", *where)
    found: dict[str, Any] = json.loads(done("analyse", "--json", *where).stdout)
    told = found["agreement"]
    assert found["settings"]["grading"] == {"name": "lower-median", "judges": 2, "apart": 1}
    assert told["waiting"] == {"apart": 3}
    (pair,) = told["pairs"]
    assert (pair["first"], pair["second"], pair["n"], pair["equal"]) == ("judge north", "judge south", 8, 5 / 8)
    assert [one["judge"] for one in told["repeats"]] == ["judge north", "judge south"]
    assert {one["by"] for one in told["under"]} == {"judge north", "judge south"}
    shown = done("analyse", *where).output
    assert "3 lines wait for a human: the judges are further apart than the rule allows" in shown
    assert "Judges: judge north (north, kanjee2023.1), judge south (south, kanjee2023.1)." in shown


def slow(seconds: float) -> Script:
    usual = by_line({"north": AGREED, "south": AGREED})

    def act(asked: Asked) -> Act:
        said = usual(asked)
        assert isinstance(said, Say)
        return Say(text=said.text, delay=seconds)

    return act


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until, "it has not come to pass"
        time.sleep(0.02)
