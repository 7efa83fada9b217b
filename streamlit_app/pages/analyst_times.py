"""Time: visible and active minutes of each kind of step, and by the place in the reader's order and session."""

from __future__ import annotations

from typing import Any

from streamlit_app.catalogue import say
from streamlit_app.pages.exhibit import exhibit, number
from streamlit_app.pages.figures_findings import Dot, Frame, Point, dots, lines
from streamlit_app.pages.finding import Look, about, flat, look_of, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.times import Position, StageTime, Times

WITHIN = ("order", "session")


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Minutes by step, then by position."""
    found = subject(desk, status, Times, "times")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: Times, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    if shown(found):
        _stages(found, look)
        for within in WITHIN:
            own = [one for one in found.positions if one.within == within]
            if own:
                _positions(own, within, look)
    about(found)


def _stages(found: Times, look: Look) -> None:
    seen = ("visible", "active") if any(one.measure != "elapsed" for one in found.stages) else ("elapsed",)
    items = [
        Dot(f"{say(f'step_{one.kind}')}, {say(f'time_{one.measure}')}", "human", one.mean)
        for one in found.stages
        if one.measure in seen
    ]
    frame = Frame(say("times_title"), say("intervals_both"), look.marks, look.ink)
    names = ("step", "measure", "mean", "median", "quartiles", "missing")
    exhibit(
        f"{look.slug}-times",
        dots(items, frame, say("times_axis")),
        say("times_alt"),
        say("times_caption"),
        [*(say(f"times_{name}") for name in names[:2]), "n", *(say(f"times_{name}") for name in names[2:])],
        [_stage(one) for one in found.stages],
        lambda: [_record(one) for one in found.stages],
        numbers=range(2, 7),
        words=say("times_words"),
    )


def _stage(one: StageTime) -> list[str]:
    low, high = one.quartiles
    return [
        say(f"step_{one.kind}"),
        say(f"time_{one.measure}"),
        str(one.mean.n),
        told(one.mean),
        number(one.median),
        f"{low:.2f}, {high:.2f}",
        str(one.missing),
    ]


def _record(one: StageTime) -> dict[str, Any]:
    low, high = one.quartiles
    plain = one.model_dump(exclude={"mean", "quartiles"})
    return plain | {"quartile_low": low, "quartile_high": high} | flat("geometric_mean", one.mean)


def _positions(own: list[Position], within: str, look: Look) -> None:
    points = [
        Point(one.position, one.visible.estimate, one.n, one.visible.ci)
        for one in own
        if one.visible.estimate is not None
    ]
    words = say("intervals_both") if any(point.ci for point in points) else say("positions_no_intervals")
    frame = Frame(say(f"positions_title_{within}"), words, look.marks, look.ink)
    names = ("visible", "ratio", "right")
    exhibit(
        f"{look.slug}-times-{within}",
        lines({"human": points}, frame, (say(f"positions_axis_{within}"), say("times_axis"))) if points else None,
        say("positions_alt"),
        say("positions_caption"),
        [say(f"positions_axis_{within}"), "n", *(say(f"positions_{name}") for name in names)],
        [
            [str(one.position), str(one.n), told(one.visible), number(one.ratio), number(one.right, 1, 100)]
            for one in own
        ],
        lambda: [one.model_dump(exclude={"visible"}) | flat("visible", one.visible) for one in own],
        folded=len(own) > 20,
    )
