"""Everybody tries everything: each persona against each function, each table, and the definers behind the wrappers.

``tests.record.calls`` states for each call who may; whoever else tries is refused. Every attempt runs as authenticator
with role and claims set as the wire sets them, against a study at the very stage at which the rightful caller would
succeed, and is rolled back. What can be named over HTTP is attacked there too, in ``test_attacks_http``.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from psycopg import sql

from study.database import Refused
from tests.home import Connection, Home
from tests.record.attempts import BARE_ROLES, DONE, attempt, call_statement
from tests.record.call import EVERYBODY, Call, fresh
from tests.record.calls import CALLS
from tests.record.verdicts import FORBIDDEN, wanted, wanted_of_role
from tests.record.world import World, make_world

PERSONAS = sorted(EVERYBODY)
STAGES = sorted({call.stage for call in CALLS})
VERBS = {
    "select": "select 1 from {}",
    "insert": "insert into {} default values",
    "update": "update {} set {} = {}",
    "delete": "delete from {}",
    "truncate": "truncate {} cascade",
}
# All but the image store's, which are open to be asked and have rules: see ``test_attacks_images``.
TABLES = """
select c.relnamespace::regnamespace::text, c.relname, a.attname from pg_class c
join pg_attribute a on a.attrelid = c.oid and a.attnum = 1
where c.relnamespace::regnamespace::text in ('study', 'desk', 'api', 'auth', 'supabase_migrations')
and c.relkind in ('r', 'p', 'v', 'm', 'f')
"""


@pytest.fixture(scope="module", params=STAGES)
def world(request: pytest.FixtureRequest, sql_home: Home) -> World:
    return make_world(sql_home, request.param)


@pytest.fixture
def wire_role(sql_home: Home) -> Iterator[Connection]:
    with sql_home.database("authenticator") as conn:
        if conn.execute("select session_user::text").fetchone() != ("authenticator",):
            pytest.skip("Nobody logs in to a real project as its data API does; it is attacked over HTTP alone.")
        yield conn


def calls_at(world: World) -> list[Call]:
    """The calls of the stage that this world is at."""
    state: Any = world.home.owner.call("study_status", study=world.study)
    return [call for call in CALLS if call.stage == state["state"]]


def told(name: str, verdicts: dict[str, str], wrong: dict[str, str]) -> None:
    refused = sum(verdict != DONE for verdict in verdicts.values())
    print(f"\n{name}: {len(verdicts)} attempts, {refused} refused, {len(wrong)} wrongly")
    assert wrong == {}


@pytest.mark.parametrize("schema", ["api", "desk"])
def test_each_call_succeeds_for_those_who_may_and_for_nobody_else(
    world: World, wire_role: Connection, schema: str
) -> None:
    verdicts, wrong, forbidden = {}, {}, 0
    for call in calls_at(world):
        for persona in PERSONAS:
            if persona not in world.tokens:
                continue
            statement, values = call_statement(schema, call.function, call.build(world))
            verdict = attempt(wire_role, world, persona, statement, values)
            verdicts[f"{call.name}: {persona}"] = verdict
            forbidden += persona not in call.may(world)
            if verdict not in wanted(call, world, persona):
                wrong[f"{call.name}: {persona}"] = verdict
    told(f"functions of {schema}, {forbidden} attempts forbidden", verdicts, wrong)


def test_roles_without_a_person_can_execute_nothing_of_a_study(world: World, wire_role: Connection) -> None:
    verdicts, wrong = {}, {}
    for call in calls_at(world):
        for persona in BARE_ROLES:
            for schema in ("api", "desk"):
                statement, values = call_statement(schema, call.function, call.build(world))
                verdict = attempt(wire_role, world, persona, statement, values)
                verdicts[f"{schema}.{call.name}: {persona}"] = verdict
                if verdict not in wanted_of_role(call, world, persona):
                    wrong[f"{schema}.{call.name}: {persona}"] = verdict
    told("roles without a person", verdicts, wrong)


@pytest.mark.parametrize("world", ["open"], indirect=True)
def test_no_table_can_be_touched_by_anybody(world: World, wire_role: Connection) -> None:
    with world.home.database() as conn:
        tables = conn.execute(TABLES).fetchall()
    assert {("study", "owners"), ("auth", "users")} <= {(schema, table) for schema, table, _ in tables}
    verdicts = {}
    for persona in (*PERSONAS, *BARE_ROLES):
        for schema, table, column in tables:
            for verb, words in VERBS.items():
                name, first = sql.Identifier(schema, table), sql.Identifier(column)
                statement = sql.SQL(words).format(name, first, first)
                verdicts[f"{verb} {schema}.{table}: {persona}"] = attempt(wire_role, world, persona, statement, [])
    told("tables", verdicts, {name: verdict for name, verdict in verdicts.items() if verdict != FORBIDDEN})


@pytest.mark.parametrize("world", ["open"], indirect=True)
def test_nothing_behind_the_definers_can_be_executed_by_anybody(world: World, wire_role: Connection) -> None:
    with world.home.database() as conn:
        behind = conn.execute(
            """select p.pronamespace::regnamespace::text, p.proname, p.proargtypes::regtype[]::text[] from pg_proc p
            where p.pronamespace = 'study'::regnamespace
            or p.oid in ('desk.ensure_owner'::regproc, 'desk.assume'::regproc, 'desk.keep_posts'::regproc)"""
        ).fetchall()
    verdicts = {}
    for persona in (*PERSONAS, *BARE_ROLES):
        for schema, function, types in behind:
            if function in ("assume", "keep_posts") and persona == "authenticator":
                continue  # it is how the wire learns who is calling: each of them takes a token
            nulls = sql.SQL(", ").join(sql.SQL(f"null::{kind}") for kind in types)
            statement = sql.SQL("select {}({})").format(sql.Identifier(schema, function), nulls)
            verdicts[f"{schema}.{function}({types}): {persona}"] = attempt(wire_role, world, persona, statement, [])
    told("behind the definers", verdicts, {name: v for name, v in verdicts.items() if v != FORBIDDEN})


def test_arguments_that_do_not_fit_are_refused_even_to_those_who_may(world: World) -> None:
    found, wanted = {}, {}
    for call in calls_at(world):
        if call.wrong is None or not call.may(world):
            continue
        persona = sorted(call.allowed - {"owner"} or call.allowed)[0]
        wanted[call.name] = call.code
        try:
            world.wire(persona).call(call.function, **fresh(call.wrong(world)))
            found[call.name] = DONE
        except Refused as refusal:
            found[call.name] = refusal.code
    assert found == wanted


@pytest.mark.parametrize("world", ["open"], indirect=True)
def test_a_request_id_of_somebody_else_opens_nothing(world: World) -> None:
    request_id = str(uuid4())
    place: dict[str, Any] = {
        "reading": world.readings["reader"][1],
        "step": 1,
        "kind": "ambiguous",
        "words": "mine alone",
    }
    flag = partial(world.wire("reader").call, "flag", **place, request_id=request_id)
    assert flag()["verdict"] == flag()["verdict"]  # type: ignore[index, call-overload]
    for persona in ("fellow", "coordinator", "foreign reader"):
        with pytest.raises(Refused) as refusal:
            world.wire(persona).call("flag", **place, request_id=request_id)
        assert refusal.value.code == "RS404"
