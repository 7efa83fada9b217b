"""Agreement of several raters: the classical data sets' published numbers, and what must hold of any."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.agreement import kappa, kappas
from scoring.estimates import TooLittleData
from scoring.icc import icc
from scoring.raters import Array, counts_of, fleiss, gwet_ac1, krippendorff

NONE = float("nan")
# Fleiss 1971, table 1: thirty patients, six psychiatrists, five diagnoses.
FLEISS = [
    *("444444", "222555", "233335", "555555", "222444", "113333", "333355", "113334", "114444", "555555"),
    *("144444", "124444", "222333", "144444", "224445", "333335", "111455", "111112", "224444", "133555"),
    *("555555", "244444", "224555", "114444", "144445", "222224", "111155", "224444", "133333", "555555"),
]
# Krippendorff 2011: twelve units, four observers.
KRIPPENDORFF = [
    *([1, 1, NONE, 1], [2, 2, 3, 2], [3, 3, 3, 3], [3, 3, 3, 3], [2, 2, 2, 2], [1, 2, 3, 4], [4, 4, 4, 4]),
    *([1, 1, 2, 1], [2, 2, 2, 2], [NONE, 5, 5, 5], [NONE, NONE, 1, 1], [NONE, NONE, 3, NONE]),
]
# Fleiss' worked example with fourteen raters, counts by category.
FOURTEEN = [
    *([0, 0, 0, 0, 14], [0, 2, 6, 4, 2], [0, 0, 3, 5, 6], [0, 3, 9, 2, 0], [2, 2, 8, 1, 1]),
    *([7, 7, 0, 0, 0], [3, 2, 6, 3, 0], [2, 5, 3, 2, 2], [6, 5, 2, 1, 0], [0, 2, 2, 3, 7]),
]
SHROUT_FLEISS = [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]]
DERMATOLOGISTS = np.array([[10, 4, 1, 0], [5, 10, 12, 2], [2, 4, 12, 5], [0, 2, 6, 13]], dtype=float)
ratings = st.lists(st.lists(st.sampled_from([1.0, 2.0, 3.0]), min_size=3, max_size=3), min_size=3, max_size=20)


def test_fleiss_kappa_of_fourteen_raters_is_the_published_one() -> None:
    assert fleiss(FOURTEEN).value == pytest.approx(0.210, abs=5e-4)


def test_fleiss_kappa_of_thirty_patients_is_the_published_one() -> None:
    counts = counts_of([[float(diagnosis) for diagnosis in patient] for patient in FLEISS])
    assert [fleiss(counts).value, fleiss(counts).se] == pytest.approx([0.430, 0.0542], abs=5e-4)


def test_gwets_coefficient_and_its_error_are_the_published_ones() -> None:
    counts = counts_of(np.array(KRIPPENDORFF))
    assert [gwet_ac1(counts).value, gwet_ac1(counts).se] == pytest.approx([0.77544, 0.14295], abs=5e-6)
    assert [fleiss(counts).value, fleiss(counts).se] == pytest.approx([0.76117, 0.15302], abs=5e-6)


@pytest.mark.parametrize(
    ("metric", "published"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849), ("ratio", 0.797)]
)
def test_krippendorffs_alpha_is_the_published_one(metric: str, published: float) -> None:
    assert krippendorff(KRIPPENDORFF, metric).value == pytest.approx(published, abs=5e-4)  # type: ignore[arg-type]


def test_the_six_intraclass_correlations_are_those_of_shrout_and_fleiss() -> None:
    found = icc(SHROUT_FLEISS)
    assert [one.form for one in found] == ["icc1", "icc2", "icc3", "icc1k", "icc2k", "icc3k"]
    assert [round(one.value, 2) for one in found] == [0.17, 0.29, 0.71, 0.44, 0.62, 0.91]
    assert found[1].ci == pytest.approx((0.01878651337, 0.7610843696), abs=1e-9)


def test_kappa_of_two_dermatologists_is_the_published_one_and_the_same_for_many_tables_at_once() -> None:
    assert kappa(DERMATOLOGISTS).kappa == pytest.approx(0.34488, abs=5e-6)
    assert kappa(DERMATOLOGISTS, "linear").kappa == pytest.approx(0.50816, abs=5e-6)
    found = kappas(np.stack([DERMATOLOGISTS, 0 * DERMATOLOGISTS]), "linear")
    assert found[0] == pytest.approx(0.50816, abs=5e-6)
    assert np.isnan(found[1])


@given(ratings)
def test_the_order_of_raters_and_units_changes_nothing(values: list[list[float]]) -> None:
    x: Array = np.array(values)
    if len(np.unique(x)) < 2:
        return
    turned = x[::-1, ::-1]
    assert krippendorff(turned).value == pytest.approx(krippendorff(x).value)
    assert fleiss(counts_of(turned)).value == pytest.approx(fleiss(counts_of(x)).value)


@given(ratings)
def test_no_agreement_is_above_one_and_equal_raters_have_one(values: list[list[float]]) -> None:
    x: Array = np.array(values)
    if len(np.unique(x[:, 0])) < 2:
        return
    same = np.repeat(x[:, :1], 3, axis=1)
    for one in (fleiss(counts_of(same)), gwet_ac1(counts_of(same)), krippendorff(same)):
        assert one.value == pytest.approx(1.0)
    assert fleiss(counts_of(x)).value <= 1.0
    assert krippendorff(x, "ordinal").value <= 1.0


def test_the_jackknife_of_alpha_is_that_of_leaving_each_unit_out_by_hand() -> None:
    x = np.array(KRIPPENDORFF[:11])
    without = np.array([krippendorff(np.delete(x, unit, axis=0), "ordinal").value for unit in range(11)])
    by_hand = np.sqrt(10 / 11 * ((without - without.mean()) ** 2).sum())
    assert krippendorff(x, "ordinal").se == pytest.approx(by_hand)


@pytest.mark.parametrize("values", [[[1, 1], [1, 1]], [[1, NONE], [NONE, 2]], []])
def test_ratings_that_carry_no_agreement_are_refused(values: list[list[float]]) -> None:
    x: Array = np.array(values, dtype=float).reshape(-1, 2)
    with pytest.raises(TooLittleData):
        krippendorff(x)
    with pytest.raises(TooLittleData):
        fleiss(counts_of(x, [1, 2]))


def test_a_rating_outside_the_categories_is_refused() -> None:
    with pytest.raises(ValueError, match="none of 1, 2"):
        counts_of([[1, 3]], [1, 2])
