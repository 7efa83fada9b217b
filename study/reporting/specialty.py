"""Humans and models by specialty: coverage, final diagnosis and gap, with n and intervals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from study import gap
from study.gap import Score
from study.reporting import drawing
from study.reporting.facts import Facts
from study.reporting.parts import Block, Figure, Paragraph, Section, Table, Text, count
from study.reporting.table2 import estimate
from study.results import clinical_case

FEW = 10
DRAWS = 2000
LEFT, RIGHT, ROW, WIDTH = 230, 720, 40, 860
NAMES = {"human": "humans", "model": "models"}
HEAD = ("specialty", "cases", "readers", "DDx coverage", "FDx", "gap", "n")


def specialty(facts: Facts) -> Section:
    """A row for each specialty and group; a warning where it rests on few cases."""
    measure = str(facts.plan.get("fdx", "selection"))
    found = dict(_by_specialty(facts, measure))
    status = "planned as a subgroup" if "specialty" in (facts.plan.get("subgroups") or ()) else "exploratory"
    blocks: list[Block] = [
        Paragraph(
            (
                f"By specialty of the case, {status}; FDx is the {measure}. Fewer than {FEW} cases tell little of a "
                f"specialty, and such rows say so; one case has no interval. "
                f"Intervals: crossed bootstrap over readers and cases, {DRAWS:,} "
                "draws.",
            )
        )
    ]
    figure = _figure(facts, found, measure)
    if figure is not None:
        blocks.insert(0, figure)
    rows = tuple(row for name, (own, cases) in found.items() for row in _rows(name, own, cases, measure))
    blocks.append(Table("By specialty, per cent [95 % interval]", HEAD, rows))
    return Section("specialty", "By specialty", tuple(blocks))


Found = Mapping[tuple[str, str], Score]
"""The scores of a specialty by measure and group."""


def _by_specialty(facts: Facts, measure: str) -> Iterator[tuple[str, tuple[Found, int]]]:
    specialty = {clinical_case(row): str(row["specialty"]) for row in facts.main}
    for name, own in facts.scored.groupby(facts.scored["case"].map(specialty)):
        cases = int(own["case"].nunique())
        scores = gap.of_groups(own, ("coverage", measure, f"{measure}_gap"), DRAWS)
        # One case tells nothing of how cases vary, so no interval stands beside it.
        kept = scores if cases > 1 else (score.model_copy(update={"interval": None}) for score in scores)
        yield str(name), ({(score.measure, score.group): score for score in kept}, cases)


def _rows(name: str, found: Found, cases: int, measure: str) -> Iterator[tuple[Text, ...]]:
    for group in ("human", "model"):
        scores = [found.get((one, group)) for one in ("coverage", measure, f"{measure}_gap")]
        if scores[0] is not None or scores[1] is not None:
            key = f"specialty.{name}.{group}"
            few = " (few)" if cases < FEW else ""
            cells = [
                estimate(f"{key}.{one}", score) for one, score in zip(("coverage", "fdx", "gap"), scores, strict=True)
            ]
            n = max(score.n for score in scores if score is not None)
            told = (*count(f"{key}.cases", cases), few)
            yield ((name,), told, (NAMES[group],), *cells, count(f"{key}.n", n))


def _figure(facts: Facts, found: Mapping[str, tuple[Found, int]], measure: str) -> Figure | None:
    """The gap of humans and of models in each specialty on one axis."""
    shown = [
        (name, group, score)
        for name, (own, _) in found.items()
        for group in ("human", "model")
        if (score := own.get((f"{measure}_gap", group))) is not None and score.estimate is not None
    ]
    if not shown:
        return None
    height = drawing.TOP + len(shown) * ROW + drawing.BOTTOM
    marks = drawing.per_cent_axis(LEFT, RIGHT, drawing.TOP - 14, height - drawing.BOTTOM, -100)
    marks.append(drawing.text(16, 44, "Gap in percentage points: right of 0 more covered than chosen. Bars: 95 %."))
    marks.append(drawing.line(_x(0), drawing.TOP - 14, _x(0), height - drawing.BOTTOM, drawing.FAINT, 1.5))
    for place, (name, group, score) in enumerate(shown):
        marks += _marks(name, group, score, drawing.TOP + place * ROW)
    said = "; ".join(f"{name}, {NAMES[group]}: gap {_told(score)}, n = {score.n}" for name, group, score in shown) + "."
    title = f"Gap by specialty in {facts.source.slug}"
    return Figure("specialty", f"{title}, humans and models.", said, drawing.drawing(title, said, WIDTH, height, marks))


def _marks(name: str, group: str, score: Score, y: float) -> Iterator[str]:
    colour = drawing.HUMAN if group == "human" else drawing.MODEL
    yield drawing.text(LEFT - 12, y + 16, f"{name}, {NAMES[group]}", "end")
    yield drawing.text(RIGHT + 16, y + 16, f"{100 * (score.estimate or 0.0):+.1f}, n = {score.n}")
    if score.interval is not None:
        yield drawing.line(_x(score.interval[0]), y + 12, _x(score.interval[1]), y + 12, colour, 1.5)
    yield drawing.dot(_x(score.estimate or 0.0), y + 12, colour, f"gap {_told(score)}", hollow=group == "model")


def _told(score: Score) -> str:
    ends = f" ({100 * score.interval[0]:.1f} to {100 * score.interval[1]:.1f})" if score.interval else ""
    return f"{100 * (score.estimate or 0.0):.1f}{ends}"


def _x(value: float) -> float:
    return LEFT + (value + 1) / 2 * (RIGHT - LEFT)
