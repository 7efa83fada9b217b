"""The record of models' calls: who holds a reading, what is kept of a call, and who may turn the page."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import uuid4

import pytest

from study.canonical import digest
from study.desk import Failure, Page, WorkDesk
from study.desk.acts import Act, Fail, Finish, Kept, Look, Start, Step, Stepped
from study.desk.calls import Held
from tests.home import Home
from tests.record.acts import refused
from tests.small_study import SmallStudy, small_study

Reply = TypeVar("Reply")
SECONDS = 60


@dataclass
class Worker:
    """One of several that read for a model of its own study; names are new for each test."""

    made: SmallStudy
    name: str
    key: str = field(default_factory=lambda: str(uuid4()))

    @property
    def desk(self) -> WorkDesk:
        return WorkDesk(self.made.home.owner)

    def claim(self, amount: int = 1) -> list[Held]:
        return list(self.desk.claim(self.made.study, [self.name], "main", self.key, amount, SECONDS).claimed)

    def one(self, act: Act, expected: type[Reply]) -> Reply:
        (done,) = self.desk.work(self.made.study, [act])
        assert isinstance(done, expected), done
        return done

    def call(self, held: Held, question: str = "q") -> Start:
        """A call on record as started."""
        asked = digest(question)
        where: dict[str, Any] = {"reading": held.reading, "step": 1, "attempt": 1, "sample": held.sample}
        start = Start(str(uuid4()), self.name, asked, asked, {"messages": []}, self.key, lease=held.lease, **where)
        self.desk.work(self.made.study, [start])
        return start

    def finish(self, call: Start, outcome: Any = "ok", response: str | None = "words") -> Kept | Failure:
        details = {"milliseconds": 5.5, "cost": 0.25, "input_tokens": 7, "output_tokens": 3}
        (done,) = self.desk.work(self.made.study, [Finish(call.call, outcome, response, details)])
        assert isinstance(done, Kept | Failure)
        return done

    def step(self, held: Held, step: int, page: bool = False) -> Step:
        return Step(held, self.key, step, 1, {}, page=page)

    def outcomes(self, held: Held) -> list[list[str]]:
        return [[one.outcome for one in call.results] for call in self.desk.calls(self.made.study, held.reading)]


@pytest.fixture(scope="module")
def made(home: Home) -> SmallStudy:
    return small_study(home, places=40)


@pytest.fixture
def two(made: SmallStudy) -> tuple[Worker, Worker]:
    """Two workers of one model with one sample, which has four readings."""
    name = f"model {uuid4().hex[:8]}"
    WorkDesk(made.home.owner).enrol(made.study, name, {}, 1)
    return Worker(made, name), Worker(made, name)


def run_out(worker: Worker, held: Sequence[Held]) -> None:
    """Let leases end: they are renewed for a second, which is over."""
    assert worker.desk.renew(worker.made.study, held, worker.key, 1) == {one.reading for one in held}
    time.sleep(1.2)
    assert worker.desk.renew(worker.made.study, held, worker.key, 60) == set()


def test_practice_is_read_first_so_that_the_next_to_claim_takes_up_what_was_left(two: tuple[Worker, Worker]) -> None:
    one, other = two
    held = one.claim(4)
    cases: Any = one.made.home.owner.call("model_cases", study=one.made.study, readings=[each.reading for each in held])
    assert [case["practice"] for case in cases] == [True, False, False, False]
    run_out(one, held)
    assert [each.reading for each in other.claim(4)] == [each.reading for each in held]


def test_no_reading_is_held_by_two_and_each_is_told_what_the_other_holds(two: tuple[Worker, Worker]) -> None:
    one, other = two
    mine, theirs = one.claim(3), other.claim(3)
    assert (len(mine), len(theirs)) == (3, 1)
    assert not {held.reading for held in mine} & {held.reading for held in theirs}
    told = other.desk.claim(other.made.study, [other.name], "main", other.key, 3, SECONDS)
    assert (told.claimed, told.held) == ((), 3)
    assert told.seconds is not None
    assert SECONDS - 20 < told.seconds <= SECONDS


def test_what_is_given_back_can_be_claimed_at_once_under_a_new_number(two: tuple[Worker, Worker]) -> None:
    one, other = two
    held = one.claim(4)
    assert one.desk.renew(one.made.study, held[:1], one.key, 0) == {held[0].reading}
    (again,) = other.claim(4)
    assert (again.reading, again.lease) == (held[0].reading, held[0].lease + 1)


def test_a_page_is_looked_at_and_turned_in_one_call_and_comes_back_where_asked(two: tuple[Worker, Worker]) -> None:
    (held,) = two[0].claim()
    first, begun, shown = two[0].desk.work(
        two[0].made.study, [Look(held.reading), two[0].step(held, -1), two[0].step(held, 0, page=True)]
    )
    assert isinstance(first, Page)
    assert isinstance(begun, Stepped)
    assert isinstance(shown, Stepped)
    assert (first.state, begun.page, begun.verdict.kind) == ("assigned", None, "begun")
    assert shown.page is not None
    assert (shown.page.step, len(shown.page.blocks)) == (1, 2)


def test_whoever_lost_the_lease_turns_no_page_and_starts_no_call(two: tuple[Worker, Worker]) -> None:
    one, other = two
    (old,) = one.claim()
    run_out(one, [old])
    (new,) = other.claim()
    assert (new.reading, new.lease) == (old.reading, old.lease + 1)
    assert one.one(one.step(old, -1), Failure).code == "RS409"
    assert one.one(Fail(old, one.key, -1, 1, "failed", "why"), Failure).code == "RS409"
    one.call(old)
    assert other.outcomes(new) == []
    assert other.one(other.step(new, -1), Stepped).verdict.ok


def test_a_reading_that_is_held_is_turned_by_nobody_else(two: tuple[Worker, Worker]) -> None:
    (held,) = two[0].claim()
    with refused("RS409", "A worker holds this reading"):
        two[0].desk.turn(held.reading, -1, 1, {})


def test_a_call_in_flight_at_a_take_over_is_lost_and_its_late_reply_comes_first(two: tuple[Worker, Worker]) -> None:
    one, other = two
    (old,) = one.claim()
    early = one.call(old)
    run_out(one, [old])
    (new,) = other.claim()
    late = other.call(new)
    assert other.outcomes(new) == [["lost"], []]
    kept = one.finish(early, response="early")
    assert isinstance(kept, Kept)
    assert kept.number == 2
    told = other.finish(late, response="late")
    assert isinstance(told, Kept)
    assert told.first == early.call
    assert other.outcomes(new) == [["lost", "ok"], ["ok"]]


def test_the_same_start_and_finish_again_are_the_same_and_another_result_is_refused(
    two: tuple[Worker, Worker],
) -> None:
    worker = two[0]
    (held,) = worker.claim()
    call = worker.call(held)
    worker.desk.work(worker.made.study, [call])
    assert worker.finish(call) == worker.finish(call)
    assert isinstance(worker.finish(call, response="other words"), Failure)
    assert worker.outcomes(held) == [["ok"]]


def test_an_answer_that_proves_unreadable_counts_no_more_and_is_replayed_to_nobody(two: tuple[Worker, Worker]) -> None:
    worker = two[0]
    (held,) = worker.claim()
    call = worker.call(held, f"question {uuid4()}")
    worker.finish(call)
    assert worker.desk.kept([call.key])[call.key].call == call.call
    told = worker.finish(call, "invalid", None)
    assert isinstance(told, Kept)
    assert told.first is None
    assert worker.desk.kept([call.key]) == {}
    (row,) = worker.desk.calls(worker.made.study, held.reading)
    assert (row.outcome, row.told and row.told.response) == ("invalid", "words")


def test_calls_are_counted_by_model_and_outcome_and_lost_ones_apart(two: tuple[Worker, Worker]) -> None:
    one, other = two
    (old,) = one.claim()
    one.call(old)
    run_out(one, [old])
    (new,) = other.claim()
    other.finish(other.call(new))
    other.finish(other.call(new), "invalid", "words")
    counts = {c.outcome: c for c in one.desk.summary(one.made.study) if c.model == one.name}
    assert {outcome: (c.calls, c.lost, c.uncertain) for outcome, c in counts.items()} == {
        "lost": (1, 1, 1),
        "ok": (1, 0, 0),
        "invalid": (1, 0, 0),
    }
    assert (counts["ok"].cost, counts["ok"].input_tokens, counts["ok"].condition) == (0.25, 7, "main")


def test_a_failed_reading_takes_no_more_and_is_claimed_by_nobody(two: tuple[Worker, Worker]) -> None:
    worker = two[0]
    held = worker.claim(4)
    worker.one(worker.step(held[0], -1), Stepped)
    worker.one(Fail(held[0], worker.key, 0, 1, "refused", "It would not."), object)
    assert worker.desk.open_reading(held[0].reading).state == "failed"
    worker.desk.renew(worker.made.study, held, worker.key, 0)
    assert held[0].reading not in {one.reading for one in two[1].claim(4)}


def test_a_model_may_get_the_samples_that_it_lacks_and_no_fewer(two: tuple[Worker, Worker]) -> None:
    desk, study, name = two[0].desk, two[0].made.study, two[0].name
    assert [one.sample for one in desk.enrol(study, name, {}, 3)] == [1, 2, 3]
    with refused("RS409", "takes part already in the condition main, with 3 samples"):
        desk.enrol(study, name, {}, 2)


def test_calls_are_read_in_chunks_with_and_without_their_words(two: tuple[Worker, Worker]) -> None:
    worker = two[0]
    (held,) = worker.claim()
    call = worker.call(held)
    worker.finish(call)
    brief = next(row for row in worker.desk.all_calls(worker.made.study) if row.call == call.call)
    whole = next(row for row in worker.desk.all_calls(worker.made.study, brief=False) if row.call == call.call)
    assert (brief.request, brief.results[0].response) == (None, None)
    assert (whole.request, whole.results[0].response) == ({"messages": []}, "words")


def test_outlines_tell_the_structure_of_the_cases_and_no_word_of_them(made: SmallStudy) -> None:
    found = {one.key: one for one in WorkDesk(made.home.owner).outlines(made.study)}
    assert sorted(found) == ["alpha", "beta", "gamma", "warm-up"]
    history, picture = found["alpha"].evidence
    assert (history.text, history.images, picture.images, picture.finding) == (19, (), ((1, 1),), 9)
    assert (found["alpha"].outline.n_options, found["warm-up"].outline.practice) == (4, True)
