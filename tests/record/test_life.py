"""A study's life: what is needed to open it, what each state takes, and what its chain takes in."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from study.chain import head_fault, study_fault
from tests.home import Home
from tests.record.acts import acts, as_superuser, at_step, call, events, lock, new_id, refused, reopen_page
from tests.small_study import SmallStudy, case, small_study

OPENING: dict[str, Any] = {"warnings": {}, "reasons": {}}


def state(made: SmallStudy) -> str:
    return str(call(made.home.owner, "study_status", study=made.study)["state"])


def test_each_kind_of_warning_needs_its_reason(home: Home) -> None:
    made = small_study(home, opened=False)
    with refused("RS400", "leak"):
        made.act("open_study", study=made.study, warnings={"leak": 2, "unreviewed": 1}, reasons={"unreviewed": "pilot"})
    assert state(made) == "draft"
    reasons = {"leak": "checked by hand", "unreviewed": "pilot"}
    made.act("open_study", study=made.study, warnings={"leak": 2, "unreviewed": 1}, reasons=reasons)
    assert json.loads(acts(made)[-1].body)["reasons"] == reasons


def test_a_study_of_real_cases_says_who_answers_for_it_before_it_opens(home: Home) -> None:
    made = small_study(home, opened=False)
    as_superuser(
        made, 'update study.studies set synthetic = false, meta = \'{"ethics": "waived"}\' where study = %s', made.study
    )
    with refused("RS400", "controller, contact, purpose, withdrawal, retention, telemetry, pay"):
        made.act("open_study", study=made.study, **OPENING)


def test_a_study_without_protocol_cases_or_plan_does_not_open(home: Home) -> None:
    made = SmallStudy(home)
    slug = f"empty-{new_id()}"
    parts: dict[str, Any] = {"title": "t", "languages": ["en"], "synthetic": True, "meta": {}, "seed": "1"}
    made.study = made.act("create_study", slug=slug, **parts)["study"]
    with refused("RS400", "no protocol"):
        made.act("open_study", study=made.study, **OPENING)
    made.act("set_protocol", study=made.study, protocol={}, hash="h", texts={})
    with refused("RS400", "no cases"):
        made.act("open_study", study=made.study, **OPENING)


def test_cases_protocol_and_scripts_are_set_in_a_draft_alone(home: Home) -> None:
    made = small_study(home)
    setting: dict[str, dict[str, Any]] = {
        "add_case": {"content": case("beta") | {"key": "late"}, "hash": "h"},
        "add_media": {"sha256": "0" * 64, "mime": "image/png", "width": 1, "height": 1, "bytes": 1},
        "set_protocol": {"protocol": {}, "hash": "h", "texts": {}},
        "add_script": {"hash": "h", "content": {}},
        "open_study": OPENING,
    }
    for function, arguments in setting.items():
        with refused("RS423", "only while it is draft"):
            made.act(function, study=made.study, **arguments)


@pytest.mark.parametrize("act", ["pause_study", "close_study", "unblind"])
def test_no_turn_is_taken_unless_the_study_is_open(home: Home, act: str) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 1)
    if act == "unblind":
        made.close()
    made.act(act, study=made.study, reason="as planned")
    before = len(events(made, page["reading"]))
    with refused("RS423"):
        lock(made, wire, page)
    with refused("RS423"):
        made.act("flag", wire, reading=page["reading"], step=1, kind="technical", words="")
    with refused("RS423"):
        call(wire, "save_draft", reading=page["reading"], step=2, attempt=1, tab="t", number=1, body={})
    assert len(events(made, page["reading"])) == before


def test_a_paused_study_goes_on_after_it_is_resumed(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 1)
    made.act("pause_study", study=made.study, reason="a fault")
    made.act("resume_study", study=made.study, reason="mended")
    assert lock(made, wire, page)["verdict"]["kind"] == "locked"


def test_after_unblinding_no_reading_is_opened_or_reopened_and_nobody_joins(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    done, current = at_step(made, wire, 99), at_step(made, wire, 1, place=1)
    made.close(unblind=True)
    with refused("RS423", "unblinded"):
        reopen_page(wire, current["reading"])
    with refused("RS423", "unblinded"):
        made.reopen(done["reading"], "again")
    with refused("RS423", "no reader can join"):
        made.act("invite", study=made.study, role="reader", code_handle="AAAA", code_hash="0" * 64)
    with refused("RS423"):
        made.act("enrol_model", study=made.study, name="late", details={}, samples=1)


def test_a_study_is_unblinded_only_once_it_is_closed_and_never_goes_back(home: Home) -> None:
    made = small_study(home)
    with refused("RS423", "is open"):
        made.act("unblind", study=made.study, reason="curious")
    made.close()
    with refused("RS423", "is closed"):
        made.act("resume_study", study=made.study, reason="again")


def test_the_chain_takes_in_every_readings_head_at_opening_close_and_export(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    page = at_step(made, wire, 1)
    made.act("export_heads", study=made.study)
    made.read(wire, page["reading"], ["Gout"])
    made.close()
    chain = acts(made)
    assert study_fault(chain, made.study) is None
    noted = {act.kind: json.loads(act.body)["heads"] for act in chain if act.kind in ("opened", "exported", "closed")}
    rows = events(made, page["reading"])
    heads = {kind: {h["reading"]: h for h in told}.get(page["reading"]) for kind, told in noted.items()}
    assert heads["opened"] is None
    assert heads["exported"] == {"reading": page["reading"], "head": rows[3].hash, "count": 4}
    assert heads["closed"] == {"reading": page["reading"], "head": rows[-1].hash, "count": len(rows)}
    assert head_fault("r", [row.hash for row in rows], {4: rows[3].hash}, "the export") is None


def test_a_close_waits_for_the_turns_that_are_under_way(home: Home) -> None:
    made = small_study(home)
    page = at_step(made, made.add_reader(), 1)
    closing = threading.Thread(target=made.close)
    with home.database() as conn, conn.transaction():
        conn.execute(
            "select study.check_open_for_reading(r) from study.readings r where reading = %s", [page["reading"]]
        )
        closing.start()
        closing.join(0.3)
        assert closing.is_alive()
    closing.join(10)
    assert state(made) == "closed"


def test_the_seed_that_draws_option_orders_stays_out_of_the_chain(home: Home) -> None:
    made = small_study(home)
    allocated = [json.loads(act.body) for act in acts(made) if act.kind == "allocated"]
    assert [set(body["generator"]) for body in allocated] == [{"name"}] * len(allocated)
    assert allocated


def test_results_depend_on_what_was_answered_and_not_on_exports_or_invitations(home: Home) -> None:
    made = small_study(home)
    wire = made.add_reader()
    at_step(made, wire, 2)

    def ends() -> tuple[str, str]:
        told = call(made.home.owner, "study_status", study=made.study)
        return told["head"], told["results_head"]

    before = ends()
    made.act("export_heads", study=made.study)
    made.invite(name="Dr. Late")
    after = ends()
    assert (after[0] == before[0], after[1]) == (False, before[1])
    made.act("leave_study", wire, study=made.study, mode="keep", reason="")
    assert ends()[1] != before[1]
