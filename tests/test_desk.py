"""The desks over a real record: a reading from sign-in to feedback, repeats, refusals, models, the matrix."""

from __future__ import annotations

from typing import Any

import pytest

from study.answers import AnswerError
from study.database import Refused
from study.desk import (
    AnalystDesk,
    CoordinatorDesk,
    Failure,
    GraderDesk,
    Page,
    ReaderDesk,
    RunnerDesk,
    Turn,
    Verdict,
    request_id,
)
from study.protocol import protocol_from
from tests.home import Home
from tests.small_study import small_study

ANSWERS = {
    "show": {},
    "ddx": {"lines": ["gout", "sepsis"], "confidence": 60},
    "open": {"diagnosis": "gout", "confidence": 50},
    "selection": {"choice": "A", "confidence": 40},
    "closing": {"seen_before": "no", "looked_up": False},
}


def arrive(home: Home, study: str) -> ReaderDesk:
    """A reader who has come in by a code typed carelessly, consented and chosen English."""
    _, code = CoordinatorDesk(home.owner).invite(study)
    guest = home.guest()
    assert guest.enter(code.text.lower().replace("-", " "))["ok"]
    desk = ReaderDesk(home.wire(guest.token))
    desk.consent(study, "given", desk.home(study).text("consent", "en").version)
    desk.save_profile(study, {"years": "5-9"}, ["en"])
    desk.instructed(study)
    return desk


def read_to(desk: ReaderDesk | RunnerDesk, reading: str, kind: str) -> Page:
    """The page with the first step of this kind open, or the completed one."""
    page = desk.begin(desk.open_reading(reading)).page
    while page.current and page.current.kind != kind:
        page = desk.answer(page, ANSWERS[page.current.kind]).page
    return page


def test_a_reading_goes_from_assigned_to_completed_and_gives_feedback_where_the_protocol_does(home: Home) -> None:
    study = small_study(home, protocol_from({"feedback": "after_reading"})).study
    desk = arrive(home, study)
    first = desk.home(study).readings[0]
    assert (first.practice, first.state) == (True, "assigned")
    page = read_to(desk, first.reading, "none")
    assert (page.state, page.remaining, len(page.answers)) == ("completed", 0, 4)
    assert sum(option["right"] for option in desk.feedback(first.reading).options) == 1


def test_a_page_shows_only_what_was_released(home: Home) -> None:
    study = small_study(home).study
    desk = arrive(home, study)
    page = desk.begin(desk.open_reading(desk.home(study).readings[0].reading)).page
    assert [block.id for block in page.blocks] == ["history"]
    assert page.options is None
    later = read_to_selection(desk, page)
    assert len(later.labels) == 4


def read_to_selection(desk: ReaderDesk, page: Page) -> Page:
    while page.current and page.current.kind != "selection":
        page = desk.answer(page, ANSWERS[page.current.kind]).page
    return page


def test_the_same_turn_again_gives_the_same_verdict_and_another_answer_is_refused(home: Home) -> None:
    study = small_study(home).study
    desk = arrive(home, study)
    page = read_to(desk, desk.home(study).readings[0].reading, "ddx")
    first = desk.answer(page, ANSWERS["ddx"])
    again = desk.answer(page, ANSWERS["ddx"])
    assert again.verdict == first.verdict
    assert again.page.step == first.page.step
    with pytest.raises(Refused) as refusal:
        desk.answer(page, {"lines": ["malaria"], "confidence": 99})
    assert refusal.value.code == "RS409"


def test_an_answer_that_cannot_be_taken_is_refused_before_the_call(home: Home) -> None:
    study = small_study(home).study
    desk = arrive(home, study)
    page = read_to(desk, desk.home(study).readings[0].reading, "ddx")
    with pytest.raises(AnswerError, match="Give the confidence"):
        desk.answer(page, {"lines": ["gout"]})


def test_flag_pause_resume_and_skip_are_told_by_the_page(home: Home) -> None:
    study = small_study(home).study
    desk = arrive(home, study)
    page = desk.begin(desk.open_reading(desk.home(study).readings[0].reading)).page
    assert desk.flag(page, "ambiguous", "why").verdict == desk.flag(page, "ambiguous", "why").verdict
    covered = desk.pause(page).page
    assert (covered.paused, covered.blocks) == (True, ())
    page = desk.resume(covered).page
    assert [flag.kind for flag in page.flags] == ["ambiguous"]
    assert desk.skip(page, "I know this patient").page.state == "skipped"


def test_drafts_and_readiness_are_stamped_by_the_server(home: Home) -> None:
    study = small_study(home).study
    desk = arrive(home, study)
    page = read_to(desk, desk.home(study).readings[0].reading, "ddx")
    where = (page.reading, page.step, page.attempt)
    assert desk.save_draft(*where, "tab", 2, {"lines": ["go"]}).state == "saved"
    assert desk.save_draft(*where, "tab", 1, {"lines": ["g"]}).state == "stale"
    assert desk.mark_ready(*where).at == desk.mark_ready(*where).at
    draft = desk.open_reading(page.reading).draft
    assert draft is not None
    assert draft.body == {"lines": ["go"]}


def test_an_image_is_served_once_its_block_was_shown(home: Home) -> None:
    study = small_study(home).study
    desk = arrive(home, study)
    page = desk.begin(desk.open_reading(desk.home(study).readings[0].reading)).page
    shown = desk.answer(page, {}).page.blocks[-1].images[0]
    assert desk.evidence_image(page.reading, shown.sha256).mime == "image/png"
    with pytest.raises(Refused) as refusal:
        desk.evidence_image(page.reading, "0" * 64)
    assert refusal.value.code == "RS404"


def test_a_runner_turns_a_models_pages_one_by_one_and_many_at_once(home: Home) -> None:
    study = small_study(home).study
    desk = RunnerDesk(home.owner)
    (model,) = desk.enrol(study, "chance", {"kind": "baseline"})
    assert desk.enrol(study, "chance", {"kind": "baseline"}) == [model]
    a, b, c = (row.reading for row in model.readings[:3])
    replies = desk.turns([Turn(a, -1, 1, {}), Turn(b, 0, 1, {}), Turn(c, -1, 1, {}), Turn(study, -1, 1, {})])
    assert [type(reply) for reply in replies] == [Verdict, Verdict, Verdict, Failure]
    assert [reply.kind for reply in replies[:3] if isinstance(reply, Verdict)] == ["begun", "stale", "begun"]


def test_the_coordinator_sees_progress_and_no_truth_and_the_analyst_only_after_unblinding(home: Home) -> None:
    study = small_study(home).study
    coordinator, analyst = CoordinatorDesk(home.owner), AnalystDesk(home.owner)
    desk = arrive(home, study)
    read_to(desk, desk.home(study).readings[0].reading, "none")
    (row,) = coordinator.matrix(study).readers
    assert sorted(cell.state for cell in row.cells) == ["assigned", "assigned", "assigned", "completed"]
    with pytest.raises(Refused):
        list(analyst.readings(study))
    coordinator.close(study, "done")
    coordinator.unblind(study, "done")
    assert {reading["case"] for reading in analyst.readings(study)} == {"alpha", "beta", "gamma"}
    assert GraderDesk(home.owner).queue(study).lines == ()


def test_a_study_that_is_not_there_is_told_with_those_that_are(home: Home) -> None:
    made = small_study(home)
    with pytest.raises(Refused, match=made.slug):
        CoordinatorDesk(home.owner).find("no-such-study")


def test_a_request_id_follows_from_what_is_asked() -> None:
    assert request_id("r", 1, "turn", 1) == request_id("r", 1, "turn", 1)
    assert request_id("r", 1, "turn", 1) != request_id("r", 1, "turn", 2)


def test_an_item_that_cannot_be_read_is_refused_in_a_sentence_and_spoils_no_other(home: Home) -> None:
    study = small_study(home).study
    desk = RunnerDesk(home.owner)
    good = desk.enrol(study, "chance", {})[0].readings[0].reading
    step = {"step": -1, "attempt": 1, "answer": {}, "client": {}, "request_id": request_id(study, "item")}
    items: Any = [{"function": "turn", "arguments": {**step, "reading": reading}} for reading in ("no uuid", good)]
    replies: Any = desk.wire.call("turns", items=items)
    bad, done = replies
    assert bad["error"]["code"] == "RS400"
    assert "cannot be read" in bad["error"]["message"]
    assert done["kind"] == "begun"
