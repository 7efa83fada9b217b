"""An assisted study from the model's answers to the finding: what is shown, to whom, when, and what is made of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pandas as pd
import pytest

from study.advice import AdviceRefused, Answered, drawn
from study.canonical import digest
from study.database import Refused
from study.desk import AnalystDesk
from study.exporting.export import export
from study.findings import findings_of
from study.protocol import Protocol, ProtocolError, preset, protocol_from
from study.reporting.source import source
from study.results import counted
from study.verify import verify
from tests.home import Home
from tests.small_study import TRUTHS, SmallStudy, advice_item, case, small_study

CONTENTS = [case(key) for key in TRUTHS]
CASES = ("alpha", "beta", "gamma")
WRONG = "Something else"


def assisted(**rule: Any) -> Protocol:
    """The preset with its model named."""
    data = preset("assisted").model_dump(mode="json")
    return protocol_from({**data, "advice": {"model": "m", **rule}})


def answered(key: str, right: bool, sample: int = 1, **answers: Any) -> Answered:
    """A model's answers to a case: the truth throughout, or something else throughout."""
    said = TRUTHS[key] if right else WRONG
    chosen = TRUTHS[key] if right else f"Not {TRUTHS[key]} 1"
    whole = {
        "ddx": {"lines": [said, "Another thing"], "none": False, "confidence": 80},
        "open": {"diagnosis": said, "none": False, "confidence": 70},
        "selection": {"option": chosen, "confidence": 90},
    }
    return Answered("m", key, sample, answers or whole)  # type: ignore[arg-type]


# Right on alpha, wrong on beta and gamma.
GIVEN = [answered("alpha", True), answered("beta", False), answered("gamma", False)]


def test_a_complete_sample_is_drawn_by_seed_and_hashed_with_what_nobody_can_guess() -> None:
    many = [answered(key, sample % 2 == 0, sample) for key in CASES for sample in range(1, 9)]
    first, again, other = (drawn(assisted(), CONTENTS, many, seed) for seed in (1, 1, 2))
    assert first == again
    assert {one.hash for one in first.values()}.isdisjoint(one.hash for one in other.values())
    assert set(first) == set(CASES)  # practice has none
    broken = [answered("alpha", True, 1, open={"diagnosis": "x"}), answered("alpha", True, 2), *GIVEN[1:]]
    assert '"sample":2' in drawn(assisted(), CONTENTS, broken, 1)["alpha"].content


def test_every_case_that_the_model_has_not_answered_is_named() -> None:
    lacking = [answered("beta", True, open={"diagnosis": "x"}), answered("gamma", True)]
    with pytest.raises(AdviceRefused, match=r"alpha \(no answer\); beta \(without ddx, selection\)"):
        drawn(assisted(), CONTENTS, lacking, 1)
    foreign = answered("alpha", True, ddx={}, open={}, selection={"option": "of another case"})
    with pytest.raises(AdviceRefused, match=r"alpha .*an option of this case"):
        drawn(assisted(), CONTENTS, [foreign, *GIVEN[1:]], 1)
    with pytest.raises(AdviceRefused, match="name the model"):
        drawn(preset("assisted"), CONTENTS, GIVEN, 1)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"advice": {"shows": []}}, "at least one"),
        ({"advice": {"shows": ["ddx", "ddx"]}}, "each once"),
        ({"advice": {"arms": ["other"]}}, "arms that the protocol does not have: other"),
        ({"advice": {}, "fdx": {"selection": False}, "plan": {"fdx": "open"}}, "does not ask: selection"),
        ({"advice": {"model": "m", "truth": True}}, "unknown"),
    ],
)
def test_a_rule_of_advice_that_does_not_fit_is_refused(changes: Any, says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        protocol_from(changes)


pytest_database = pytest.mark.database


@pytest.fixture
def made(home: Home) -> SmallStudy:
    """An open assisted study of which one arm is advised and the other is not."""
    return small_study(home, assisted(), answered=GIVEN)


def key_of(made: SmallStudy, reading: str) -> str:
    with made.home.database() as conn:
        row = conn.execute("select case_key from study.readings where reading = %s", [reading]).fetchone()
    assert row is not None
    return str(row[0])


def label_of(page: dict[str, Any], words: str) -> str:
    return next(str(option["label"]) for option in page["options"] if option["text"] == words)


def play(made: SmallStudy, wire: Any, reading: str, right: bool, follows: bool) -> list[dict[str, Any]]:
    """Read a case: right or wrong throughout at first, and after advice the same or what it says; every page seen."""
    key, page = key_of(made, reading), wire.call("open_reading", reading=reading, visit=str(uuid4()))
    seen = []
    said: dict[str, Any] = {"diagnosis": TRUTHS[key] if right else WRONG}
    while page["state"] in ("assigned", "reading"):
        seen.append(page)
        kind = page["current"]["kind"] if page["current"] else "show"
        advice = page["advice"] if follows and kind.startswith("assisted") else None
        own = advice["open"]["diagnosis"] if advice else said["diagnosis"]
        chosen = TRUTHS[key] if right else f"Not {TRUTHS[key]} 2"
        answers: dict[str, Any] = {
            "ddx": {"lines": advice["ddx"]["lines"] if advice else [own], "confidence": 50},
            "open": {"diagnosis": own, "confidence": 50},
            "closing": {"seen_before": "no", "looked_up": False, "comment": ""},
        }
        if kind.endswith("selection"):
            answers["selection"] = {"choice": advice["label"] if advice else label_of(page, chosen), "confidence": 50}
        page = made.turn(wire, page, answers.get(kind.removeprefix("assisted-"), {}))
    return [*seen, page]


@pytest_database
def test_advice_comes_only_after_the_unaided_lock_and_stays_while_the_questions_are_answered_again(
    made: SmallStudy,
) -> None:
    wire = made.add_reader()
    practice, *rows = made.readings(wire)
    kinds = [page["current"] and page["current"]["kind"] for page in play(made, wire, practice["reading"], True, False)]
    assert "advice" not in kinds
    for row in rows:
        *pages, last = play(made, wire, row["reading"], False, False)
        kinds = [page["current"]["kind"] if page["current"] else None for page in pages]
        start = kinds.index("advice")
        assert kinds[start - 1 :] == [
            "selection",
            "advice",
            "assisted-ddx",
            "assisted-open",
            "assisted-selection",
            "closing",
        ]
        assert [page["advice"] is None for page in pages] == [True] * start + [False] * (len(pages) - start)
        assert all(page.get("model") != "m" and WRONG not in str(page["current"]) for page in pages[:start])
        shown = pages[start]["advice"]
        assert set(shown) == {"step", "at", "model", "ddx", "open", "selection", "label"}
        assert shown["label"] == label_of(last, shown["selection"]["option"])
        assert [a["kind"] for a in last["answers"]] == [
            "ddx",
            "open",
            "selection",
            "assisted-ddx",
            "assisted-open",
            "assisted-selection",
            "closing",
        ]


@pytest_database
def test_a_masked_model_is_named_to_no_reader(home: Home) -> None:
    made = small_study(home, assisted(named=False, shows=["open"], confidence=False), answered=GIVEN)
    wire = made.add_reader()
    told: Any = wire.call("study_home", study=made.study)
    assert "model" not in told["protocol"]["advice"]
    made.read(wire, made.readings(wire)[0]["reading"], ["Gout"])
    pages = play(made, wire, made.readings(wire)[1]["reading"], True, False)
    shown = next(page["advice"] for page in pages if page["advice"])
    assert (set(shown), shown["open"]["confidence"]) == ({"step", "at", "open", "label"}, None)


@pytest_database
def test_a_pause_covers_the_advice_and_a_new_attempt_begins_without_it(made: SmallStudy) -> None:
    wire = made.add_reader()
    made.read(wire, made.readings(wire)[0]["reading"], ["Gout"])
    reading = made.readings(wire)[1]["reading"]
    page = made.read(wire, reading, ["Gout"], upto=5)
    assert page["current"]["kind"] == "advice"
    assert page["advice"]["open"]
    paused: Any = made.act("pause", wire, reading=reading)
    assert paused["page"]["advice"] is None
    made.act("resume", wire, reading=reading)
    play(made, wire, reading, True, False)
    made.reopen(reading)
    again: Any = wire.call("open_reading", reading=reading, visit=str(uuid4()))
    assert again["advice"] is None


@pytest_database
def test_models_are_read_the_unaided_part_alone_and_arms_without_advice_are_not_advised(home: Home) -> None:
    rule = {"model": "m", "arms": ["advised"]}
    arms: dict[str, Any] = {"advised": {}, "alone": {}}
    protocol = protocol_from({**assisted().model_dump(mode="json"), "arms": arms, "advice": rule})
    made = small_study(home, protocol, answered=GIVEN)
    made.add_model("other", ["Gout"])
    wire = made.add_reader()
    for row in made.readings(wire):
        play(made, wire, row["reading"], True, False)
    with made.home.database() as conn:
        found = conn.execute(
            """select m.kind, r.arm, k.content::text like '%%"advice"%%' from study.readings r
            join study.members m using (member) join study.scripts k on k.study = r.study and k.hash = r.script
            where r.study = %s and not r.practice and r.state = 'completed'""",
            [made.study],
        ).fetchall()
    assert {(arm, advised) for kind, arm, advised in found if kind == "model"} == {("advised", False), ("alone", False)}
    assert {(arm, advised) for kind, arm, advised in found if kind == "human"} == {("advised", True), ("alone", False)}
    verdict = verify(made.home.owner, made.study, made.home.images)
    assert verdict.holds
    assert verdict.parity.holds
    assert any(stage.same for stage in verdict.parity.stages)


@pytest_database
def test_a_study_does_not_open_without_the_advice_on_every_case(home: Home) -> None:
    made = small_study(home, assisted(), answered=GIVEN, opened=False)
    with made.home.database() as conn:
        conn.execute("delete from study.advice where study = %s and case_key in ('alpha', 'gamma')", [made.study])
        conn.commit()
    with pytest.raises(Refused, match="for these cases: alpha, gamma"):
        made.act("open_study", study=made.study, warnings={}, reasons={})


@pytest_database
def test_advice_that_is_not_what_its_hash_says_or_chooses_what_is_no_option_is_refused_whole(home: Home) -> None:
    made = small_study(home, preset("medsyn"), opened=False)
    for wrong, says in (
        (advice_item("alpha") | {"hash": digest("other")}, "has not: alpha"),
        (advice_item("alpha", "of no case"), "does not: alpha"),
        (advice_item("alpha") | {"case": "beta"}, "does not: beta"),
        (advice_item("nowhere"), "does not: nowhere"),
    ):
        with pytest.raises(Refused, match=says):
            made.act("add_advice", study=made.study, items=[advice_item("gamma"), wrong])
    once = [advice_item("gamma", TRUTHS["gamma"])]
    assert made.act("add_advice", study=made.study, items=once) == {"advice": 1}
    with pytest.raises(Refused, match="already: gamma"):
        made.act("add_advice", study=made.study, items=once)


@pytest_database
def test_a_played_study_ends_in_omissions_and_commissions_counted_by_hand(home: Home, tmp_path: Path) -> None:
    made = small_study(home, assisted(), answered=GIVEN)
    # One is right at first and follows; one is wrong at first and follows; one is wrong at first and stays with it.
    for right, follows in ((True, True), (False, True), (False, False)):
        wire = made.add_reader()
        for row in made.readings(wire):
            play(made, wire, row["reading"], right, follows)
    items = [
        {"case": key, "line": line, "scale": "kanjee2023", "version": "1", "grade": 0}
        for key in CASES
        for line in (WRONG, "Another thing")
    ]
    grader = made.invite("grader")[1]
    guest = made.home.guest()
    assert guest.enter(grader.text)["ok"]
    lines: Any = made.home.wire(guest.token).call("grading_lines", study=made.study)
    assert {"case": "beta", "line": "Another thing"} in lines["lines"]  # of the advice alone
    made.act("save_grades", made.home.wire(guest.token), study=made.study, items=items)
    made.close(unblind=True)
    desk = AnalystDesk(made.home.owner)
    rows = list(desk.readings(made.study))
    found = findings_of(rows, desk.grades(made.study), assisted().model_dump(mode="json")).advice
    assert found is not None
    assert found.n == 9
    assert [one.stage for one in found.reliance] == ["ddx", "open", "selection"]
    for one in found.reliance:
        assert one.before.n == 9
        assert one.before.estimate == pytest.approx(3 / 9)
        assert one.advice_right.estimate == pytest.approx(3 / 9)  # alpha, for each of three readers
        # Misled: the first reader on beta and gamma, and followed both.
        assert (one.commission.estimate, one.commission.n) == (1.0, 2)
        # Helped: the second and third reader on alpha; the third did not follow.
        assert (one.omission.estimate, one.omission.n) == (0.5, 2)
        assert (one.appropriate.estimate, one.appropriate.n) == (0.25, 4)
        # After: first right on alpha; second right on alpha; third never.
        assert one.after.estimate == pytest.approx(2 / 9)
    # The gap is that of the unaided answers.
    assert all("ddx" in counted(row) and "assisted-ddx" not in counted(row) for row in rows)
    check_export(made, tmp_path)
    shown = {row["reading"]: {**row["advice"], "at": None} for row in rows}
    assert {row["reading"]: {**row["advice"], "at": None} for row in source(tmp_path / "out").rows} == shown


def check_export(made: SmallStudy, tmp_path: Path) -> None:
    """The export holds exactly what was shown, with its hash, and the answers of both kinds."""
    export(made.home.owner, made.study, tmp_path / "out")
    shown = pd.read_parquet(tmp_path / "out" / "advice.parquet")
    assert len(shown) == 9
    assert set(shown["advisor"]) == {"m"}
    alpha = shown[shown["case"] == "alpha"].iloc[0]
    assert (alpha["rank_1"], alpha["open"], alpha["choice_text"]) == ("Pneumonia",) * 3
    answers = pd.read_parquet(tmp_path / "out" / "answers.parquet")
    assert (answers["kind"] == "assisted-open").sum() == 9 == (answers["kind"] == "open").sum() - 3  # practice: 3
    events = pd.read_parquet(tmp_path / "out" / "events.parquet")
    released = events[events["payload"].fillna("").str.contains('"advice"')]
    assert len(released) == 9
    assert verify(made.home.owner, made.study, made.home.images).holds


@pytest_database
def test_advice_that_was_changed_after_it_was_shown_is_found(home: Home) -> None:
    made = small_study(home, assisted(), answered=GIVEN)
    wire = made.add_reader()
    made.read(wire, made.readings(wire)[0]["reading"], ["Gout"])
    with made.home.database() as conn:
        change = "update study.advice set content = replace(content, %s, %s) where study = %s"
        conn.execute(change, ['"confidence":70', '"confidence":10', made.study])
        conn.commit()
    play(made, wire, made.readings(wire)[1]["reading"], True, False)
    faults = verify(made.home.owner, made.study, made.home.images).faults
    assert [fault.what for fault in faults] == ["it released advice that is not the one that its script names by hash"]
