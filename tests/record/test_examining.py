"""The record examines its own catalogue: whatever strays from what the migrations made is named, to the owner alone."""

from __future__ import annotations

from typing import Any

import pytest

from study.database import Box
from study.database.migrations import migrations
from tests.home import BoxHome
from tests.record.acts import call
from tests.record.call import ANYONE

LISTS = ("functions", "tables", "roles", "bucket", "replies")


def examined_after(box: Box, *statements: str) -> dict[str, Any]:
    """What is found after these statements, all of which are taken back."""
    with BoxHome(box).database() as conn, conn.transaction(force_rollback=True):
        for statement in statements:
            conn.execute("set local role postgres" if not statement.startswith("+") else "reset role")
            conn.execute(statement.removeprefix("+").encode())
        conn.execute("reset role")
        conn.execute("select desk.assume(%s)", [box.owner_token])
        row = conn.execute("select desk.examine()").fetchone()
    assert row
    return dict(row[0])


def test_a_box_as_it_was_made_has_nothing_astray(box: Box) -> None:
    found = call(box.owner, "examine")
    assert {name: found[name] for name in LISTS} == {name: [] for name in LISTS}
    assert set(found["open"]) == {f"{schema}.{name}" for name in ANYONE for schema in ("api", "desk")}
    assert set(found["migrations"]) == {one.version for one in migrations()} | {"0", "1"}
    assert (found["home"], found["time_zone"], found["limit_ms"]) == ("box", "UTC", 8000)


# A statement that begins with + is the superuser's, as somebody at Supabase's dashboard may be; others are postgres'.
WRONG = [
    ("functions", "grant execute on function api.me() to public", "everybody may execute api.me()"),
    (
        "functions",
        "grant execute on function desk.people(uuid) to service_role",
        "service_role may execute desk.people",
    ),
    (
        "functions",
        "grant execute on function study.caller() to authenticated",
        "authenticated may execute study.caller()",
    ),
    (
        "functions",
        "grant execute on function desk.ensure_owner(bytea) to anon",
        "anon may execute desk.ensure_owner(bytea)",
    ),
    ("functions", "grant execute on function desk.me() to authenticator", "authenticator may execute desk.me()"),
    ("functions", "revoke execute on function api.me() from authenticated", "authenticated may not execute api.me()"),
    ("functions", "revoke execute on function desk.me() from authenticated", "authenticated may not execute desk.me()"),
    (
        "functions",
        "create function desk.later() returns int language sql as 'select 1'",
        "does not run with its owner's",
    ),
    (
        "functions",
        "create function api.later() returns int language sql security definer as 'select 1'",
        "api.later() runs",
    ),
    ("functions", "alter function desk.me() reset search_path", "desk.me() does not run with an empty search_path"),
    ("functions", "+alter function desk.me() owner to supabase_admin", "desk.me() belongs to supabase_admin"),
    ("tables", "grant select on study.members to authenticated", "authenticated may select study.members"),
    ("tables", "grant update (state) on study.members to anon", "anon may update study.members (state)"),
    ("tables", "alter table study.cases disable row level security", "study.cases has no row-level security"),
    ("tables", "create policy p on study.cases using (true)", "study.cases has the rule p"),
    ("tables", "alter table study.events disable trigger user", "of study.events is off"),
    ("tables", "create view api.v as select 1 as n", "api.v lies where functions alone belong"),
    ("tables", "create table study.later (n int)", "study.later has no row-level security"),
    ("tables", "+alter table study.cases owner to supabase_admin", "study.cases belongs to supabase_admin"),
    ("tables", "grant usage on schema study to anon", "anon may use the schema study"),
    ("tables", "grant create on schema api to authenticated", "authenticated may create in the schema api"),
    ("tables", "grant usage on schema api to service_role", "service_role may use the schema api"),
    ("roles", "+alter role authenticated bypassrls", "authenticated passes by row-level security"),
    ("roles", "+alter role authenticator superuser", "authenticator is a superuser"),
    ("roles", "+grant service_role to anon", "anon is a member of service_role"),
    (
        "roles",
        "alter default privileges grant execute on functions to public",
        "a new function can be executed by everybody",
    ),
    (
        "roles",
        "alter default privileges in schema study grant select on tables to anon",
        "what is new in study is granted to anon",
    ),
    (
        "roles",
        "alter default privileges grant execute on functions to authenticated",
        "what is new in any schema is granted to authenticated",
    ),
    ("bucket", "+update storage.buckets set public = true", "the bucket evidence is public"),
    ("bucket", "+update storage.buckets set file_size_limit = null", "takes larger files"),
    ("bucket", "+update storage.buckets set allowed_mime_types = '{text/html}'", "or other kinds"),
    ("bucket", "+delete from storage.buckets", "there is no bucket named evidence"),
    ("bucket", "+alter table storage.objects disable row level security", "storage.objects has no row-level security"),
    (
        "bucket",
        "create policy all_may on storage.objects using (true)",
        "storage.objects has a rule that is not ours: all_may",
    ),
    (
        "bucket",
        "create policy list on storage.buckets for select using (true)",
        "storage.buckets has a rule that is not ours",
    ),
    ("bucket", "drop policy readerstudy_put on storage.objects", "readerstudy_put on storage.objects is missing"),
    (
        "bucket",
        "alter policy readerstudy_read on storage.objects to anon",
        "readerstudy_read on storage.objects is missing",
    ),
    (
        "bucket",
        "alter policy readerstudy_read on storage.objects using (bucket_id = 'evidence')",
        "readerstudy_read on storage.objects is missing or not as it was made",
    ),
    (
        "bucket",
        "alter policy readerstudy_read on storage.objects using (bucket_id = 'evidence' or desk.may_read_object(name))",
        "readerstudy_read on storage.objects is missing or not as it was made",
    ),
    (
        "replies",
        "create function api.rows() returns setof int language sql set search_path = '' as 'select 1'",
        "api.rows() returns rows",
    ),
]


@pytest.mark.parametrize(("part", "statement", "words"), WRONG, ids=[words for _, _, words in WRONG])
def test_whatever_strays_is_named(box: Box, part: str, statement: str, words: str) -> None:
    found = examined_after(box, statement)
    assert any(words in line for line in found[part]), found


def test_a_function_opened_to_visitors_is_listed_among_the_open_ones(box: Box) -> None:
    found = examined_after(box, "grant execute on function desk.me(), api.me() to anon")
    assert {"api.me", "desk.me"} <= set(found["open"])


def test_a_migration_that_was_not_recorded_is_missing_from_the_list(box: Box) -> None:
    found = examined_after(box, "delete from supabase_migrations.schema_migrations where version = '20261125000003'")
    assert "20261125000003" not in found["migrations"]
    assert examined_after(box, "drop table supabase_migrations.schema_migrations")["migrations"] is None
