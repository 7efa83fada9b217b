"""Kappa against published figures and statsmodels' standard errors; a judge's own spread against hand arithmetic."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scoring.agreement import agreement, kappa, table_of
from scoring.grades import SCALES
from scoring.repeats import repeats

REFDATA = Path(__file__).parents[1] / "../shared/refdata"
LEVELS = SCALES["kanjee2023"].grades


def reference(name: str) -> Path:
    if not (REFDATA / name).exists():
        pytest.skip(f"the reference data ({name}) are not beside this checkout")
    return REFDATA / name


def expected(part: str) -> Any:
    return json.loads(reference("agreement.expected.json").read_text())[part]


NAMES = [("none", "unweighted"), ("linear", "linear"), ("quadratic", "quadratic")]


@pytest.mark.parametrize(("weights", "name"), NAMES)
def test_kappa_of_two_dermatologists_has_the_published_value_and_standard_error(weights: Any, name: str) -> None:
    rows = list(csv.reader(io.StringIO(reference("agree_dermatologist_table.csv").read_text())))[1:]
    found, wanted = kappa(np.array([row[1:] for row in rows], float), weights), expected("dermatologist")[name]
    assert found.kappa == pytest.approx(wanted["kappa"], rel=1e-12)
    assert found.se == pytest.approx(wanted["ase"], rel=1e-12)
    assert found.ci == pytest.approx((wanted["lo"], wanted["hi"]), rel=1e-9)


def test_kappa_of_the_published_example_with_empty_cells() -> None:
    told, table = expected("sas_table10"), np.array(expected("sas_table10")["table"], float)
    assert kappa(table).kappa == pytest.approx(told["published_SAS"]["kappa"], abs=5e-5)
    linear = kappa(table, "linear")
    assert linear.kappa == pytest.approx(told["statsmodels"]["linear"]["kappa"], rel=1e-12)
    assert linear.se == pytest.approx(told["statsmodels"]["linear"]["ase"], rel=1e-12)


def test_weights_count_levels_so_that_2_and_0_are_neighbours() -> None:
    pairs = [(5, 5), (0, 0), (2, 0), (0, 2), (5, 5), (4, 4)]
    found = agreement(pairs, LEVELS)
    assert (found.equal, found.within_one) == (4 / 6, 1.0)
    shifted = [({5: 4, 4: 3, 3: 2, 2: 1, 0: 0}[a], {5: 4, 4: 3, 3: 2, 2: 1, 0: 0}[b]) for a, b in pairs]
    assert found.linear.kappa == agreement(shifted, range(5)).linear.kappa


def test_kappa_of_chance_alone_is_about_zero_and_of_equal_grades_one() -> None:
    both = np.outer([5, 10, 5], [4, 12, 4]) / 20
    assert kappa(both, "linear").kappa == pytest.approx(0, abs=1e-12)
    assert agreement([(5, 5), (0, 0), (3, 3)], LEVELS).quadratic.kappa == 1


def test_where_chance_agrees_as_well_there_is_no_kappa_but_a_reason() -> None:
    found = agreement([(0, 0)] * 9, LEVELS)
    assert (found.n, found.equal, found.linear.kappa) == (9, 1.0, None)
    assert "one grade throughout" in found.linear.why
    assert "no line" in agreement([], LEVELS).linear.why


def test_lines_of_one_case_that_are_alike_make_the_standard_error_larger() -> None:
    rng = np.random.default_rng(3)
    of_cases = [(int(rng.choice(LEVELS)), int(rng.choice(LEVELS))) for _ in range(30)]
    pairs = [pair for pair in of_cases for _ in range(8)]
    found = agreement(pairs, LEVELS, [case for case in range(30) for _ in range(8)])
    once = agreement(of_cases, LEVELS)
    assert (found.cases, found.n) == (30, 240)
    assert found.linear.se is not None
    assert once.linear.se is not None
    assert found.linear.se_cases == pytest.approx(once.linear.se, rel=0.15)
    assert found.linear.se == pytest.approx(once.linear.se / math.sqrt(8))


def test_a_grade_that_the_scale_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not one of"):
        table_of([(5, 1)], LEVELS)
    with pytest.raises(ValueError, match="not one of"):
        repeats([[5, 1]], LEVELS, 4)


def test_a_judges_own_variance_stands_apart_from_that_of_the_lines() -> None:
    # In levels: (4, 4), (0, 1), (3, 2). Within: (0 + .5 + .5) / 3; means 4, .5, 2.5; between squares 2 x 6.1667 / 2.
    found = repeats([[5, 5], [0, 2], [4, 3], [5]], LEVELS, 4)
    assert (found.lines, found.gradings, found.changed, found.crossed) == (3, 6, 2 / 3, 1 / 3)
    assert found.within == pytest.approx(1 / 3)
    square = 2 * sum((mean - 7 / 3) ** 2 for mean in (4, 0.5, 2.5)) / 2
    assert found.between == pytest.approx((square - 1 / 3) / 2)
    assert found.share == pytest.approx(found.within / (found.within + found.between))  # type: ignore[operator]


def test_components_of_variance_are_those_that_the_grades_were_drawn_with() -> None:
    rng, levels = np.random.default_rng(5), range(200)
    lines = [np.clip(np.round(100 + rng.normal(0, 20) + rng.normal(0, 5, 3)), 0, 199).astype(int) for _ in range(3000)]
    found = repeats([list(map(int, line)) for line in lines], levels, 100)
    assert found.within == pytest.approx(25, rel=0.06)
    assert found.between == pytest.approx(400, rel=0.08)
    assert found.se == pytest.approx(25 * math.sqrt(2 / 6000), rel=0.2)


def test_without_repeats_nothing_is_said_of_a_judges_spread() -> None:
    found = repeats([[5], [0]], LEVELS, 4)
    assert (found.lines, found.within, found.share) == (0, None, None)


def test_weighted_kappas_by_hand_and_the_standard_error_of_a_table_of_two() -> None:
    """Distances 0, 1, 2 of 2 count 1, .5, 0 and 1, .75, 0. Of [[4, 1], [1, 4]] kappa is .6, its SE .8 / sqrt(10)."""
    table = np.array([[3.0, 1, 0], [0, 2, 1], [1, 0, 2]])
    rows, columns = table.sum(axis=1) / 10, table.sum(axis=0) / 10
    for weights, near in (("linear", 0.5), ("quadratic", 0.75)):
        credit = np.array([[1, near, 0], [near, 1, near], [0, near, 1]])
        observed, chance = (credit * table).sum() / 10, rows @ credit @ columns
        assert kappa(table, weights).kappa == pytest.approx((observed - chance) / (1 - chance))  # type: ignore[arg-type]
    assert kappa(np.array([[4.0, 1], [1, 4]])).kappa == pytest.approx(0.6)
    assert kappa(np.array([[4.0, 1], [1, 4]])).se == pytest.approx(0.8 / math.sqrt(10))
