"""What the doctor is told by the database itself, as the project's owner; and the command as a process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from study.database.examination import OPEN, Finding
from study.database.examination_inside import Examined, judged
from study.database.migrations import migrations
from tests.examined import changed
from tests.supabase.command import Command
from tests.supabase.project import Project

KEY = {"READERSTUDY_SESSION_KEY": "a secret of the tests that all replicas share"}
INSIDE = {"functions", "tables", "roles", "image rules", "1,000 rows", "open functions", "migrations"}
INSIDE |= {"time zone", "time limits"}
WELL: dict[str, Any] = {
    **{part: [] for part in ("functions", "tables", "roles", "bucket", "replies")},
    "home": "supabase",
    "open": [f"{schema}.{name}" for schema in ("api", "desk") for name in OPEN],
    "migrations": [one.version for one in migrations()],
    "time_zone": "UTC",
    "limit_ms": 8000,
    "visitors_limit": "3s",
}


def findings(**changes: Any) -> dict[str, Finding]:
    """What is made of a reply that is well but for these parts."""
    return {finding.check: finding for finding in judged(Examined.model_validate(WELL | changes))}


def test_a_database_that_is_well_has_nothing_to_mend() -> None:
    assert {(name, finding.state) for name, finding in findings().items()} == {(name, "ok") for name in INSIDE}


@pytest.mark.parametrize(
    ("check", "changes", "words"),
    [
        ("functions", {"functions": ["anon may execute desk.me()"]}, "anon may execute desk.me()"),
        ("tables", {"tables": [f"wrong {n}" for n in range(9)]}, "and 4 more"),
        ("roles", {"roles": ["anon is a superuser"]}, "anon is a superuser"),
        ("image rules", {"bucket": ["the bucket evidence is public"]}, "is public"),
        ("1,000 rows", {"replies": ["api.x() returns rows, not one value"]}, "returns rows"),
        ("open functions", {"open": [*WELL["open"], "api.people"]}, "may call api.people"),
        ("open functions", {"open": WELL["open"][1:]}, "may not call"),
        ("migrations", {"migrations": None}, "records no migrations"),
        ("migrations", {"migrations": WELL["migrations"][:-1]}, f"lacks {WELL['migrations'][-1]}"),
        ("migrations", {"migrations": [*WELL["migrations"], "20990101000000"]}, "does not know: 20990101000000"),
        ("time zone", {"time_zone": "Europe/Zurich"}, "in Europe/Zurich"),
        ("time limits", {"limit_ms": 0}, "0 s (0: for ever)"),
        ("time limits", {"limit_ms": 60_000}, "60 s"),
        ("time limits", {"visitors_limit": None}, "visitor's call may take for ever"),
    ],
)
def test_each_part_that_is_not_well_is_told(check: str, changes: dict[str, Any], words: str) -> None:
    found = findings(**changes)
    assert {name for name, finding in found.items() if finding.state == "mend"} == {check}
    assert words in found[check].seen
    assert found[check].do


def test_in_the_box_the_wire_sets_visitors_limits_and_the_preludes_are_no_migrations() -> None:
    found = findings(home="box", visitors_limit=None, migrations=["0", "1", *WELL["migrations"]])
    assert {finding.state for finding in found.values()} == {"ok"}


@pytest.fixture
def command(supabase_project: Project, tmp_path: Path) -> Command:
    return Command(supabase_project, tmp_path / "logins")


def examined(command: Command, **variables: str) -> tuple[int, dict[str, Finding]]:
    """The exit code and the findings of ``readerstudy doctor --json``."""
    done = command.run("doctor", "--json", **(KEY | variables))
    told = json.loads(done.stdout)
    assert told["ok"] is (done.returncode == 0)
    return done.returncode, {one["check"]: Finding(**one) for one in told["findings"]}


def login_as_owner(command: Command) -> None:
    email = f"{uuid4().hex[:12]}@example.org"
    with psycopg.connect(command.project.database, autocommit=True) as conn:
        conn.execute("select study.appoint_owner(%s)", [email])
    command.login(email)


def test_the_owner_is_told_that_all_is_well_inside(command: Command) -> None:
    login_as_owner(command)
    code, found = examined(command)
    assert (code, {name for name in INSIDE if found[name].state == "ok"}) == (0, INSIDE)


def test_the_owner_is_told_what_somebody_changed_and_the_command_fails(command: Command) -> None:
    login_as_owner(command)
    grant = "grant select on study.members to service_role"
    with changed(command.project, grant, grant.replace("grant", "revoke").replace(" to ", " from ")):
        code, found = examined(command)
    assert (code, found["tables"].state) == (1, "mend")
    assert "service_role may select study.members" in found["tables"].seen


def test_a_session_limit_that_the_project_lost_is_told(command: Command) -> None:
    login_as_owner(command)
    with changed(
        command.project, "alter role anon reset statement_timeout", "alter role anon set statement_timeout = '3s'"
    ):
        assert examined(command)[1]["time limits"].state == "mend"


def test_whoever_is_not_the_owner_is_told_who_would_be_shown_more(command: Command) -> None:
    code, found = examined(command)
    assert (code, found["inside"].state, "Nobody is signed in" in found["inside"].seen) == (0, "not shown", True)
    command.login(f"{uuid4().hex[:12]}@example.org")
    found = examined(command)[1]
    assert (found["inside"].state, "Only the owner" in found["inside"].seen) == ("not shown", True)
    assert "readerstudy login" in found["inside"].do


def test_the_table_says_what_to_do_and_how_much_is_to_mend(command: Command) -> None:
    done = command.run("doctor")
    assert (done.returncode, done.stderr) == (1, "")
    assert "1 to mend." in done.stdout
    assert "-> Set READERSTUDY_SESSION_KEY" in done.stdout
    well = command.run("doctor", **KEY)
    assert (well.returncode, "Nothing to mend in what was seen; 3 could not be seen." in well.stdout) == (0, True)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"SUPABASE_KEY": "sb_secret_abc"}, "holds a secret key"),
        ({"SUPABASE_KEY": ""}, "go together"),
        ({"SUPABASE_URL": "http://example.org"}, "must begin with https://"),
    ],
)
def test_settings_that_are_refused_are_findings_too(command: Command, variables: dict[str, str], words: str) -> None:
    code, found = examined(command, **variables)
    assert (code, found["settings"].state, words in found["settings"].seen) == (1, "mend", True)


def test_a_folder_that_cannot_hold_a_database_is_a_finding_too(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = command.run("doctor", "--json", "--data", str(tmp_path / "file"), **KEY)
    found = json.loads(done.stdout)["findings"]
    assert (done.returncode, [one["check"] for one in found]) == (1, ["machine", "database"])
    assert found[-1]["do"]


def test_a_code_is_really_sent_where_that_is_asked_for(command: Command) -> None:
    email = f"{uuid4().hex[:12]}@example.org"
    done = command.run("doctor", "--mail", email, "--json", **KEY)
    assert len(command.project.lite.mails(email)) == 1
    assert f"What came to {email}?" in done.stderr
    mail = next(one for one in json.loads(done.stdout)["findings"] if one["check"] == "mail")
    assert (mail["state"], "nobody said whether it came" in mail["seen"]) == ("not shown", True)
