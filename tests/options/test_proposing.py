"""``readerstudy cases options --model``: what becomes a distractor, what is refused, and when nothing is written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from study import bundle
from study.database import StudyError
from tests.model_server import Asked, Fail, ModelServer, Say
from tests.options.bundles import NAMED, bare, cases_of, declare, differs, done


def options(folder: Path, models: Path, *more: str, code: int = 0) -> str:
    return done("cases", "options", str(folder), "--model", "guesser", "--models", str(models), *more, code=code).output


def test_a_models_differential_becomes_exactly_so_many_distractors_with_their_origin(
    tmp_path: Path, server: ModelServer
) -> None:
    folder, models = bare(tmp_path / "b"), declare(tmp_path, server.url)
    server.script = lambda asked: differs(*NAMED)
    before = (folder / "cases" / "fever" / "case.yaml").read_text()
    assert "3 case(s) have 3 distractors now" in options(folder, models)
    for case in cases_of(folder).values():
        assert [(one.text, one.review) for one in case.distractors] == [(name, "proposed") for name in NAMED[:3]]
        assert case.options[0].text == case.diagnosis.name
        assert case.distractors[1].origin == "model guesser (small-2025-01-31), differential.1, place 2"
    assert (folder / "cases" / "fever" / "case.yaml").read_text().startswith(before)
    assert bundle.check(folder).warning_counts() == {"unreviewed-options": 3}


def test_the_diagnosis_its_synonyms_and_variants_and_other_cases_truths_are_no_distractors(
    tmp_path: Path, server: ModelServer
) -> None:
    folder, models = bare(tmp_path / "b"), declare(tmp_path, server.url)
    file = folder / "cases" / "joint" / "case.yaml"
    file.write_text(file.read_text() + "  synonyms: [Podagra]\n")
    refused = ("gout", "Podagra", "Acute gout", "Malaria", "Septic arthritis", "Arthritis, septic", "unknown")
    server.script = lambda asked: differs(*refused, *NAMED)
    options(folder, models)
    taken = [one.text for one in cases_of(folder)["joint"].distractors]
    assert taken == ["Septic arthritis", "Dengue", "Typhoid fever"]


def test_a_case_that_is_short_is_asked_about_again_and_else_nothing_is_written(
    tmp_path: Path, server: ModelServer
) -> None:
    folder, models = bare(tmp_path / "b"), declare(tmp_path, server.url)
    before = {key: (folder / "cases" / key / "case.yaml").read_bytes() for key in cases_of(folder)}

    def script(asked: Asked) -> Say:
        first = "the 7 diagnoses" in asked.text
        names = NAMED if "complaint fever" not in asked.text else NAMED[:2] if first else later["fever"]
        found = differs(*names)
        assert isinstance(found, Say)
        return found

    later: dict[str, tuple[str, ...]] = {"fever": NAMED[:2]}
    server.script = script
    told = options(folder, models, code=1)
    assert "fever: 1 of 3 distractors are missing" in told
    assert before == {key: (folder / "cases" / key / "case.yaml").read_bytes() for key in before}
    assert len(server.asked) == 5
    other = tmp_path / "other.jsonl"
    later["fever"] = NAMED[:4]
    options(folder, models, "--calls", str(other))
    assert [one.text for one in cases_of(folder)["fever"].distractors] == list(NAMED[:3])


def test_a_broken_run_is_taken_up_and_asks_for_no_stored_answer(tmp_path: Path, server: ModelServer) -> None:
    folder, models = bare(tmp_path / "b"), declare(tmp_path, server.url, tries=1, limits={"concurrency": 1})
    server.script = lambda asked: differs(*NAMED) if asked.number == 1 else Fail(401)
    assert "run it again to go on" in options(folder, models, code=1)
    assert not any(case.options for case in cases_of(folder).values())
    sent, server.script = len(server.asked), lambda asked: differs(*NAMED)
    assert "1 stored answers" in options(folder, models)
    assert len(server.asked) - sent == 2
    lines = [json.loads(line) for line in (tmp_path / "b.calls.jsonl").read_text().splitlines()]
    assert {line["purpose"] for line in lines if line["act"] == "start"} == {"options"}


def test_a_dry_run_sends_and_writes_nothing(tmp_path: Path, server: ModelServer) -> None:
    prices = {"input": 10, "output": 30}
    folder, models = bare(tmp_path / "b"), declare(tmp_path, server.url, prices=prices)
    told = options(folder, models, "--dry-run")
    assert "guesser: 3 calls, about" in told
    assert "about $0.0" in told
    assert (server.asked, (tmp_path / "b.calls.jsonl").exists()) == ([], False)


def test_a_case_that_may_not_leave_refuses_the_whole_or_is_left_out(tmp_path: Path, server: ModelServer) -> None:
    folder, models = bare(tmp_path / "b"), declare(tmp_path, server.url)
    file = folder / "cases" / "joint" / "case.yaml"
    file.write_text(file.read_text() + "permissions: {external_models: false}\n")
    server.script = lambda asked: differs(*NAMED)
    with pytest.raises(StudyError, match="1 cases may not be sent there: joint"):
        options_raised(folder, models)
    options(folder, models, "--permitted-only")
    assert [len(case.options) for case in cases_of(folder).values()] == [4, 4, 0]
    assert not [one for one in server.asked if "complaint joint" in one.text]


def test_distractors_that_stand_are_kept_and_a_rejected_one_is_never_proposed_again(
    tmp_path: Path, server: ModelServer
) -> None:
    folder, models = bare(tmp_path / "b", fever="Malaria"), declare(tmp_path, server.url)
    file = folder / "cases" / "fever" / "case.yaml"
    given = "options:\n  - {text: Malaria, right: true}\n  - {text: Babesiosis, review: reviewed}\n# the last word\n"
    file.write_text(file.read_text() + given + "rejected:\n  - {text: Dengue, review: rejected}\n")
    server.script = lambda asked: differs(*NAMED)
    options(folder, models)
    case = cases_of(folder)["fever"]
    assert [one.text for one in case.distractors] == ["Babesiosis", "Typhoid fever", "Septic arthritis"]
    assert [one.text for one in case.rejected] == ["Dengue"]
    assert "# the last word\nrejected:" in file.read_text()


def options_raised(folder: Path, models: Path) -> None:
    from commands.cases import options as command

    command(folder, None, "guesser", models)
