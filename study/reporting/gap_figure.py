"""The gap as a drawing: for each answerer coverage, final diagnosis and the distance between them."""

from __future__ import annotations

from collections.abc import Iterator

from study.gap import Score
from study.reporting import drawing
from study.reporting.facts import Facts
from study.reporting.parts import Figure
from study.reporting.table2 import Answerer, answerers, label

LEFT, RIGHT, ROW, WIDTH = 190, 700, 46, 860


def gap_figure(facts: Facts) -> Figure | None:
    """Coverage (filled) and selection, or else the open diagnosis (hollow); None where nobody has both."""
    measure = "open" if facts.plan.get("fdx") == "open" else "selection"
    rows = [one for one in answerers(facts) if _both(facts, one, measure)]
    if not rows:
        return None
    height = drawing.TOP + len(rows) * ROW + drawing.BOTTOM
    said = "; ".join(_said(facts, one, measure) for one in rows) + "."
    axis = drawing.per_cent_axis(LEFT, RIGHT, drawing.TOP - 14, height - drawing.BOTTOM)
    marks = [
        drawing.text(16, 44, f"Filled: coverage of the list. Hollow: {measure}. Bars: 95 % intervals."),
        *axis,
        *(mark for place, one in enumerate(rows) for mark in _row(facts, one, measure, drawing.TOP + place * ROW)),
    ]
    title = f"Coverage and {measure} in {facts.source.slug}"
    svg = drawing.drawing(title, said, WIDTH, height, marks)
    return Figure("gap", f"{title}: the distance between the two points is the gap.", said, svg)


def _both(facts: Facts, answerer: Answerer, measure: str) -> bool:
    return all(
        score is not None and score.estimate is not None
        for score in (facts.score("coverage", *answerer), facts.score(measure, *answerer))
    )


def _scores(facts: Facts, answerer: Answerer, measure: str) -> tuple[Score, Score]:
    ddx, fdx = facts.score("coverage", *answerer), facts.score(measure, *answerer)
    assert ddx is not None
    assert fdx is not None
    return ddx, fdx


def _said(facts: Facts, answerer: Answerer, measure: str) -> str:
    ddx, fdx = _scores(facts, answerer, measure)
    name = label(*answerer, facts.gap.readers.get(answerer[0]))
    return f"{name}: coverage {_share(ddx)}, {measure} {_share(fdx)}, n = {ddx.n}"


def _share(score: Score) -> str:
    ends = f" ({100 * score.interval[0]:.1f} to {100 * score.interval[1]:.1f})" if score.interval else ""
    return f"{100 * (score.estimate or 0.0):.1f} %{ends}"


def _row(facts: Facts, answerer: Answerer, measure: str, y: float) -> Iterator[str]:
    ddx, fdx = _scores(facts, answerer, measure)
    colour = drawing.HUMAN if answerer[0] == "human" else drawing.MODEL
    gap = 100 * ((ddx.estimate or 0.0) - (fdx.estimate or 0.0))
    yield drawing.text(LEFT - 12, y + 16, label(*answerer, facts.gap.readers.get(answerer[0])), "end", weight=600)
    yield drawing.text(RIGHT + 16, y + 16, f"gap {gap:+.1f}, n = {ddx.n}")
    yield drawing.line(_x(ddx.estimate), y + 6, _x(fdx.estimate), y + 18, colour, 4)
    for score, at in ((ddx, y + 6), (fdx, y + 18)):
        if score.interval is not None:
            yield drawing.line(_x(score.interval[0]), at, _x(score.interval[1]), at, colour, 1.5)
    yield drawing.dot(_x(ddx.estimate), y + 6, colour, f"coverage {_share(ddx)}")
    yield drawing.dot(_x(fdx.estimate), y + 18, colour, f"{measure} {_share(fdx)}", hollow=True)


def _x(value: float | None) -> float:
    return LEFT + (value or 0.0) * (RIGHT - LEFT)
