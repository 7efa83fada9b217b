"""Allocation: balanced, seeded, in languages that the reader declared; the right option stands anywhere alike."""

from __future__ import annotations

import hashlib
from collections import Counter
from itertools import combinations, pairwise

import pytest

from study.allocation import MODELS, AllocationError, Slot, allocate, eligible, option_order, pool_keys
from study.draws import Draws
from study.orders import complete_rows, incomplete_rows, williams
from study.protocol import preset, protocol_from
from study.script import Block, Outline


def case(key: str, language: str = "en", practice: bool = False, of: str | None = None) -> Outline:
    return Outline(key, f"hash-{key}", language, (Block("history", "history", False, True),), 4, practice, of)


CASES = [
    case("warm-up", practice=True),
    *(case(f"c{n}") for n in range(6)),
    case("c1-zh", "zh", of="c1"),
    case("z", "zh"),
]


def keys(row: list[Slot]) -> list[str]:
    return [slot.case for slot in row]


def test_the_pools_are_all_orders_of_preference() -> None:
    assert pool_keys(["en", "zh"]) == ["en", "zh", "en,zh", "zh,en"]


def test_a_reader_gets_cases_in_declared_languages_and_one_of_a_translated_pair() -> None:
    assert [c.key for c in eligible(CASES, "zh")] == ["c1-zh", "z"]
    both = [c.key for c in eligible(CASES, "zh,en")]
    assert "c1-zh" in both
    assert "c1" not in both
    assert "c0" in both
    assert "z" in both
    assert "c1" in [c.key for c in eligible(CASES, "en,zh")]
    assert len(eligible(CASES, MODELS)) == len(CASES)


def test_practice_comes_first_and_every_reader_reads_every_case_once() -> None:
    pools = allocate(CASES, ["en", "zh"], 12, preset("medsyn"), 5).pools
    for row in pools["en"]:
        assert row[0].case == "warm-up"
        assert sorted(keys(row)[1:]) == [f"c{n}" for n in range(6)]


def test_the_same_seed_gives_the_same_allocation_and_another_seed_another() -> None:
    first = allocate(CASES, ["en", "zh"], 5, preset("medsyn"), 5)
    assert first == allocate(CASES, ["en", "zh"], 5, preset("medsyn"), 5)
    assert first.pools != allocate(CASES, ["en", "zh"], 5, preset("medsyn"), 6).pools


def test_draws_are_the_same_in_every_version() -> None:
    block = hashlib.sha256(b"sha256-counter-1" + b"\x1f" + b"k\x1f1" + (0).to_bytes(8, "big")).digest()
    assert Draws("k", 1).below(10) == int.from_bytes(block[:8], "big") % 10
    assert option_order(1, 6) == (3, 2, 0, 4, 1, 5)


@pytest.mark.parametrize("n", [2, 4, 5, 7, 8])
def test_a_williams_design_balances_places_and_neighbours(n: int) -> None:
    rows = williams(n)
    places = Counter((place, case) for row in rows for place, case in enumerate(row))
    followers = Counter(pair for row in rows for pair in pairwise(row))
    assert set(places.values()) == {len(rows) // n}
    assert len(followers) == n * (n - 1)
    assert len(set(followers.values())) == 1


@pytest.mark.parametrize("n", [6, 7])
def test_whole_squares_put_each_case_at_each_place_equally_often(n: int) -> None:
    rows = complete_rows(n, 4 * n, Draws("x"))
    places = Counter((place, case) for row in rows for place, case in enumerate(row))
    assert set(places.values()) == {4}
    assert len(places) == n * n


@pytest.mark.parametrize(("cases", "readers", "per_case"), [(20, 12, 3), (7, 7, 3), (10, 4, 3), (13, 5, 1)])
def test_incomplete_blocks_give_every_case_its_readers_and_stay_balanced_after_any_row(
    cases: int, readers: int, per_case: int
) -> None:
    rows = incomplete_rows(cases, readers, per_case, readers, Draws("x", cases))
    counts: Counter[int] = Counter(dict.fromkeys(range(cases), 0))
    for row in rows:
        assert len(set(row)) == len(row)
        counts.update(row)
        assert max(counts.values()) - min(counts.values()) <= 1
    assert set(counts.values()) == {per_case}
    assert max(map(len, rows)) - min(map(len, rows)) <= 1


def test_pairs_of_cases_meet_nearly_evenly() -> None:
    rows = incomplete_rows(7, 7, 3, 7, Draws("pairs"))  # 7 * 3 pairs over 21: a perfect design has each once
    met = Counter(frozenset(pair) for row in rows for pair in combinations(row, 2))
    assert sum(met.values()) == 21
    assert max(met.values()) <= 2


def test_a_second_cycle_of_readers_is_drawn_anew_and_as_balanced() -> None:
    protocol = protocol_from({"allocation": {"readers_per_case": 2, "readers": 4}})
    rows = allocate([case(f"c{n}") for n in range(8)], ["en"], 8, protocol, 3).pools["en"]
    assert {slot for row in rows for slot in keys(row)} == {f"c{n}" for n in range(8)}
    assert set(Counter(key for row in rows for key in keys(row)).values()) == {4}


def test_arms_rotate_so_that_each_case_is_read_in_each_arm() -> None:
    protocol = protocol_from({"arms": {"images": {}, "findings": {"visual": "finding"}}})
    rows = allocate([case(f"c{n}") for n in range(6)], ["en"], 4, protocol, 3).pools["en"]
    assert set(Counter((slot.case, slot.arm) for row in rows for slot in row).values()) == {2}
    assert {Counter(slot.arm for slot in row)["images"] for row in rows} == {3}


def test_the_right_options_place_is_uniform_over_1000_readings() -> None:
    rows = allocate([case(f"c{n}") for n in range(20)], ["en"], 50, preset("medsyn"), 11).pools["en"]
    places = Counter(slot.options.index(0) for row in rows for slot in row)
    assert sum(places.values()) == 1000
    chi_square = sum((places[place] - 250) ** 2 / 250 for place in range(4))
    assert chi_square < 16.27  # 3 degrees of freedom, p = .001


def test_every_option_order_comes_up_equally_often() -> None:
    orders = Counter(option_order(seed, 4) for seed in range(2400))
    chi_square = sum((orders[order] - 100) ** 2 / 100 for order in orders)
    assert len(orders) == 24
    assert chi_square < 49.73


@pytest.mark.parametrize(
    ("cases", "languages", "sentence"),
    [
        ([case("a"), case("a")], ["en"], "same key"),
        ([case("a"), case("b", "zh")], ["en"], r"does not list: b \(zh\)"),
        ([case("a", practice=True)], ["en"], "beside practice"),
        ([case("a")], ["en", "en"], "different languages"),
    ],
)
def test_what_does_not_fit_is_refused(cases: list[Outline], languages: list[str], sentence: str) -> None:
    with pytest.raises(AllocationError, match=sentence):
        allocate(cases, languages, 3, preset("medsyn"), 1)
