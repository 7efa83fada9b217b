"""Which of a line's grades counts: humans' first, judges' by the rule, and what is not settled waits."""

from __future__ import annotations

import pytest

from scoring.adjudication import Rule, Settled, Vote, judge_of, lower_median, settle, source_of
from scoring.grades import SCALES

SCALE = SCALES["kanjee2023"]


def settled(*votes: tuple[str, int], alone: bool = False) -> Settled | None:
    return settle([Vote(grade, source, alone) for source, grade in votes], SCALE)


@pytest.mark.parametrize(
    ("grades", "grade", "why"),
    [
        ((5, 4), 4, ""),
        ((4, 4, 5), 4, ""),
        ((2, 0), 0, ""),
        ((5, 3), None, "apart"),
        ((5, 4, 3), None, "apart"),
        ((4,), None, "one judge"),
    ],
)
def test_judges_within_one_level_give_the_lower_median_and_others_wait(
    grades: tuple[int, ...], grade: int | None, why: str
) -> None:
    found = settled(*((f"judge:J{number}", one) for number, one in enumerate(grades)))
    assert found is not None
    assert (found.grade, found.by, found.why, len(found.votes)) == (grade, "judges", why, len(grades))


def test_on_a_scale_of_two_levels_any_difference_goes_to_a_human() -> None:
    votes = [Vote(1, "judge:A"), Vote(0, "judge:B")]
    found = settle(votes, SCALES["craftmd"])
    assert found == Settled(None, "judges", tuple(votes), "apart")


def test_a_human_grade_counts_before_judges_whenever_it_was_given_and_keeps_what_it_replaces() -> None:
    for votes in ([("Dr A", 3), ("judge:A", 5), ("judge:B", 5)], [("judge:A", 5), ("judge:B", 5), ("Dr A", 3)]):
        found = settled(*votes)
        assert found is not None
        assert (found.grade, found.by, found.replaced, len(found.votes)) == (3, "human", 5, 2)


def test_of_several_humans_and_of_one_judge_the_newest_grade_counts() -> None:
    assert settled(("Dr A", 3), ("Dr B", 2)) == Settled(2, "human")
    found = settled(("judge:A", 0), ("judge:B", 4), ("judge:A", 4))
    assert found is not None
    assert (found.grade, [vote.grade for vote in found.votes]) == (4, [4, 4])


def test_a_judges_repeats_count_for_nothing_here() -> None:
    assert judge_of(source_of("A", 2)) is None
    assert settled((source_of("A", 2), 0), (source_of("A", 3), 5)) is None
    found = settled((source_of("A"), 4), (source_of("B"), 4), (source_of("A", 2), 0))
    assert found is not None
    assert found.grade == 4


def test_one_judge_is_enough_where_that_was_meant() -> None:
    found = settled(("judge:A", 4), alone=True)
    assert found is not None
    assert (found.grade, found.why) == (4, "")


def test_made_up_grades_count_only_where_nobody_else_graded() -> None:
    assert settled(("simulated", 2)) == Settled(2, "simulated")
    assert settled(("simulated", 2), ("Dr A", 4)) == Settled(4, "human", replaced=2)
    found = settled(("judge:A", 5), ("judge:B", 0), ("simulated", 2))
    assert found is not None
    assert (found.grade, found.by) == (None, "judges")


def test_the_rule_is_named_and_the_median_is_the_lower_one() -> None:
    assert Rule().as_json() == {"name": "lower-median", "judges": 2, "apart": 1}
    assert [lower_median(grades) for grades in ([4, 5], [2, 0, 5], [5, 4, 4, 5])] == [4, 2, 4]
