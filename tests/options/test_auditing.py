"""``readerstudy cases audit``: figures against chance, cases that are told, and what replaces their distractors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scoring.estimates import TooLittleData
from scoring.shortcuts import guessed, out_of_fold
from tests.model_server import Act, Asked, Fail, ModelServer, Say, Script
from tests.options.bundles import DIAGNOSES, NAMED, bare, cases_of, declare, differs, done, labels, picks
from tests.synthetic_bundle import synthetic_bundle

DULL = ["Dengue", "Mumps", "Rabies"]


def audit(folder: Path, models: Path | None, *more: str, code: int = 0) -> dict[str, Any]:
    by = ("--model", "guesser", "--models", str(models)) if models else ()
    found: dict[str, Any] = json.loads(done("cases", "audit", str(folder), "--json", *by, *more, code=code).stdout)
    return found


def complete(tmp_path: Path, server: ModelServer) -> tuple[Path, Path]:
    """Three cases with the same three distractors each."""
    folder, models = bare(tmp_path / "b"), declare(tmp_path, server.url)
    server.script = lambda asked: differs(*NAMED)
    done("cases", "options", str(folder), "--model", "guesser", "--models", str(models))
    server.forget()
    return folder, models


def telling(*told: str) -> Script:
    """Guesses that hit those whose right option is among these, and differentials."""

    def act(asked: Asked) -> Act:
        if not labels(asked):
            return differs(*NAMED)
        right = next(name for name in DIAGNOSES.values() if name in labels(asked).values())
        tired = bool(set(NAMED[:3]) & set(labels(asked).values()))
        wrong = next(text for text in labels(asked).values() if text != right)
        return picks(asked, right if right in told and tired else wrong)

    return act


def test_exact_interval_and_chance_of_cases_with_unlike_numbers_of_options() -> None:
    found = guessed([True] * 8 + [False] * 2, [4] * 5 + [2] * 5)
    assert (found.hits, found.n, found.estimate, found.chance) == (8, 10, 0.8, 0.375)
    assert found.ci == pytest.approx((0.4439, 0.9748), abs=1e-4)  # Clopper and Pearson's table
    assert guessed([True] * 2, [4, 2]).p == pytest.approx(1 / 8)
    assert found.beats_chance
    assert not guessed([True, False], [4, 4]).beats_chance


def test_a_classifier_finds_that_the_right_option_is_the_longest_in_cases_it_did_not_learn_on() -> None:
    options = [[f"Word{n} of an option with many details, type {n}", *DULL] for n in range(20)]
    assert out_of_fold(options, [0] * 20, range(20)) == [0] * 20
    with pytest.raises(TooLittleData, match="9 cases are too few"):
        out_of_fold(options[:9], [0] * 9, range(9))


def test_a_classifier_does_not_hit_where_options_say_nothing_though_the_right_one_is_written_first() -> None:
    options = [[f"Disease {(n * 7 + place * 13) % 97:02d}" for place in range(4)] for n in range(60)]
    found = out_of_fold(options, [0] * 60, range(60))
    assert not guessed([place == 0 for place in found], [4] * 60).beats_chance


def test_without_a_model_the_classifier_alone_audits(tmp_path: Path) -> None:
    (look,) = audit(synthetic_bundle(tmp_path / "b", cases=12), None)["looks"]
    assert (look["by"], look["shown"], look["figure"]["n"], look["figure"]["chance"]) == (
        "classifier",
        "options",
        12,
        0.25,
    )
    assert look["figure"]["beats_chance"]  # its distractors come again and again, its truths never
    assert len(look["leaks"]) == look["figure"]["hits"]
    told = done("cases", "audit", str(tmp_path / "b")).output
    assert "exact 95 % interval" in told
    assert "beats chance." in told


def test_a_models_guesses_are_counted_by_case_and_evidence_is_not_sent(tmp_path: Path, server: ModelServer) -> None:
    folder, models = complete(tmp_path, server)
    server.script = telling("Malaria")
    found = audit(folder, models)
    options, history, classifier = found["looks"]
    assert (options["figure"]["hits"], options["figure"]["n"], options["leaks"]) == (1, 3, ["fever"])
    assert (history["shown"], history["leaks"], found["leaks"]) == ("history", ["fever"], ["fever"])
    assert classifier["why"] == "3 cases are too few for a classifier; it takes 10."
    assert len(server.asked) == 2 * 3 * 3
    shown = [asked.text for asked in server.asked]
    assert not [text for text in shown if "Made-up value" in text]
    assert sum("complaint" in text for text in shown) == 9
    orders = {tuple(labels(asked).values()) for asked in server.asked if "Gout" in labels(asked).values()}
    assert len(orders) > 1


def test_an_audit_that_broke_has_no_figure_and_goes_on_where_it_was(tmp_path: Path, server: ModelServer) -> None:
    folder, models = complete(tmp_path, server)
    server.script = lambda asked: picks(asked, "Gout") if asked.number < 6 else Fail(401)
    found = audit(folder, models, "--shown", "options", code=1)
    assert (found["why"], found["looks"]) == ("endpoint", [])
    sent = sum(asked.number < 6 for asked in server.asked)
    server.forget()
    server.script = lambda asked: picks(asked, "Gout")
    audit(folder, models, "--shown", "options")
    assert len(server.asked) == 9 - sent


def test_a_model_that_answers_nothing_clears_no_case(tmp_path: Path, server: ModelServer) -> None:
    folder, models = complete(tmp_path, server)
    server.script = lambda asked: Say("It may be any of them.")
    said = ("cases", "audit", str(folder), "--model", "guesser", "--models", str(models), "--replace")
    told = done(*said, code=1).output
    assert "No case is told" not in told
    assert "Whether it is told is not known, for no answer could be read: chest, fever, joint." in told


def test_distractors_of_a_case_that_is_told_are_drawn_anew_and_audited_again(
    tmp_path: Path, server: ModelServer
) -> None:
    folder, models = complete(tmp_path, server)
    server.script = telling("Malaria")
    found = audit(folder, models, "--replace")
    assert (found["replaced"], found["leaks"], len(found["rounds"])) == ({"fever": 3}, [], 2)
    case = cases_of(folder)["fever"]
    assert [one.text for one in case.distractors] == list(NAMED[3:6])
    assert [(one.text, one.review) for one in case.rejected] == [(name, "rejected") for name in NAMED[:3]]
    assert {one.reason for one in case.rejected} == {"the right option was told without the evidence beside it"}
    assert [one.text for one in cases_of(folder)["joint"].distractors] == list(NAMED[:3])


def test_what_leaks_after_the_last_round_is_said_and_what_clinicians_hold_good_stays(
    tmp_path: Path, server: ModelServer
) -> None:
    folder, models = complete(tmp_path, server)
    file = folder / "cases" / "joint" / "case.yaml"
    file.write_text(file.read_text().replace("review: proposed", "review: accepted"))
    usual = telling()
    server.script = lambda asked: (
        picks(asked, next(name for name in DIAGNOSES.values() if name in labels(asked).values()))
        if labels(asked)
        else usual(asked)
    )
    told = done(
        *("cases", "audit", str(folder), "--model", "guesser", "--models", str(models)), "--replace", "--rounds", "1"
    ).output
    assert "Told still: chest, fever, joint." in told
    assert "audit once more by another model" in told
    assert "joint: left as it was, for a clinician holds all of its distractors good." in told
    assert [one.text for one in cases_of(folder)["joint"].distractors] == list(NAMED[:3])
    assert [one.text for one in cases_of(folder)["chest"].distractors] == list(NAMED[3:6])


def test_a_dry_run_says_how_many_calls_an_audit_takes(tmp_path: Path, server: ModelServer) -> None:
    folder, models = complete(tmp_path, server)
    by = ("--model", "guesser", "--models", str(models), "--dry-run")
    assert "guesser: 18 calls" in done("cases", "audit", str(folder), *by).output
    assert server.asked == []
