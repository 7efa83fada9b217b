"""A project that cannot be the home of a study says which it is, and what to do, in a sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, LiteralString

import jwt
import psycopg
import pytest

from study.database import Refused, StudyError, _asking
from study.database.project import KEY_NAME, URL_NAME, open_project
from study.database.project import settings as settings_of
from study.database.sessions import KEY
from study.database.wire import Unavailable
from tests.supabase import faults
from tests.supabase.exchange import json_reply
from tests.supabase.faults import Fault
from tests.supabase.project import Project
from tests.supabase.record import settings

ABOUT = "rpc/about$"


@pytest.fixture(autouse=True)
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give up soon."""
    monkeypatch.setattr(_asking, "BOUND_SECONDS", 1.0)


def checked(project: Project, **changes: str) -> None:
    """What the app does when it starts."""
    with open_project(replace(settings(project), **changes)) as record:
        record.check()


@contextmanager
def altered(project: Project, change: LiteralString, back: LiteralString) -> Iterator[None]:
    """Inside, the project's database is another."""
    with psycopg.connect(project.database, autocommit=True) as conn:
        conn.execute(change)
        project.reload()
        try:
            yield
        finally:
            conn.execute(back)
            project.reload()


def test_a_project_as_it_should_be_is_taken(supabase_project: Project) -> None:
    checked(supabase_project)


ANSWERS: list[tuple[Fault, str]] = [
    (faults.PAUSED, "is paused; nothing in it is lost. Restore it in its dashboard"),
    (Fault(reply=json_reply(402, {"message": "restricted"})), "its plan's quota is used up or a bill is open"),
    (Fault(reply=json_reply(404, {"message": "not here"})), "is no Supabase project: 404.*Look at SUPABASE_URL"),
    (faults.failing(404, html=True), "is no Supabase project: 404.*Look at SUPABASE_URL"),
    (Fault(reply=json_reply(302, {}, location="https://portal.example")), "is no Supabase project: 302"),
    (
        Fault(reply=json_reply(406, {"code": "PGRST106", "message": "Only the following schemas are exposed: public"})),
        "does not expose the schema `api`.*supabase --workdir study config push",
    ),
]


@pytest.mark.parametrize(("fault", "sentence"), ANSWERS)
def test_what_no_repeat_would_mend_is_told_at_once(supabase_project: Project, fault: Fault, sentence: str) -> None:
    with supabase_project.front.faulty("", fault, times=99) as rule, pytest.raises(Unavailable, match=sentence) as told:
        checked(supabase_project)
    assert rule.hits == 1
    assert not told.value.maybe_done


def test_a_database_without_our_functions_is_told_to_be_pushed(supabase_project: Project) -> None:
    gone = "alter function api.about() rename to about_before"
    with (
        altered(supabase_project, gone, "alter function api.about_before() rename to about"),
        pytest.raises(StudyError, match=r"has no function about.*Run `supabase --workdir study db push"),
    ):
        checked(supabase_project)


def test_a_database_of_another_version_is_told_with_both_forms(supabase_project: Project) -> None:
    body = _body(supabase_project, "desk.about()")
    with (
        altered(supabase_project, body.replace("'2'", "'9'"), body),
        pytest.raises(StudyError, match=r"has the form 9, and this program reads 2"),
    ):
        checked(supabase_project)


def _body(project: Project, function: str) -> Any:
    with psycopg.connect(project.database) as conn:
        row = conn.execute("select pg_get_functiondef(%s::regprocedure)", [function]).fetchone()
    assert row
    return row[0]


def test_a_key_that_is_not_taken_is_told_to_be_copied_anew(supabase_project: Project) -> None:
    with pytest.raises(Unavailable, match=r"does not take the key in SUPABASE_KEY .Invalid API key.. Copy it anew"):
        checked(supabase_project, key="sb_publishable_of_another_project")


def test_a_key_that_is_not_taken_at_the_sign_in_is_no_wrong_code(supabase_project: Project) -> None:
    with (
        supabase_project.front.faulty("auth/v1/verify$", faults.WRONG_KEY),
        open_project(settings(supabase_project)) as record,
        pytest.raises(Unavailable, match="SUPABASE_KEY"),
    ):
        record.accounts.with_code("somebody@example.org", "123456")


def test_an_address_where_nobody_answers_is_told(supabase_project: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and not listening
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(StudyError, match=r"could not be reached.*online.*Nothing was carried out"):
            checked(supabase_project, url=url)


def test_a_host_that_does_not_exist_is_told(supabase_project: Project) -> None:
    with pytest.raises(StudyError, match=r"at nowhere.invalid could not be reached.*a project that was deleted"):
        checked(supabase_project, url="https://nowhere.invalid")


def test_an_address_that_confirms_nobody_is_refused(supabase_project: Project) -> None:
    open_to_all = Fault(reply=json_reply(200, {"external": {"email": True}, "mailer_autoconfirm": True}))
    with (
        supabase_project.front.faulty("auth/v1/settings$", open_to_all),
        pytest.raises(StudyError, match=r"without having them confirmed.*supabase --workdir study config push"),
    ):
        checked(supabase_project)


OLD = jwt.encode({"role": "service_role", "iss": "supabase"}, "k" * 32)
ANON = jwt.encode({"role": "anon", "iss": "supabase"}, "k" * 32)


@pytest.mark.parametrize("key", ["sb_secret_abc", f" {OLD} "])
def test_a_secret_key_is_refused_unused_and_untold(key: str) -> None:
    with pytest.raises(StudyError, match=r"holds a secret key.*Set the project's publishable key") as told:
        settings_of({URL_NAME: "https://a.example", KEY_NAME: key})
    assert key.strip() not in str(told.value)


@pytest.mark.parametrize("key", ["sb_publishable_abc", ANON])
def test_a_publishable_key_is_taken(key: str) -> None:
    found = settings_of({URL_NAME: "https://a.example/", KEY_NAME: key, KEY: " s "})
    assert found is not None
    assert (found.url, found.key, found.seal) == ("https://a.example", key, "s")


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({URL_NAME: "https://a.example"}, "go together; only SUPABASE_URL is set"),
        ({KEY_NAME: "sb_publishable_abc"}, "go together; only SUPABASE_KEY is set"),
        ({URL_NAME: "http://a.example", KEY_NAME: "sb_publishable_abc"}, "must begin with https://"),
    ],
)
def test_half_of_the_settings_or_a_plain_address_is_refused(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        settings_of(environment)


def test_without_settings_there_is_no_project() -> None:
    assert settings_of({}) is None


@pytest.mark.parametrize("seal", ["", "too short", "x" * 40 + ",short"])
def test_sessions_begin_under_no_key_that_could_be_guessed(supabase_project: Project, seal: str) -> None:
    with (
        pytest.raises(StudyError, match=rf"{KEY} must be set to a secret of at least 32 characters"),
        open_project(replace(settings(supabase_project), seal=seal)) as record,
    ):
        record.wire("a cookie").call("me")


def test_the_app_does_not_start_without_the_key_of_its_sessions(supabase_project: Project) -> None:
    given = {URL_NAME: supabase_project.url, KEY_NAME: supabase_project.key, "READERSTUDY_DATA": "", KEY: ""}
    command = [sys.executable, "-m", "streamlit_app"]
    done = subprocess.run(command, env={**os.environ, **given}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert f"{KEY} must be set to a secret" in done.stderr


def test_an_answer_of_another_form_is_told_in_a_sentence(supabase_project: Project) -> None:
    odd = Fault(reply=json_reply(200, {"anything": 1}))
    with (
        supabase_project.front.faulty("auth/v1/verify$", odd),
        open_project(settings(supabase_project)) as record,
        pytest.raises(StudyError, match="gave no whole answer"),
    ):
        record.accounts.with_code("somebody@example.org", "123456")


def test_too_many_sign_ins_are_a_refusal_that_says_to_wait(supabase_project: Project) -> None:
    with (
        supabase_project.front.faulty("auth/v1/otp$", faults.too_many()),
        open_project(settings(supabase_project)) as record,
        pytest.raises(Refused, match=r"Wait some minutes") as told,
    ):
        record.accounts.send_code("somebody@example.org")
    assert told.value.code == "RS429"
