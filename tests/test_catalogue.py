"""What the live catalogue says: who may execute what, and that nothing else is granted to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.home import Connection, Home
from tests.record.call import ANYONE, EVERYBODY
from tests.record.calls import CALLS

ROLES = ("anon", "authenticated", "service_role", "authenticator")
IN_THE_BOX_ALONE = {"assume", "keep_posts", "ensure_owner"}
ASKED_BY_RULES = {"may_read_object", "may_put_object"}  # the bucket's rules run them as whoever reads or puts
FUNCTIONS = """
select p.proname as name, p.oid, pg_get_function_arguments(p.oid) as arguments, p.prosecdef as definer,
       pg_get_function_result(p.oid) as result, p.proconfig as settings, p.prosrc as source, l.lanname as language,
       p.pronargs as number, p.proretset as set, p.proacl::text[] as grants
from pg_proc p join pg_language l on l.oid = p.prolang where p.pronamespace = %s::regnamespace
"""


@pytest.fixture
def conn(sql_home: Home) -> Iterator[Connection]:
    with sql_home.database() as made:
        yield made


def functions(conn: Connection, schema: str) -> dict[str, dict[str, Any]]:
    """The functions of a schema by name."""
    cursor = conn.execute(FUNCTIONS, [schema])
    names = [column.name for column in cursor.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in cursor}


def test_every_function_has_a_call_that_succeeds_and_one_that_is_refused(conn: Connection) -> None:
    succeed = {call.function for call in CALLS if call.allowed}
    refused = {call.function for call in CALLS if call.wrong or call.allowed != EVERYBODY}
    there = set(functions(conn, "api"))
    assert there - succeed == set()
    assert there - refused == {"about"}, "about tells the time to everybody: there is nobody to refuse"
    assert {call.function for call in CALLS} - there == set(), "calls of functions that are not there"


def test_every_definer_has_its_wrapper_with_the_same_arguments_and_nothing_else_is_exposed(conn: Connection) -> None:
    api, desk = functions(conn, "api"), functions(conn, "desk")
    assert set(api) == set(desk) - IN_THE_BOX_ALONE - ASKED_BY_RULES
    for name, wrapper in api.items():
        assert (wrapper["arguments"], wrapper["result"]) == (desk[name]["arguments"], desk[name]["result"])
        passed = ", ".join(f"{a} => {name}.{a}" for a in argument_names(wrapper["arguments"]))
        assert wrapper["source"] == f"select desk.{name}({passed})"


def argument_names(arguments: str) -> list[str]:
    return [part.split()[0] for part in arguments.split(", ")] if arguments else []


def test_every_reply_is_one_value_so_that_no_cap_on_rows_can_cut_it(conn: Connection) -> None:
    exposed = functions(conn, "api").values()
    assert {function["result"] for function in exposed} == {"json", "jsonb"}
    assert [function["name"] for function in exposed if function["set"]] == []


def test_wrappers_run_as_their_caller_and_definers_with_an_empty_search_path(conn: Connection) -> None:
    for wrapper in functions(conn, "api").values():
        assert (wrapper["definer"], wrapper["language"], wrapper["settings"]) == (False, "sql", ['search_path=""'])
    for function in functions(conn, "desk").values():
        assert (function["name"], function["definer"], function["settings"]) == (
            function["name"],
            True,
            ['search_path=""'],
        )
    for function in functions(conn, "study").values():
        assert (function["name"], function["definer"]) == (function["name"], False)
        assert function["settings"] == ['search_path=""']


@pytest.mark.parametrize("schema", ["api", "desk"])
def test_execution_is_granted_by_name_and_exactly_so(conn: Connection, schema: str) -> None:
    wanted = {
        name: {"authenticated", "anon"} if name in ANYONE else {"authenticated"} for name in functions(conn, "api")
    }
    if schema == "desk":
        wanted |= {"assume": {"authenticator"}, "keep_posts": {"authenticator"}, "ensure_owner": set()}
        wanted |= {name: {"authenticated"} for name in ASKED_BY_RULES}
    found = {}
    for name, function in functions(conn, schema).items():
        assert function["grants"] is not None, f"{schema}.{name} has the default grants, which let anybody execute it"
        grantees = {grant.split("=")[0] for grant in function["grants"]}
        found[name] = grantees - {"postgres"}
    assert found == wanted


def test_no_function_of_the_record_is_executable_by_everybody(conn: Connection) -> None:
    for schema in ("study", "desk", "api"):
        for name, function in functions(conn, schema).items():
            assert function["grants"] is not None, f"{schema}.{name}"
            assert not [grant for grant in function["grants"] if grant.startswith("=")], f"{schema}.{name}"


def test_nothing_in_the_tables_schema_is_granted_to_anybody(conn: Connection) -> None:
    for role in ROLES:
        row = conn.execute("select has_schema_privilege(%s, 'study', 'usage')", [role]).fetchone()
        assert row == (False,), role
        held = conn.execute(
            """select c.relname, p.privilege from pg_class c
            cross join (values ('select'), ('insert'), ('update'), ('delete'), ('truncate')) as p(privilege)
            where c.relnamespace = 'study'::regnamespace and c.relkind in ('r', 'v', 'm', 'p')
            and has_table_privilege(%s, c.oid, p.privilege)
            union all select p.proname, 'execute' from pg_proc p
            where p.pronamespace = 'study'::regnamespace and has_function_privilege(%s, p.oid, 'execute')""",
            [role, role],
        ).fetchall()
        assert held == [], role


def test_row_level_security_is_on_everywhere_and_has_no_policy(conn: Connection) -> None:
    tables = conn.execute(
        "select relname, relrowsecurity from pg_class where relnamespace = 'study'::regnamespace and relkind = 'r'"
    ).fetchall()
    assert len(tables) >= 18
    assert [name for name, on in tables if not on] == []
    assert conn.execute("select count(*) from pg_policies where schemaname = 'study'").fetchone() == (0,)


def test_what_a_later_migration_makes_is_granted_to_nobody_by_itself(sql_home: Home) -> None:
    with sql_home.database("postgres") as conn, conn.transaction(force_rollback=True):
        conn.execute("create function desk.later() returns int language sql as 'select 1'")
        conn.execute("create table study.later (n int)")
        for role in ROLES:
            assert conn.execute("select has_function_privilege(%s, 'desk.later()', 'execute')", [role]).fetchone() == (
                False,
            )
            assert conn.execute("select has_table_privilege(%s, 'study.later', 'select')", [role]).fetchone() == (
                False,
            )


def test_schemas_are_open_to_use_and_to_nothing_else(conn: Connection) -> None:
    rows = conn.execute(
        """select r.role, n.schema, has_schema_privilege(r.role, n.schema, 'usage'),
                  has_schema_privilege(r.role, n.schema, 'create')
           from unnest(%s::text[]) as r(role) cross join (values ('api'), ('desk')) as n(schema)""",
        [list(ROLES)],
    ).fetchall()
    assert {(role, use, create) for role, _, use, create in rows} == {
        ("anon", True, False),
        ("authenticated", True, False),
        ("authenticator", True, False),
        ("service_role", False, False),
    }
