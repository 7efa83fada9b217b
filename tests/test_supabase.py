"""The stand-in for a Supabase project: what other tests take for granted when they ask for ``supabase_project``."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from postgrest.exceptions import APIError
from supabase import Client
from supabase_auth.errors import AuthApiError

from tests.supabase import faults
from tests.supabase.clients import new_client, sign_in
from tests.supabase.faults import Fault
from tests.supabase.project import Project

GRANTED = (
    "select count(*) from information_schema.table_privileges where table_schema = 'study' and grantee <> 'postgres'"
)


@pytest.fixture
def client(supabase_project: Project) -> Iterator[Client]:
    """A visitor's client."""
    with new_client(supabase_project) as client:
        yield client


def call(client: Client, function: str, **arguments: Any) -> Any:
    """Call ``api.<function>``."""
    return client.schema("api").rpc(function, arguments).execute().data


@contextmanager
def function(
    project: Project, name: str, body: str, returns: str = "jsonb", arguments: str = "", role: str = "authenticated"
) -> Iterator[None]:
    """Inside, there is a function ``api.<name>()`` for those who are signed in, or for another role."""
    with psycopg.connect(project.database, autocommit=True) as conn:
        conn.execute(f"create function api.{name}({arguments}) returns {returns} {body}".encode())
        conn.execute(f"grant execute on function api.{name} to {role}".encode())
        project.reload()
        try:
            yield
        finally:
            conn.execute(f"drop function api.{name}".encode())


def confirmed(project: Project, email: str) -> bool:
    """Whether the address of a user is confirmed."""
    with psycopg.connect(project.database) as conn:
        row = conn.execute("select email_confirmed_at is not null from auth.users where email = %s", [email]).fetchone()
    assert row
    return bool(row[0])


def test_a_visitor_calls_what_is_granted_to_visitors_and_nothing_else(client: Client) -> None:
    assert {"schema", "now"} <= set(call(client, "about"))
    with pytest.raises(APIError) as refused:
        call(client, "me")
    assert refused.value.code == "42501"


def test_the_claims_of_a_request_are_read_as_supabase_reads_them(supabase_project: Project) -> None:
    somebody = uuid4()
    with psycopg.connect(supabase_project.database) as conn:
        conn.execute(
            "select set_config('request.jwt.claims', jsonb_build_object('sub', %s::uuid)::text, true)", [somebody]
        )
        assert conn.execute("select auth.uid()").fetchone() == (somebody,)


@pytest.mark.parametrize("schema", ["study", "desk", "auth"])
def test_only_the_exposed_schema_can_be_named(client: Client, schema: str) -> None:
    with pytest.raises(APIError) as refused:
        client.schema(schema).rpc("about", {}).execute()
    assert refused.value.code == "PGRST106"


def test_the_database_grants_what_the_migrations_grant(client: Client, supabase_project: Project) -> None:
    call(client, "about")
    with psycopg.connect(supabase_project.database) as conn:
        assert conn.execute(GRANTED).fetchone() == (0,)


def test_a_call_carries_its_callers_claims(client: Client, supabase_project: Project) -> None:
    user = supabase_project.new_user()
    sign_in(client, user)
    body = "language sql as 'select auth.jwt() || jsonb_build_object(''uid'', auth.uid())'"
    with function(supabase_project, "test_who", body):
        claims = call(client, "test_who")
    assert claims["uid"] == claims["sub"] == user.id
    assert claims["role"] == claims["aud"] == "authenticated"
    assert {"session_id", "iat", "exp", "iss", "aal", "amr", "app_metadata", "user_metadata", "email"} <= set(claims)


def test_a_refusal_of_the_record_comes_back_with_its_code_and_sentence(
    client: Client, supabase_project: Project
) -> None:
    sign_in(client, supabase_project.new_user())
    body = "language plpgsql as $$ begin perform study.refuse('RS423', 'It is closed.'); end $$ security definer"
    with function(supabase_project, "test_refuse", body, "void"), pytest.raises(APIError) as refused:
        call(client, "test_refuse")
    assert (refused.value.code, refused.value.message) == ("RS423", "It is closed.")


@pytest.mark.parametrize(
    "text", ['"abc"', '"12"', "1.0", '{"a": [1.50, null, true, "é"]}', "12345678901234567890", "[]"]
)
def test_json_arrives_and_comes_back_as_it_was_written(supabase_project: Project, text: str) -> None:
    headers = {"apikey": supabase_project.key, "content-profile": "api", "content-type": "application/json"}
    body = "language sql as $$ select jsonb_build_array(given, given::text) $$"
    with function(supabase_project, "test_echo", body, arguments="given jsonb", role="anon"):
        url = f"{supabase_project.url}/rest/v1/rpc/test_echo"
        reply = httpx.post(url, headers=headers, content=f'{{"given": {text}}}'.encode())
    assert json.loads(reply.text, parse_float=str, parse_int=str) == [
        json.loads(text, parse_float=str, parse_int=str),
        text,
    ]


def test_a_code_by_mail_signs_in_once(client: Client, supabase_project: Project) -> None:
    email = f"{uuid4().hex}@example.org"
    client.auth.sign_in_with_otp({"email": email})
    code = supabase_project.otp_for(email)
    assert not confirmed(supabase_project, email)
    signed_in = client.auth.verify_otp({"email": email, "token": code, "type": "email"})
    assert signed_in.user
    assert signed_in.user.email == email
    assert confirmed(supabase_project, email)
    with pytest.raises(AuthApiError) as refused:
        client.auth.verify_otp({"email": email, "token": code, "type": "email"})
    assert refused.value.code == "otp_expired"


def test_somebody_known_gets_another_code_and_nobody_is_made_against_the_callers_wish(
    client: Client, supabase_project: Project
) -> None:
    user = supabase_project.new_user()
    client.auth.sign_in_with_otp({"email": user.email, "options": {"should_create_user": False}})
    code = supabase_project.otp_for(user.email)
    signed_in = client.auth.verify_otp({"email": user.email, "token": code, "type": "email"})
    assert signed_in.user
    assert signed_in.user.id == user.id
    with pytest.raises(AuthApiError) as refused:
        client.auth.sign_in_with_otp({"email": f"{uuid4().hex}@example.org", "options": {"should_create_user": False}})
    assert refused.value.code == "otp_disabled"


def test_a_refresh_keeps_the_session_and_what_it_was_signed_in_by(client: Client, supabase_project: Project) -> None:
    sign_in(client, supabase_project.new_user())
    before = client.auth.get_session()
    after = client.auth.refresh_session().session
    assert before
    assert after
    assert after.refresh_token != before.refresh_token
    old, new = (supabase_project.front.tokens.read(one.access_token) for one in (before, after))
    assert (new["session_id"], new["amr"]) == (old["session_id"], old["amr"])


CUTS = [(faults.LOST_REQUEST, 0), (faults.LOST_REPLY, 1), (faults.HALF_REPLY, 1)]


@pytest.mark.parametrize(("fault", "written"), CUTS)
def test_a_cut_connection_loses_the_request_or_the_reply(supabase_project: Project, fault: Fault, written: int) -> None:
    email = f"{uuid4().hex}@example.org"
    with supabase_project.front.faulty("POST /auth/v1/signup", fault) as rule, pytest.raises(httpx.TransportError):
        supabase_project.new_user(email)
    assert rule.hits == 1
    with psycopg.connect(supabase_project.database) as conn:
        assert conn.execute("select count(*) from auth.users where email = %s", [email]).fetchone() == (written,)


ANSWERS: list[tuple[Fault, int, str]] = [
    (faults.failing(500), 500, "application/json"),
    (faults.failing(502, html=True), 502, "text/html; charset=UTF-8"),
    (faults.too_many(), 429, "application/json"),
    (faults.too_many(7), 429, "application/json"),
    (faults.PAUSED, 540, "application/json"),
    (faults.EXPIRED_TOKEN, 401, "application/json"),
]


@pytest.mark.parametrize(("fault", "status", "kind"), ANSWERS)
def test_a_fault_answers_as_often_as_it_was_asked_to(
    supabase_project: Project, fault: Fault, status: int, kind: str
) -> None:
    headers = {"apikey": supabase_project.key, "content-profile": "api"}
    with (
        supabase_project.front.faulty("rpc/about$", fault, times=2),
        httpx.Client(base_url=supabase_project.url, headers=headers) as pool,
    ):
        replies = [pool.post("/rest/v1/rpc/about", json={}) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [status, status, 200]
    assert replies[0].headers["content-type"] == kind
    assert replies[0].headers.get("retry-after") == ("7" if fault == faults.too_many(7) else None)


def test_a_slow_answer_comes_late_and_the_front_saw_who_asked(client: Client, supabase_project: Project) -> None:
    began = time.monotonic()
    with supabase_project.front.faulty("rpc/about$", faults.slow(0.3)):
        call(client, "about")
    assert time.monotonic() - began >= 0.3
    last = supabase_project.front.seen("POST /rest/v1/rpc/about")[-1]
    assert (last.headers["apikey"], last.json()) == (supabase_project.key, {})
