"""Out of a data folder into a Supabase project, and on into another data folder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from study.database import Box, StudyError, open_box
from study.database.project import Project as Record
from study.database.project import open_project
from study.moving import side
from study.moving.move import give_up, move
from study.verify import verify
from tests.conftest import open_folder
from tests.moving.acts import WROTE, half_moved, join, moved, played, quiet, rows
from tests.record.acts import refused
from tests.small_study import IMAGE, PNG, SmallStudy, small_study
from tests.supabase import faults
from tests.supabase.command import Command
from tests.supabase.faults import Fault
from tests.supabase.project import Project
from tests.supabase.record import join as join_project
from tests.supabase.record import owned, settings


@pytest.fixture
def project(supabase_project: Project) -> Iterator[Record]:
    with owned(supabase_project) as record:
        yield record


def at(made: SmallStudy, record: Any) -> SmallStudy:
    """The same study in another record."""
    return SmallStudy(record, made.study, made.slug)


def test_a_study_goes_to_a_project_and_on_to_another_box_and_its_readers_with_it(
    here: Box, there: Box, project: Record, supabase_project: Project
) -> None:
    play = played(here, models=20)
    study, code = play.made.study, play.codes["half"]
    assert moved(here, project, play.made).verdict.counted["events"] > 1000
    before, after = rows(here, study), rows(project, study)
    assert {part for part in before if before[part] != after[part]} == {"studies", "members", "study_events"}

    made = at(play.made, project)
    made.act("resume_study", study=study, reason="moved")
    cookie = join_project(project, supabase_project, code.text)
    wire = project.wire(cookie)
    page: Any = wire.call("open_reading", reading=play.pages["half"]["reading"], visit=None)
    assert (page["step"], page["answers"]) == (2, play.pages["half"]["answers"])
    assert page["draft"]["body"] == {"lines": ["G\u00fc"]}
    assert project.images_of(cookie).read(study, IMAGE) == PNG
    made.read(wire, page["reading"], WROTE)
    by_mail = project.wire(join_project(project, supabase_project, email="one@example.org"))
    assert [one["state"] for one in call(by_mail, "me")["memberships"]] == ["joined"]
    made.act("pause_study", study=study, reason="moving back")

    moved(project, there, made)
    back = at(play.made, there)
    back.act("resume_study", study=study, reason="moved")
    reader = join(back, there, code)
    assert [row["state"] for row in back.readings(reader)][:3] == ["completed", "completed", "assigned"]
    back.read_all(reader, WROTE)
    assert verify(there.owner, study, there.images).holds
    kinds = [json.loads(text)["kind"] for text in rows(there, study)["study_events"]]
    assert [kind for kind in kinds if kind in ("moved", "arrived")] == ["moved", "arrived"] * 2
    back.act("pause_study", study=study, reason="moving on")
    with pytest.raises(StudyError, match="Nothing is overwritten"):
        move(there, project, study, quiet)


def call(wire: Any, function: str) -> Any:
    return wire.call(function)


@pytest.mark.parametrize("fault", [faults.LOST_REQUEST, faults.LOST_REPLY, faults.HALF_REPLY, faults.failing(502)])
def test_answers_that_were_lost_on_the_way_change_nothing(
    here: Box, project: Record, supabase_project: Project, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side, "ROWS", 20)
    made = played(here).made
    pattern = "rpc/(arrive_begin|arrive_rows|arrive_end|moving_rows)$"
    with supabase_project.front.faulty(pattern, fault, times=3) as rule:
        moved(here, project, made)
    assert rule.hits == 3
    assert rows(here, made.study)["events"] == rows(project, made.study)["events"]


def test_a_project_that_went_away_on_the_way_is_gone_on_with(
    here: Box, project: Record, supabase_project: Project
) -> None:
    made = played(here).made
    with supabase_project.front.faulty("rpc/arrive_rows$", faults.PAUSED, times=99), pytest.raises(StudyError):
        move(here, project, made.study, quiet)
    moved(here, project, made)


def test_what_is_still_arriving_in_a_project_is_reached_by_no_code_and_no_address(
    here: Box, project: Record, supabase_project: Project
) -> None:
    play = played(here)
    half_moved(here, project, play.made)
    email = f"{uuid4().hex[:12]}@example.org"
    with psycopg.connect(supabase_project.database, autocommit=True) as conn:
        member = "(select i.member from study.invitations i where i.handle = %s limit 1)"
        conn.execute(f"update study.identities set email = %s where member = {member}".encode(),
                     [email, play.codes["invited"].handle])  # fmt: skip
    wire = project.wire(join_project(project, supabase_project, email=email))
    assert call(wire, "me")["memberships"] == []
    for code in play.codes.values():
        with refused("RS423", "being moved"):
            wire.call("redeem", code=code.text)
    with pytest.raises(FileNotFoundError):
        project.images_of(join_project(project, supabase_project)).read(play.made.study, IMAGE)
    give_up(here, project, play.made.study, "not now")
    moved(here, project, play.made)


def test_an_account_that_owns_nothing_brings_nothing(here: Box, project: Record, supabase_project: Project) -> None:
    made = played(here).made
    cookie = join_project(project, supabase_project)
    with open_project(settings(supabase_project), project._session(cookie)) as stranger:
        with refused("RS403", "owner"):
            move(here, stranger, made.study, quiet)
        half_moved(here, project, made)
        with refused("RS403", "is not a draft"):
            stranger.images.put(made.study, b"other", "image/png")
        with refused("RS404"):
            stranger.owner.call("moving_rows", study=made.study, part="truths", after=None, amount=10)


def test_the_commands_push_and_pull_a_study(supabase_project: Project, tmp_path: Path) -> None:
    command = Command(supabase_project, tmp_path / "logins")
    with owned(supabase_project) as record:
        email = f"{uuid4().hex[:12]}@example.org"
        with psycopg.connect(supabase_project.database, autocommit=True) as conn:
            conn.execute("select study.appoint_owner(%s)", [email])
        assert record.name
    with open_folder() as source, open_folder() as target:
        with open_box(source) as box:
            made = small_study(box)
            made.read_all(made.add_reader(), WROTE)
        refusal = command.run("study", "push", "--data", str(source))
        assert (refusal.returncode, "readerstudy login" in refusal.stderr) == (1, True), refusal.stderr
        assert command.login(email).returncode == 0
        refusal = command.run("study", "push", "--study", made.slug, "--data", str(source))
        assert "pause it first" in refusal.stderr
        assert command.run("study", "pause", "--data", str(source), "--reason", "moving").returncode == 0
        pushed = command.run("study", "push", "--study", made.slug, "--data", str(source))
        assert pushed.returncode == 0, pushed.stderr
        assert pushed.stdout.rstrip().endswith("everything holds")
        again = command.run("study", "push", "--study", made.slug, "--data", str(source), "--json")
        assert json.loads(again.stdout)["before"] is True
        status = command.run("study", "status", "--data", str(source))
        assert "moved to" in status.stdout
        refusal = command.run("study", "pull", "--study", made.slug, "--data", str(source))
        assert "Nothing is overwritten" in refusal.stderr
        pulled = command.run("study", "pull", "--study", made.slug, "--data", str(target), "--json")
        assert json.loads(pulled.stdout)["holds"] is True
        refusal = command.run("study", "pull", "--study", made.slug, "--data", str(target), "--give-up", "no")
        assert "has arrived" in refusal.stderr
        stayed = command.run(
            "study", "stay", "--study", made.slug, "--data", str(source), "--reason", "others are gone"
        )
        assert (stayed.returncode, "goes on in the data folder" in stayed.stdout) == (0, True)
