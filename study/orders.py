"""Orders of cases over readers: Williams squares for complete designs, balanced incomplete blocks for the others."""

from __future__ import annotations

from study.draws import Draws

TRIES = 20


def williams(n: int) -> list[list[int]]:
    """A Williams design of ``n`` treatments: ``n`` rows when n is even, 2n when odd.

    Each treatment stands at each place equally often, and each follows each other equally often (Williams 1949).
    """
    zigzag = [(place + 1) // 2 if place % 2 else (n - place // 2) % n for place in range(n)]
    rows = [[(first + step) % n for step in zigzag] for first in range(n)]
    return rows if n % 2 == 0 else rows + [row[::-1] for row in rows]


def complete_rows(n_cases: int, readers: int, stream: Draws) -> list[list[int]]:
    """``readers`` orders of all cases: whole Williams squares, each with cases and rows relabelled at random."""
    rows: list[list[int]] = []
    square = williams(n_cases)
    while len(rows) < readers:
        names = stream.shuffled(range(n_cases))
        latin = stream.shuffled(square[:n_cases]) + stream.shuffled(square[n_cases:])
        rows += [[names[index] for index in row] for row in latin]
    return rows[:readers]


def incomplete_rows(n_cases: int, readers: int, per_case: int, cycle: int, stream: Draws) -> list[list[int]]:
    """``readers`` orders of some cases: in every ``cycle`` of them each case stands ``per_case`` times.

    Row lengths differ by at most one, and so do the cases' counts after any row. Pairs of cases meet as evenly as the
    best of some random designs; the order within rows spreads each case over places.
    """
    rows: list[list[int]] = []
    while len(rows) < readers:
        tries = [_blocks(n_cases, per_case, cycle, stream) for _ in range(TRIES if n_cases * cycle < 2000 else 1)]
        rows += _ordered(min(tries, key=lambda blocks: _unevenness(blocks, n_cases)), n_cases, stream)
    return rows[:readers]


def _blocks(n_cases: int, per_case: int, cycle: int, stream: Draws) -> list[list[int]]:
    """One design: each row takes the cases that were taken least, among them those that met its others least."""
    total = n_cases * per_case
    lengths = [total // cycle + (row < total % cycle) for row in range(cycle)]
    taken = [0] * n_cases
    met = [[0] * n_cases for _ in range(n_cases)]
    blocks: list[list[int]] = []
    for length in stream.shuffled(lengths):
        block: list[int] = []
        meetings = [0] * n_cases
        free = stream.shuffled(range(n_cases))
        for _ in range(length):
            chosen = min(free, key=lambda case: (taken[case], meetings[case]))
            free.remove(chosen)
            meetings = [now + pair for now, pair in zip(meetings, met[chosen], strict=True)]
            block.append(chosen)
        for case in block:
            taken[case] += 1
            for other in block:
                met[case][other] += case != other
        blocks.append(block)
    return blocks


def _unevenness(blocks: list[list[int]], n_cases: int) -> int:
    """The sum of squared pair counts; the smaller, the more evenly pairs of cases meet in one reader."""
    met: dict[tuple[int, int], int] = {}
    for block in blocks:
        for case in block:
            for other in block:
                if case < other:
                    met[case, other] = met.get((case, other), 0) + 1
    return sum(count * count for count in met.values())


def _ordered(blocks: list[list[int]], n_cases: int, stream: Draws) -> list[list[int]]:
    """Each block in an order that gives its cases the places they had least often so far."""
    had = [[0] * max(map(len, blocks)) for _ in range(n_cases)]
    rows: list[list[int]] = []
    for block in blocks:
        left = stream.shuffled(block)
        row: list[int] = []
        for place in range(len(block)):
            row.append(min(left, key=lambda case, at=place: had[case][at] - sum(had[case]) / len(had[case])))  # type: ignore[misc]
            left.remove(row[-1])
            had[row[-1]][place] += 1
        rows.append(row)
    return rows
