"""Two ids for everybody, one on the coordinator's screens and one in the record, linked by an audited act alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from study.codes import new_code
from study.database import Wire
from study.desk import CoordinatorDesk
from study.exporting.export import export
from tests.home import Home
from tests.record.acts import acts, as_superuser, at_step, call, new_id, refused
from tests.record.world import World
from tests.small_study import SmallStudy, small_study

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
IDENTITY = ("invited", "reissued", "joined", "consented", "declined", "profiled", "reopened", "linked")


@pytest.fixture
def made(home: Home) -> SmallStudy:
    """A study with a reader who finished, one who was reopened, one who left, and a model."""
    made = small_study(home)
    for _ in range(2):
        made.read_all(made.add_reader(), ["Gout"])
    made.reopen(made.readings(made.readers[1])[0]["reading"])
    leaving = made.add_reader()
    at_step(made, leaving, 2)
    made.act("leave_study", leaving, study=made.study, mode="erase", reason="no time")
    made.add_model("a model", ["Gout"])
    return made


def screens(made: SmallStudy) -> str:
    """All that the coordinator's screens are told, and the acts of the study's chain that say who did what."""
    owner, code = made.home.owner, new_code()
    told = [call(owner, name, study=made.study) for name in ("matrix", "people", "study_status")]
    told += [call(owner, "matrix_reader", study=made.study, member=one["member"]) for one in told[0]["readers"]]
    told += [made.act("invite", study=made.study, role="reader", code_handle=code.handle, code_hash=code.hash)]
    told += [[act.kind, act.actor, act.body] for act in acts(made) if act.kind in IDENTITY]
    return json.dumps(told)


def own_ids(made: SmallStudy) -> set[str]:
    """The study's own id and that of the person who runs it: they stand everywhere, and tell of no reader."""
    return {made.study, call(made.home.owner, "me")["person"]}


def results(made: SmallStudy, tmp_path: Any) -> str:
    """Every table of an unblinded export but the identity acts of the study's chain, which it has word for word."""
    made.close(unblind=True)
    done = export(made.home.owner, made.study, tmp_path / new_id())
    return "\n".join(
        text for path in sorted(done.folder.rglob("*.csv")) for text in lines(path.read_text("utf-8"), path.stem)
    )


def lines(text: str, name: str) -> Iterator[str]:
    for line in text.splitlines():
        if name != "chain" or not any(f',"{kind}",' in line for kind in IDENTITY):
            yield line


def test_no_id_of_the_screens_is_in_an_export_nor_the_other_way_round(made: SmallStudy, tmp_path: Any) -> None:
    screen, exported = screens(made), results(made, tmp_path)
    shared = set(UUID.findall(screen)) & set(UUID.findall(exported))
    assert len(set(UUID.findall(screen))) > 20, "handles of members and readings"
    assert len(set(UUID.findall(exported))) > 20, "members, readings and persons of the record"
    assert shared - own_ids(made) == set()
    assert set(re.findall(r"\bP[0-9A-F]{8}\b", exported)), "results go by these"
    assert re.findall(r"\bP[0-9A-F]{8}\b", screen) == []
    assert re.findall(r"\bR0[1-9]\b", exported) == []
    assert "withdrawn" in exported, "a withdrawal stands on the side of the results"


def test_no_moment_of_the_matrix_nor_of_a_consent_is_in_an_export(made: SmallStudy, tmp_path: Any) -> None:
    moments = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d+"
    told = [call(made.home.owner, "matrix_reader", study=made.study, member=one) for one in made.members]
    assert re.findall(moments, json.dumps(told)) == []
    consented = {f"{act.at:%Y-%m-%dT%H:%M:%S}" for act in acts(made) if act.kind in ("joined", "consented", "profiled")}
    readers = (export(made.home.owner, made.study, tmp_path / "x").folder / "readers.csv").read_text("utf-8")
    assert [moment for moment in consented if moment in readers or moment.replace("T", " ") in readers] == []


def test_linking_tells_both_ids_and_is_noted_with_its_reason(made: SmallStudy) -> None:
    desk = CoordinatorDesk(made.home.owner)
    with refused("RS400", "reason"):
        desk.link(made.members[0], " ")
    owner = next(one for one in desk.people(made.study) if one.pseudonym == "G01")
    with refused("RS400", "Only readers"):
        desk.link(owner.member, "curious")
    found = desk.link(made.members[0], "the reader asked for their own results")
    last = acts(made)[-1]
    assert (found.pseudonym, last.kind) == ("R01", "linked")
    assert json.loads(last.body) == {"member": made.members[0], "reason": "the reader asked for their own results"}
    rows = call(made.home.owner, "export_rows", study=made.study, part="members", after=None, amount=10)["rows"]
    assert found.result_id in {row["result_id"] for row in rows}


def test_a_row_of_the_matrix_has_a_character_a_case(made: SmallStudy) -> None:
    wire = made.add_reader()
    at_step(made, wire, 2)
    found = call(made.home.owner, "matrix", study=made.study)
    rows = {row["pseudonym"]: row for row in found["readers"]}
    assert [case["key"] for case in found["cases"]] == ["warm-up", "alpha", "beta", "gamma"]
    assert [rows[who]["cells"] for who in ("R01", "R02", "R03", "R04")] == ["cccc", "accc", "xxxx", "raaa"]
    ((case, step, steps, last),) = rows["R04"]["open"]
    assert (case, step, steps, last[10:]) == ("warm-up", 2, 6, "T00:00:00Z")


def test_a_case_that_a_reader_was_not_given_is_a_point_in_their_row(home: Home) -> None:
    made = small_study(home, places=1)
    made.add_reader()
    find = "select plan from study.allocations where study = %s and pool = 'en'"
    ((plan,),) = as_superuser(made, find, made.study)
    fewer = [entry for entry in plan if entry["case"] in ("warm-up", "beta")]
    made.act("add_allocation", study=made.study, pool="en", rows=[fewer], generator={})
    made.add_reader()
    rows = call(home.owner, "matrix", study=made.study)["readers"]
    assert [row["cells"] for row in rows] == ["aaaa", "a.a."], "the second reader has neither alpha nor gamma"
    second = CoordinatorDesk(home.owner).matrix(made.study).readers[1]
    assert [cell.case for cell in second.cells] == ["warm-up", "beta"]


def test_the_details_of_a_readers_row_name_each_reading_for_reopening(made: SmallStudy) -> None:
    desk = CoordinatorDesk(made.home.owner)
    found = desk.matrix_reader(made.study, made.members[1])
    assert [(one.case, one.state, one.attempt) for one in found[:2]] == [
        ("warm-up", "assigned", 2),
        ("alpha", "completed", 1),
    ]
    assert desk.reopen(found[1].reading, "a technical fault") == 2


def coordinator(home: Home, made: SmallStudy) -> Wire:
    world = World(made, made)
    return world.join("coordinator", "coordinator", made)


def test_the_owner_of_the_box_reaches_a_study_that_an_invited_coordinator_made(home: Home) -> None:
    slug = f"theirs-{new_id()[:8]}"
    meant = {"title": "Theirs", "languages": ["en"], "synthetic": True, "meta": {}, "seed": "1", "request_id": new_id()}
    study = call(coordinator(home, small_study(home)), "create_study", slug=slug, **meant)["study"]
    assert CoordinatorDesk(home.owner).find(slug).study == study
    people = call(home.owner, "people", study=study)
    assert [one["pseudonym"] for one in people] == ["A01", "A02", "C01", "C02", "G01", "G02", "M01", "M02"]
    held = [m["role"] for m in call(home.owner, "me")["memberships"] if m["study"] == study]
    assert sorted(held) == ["analyst", "coordinator", "grader", "runner"]
