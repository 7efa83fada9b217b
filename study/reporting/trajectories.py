"""Trajectories: where the truth stood after each block, what each type of evidence did, premature closure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from study.findings.trajectories import Gain, Passage, Stand, Trajectories
from study.reporting import drawing
from study.reporting.facts import GROUPS, Facts
from study.reporting.found import n_of, plain_of, said, share_of
from study.reporting.parts import NONE, Block, Figure, Section, Table, Text, count, number, percent

STANDS = ("readers", "list", "covered", "first", "reciprocal rank", "mean rank where listed", "probability", "n")
GAINS = ("readers", "evidence", "change of reciprocal rank", "bits", "entered", "left", "n")
PASSAGES = ("readers", "entered, by list", "never", "left again, by list", "came back", "n")
CLOSURES = ("readers", "closed early", "share of eligible readings", "eligible")
LEFT, RIGHT, HEIGHT = 60, 640, 320


def trajectories(facts: Facts) -> Section:
    """By group: the lists one after another, gains by type of evidence, passages of the truth, closure."""
    found = facts.findings.trajectories
    blocks: list[Block] = list(said("trajectories", found))
    if found is not None and found.stands:
        stands = [one for one in found.stands if one.case is None]
        blocks.insert(0, _figure(facts, stands))
        blocks.append(Table("Where the truth stood after each list", STANDS, tuple(map(_stand, stands))))
        blocks += _tables(found)
    return Section("trajectories", "Trajectories of the differential", tuple(blocks))


def _tables(found: Trajectories) -> Iterator[Block]:
    if found.gains:
        yield Table("What each type of evidence did", GAINS, tuple(map(_gain, found.gains)))
    if found.passages:
        yield Table("When the truth entered the list and left it", PASSAGES, tuple(map(_passage, found.passages)))
    if found.closures:
        yield Table("Premature closure", CLOSURES, tuple(_closures(found)))


def _gain(one: Gain) -> tuple[Text, ...]:
    name = f"trajectories.gain.{one.group}.{one.type}"
    counts = [count(f"{name}.{part}", getattr(one, part)) for part in ("entered", "left", "n")]
    changes = plain_of(f"{name}.rank", one.reciprocal_rank), plain_of(f"{name}.bits", one.bits)
    return ((GROUPS[one.group],), (one.type,), *changes, *counts)


def _passage(one: Passage) -> tuple[Text, ...]:
    name = f"trajectories.passage.{one.group}"
    entered, left = _counts(f"{name}.entered", one.entered), _counts(f"{name}.left", one.left)
    returned, n = count(f"{name}.returned", one.returned), count(f"{name}.n", one.n)
    return ((GROUPS[one.group],), entered, count(f"{name}.never", one.never), left, returned, n)


def _closures(found: Trajectories) -> Iterator[tuple[Text, ...]]:
    for one in found.closures:
        name = f"trajectories.closure.{one.group}"
        closed = count(f"{name}.closed", one.closed)
        yield ((GROUPS[one.group],), closed, share_of(name, one.share), n_of(name, one.share))


def _counts(name: str, counts: dict[int, int]) -> Text:
    told: Text = ()
    for place, (stage, n) in enumerate(sorted(counts.items())):
        told = (*told, *([", "] if place else []), f"list {stage}: ", *count(f"{name}.{stage}", n))
    return told or NONE


def _stand(one: Stand) -> tuple[Text, ...]:
    name = f"trajectories.stand.{one.group}.{one.stage}"
    return (
        (GROUPS[one.group],),
        (str(one.stage),),
        percent(f"{name}.covered", one.covered),
        percent(f"{name}.top1", one.top1),
        number(f"{name}.reciprocal_rank", one.reciprocal_rank),
        number(f"{name}.rank", one.rank, 2),
        percent(f"{name}.probability", one.probability),
        count(f"{name}.n", one.n),
    )


def _figure(facts: Facts, stands: Sequence[Stand]) -> Figure:
    last = max(one.stage for one in stands)
    top, bottom = drawing.TOP, HEIGHT - drawing.BOTTOM
    marks = [drawing.text(16, 44, "Solid: covered by the list. Dashed: on its first line.")]
    for share in (0, 25, 50, 75, 100):
        y = bottom - share / 100 * (bottom - top)
        marks += [drawing.line(LEFT, y, RIGHT, y, drawing.LINE), drawing.text(LEFT - 8, y + 4, f"{share} %", "end")]
    for stage in range(1, last + 1):
        marks.append(drawing.text(_x(stage, last), bottom + 18, f"list {stage}", "middle"))
    for group, colour in (("human", drawing.HUMAN), ("model", drawing.MODEL)):
        own = sorted((one for one in stands if one.group == group), key=lambda one: one.stage)
        marks += _lines(own, last, top, bottom, colour)
    words = "; ".join(
        f"{GROUPS[one.group]}, list {one.stage}: {100 * one.covered:.1f} % covered, {100 * one.top1:.1f} % first, "
        f"n = {one.n}"
        for one in stands
    )
    title = f"Coverage list by list in {facts.source.slug}"
    svg = drawing.drawing(title, f"{words}.", RIGHT + 200, HEIGHT, marks)
    return Figure("trajectories", f"{title}, humans and models.", f"{words}.", svg)


def _lines(own: Sequence[Stand], last: int, top: float, bottom: float, colour: str) -> Iterator[str]:
    if not own:
        return
    for shares, dash in (([one.covered for one in own], ""), ([one.top1 for one in own], "6 4")):
        heights = [bottom - share * (bottom - top) for share in shares]
        yield drawing.path([(_x(one.stage, last), y) for one, y in zip(own, heights, strict=True)], colour, dash)
        for one, y, share in zip(own, heights, shares, strict=True):
            words = f"list {one.stage}: {100 * share:.1f} %, n = {one.n}"
            yield drawing.dot(_x(one.stage, last), y, colour, words, bool(dash))
    first, end = own[0], own[-1]
    y = bottom - end.covered * (bottom - top)
    shrunk = f" to {end.n}" if end.n != first.n else ""
    yield drawing.text(RIGHT + 12, y + 4, f"{GROUPS[end.group]}, n = {first.n}{shrunk}", weight=600)


def _x(stage: int, last: int) -> float:
    return RIGHT if last < 2 else LEFT + 20 + (stage - 1) / (last - 1) * (RIGHT - LEFT - 20)
