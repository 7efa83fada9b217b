"""``readerstudy login`` and ``logout`` as processes on a project: who one is, renewal, and an end that is told."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from study.codes import new_code
from study.database.project import open_project
from study.desk import CoordinatorDesk, SetupDesk
from tests.supabase import faults
from tests.supabase.command import Command, ended
from tests.supabase.project import Project
from tests.supabase.record import owned, settings, tokens_of


@pytest.fixture
def command(supabase_project: Project, tmp_path: Path) -> Command:
    return Command(supabase_project, tmp_path / "logins")


def new_email() -> str:
    return f"{uuid4().hex[:12]}@example.org"


def kept(command: Command) -> Path:
    """The file of the login."""
    (path,) = command.logins.glob("*.json")
    return path


def change(command: Command, **values: Any) -> None:
    """Rewrite parts of the login's file."""
    kept(command).write_text(json.dumps(json.loads(kept(command).read_text()) | values))


def in_the_record(command: Command, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(command.project.database, autocommit=True) as conn:
        cursor = conn.execute(statement.encode(), values)
        return cursor.fetchall() if cursor.description else []


def invitation(project: Project, email: str | None = None) -> str:
    """The code of a new grader of a new study."""
    with owned(project) as record:
        made = SetupDesk(record.owner)
        study = made.create_study(f"login-{uuid4().hex[:8]}", "Login", ["en"], True, {}, 1, str(uuid4()))
        return CoordinatorDesk(record.owner).invite(study, "grader", email=email)[1].text


def test_a_code_by_mail_signs_in_and_the_login_is_its_owners_alone(command: Command) -> None:
    email = new_email()
    done = command.login(email)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{email} is signed in" in done.stdout
    assert "do not own" in done.stdout
    assert stat.S_IMODE(kept(command).stat().st_mode) == 0o600
    assert stat.S_IMODE(command.logins.stat().st_mode) == 0o700
    ((sealed, began),) = in_the_record(
        command,
        "select s.sealed, s.began from study.sessions s join auth.users u on u.id = s.person where u.email = %s",
        email,
    )
    assert (sealed, began) == (None, "mail")


def test_without_a_keyboard_the_code_is_brought_by_a_second_command(command: Command) -> None:
    email = new_email()
    done = command.run("login", "--email", email)
    assert done.returncode == 1
    assert f"readerstudy login --email {email} --code CODE" in done.stderr
    assert not list(command.logins.glob("*.json"))


def test_an_owner_and_what_was_taken_up_are_told(command: Command) -> None:
    email = new_email()
    invitation(command.project, email)
    in_the_record(command, "select study.appoint_owner(%s)", email)
    told = json.loads(command.login(email, "--json").stdout)
    assert (told["email"], told["owner"], told["joined"]) == (email, True, 1)
    assert [one["role"] for one in told["roles"]] == ["grader"]


def test_an_invitation_code_is_taken_up_by_whoever_is_signed_in(command: Command) -> None:
    code = invitation(command.project)
    command.login(new_email())
    wrong = command.run("login", "--redeem", new_code().text)
    assert (wrong.returncode, "4 tries are left" in wrong.stderr) == (1, True)
    done = command.run("login", "--redeem", code)
    assert "1 invitation was taken up." in done.stdout
    assert "Roles: grader of login-" in done.stdout


def test_a_password_comes_from_the_environment_and_never_from_an_argument(command: Command) -> None:
    email = new_email()
    with open_project(settings(command.project)) as record:
        record.set_password(record.begin(tokens_of(record, command.project, email)), "a password of one's own 1")
    done = command.run("login", "--email", email, "--password", READERSTUDY_PASSWORD="a password of one's own 1")
    assert (done.returncode, done.stderr) == (0, "")
    refused = command.run("login", "--email", email, "--password", READERSTUDY_PASSWORD="another")
    assert (refused.returncode, refused.stderr) == (1, "No account has this address and this password.\n")
    assert command.run("login", "--password", "secret").returncode == 2


def test_status_says_who_is_signed_in_or_that_nobody_is(command: Command) -> None:
    nobody = command.run("login", "--status")
    assert (nobody.returncode, "Nobody is signed in" in nobody.stderr) == (1, True)
    email = new_email()
    command.login(email)
    mails = len(command.project.lite.mails(email))
    assert json.loads(command.run("login", "--status", "--json").stdout)["email"] == email
    assert len(command.project.lite.mails(email)) == mails


def test_a_new_login_ends_the_one_before_it(command: Command) -> None:
    first = new_email()
    command.login(first)
    command.login(new_email())
    assert live_sessions(command, first) == 0


def live_sessions(command: Command, email: str) -> int:
    """Sessions of this person that have not ended in the record."""
    ((number,),) = in_the_record(
        command,
        "select count(*) from study.sessions s join auth.users u on u.id = s.person "
        "where u.email = %s and s.ended_at is null",
        email,
    )
    return int(number)


@pytest.mark.parametrize("told_by", ["the file", "the project"])
def test_two_commands_at_once_renew_an_access_token_once(command: Command, told_by: str) -> None:
    command.login(new_email())
    front, before = command.project.front, json.loads(kept(command).read_text())
    earlier = len(front.seen("POST /auth/v1/token"))
    times = 2 if told_by == "the project" else 0
    if told_by == "the file":
        change(command, until=0)
    with front.faulty("rpc/me", faults.EXPIRED_TOKEN, times), front.faulty("POST /auth/v1/token", faults.slow(1.0)):
        both = [command.start("login", "--status") for _ in range(2)]
        results = [ended(one) for one in both]
    assert [(one.returncode, one.stderr) for one in results] == [(0, "")] * 2
    assert len(front.seen("POST /auth/v1/token")) == earlier + 1
    assert json.loads(kept(command).read_text())["refresh"] != before["refresh"]


@pytest.mark.parametrize("ended_by", ["the record", "auth"])
def test_an_ended_session_is_told_in_a_sentence_that_says_what_to_do(command: Command, ended_by: str) -> None:
    email = new_email()
    command.login(email)
    if ended_by == "auth":
        in_the_record(
            command, "delete from auth.sessions using auth.users u where user_id = u.id and email = %s", email
        )
        change(command, until=0)
    else:
        in_the_record(
            command,
            "update study.sessions set ended_at = now() from auth.users where id = person and email = %s",
            email,
        )
    for asked in (("login", "--status"), ("study", "status"), ("readers", "list")):
        done = command.run(*asked)
        assert (done.returncode, done.stdout) == (1, "")
        assert "ended" in done.stderr
        assert "Run `readerstudy login`." in done.stderr


def test_logout_ends_the_session_there_and_here(command: Command) -> None:
    email = new_email()
    command.login(email)
    refresh = json.loads(kept(command).read_text())["refresh"]
    done = command.run("logout")
    assert (done.returncode, f"{email} is signed out" in done.stdout) == (0, True)
    assert (list(command.logins.glob("*.json")), live_sessions(command, email)) == ([], 0)
    with open_project(settings(command.project)) as record, pytest.raises(Exception, match="not signed in"):
        record.accounts.renew(refresh)
    assert "Nobody is signed in" in command.run("logout").stderr


def test_a_logout_that_is_not_answered_keeps_the_login(command: Command) -> None:
    command.login(new_email())
    with command.project.front.faulty("rpc/sign_out", faults.PAUSED):
        done = command.run("logout")
    assert (done.returncode, "paused" in done.stderr) == (1, True)
    assert kept(command).exists()


def test_without_a_project_it_is_said_what_names_one(command: Command) -> None:
    done = command.run("login", "--status", SUPABASE_URL="", SUPABASE_KEY="")
    assert (done.returncode, done.stdout) == (1, "")
    assert "SUPABASE_URL and SUPABASE_KEY name the project" in done.stderr


def test_a_code_without_its_address_is_refused_before_anything_is_asked(command: Command) -> None:
    before = len(command.project.front.seen())
    done = command.run("login", "--code", "123456")
    assert (done.returncode, "give --email and --code" in done.stderr) == (1, True)
    assert len(command.project.front.seen()) == before
