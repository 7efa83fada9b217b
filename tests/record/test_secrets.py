"""Nothing tells the truth before its time: every reply that anybody can get in an open study is searched for it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import psycopg
import pytest
from psycopg import sql

from study.database import Refused
from tests.home import Home
from tests.record.acts import at_step, call, new_id, refused
from tests.record.attempts import call_statement, take_role
from tests.record.call import EVERYBODY
from tests.record.calls import CALLS
from tests.record.world import ADVICE, TRUTH, World, make_world
from tests.small_study import TRUTHS, small_study

KEYS = {"right", "right_option", "diagnosis", "ruled_out_by", "synonyms"}
OWNERS_CHECKS = {"case_contents", "option_orders", "moving_rows", "moving_piece"}
READERS = ("reader", "fellow", "left", "foreign reader")
WATCHERS = sorted(EVERYBODY - {"grader"})


@pytest.fixture(scope="module")
def world(home: Home) -> World:
    return make_world(home, "open")


@cache
def replies(world: World, persona: str) -> list[tuple[str, Any]]:
    """The reply of every call that this persona can make in an open study, each undone."""
    return list(_replies(world, persona))


def _replies(world: World, persona: str) -> Iterator[tuple[str, Any]]:
    with world.home.database("authenticator") as conn:
        for one in CALLS:
            if one.stage == "open" and one.function not in OWNERS_CHECKS:
                statement, values = call_statement("api", one.function, one.build(world))
                yield from reply_of(conn, world, persona, one.name, statement, values)


def reply_of(
    conn: Any, world: World, persona: str, name: str, statement: sql.Composed, values: list[Any]
) -> Iterator[tuple[str, Any]]:
    try:
        with conn.transaction(force_rollback=True):
            take_role(conn, world, persona)
            yield name, conn.execute(statement, values).fetchone()[0]
    except psycopg.Error as fault:
        yield name, str(fault)


def filled_keys(value: Any) -> set[str]:
    """Every key in the reply, at any depth, that has a value."""
    if isinstance(value, dict):
        inner = [filled_keys(part) for part in value.values()]
        return {key for key, part in value.items() if part not in (None, [], {})}.union(*inner)
    if isinstance(value, list):
        return set().union(*(filled_keys(part) for part in value))
    return set()


def search(world: World, persona: str, words: tuple[str, ...], but: tuple[str, ...] = ()) -> list[str]:
    """The calls whose replies hold any of the words."""
    return [
        f"{name}: {word}"
        for name, reply in replies(world, persona)
        for word in words
        if word in json.dumps(reply) and name not in but
    ]


@pytest.mark.parametrize("persona", WATCHERS)
def test_nobody_is_told_a_diagnosis_or_a_reason_of_an_open_study(world: World, persona: str) -> None:
    but = ("feedback",) if persona == "reader" else ()
    assert search(world, persona, TRUTH, but) == []


def test_feedback_on_a_practice_case_tells_that_cases_truth_and_no_other(world: World) -> None:
    reply = call(world.wire("reader"), "feedback", reading=world.readings["reader"][0])
    assert reply["diagnosis"]["name"] == "Hidden warm-up"
    assert not [key for key in TRUTHS if key != "warm-up" and key in json.dumps(reply)]


@pytest.mark.parametrize("persona", WATCHERS)
def test_nobody_is_told_advice_that_no_reading_has_shown(world: World, persona: str) -> None:
    assert search(world, persona, (ADVICE,)) == []


@pytest.mark.parametrize("persona", WATCHERS)
def test_no_reply_has_a_place_for_the_key(world: World, persona: str) -> None:
    found = {name: filled_keys(reply) & KEYS for name, reply in replies(world, persona) if name != "feedback"}
    # A locked open diagnosis is an answer's own key; the models' and readers' answers hold it.
    left = {name: keys - {"diagnosis"} for name, keys in found.items() if keys - {"diagnosis"}}
    assert left == {}


@pytest.mark.parametrize("persona", READERS)
def test_a_reader_is_not_told_what_has_not_been_shown_nor_what_others_answered(world: World, persona: str) -> None:
    blocks = [f"First block of {key}" for key in TRUTHS] + [f"Finding of {key}" for key in TRUTHS]
    others = [f"Answer of the {one}" for one in ("reader", "fellow", "left", "model") if one != persona]
    texts = {name: json.dumps(reply) for name, reply in replies(world, persona) if name != "feedback"}
    assert [name for name, text in texts.items() if any(words in text for words in others)] == []
    seen = {words for words in blocks for text in texts.values() if words in text}
    assert len(seen) == (persona in ("reader", "fellow")), "the text of the one case that is open before them"


@pytest.mark.parametrize("persona", READERS)
def test_no_readers_reply_names_a_case_or_tells_an_option_of_a_case_before_its_selection(
    world: World, persona: str
) -> None:
    texts = {name: json.dumps(reply) for name, reply in replies(world, persona) if name != "feedback"}
    named = [name for name, text in texts.items() for key in ("alpha", "beta", "gamma") if f"Option 0 {key}" in text]
    assert named == []
    assert [name for name, text in texts.items() if '"case_key"' in text or '"seed"' in text] == []


def test_the_grader_who_is_told_the_truth_is_told_no_author(world: World) -> None:
    reply = call(world.wire("grader"), "grading_lines", study=world.study)
    text = json.dumps(reply)
    ids = [*world.members.values(), *(one for many in world.readings.values() for one in many)]
    assert [one for one in ids if one in text] == []
    assert {tuple(sorted(line)) for line in reply["lines"]} <= {("case", "line")}


def test_a_running_export_lists_options_by_their_words_and_keeps_seeds_back(world: World) -> None:
    wire = world.wire("coordinator")
    cases = call(wire, "export_rows", study=world.study, part="cases", after=None, amount=10)["rows"]
    readings = call(wire, "export_rows", study=world.study, part="readings", after=None, amount=100)["rows"]
    assert all(case["options"] == sorted(case["options"]) and case["content"] is None for case in cases)
    assert {row["seed"] for row in readings} == {None}
    assert call(wire, "export_study", study=world.study)["seed"] is None
    chain = call(wire, "study_chain", study=world.study, after_seq=0, amount=1000)
    assert not [act for act in chain if '"seed"' in (act["body"] or "")]


def test_the_owners_checks_are_refused_to_every_other_coordinator(world: World) -> None:
    with refused("RS403", "owner"):
        call(world.wire("coordinator"), "case_contents", study=world.study)
    with refused("RS403", "owner"):
        call(world.wire("coordinator"), "option_orders", study=world.study, readings=[])


def test_no_feedback_where_the_protocol_gives_none(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    done = at_step(made, wire, 99)
    made.close(unblind=True)
    with pytest.raises(Refused) as refusal:
        call(wire, "feedback", reading=done["reading"])
    assert refusal.value.code == "RS403"


def test_the_refusal_of_a_foreign_reading_is_that_of_one_that_never_was(world: World) -> None:
    told = set()
    for reading in (world.readings["reader"][1], world.readings["reader"][0], new_id()):
        with pytest.raises(Refused) as refusal:
            call(world.wire("fellow"), "open_reading", reading=reading, visit=None)
        told.add((refusal.value.code, refusal.value.message))
    assert len(told) == 1
