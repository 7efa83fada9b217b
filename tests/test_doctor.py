"""What the doctor sees of a Supabase project from outside: whatever is broken is named, with what mends it."""

from __future__ import annotations

import time
from email.utils import formatdate
from typing import Any
from uuid import uuid4

import httpx
import pytest

from study.database.examination import OPEN
from study.database.examiner import Wishes
from study.database.project import Settings
from tests.examined import NO_MANAGER, by_name, changed, examined, to_mend
from tests.record.call import ANYONE
from tests.supabase import faults
from tests.supabase.exchange import Reply, json_reply
from tests.supabase.faults import Fault
from tests.supabase.project import Project

OUTSIDE = {
    "reachable",
    "key",
    "migrated",
    "exposed schemas",
    "description",
    "graphql",
    "visitors",
    "sessions",
    "images",
}
OUTSIDE |= {"sign-in", "clock", "session key"}
ALWAYS = float("inf")
WIFI = Reply(200, b"<html>Welcome to the clinic's Wi-Fi</html>", {"content-type": "text/html"})


def test_a_project_as_it_was_set_up_has_nothing_to_mend(supabase_project: Project) -> None:
    found = examined(supabase_project)
    assert to_mend(found) == set()
    assert {name for name, finding in found.items() if finding.state == "ok"} == OUTSIDE
    assert {name for name, finding in found.items() if finding.state == "not shown"} == {"mail", "inside", "management"}


def test_looking_sends_no_mail_and_signs_nobody_in(supabase_project: Project) -> None:
    before = len(supabase_project.front.seen())
    examined(supabase_project)
    asked = supabase_project.front.seen()[before:]
    assert len(asked) < 60
    assert {one.path for one in asked if one.path.startswith("/auth/")} == {"/auth/v1/settings"}


def test_the_functions_open_to_visitors_are_those_of_the_table_of_calls() -> None:
    assert OPEN == ANYONE


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (faults.PAUSED, "is paused"),
        (faults.failing(402), "restricted"),
        (faults.failing(502, html=True), "502"),
        (faults.failing(503), "503"),
        (faults.LOST_REPLY, "did not answer"),
        (Fault(reply=WIFI), "no Supabase project"),
        (Fault(reply=json_reply(200, {"hello": "world"})), "no Supabase project"),
        (Fault(reply=json_reply(404, {"message": "no Route matched"})), "no Supabase project"),
        (Fault(reply=json_reply(503, {"code": "PGRST002", "message": "no cache"})), "no connection to its database"),
    ],
)
def test_a_project_that_cannot_be_reached_is_told_by_its_cause(
    supabase_project: Project, fault: Fault, words: str
) -> None:
    with supabase_project.front.faulty("rpc/about", fault, ALWAYS):
        found = examined(supabase_project)
    assert words in found["reachable"].seen
    assert to_mend(found) == {"reachable"}
    assert found["the rest"].state == "not shown"


def test_an_address_where_nobody_answers_is_told(supabase_project: Project) -> None:
    found = examined(supabase_project, url="http://127.0.0.1:1")
    assert "did not answer" in found["reachable"].seen
    assert "SUPABASE_URL" in found["reachable"].do


def test_a_host_that_does_not_exist_is_told() -> None:
    found = by_name(Settings("https://nowhere.invalid", "sb_publishable_x", "x" * 40), NO_MANAGER)
    assert (found["reachable"].state, "did not answer" in found["reachable"].seen) == ("mend", True)


def test_a_key_of_another_project_is_told(supabase_project: Project) -> None:
    found = examined(supabase_project, key="sb_publishable_of_another_project")
    assert to_mend(found) == {"key"}
    with supabase_project.front.faulty("rpc/about", faults.BAD_TOKEN):
        assert to_mend(examined(supabase_project)) == {"key"}


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (json_reply(200, {"schema": "1", "now": "2026-01-01T00:00:00+00:00"}), "has the form 1"),
        (json_reply(404, {"code": "PGRST202", "message": "no function"}), "none of this program's functions"),
        (json_reply(406, {"code": "PGRST106", "message": "Invalid schema: api"}), "does not serve"),
        (json_reply(401, {"code": "42501", "message": "permission denied"}), "grants are gone"),
    ],
)
def test_a_schema_that_is_not_ours_is_told_and_the_rest_is_looked_at(
    supabase_project: Project, answer: Reply, words: str
) -> None:
    with supabase_project.front.faulty("POST /rest/v1/rpc/about", Fault(reply=answer)):
        found = examined(supabase_project)
    assert words in found["migrated"].seen
    assert "db push --remote" in found["migrated"].do
    assert found["sign-in"].state == "ok"
    assert not {"visitors", "inside"} & set(found)


@pytest.mark.parametrize(
    ("status", "body", "times", "words"),
    [
        (404, {"code": "PGRST205", "message": "Could not find the table 'public.x'"}, 1, "api, public"),
        (406, {"code": "PGRST106", "hint": "Only the following schemas are exposed: x, api"}, ALWAYS, "x, api"),
        (406, {"code": "PGRST106", "message": "The schema must be one of the following: api, x"}, ALWAYS, "api, x"),
    ],
)
def test_a_schema_that_is_served_beside_api_is_named(
    supabase_project: Project, status: int, body: dict[str, str], times: float, words: str
) -> None:
    fault = Fault(reply=json_reply(status, body))
    with supabase_project.front.faulty("GET /rest/v1/readerstudy_probe", fault, times):
        found = examined(supabase_project)
    assert to_mend(found) == {"exposed schemas"}
    assert f"serves {words};" in found["exposed schemas"].seen


def test_a_description_of_more_than_what_is_open_is_told(supabase_project: Project) -> None:
    document = {"paths": dict.fromkeys(("/", "/rpc/about", "/rpc/people", "/members"), "described")}
    with supabase_project.front.faulty("GET /rest/v1/$", Fault(reply=json_reply(200, document))):
        found = examined(supabase_project)
    assert to_mend(found) == {"description"}
    assert "/members, /rpc/people" in found["description"].seen


@pytest.mark.parametrize("document", [{"paths": {"/": {}, "/rpc/about": {}}}, {"swagger": "2.0"}])
def test_a_description_of_what_is_open_is_no_fault(supabase_project: Project, document: Any) -> None:
    with supabase_project.front.faulty("GET /rest/v1/$", Fault(reply=json_reply(200, document))):
        assert to_mend(examined(supabase_project)) == set()


def test_a_graph_that_describes_the_database_is_told(supabase_project: Project) -> None:
    answer = json_reply(200, {"data": {"__schema": {"queryType": {"name": "Query"}}}})
    with supabase_project.front.faulty("POST /graphql/v1", Fault(reply=answer)):
        found = examined(supabase_project)
    assert to_mend(found) == {"graphql"}
    off = json_reply(200, {"data": None, "errors": [{"message": "pg_graphql is not enabled"}]})
    with supabase_project.front.faulty("POST /graphql/v1", Fault(reply=off)):
        assert to_mend(examined(supabase_project)) == set()


@pytest.mark.parametrize("function", ["people(uuid)", "turns(jsonb)"])
def test_a_function_that_visitors_may_call_is_named_even_where_it_refuses_them(
    supabase_project: Project, function: str
) -> None:
    name = f"function api.{function}, desk.{function}"
    with changed(supabase_project, f"grant execute on {name} to anon", f"revoke execute on {name} from anon"):
        found = examined(supabase_project)
    assert to_mend(found) == {"visitors"}
    assert function.split("(")[0] in found["visitors"].seen


def test_sessions_that_cannot_be_renewed_are_told(supabase_project: Project) -> None:
    name = "function desk.renew_session(text, uuid, text)"
    with changed(supabase_project, f"revoke execute on {name} from anon", f"grant execute on {name} to anon"):
        found = examined(supabase_project)
    assert to_mend(found) == {"sessions"}
    assert "renew_session (42501, not RS401)" in found["sessions"].seen


SEEN = "create policy seen on storage.{} for select to anon using (true)"
OPEN_BUCKETS = [
    ("update storage.buckets set public = true", "update storage.buckets set public = false", "public"),
    (SEEN.format("buckets"), "drop policy seen on storage.buckets", "told of it"),
    (
        f"{SEEN.format('objects')}; insert into storage.objects (bucket_id, name) values ('evidence', 'an/image')",
        "drop policy seen on storage.objects; set storage.allow_delete_query = 'true';"
        "delete from storage.objects where name = 'an/image'",
        "can list it",
    ),
]


@pytest.mark.parametrize(("change", "back", "words"), OPEN_BUCKETS)
def test_a_bucket_that_is_open_is_told_by_how(supabase_project: Project, change: str, back: str, words: str) -> None:
    with changed(supabase_project, change, back):
        found = examined(supabase_project)
    assert to_mend(found) == {"images"}
    assert words in found["images"].seen


def test_a_storage_that_does_not_answer_as_one_is_told(supabase_project: Project) -> None:
    nothing = Fault(reply=Reply(404, b"<html>Not found</html>", {"content-type": "text/html"}))
    with supabase_project.front.faulty("GET /storage/v1/object/public", nothing):
        found = examined(supabase_project)
    assert to_mend(found) == {"images"}
    assert "Storage answered 404" in found["images"].seen


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"external": {"email": False}}, "e-mail sign-in is off"),
        ({"external": {"email": True, "anonymous_users": True}}, "anonymously"),
        ({"external": {"email": True, "phone": True}}, "telephone"),
        ({"mailer_autoconfirm": True}, "without having been confirmed"),
        ({"disable_signup": True}, "no new accounts"),
        ({"external": None}, "does not tell its settings"),
    ],
)
def test_a_sign_in_that_is_not_ours_is_told(supabase_project: Project, setting: dict[str, Any], words: str) -> None:
    usual = httpx.get(f"{supabase_project.url}/auth/v1/settings", headers={"apikey": supabase_project.key}).json()
    with supabase_project.front.faulty("GET /auth/v1/settings", Fault(reply=json_reply(200, usual | setting)), ALWAYS):
        found = examined(supabase_project)
    assert to_mend(found) == {"sign-in"}
    assert words in found["sign-in"].seen
    assert "config push" in found["sign-in"].do


def mailed(project: Project, answer: str | None = None) -> Any:
    """The finding on a mail to somebody new, who says that ``answer`` arrived; without one they type the code."""
    address = f"{uuid4().hex[:12]}@example.org"
    wishes = Wishes(mail=address, arrived=lambda to: project.otp_for(to) if answer is None else answer, environment={})
    return examined(project, wishes)["mail"]


def test_a_code_that_arrives_and_is_taken_proves_the_mail(supabase_project: Project) -> None:
    found = mailed(supabase_project)
    assert (found.state, "a code of 8 digits" in found.seen) == ("ok", True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [("link", "'link'"), ("", "nothing"), ("00000000", "was not taken"), ("12345", "No code of digits")],
)
def test_a_mail_that_is_not_as_it_should_be_is_told(supabase_project: Project, answer: str, words: str) -> None:
    found = mailed(supabase_project, answer)
    assert (found.state, words in found.seen) == ("mend", True)


def test_a_mail_that_cannot_be_sent_is_told_with_its_cause(supabase_project: Project) -> None:
    with supabase_project.front.faulty("POST /auth/v1/otp", faults.too_many()):
        assert "Too many" in mailed(supabase_project).seen
    refused = json_reply(400, {"code": 400, "error_code": "email_address_not_authorized", "msg": "not authorized"})
    with supabase_project.front.faulty("POST /auth/v1/otp", Fault(reply=refused)):
        found = mailed(supabase_project)
    assert (found.state, "SMTP server" in found.do) == ("mend", True)


def test_a_code_of_six_digits_is_to_be_mended(supabase_project: Project) -> None:
    address, headers = f"{uuid4().hex[:12]}@example.org", {"apikey": supabase_project.key}
    httpx.post(f"{supabase_project.url}/auth/v1/otp", json={"email": address, "create_user": True}, headers=headers)
    asked = {"email": address, "token": supabase_project.otp_for(address), "type": "email"}
    session = httpx.post(f"{supabase_project.url}/auth/v1/verify", json=asked, headers=headers).json()
    with supabase_project.front.faulty("POST /auth/v1/verify", Fault(reply=json_reply(200, session))):
        found = mailed(supabase_project, "123 456")
    assert (found.state, "of 6 digits" in found.seen) == ("mend", True)


def test_a_clock_that_is_wrong_is_told(supabase_project: Project) -> None:
    late = json_reply(200, {"schema": "2", "now": "2026-01-01T00:00:00+00:00"})
    with supabase_project.front.faulty("POST /rest/v1/rpc/about", Fault(reply=late)):
        assert to_mend(examined(supabase_project)) == {"clock"}
    dated = json_reply(200, {"external": {"email": True}}, date=formatdate(time.time() + 90, usegmt=True))
    with supabase_project.front.faulty("GET /auth/v1/settings", Fault(reply=dated), ALWAYS):
        found = examined(supabase_project)
    assert to_mend(found) == {"clock"}


def test_a_slow_answer_is_no_wrong_clock(supabase_project: Project) -> None:
    with supabase_project.front.faulty("POST /rest/v1/rpc/about", faults.slow(2.0)):
        found = examined(supabase_project)["clock"]
    assert (found.state, "0 s from the database's" in found.seen) == ("ok", True)


def test_a_session_key_that_is_missing_or_short_is_told(supabase_project: Project) -> None:
    for seal in ("", "short", f"{'x' * 40},short"):
        found = examined(supabase_project, seal=seal)
        assert to_mend(found) == {"session key"}
        assert "at least 32 characters" in found["session key"].seen


@pytest.mark.parametrize(
    ("pattern", "part"),
    [
        ("GET /rest/v1/readerstudy_probe", "exposed schemas"),
        ("GET /rest/v1/$", "description"),
        ("rpc/people", "visitors"),
        ("POST /storage/v1/object/list", "images"),
        ("GET /auth/v1/settings", "sign-in"),
    ],
)
def test_a_project_that_stops_answering_half_way_is_told_where(
    supabase_project: Project, pattern: str, part: str
) -> None:
    for fault in (faults.LOST_REPLY, faults.failing(502), faults.PAUSED):
        with supabase_project.front.faulty(pattern, fault):
            found = examined(supabase_project)
        assert to_mend(found) == {part}
