"""A study moves with its whole record, and its readers go on at the exact place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from study.database import Box
from study.exporting.export import export
from study.moving import side
from study.verify import verify
from tests.home import BoxHome
from tests.moving.acts import WROTE, count, graded, join, moved, played, rows
from tests.record.acts import refused
from tests.small_study import SmallStudy, small_study

ADDED = {"members": 4, "study_events": 1}
STAYS = {"people", "owners", "sessions", "tries", "requests", "arrivals", "pieces", "leases"}


def at(made: SmallStudy, box: Box) -> SmallStudy:
    """The same study in another box."""
    return SmallStudy(BoxHome(box), made.study, made.slug)


def bring(box: Box, state: str) -> SmallStudy:
    """A study that was played as far as that state."""
    if state == "draft":
        return small_study(box, opened=False)
    made = played(box).made
    if state != "paused":
        made.close(unblind=state == "unblinded")
        graded(made)
    return made


@pytest.mark.parametrize("state", ["draft", "paused", "closed", "unblinded"])
def test_every_row_arrives_letter_by_letter(here: Box, there: Box, state: str) -> None:
    made = bring(here, state)
    done = moved(here, there, made)
    left, arrived = rows(here, made.study), rows(there, made.study)
    for part in left.keys() - {"studies"}:
        assert set(left[part]) <= set(arrived[part]), part
        assert len(arrived[part]) - len(left[part]) == ADDED.get(part, 0), part
    before, after = (json.loads(one["studies"][0]) for one in (left, arrived))
    assert {name for name in before if before[name] != after[name]} == {"head", "count", "last_at"}
    assert (done.rows, done.images) == (sum(map(len, left.values())), 1)
    assert after["state"] == state


def test_what_stays_behind_is_named_and_nothing_else(here: Box) -> None:
    with BoxHome(here).database() as conn:
        tables = {row[0] for row in conn.execute("select tablename from pg_tables where schemaname = 'study'")}
        carried = {row[0] for row in conn.execute("select part from study.carried_tables()")}
        hidden = conn.execute("select part, hidden from study.carried_tables() where hidden <> '{}'").fetchall()
    assert (carried & STAYS, carried | STAYS) == (set(), tables)
    assert dict(hidden) == {"studies": ["moved_to", "moved_as"], "members": ["person"], "readings": ["sign", "visit"]}


def test_what_was_erased_stays_erased_and_is_counted_as_such(here: Box, there: Box) -> None:
    made = played(here).made
    before = verify(here.owner, made.study, here.images)
    done = moved(here, there, made)
    assert done.verdict.counted["erased"] == before.counted["erased"] == 4 * 15
    assert "Unmistakable" not in json.dumps(rows(there, made.study))


def test_readers_go_on_with_their_old_codes_at_the_exact_place(here: Box, there: Box) -> None:
    play = played(here)
    moved(here, there, play.made)
    made = at(play.made, there)
    made.act("resume_study", study=made.study, reason="moved")
    wire = join(made, there, play.codes["half"])
    home: Any = wire.call("study_home", study=made.study)
    assert (home["member"]["state"], home["member"]["profile"]) == ("consented", {"years": "5-9"})
    page: Any = wire.call("open_reading", reading=play.pages["half"]["reading"], visit=None)
    same = ("step", "attempt", "script", "answers", "options", "opened_at", "label")
    assert {name: page.get(name) for name in same} == {name: play.pages["half"].get(name) for name in same}
    assert page["draft"]["body"] == {"lines": ["G\u00fc"]}
    made.read_all(wire, WROTE)
    assert {row["state"] for row in made.readings(wire)} == {"completed"}
    newcomer = join(made, there, play.codes["invited"])
    assert made.act("consent", newcomer, study=made.study, decision="given", version="1")["state"] == "given"
    assert verify(there.owner, made.study, there.images).holds


def test_whoever_brings_a_study_runs_it_under_the_next_names(here: Box, there: Box) -> None:
    made = played(here).made
    moved(here, there, made)
    found: Any = there.owner.call("people", study=made.study)
    staff = {one["pseudonym"]: one["invitation"] for one in found if one["role"] != "reader"}
    assert sorted(staff) == ["A01", "A02", "C01", "C02", "G01", "G02", "M01", "M02"]
    me: Any = there.owner.call("me")
    assert {one["pseudonym"] for one in me["memberships"]} == {"A02", "C02", "G02", "M02"}


def test_grades_go_on_after_those_that_arrived(here: Box, there: Box) -> None:
    made = bring(here, "closed")
    with BoxHome(here).database() as conn:
        conn.execute("select setval(pg_get_serial_sequence('study.grades', 'seq'), 1000)")
    graded(made)
    moved(here, there, made)
    graded(at(made, there))
    numbers = [json.loads(text)["seq"] for text in rows(there, made.study)["grades"]]
    assert len(set(numbers)) == 6
    assert max(numbers) > 1002
    assert verify(there.owner, made.study, there.images).holds


def test_the_original_takes_no_acts_but_is_read_exported_and_erased(here: Box, there: Box, tmp_path: Path) -> None:
    play = played(here)
    made = play.made
    moved(here, there, made)
    reading = made.readings(join(made, here, play.codes["half"]))[0]["reading"]
    about: dict[str, dict[str, Any]] = {
        "resume_study": {"study": made.study, "reason": "on"},
        "close_study": {"study": made.study, "reason": "over"},
        "invite": {"study": made.study, "role": "reader", "code_handle": "0000", "code_hash": "ab" * 32},
        "enrol_model": {"study": made.study, "name": "new", "details": {}, "samples": 1},
        "add_allocation": {"study": made.study, "pool": "en", "rows": [], "generator": {}},
    }
    for function, arguments in about.items():
        with refused("RS423", "was moved to"):
            made.act(function, **arguments)
    with refused("RS423", "was moved to"):
        made.reopen(reading)
    with refused("RS423", "to another place"):
        join(made, here, play.codes["invited"])
    assert verify(here.owner, made.study, here.images).holds
    export(here.owner, made.study, tmp_path / "out")
    assert made.act("withdraw_reader", member=made.members[0], mode="erase", reason="asked")


def test_readers_of_the_original_write_nothing_more(here: Box, there: Box) -> None:
    play = played(here)
    wire = join(play.made, here, play.codes["half"])
    moved(here, there, play.made)
    where = {"reading": play.pages["half"]["reading"], "step": 2, "attempt": 1, "tab": "t", "number": 9, "body": {}}
    for function in ("save_telemetry", "save_draft"):
        with refused("RS423"):
            wire.call(function, **where)
    for function, arguments in (("instructed", {}), ("leave_study", {"mode": "erase", "reason": ""})):
        with refused("RS423", "another place"):
            play.made.act(function, wire, study=play.made.study, **arguments)


def test_both_sides_export_the_same_events_answers_and_readings(here: Box, there: Box, tmp_path: Path) -> None:
    made = bring(here, "unblinded")
    moved(here, there, made)
    for box, name in ((here, "here"), (there, "there")):
        export(box.owner, made.study, tmp_path / name)
    files = sorted(path.name for path in (tmp_path / "here").iterdir())
    assert files == sorted(path.name for path in (tmp_path / "there").iterdir())
    differing = {
        name for name in files if (tmp_path / "here" / name).read_bytes() != (tmp_path / "there" / name).read_bytes()
    }
    assert {name.split(".")[0] for name in differing} <= {"manifest", "chain"}


def test_rows_come_in_chunks_and_long_ones_in_pieces(here: Box, there: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side, "ROWS", 3)
    monkeypatch.setattr(side, "PIECE", 70_000)
    made = small_study(here)
    made.read_all(made.add_reader(), WROTE)
    made.act("pause_study", study=made.study, reason='x"\u00e9' * 150_000)
    moved(here, there, made)
    assert set(rows(here, made.study)["study_events"]) < set(rows(there, made.study)["study_events"])
    assert count(there, "pieces") == 0


def test_two_studies_may_have_codes_that_begin_alike(here: Box, there: Box) -> None:
    play, other = played(here), played(there)
    theirs = other.codes["invited"]
    with BoxHome(here).database() as conn:
        conn.execute(
            "update study.invitations set handle = %s where handle = %s", [theirs.handle, play.codes["half"].handle]
        )
    moved(here, there, play.made)
    assert join(other.made, there, theirs)
    with refused("RS409", "this beginning"):
        other.made.act("invite", study=other.made.study, role="reader", code_handle=theirs.handle, code_hash="ab" * 32)


def test_a_study_moves_on_from_where_it_arrived(here: Box, there: Box, box: Box) -> None:
    made = played(here).made
    moved(here, there, made)
    moved(there, box, made)
    kinds = [json.loads(text)["kind"] for text in rows(box, made.study)["study_events"]]
    assert kinds[-4:] == ["moved", "arrived", "moved", "arrived"]
