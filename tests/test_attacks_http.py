"""Everybody tries everything over HTTP: each persona against each function and each table that a request can name.

Forbidden calls are sent with the very arguments with which the rightful caller would succeed, at the stage at which it
would; that it would, ``test_attacks`` shows on the same project, in SQL, where it can be taken back. Nothing may be
written, and no answer may hold a word of what is hidden. Over HTTP there is no ``truncate``, and what lies behind the
wrappers cannot be named, which is shown here; that it could not be executed either, SQL shows.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.record.attempts import DONE
from tests.record.call import Call
from tests.record.calls import CALLS
from tests.record.over_http import Attempts, attempts, state_of, verdict, wanted_over_http
from tests.record.world import HIDDEN, World, make_world
from tests.supabase.home import SupabaseHome

STAGES = sorted({call.stage for call in CALLS})
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# The schema is not exposed, there is no such table or function, the token is none; a HEAD has its status alone.
REFUSED = {"PGRST106", "PGRST205", "PGRST202", "PGRST301", "HTTP 401", "HTTP 404", "HTTP 406"}
TABLES = """
select n.nspname, c.relname, a.attname from pg_class c join pg_namespace n on n.oid = c.relnamespace
join pg_attribute a on a.attrelid = c.oid and a.attnum = 1
where n.nspname !~ '^pg_' and n.nspname <> 'information_schema' and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""
BEHIND = """
select distinct n.nspname, p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
where n.nspname in ('study', 'desk', 'auth', 'storage')
"""
READING = "select proname from pg_proc where pronamespace = 'desk'::regnamespace and provolatile = 's'"


@pytest.fixture(scope="module", params=STAGES)
def world(request: pytest.FixtureRequest, cloud: SupabaseHome) -> World:
    return make_world(cloud, request.param)


@pytest.fixture(scope="module")
def tries(cloud: SupabaseHome, world: World) -> Iterator[Attempts]:
    with attempts(cloud, world) as made:
        yield made


@pytest.fixture
def nothing_changes(tries: Attempts, world: World) -> Iterator[None]:
    """Around a test: the record and the image store are the same after it, and no answer told a secret."""
    tries.texts.clear()
    with world.home.database() as conn:
        before = state_of(conn)
        yield
        assert state_of(conn) == before
    assert [text for text in tries.texts if any(words in text for words in HIDDEN)] == []


def told(name: str, verdicts: dict[str, str], wrong: dict[str, str]) -> None:
    refused = sum(verdict != DONE for verdict in verdicts.values())
    print(f"\n{name}: {len(verdicts)} attempts, {refused} refused, {len(wrong)} wrongly")

    assert wrong == {}


def calls_at(world: World) -> list[Call]:
    """The calls of the stage that this world is at."""
    state: Any = world.home.owner.call("study_status", study=world.study)
    return [call for call in CALLS if call.stage == state["state"]]


@pytest.mark.usefixtures("nothing_changes")
def test_no_function_is_carried_out_for_whoever_may_not(tries: Attempts, world: World) -> None:
    verdicts, wrong = {}, {}
    for call in calls_at(world):
        for persona in tries.personas:
            right = wanted_over_http(call, world, persona)
            if DONE not in right:
                name = f"{call.name}: {persona}"
                verdicts[name] = tries.call(persona, call.function, call.build(world))
                if verdicts[name] not in right:
                    wrong[name] = verdicts[name]
    told("functions over HTTP", verdicts, wrong)


def test_whoever_may_is_answered_by_what_only_reads(tries: Attempts, world: World) -> None:
    with world.home.database() as conn:
        reading = {name for (name,) in conn.execute(READING)}
    verdicts = {
        f"{call.name}: {persona}": tries.call(persona, call.function, call.build(world))
        for call in calls_at(world)
        for persona in call.may(world) & {*tries.personas}
        if call.function in reading
    }
    told("reading over HTTP", verdicts, {name: verdict for name, verdict in verdicts.items() if verdict != DONE})


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("world", ["open"], indirect=True)
def test_no_table_can_be_named_whatever_schema_is_asked_for(tries: Attempts, world: World) -> None:
    with world.home.database() as conn:
        tables = conn.execute(TABLES).fetchall()
    assert {"study", "auth", "storage"} <= {schema for schema, _, _ in tables}
    verdicts, wrong = {}, {}
    for persona in tries.personas:
        for schema, table, column in tables:
            for profile in (schema, None):  # none is the exposed one
                for method in METHODS:
                    name = f"{method} {schema}.{table} as of {profile}: {persona}"
                    verdicts[name] = tries.touch(persona, method, table, profile, column)
                    if verdicts[name] not in REFUSED:
                        wrong[name] = verdicts[name]
    told("tables over HTTP", verdicts, wrong)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("world", ["open"], indirect=True)
def test_nothing_behind_the_wrappers_can_be_named(tries: Attempts, world: World) -> None:
    with world.home.database() as conn:
        behind = conn.execute(BEHIND).fetchall()
        exposed = {
            name for (name,) in conn.execute("select proname from pg_proc where pronamespace = 'api'::regnamespace")
        }
    verdicts, wrong = {}, {}
    for persona in tries.personas:
        for schema, function in behind:
            for profile in (schema, "api"):
                if profile == "api" and function in exposed:
                    continue
                name = f"{schema}.{function} as of {profile}: {persona}"
                verdicts[name] = tries.call(persona, function, {}, profile)
                if verdicts[name] not in REFUSED:
                    wrong[name] = verdicts[name]
    told("behind the wrappers over HTTP", verdicts, wrong)


@pytest.mark.usefixtures("nothing_changes")
@pytest.mark.parametrize("world", ["open"], indirect=True)
def test_a_link_writes_nothing(tries: Attempts, world: World) -> None:
    turn = next(call for call in CALLS if call.function == "turn")
    arguments = {
        name: json.dumps(value) if isinstance(value, dict) else value for name, value in turn.build(world).items()
    }
    reply = tries("reader", "GET", "/rest/v1/rpc/turn", headers={"accept-profile": "api"}, params=arguments)
    assert verdict(reply) in {"25006", "HTTP 405", "PGRST202"}, reply.text
