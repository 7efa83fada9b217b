"""Trajectories: where the truth stands after each block of evidence, what each type did, and when readers closed."""

from __future__ import annotations

from typing import Any

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.exhibit import exhibit, number
from streamlit_app.pages.figures_findings import Dot, Frame, Point, dots, lines
from streamlit_app.pages.finding import Look, about, flat, look_of, named, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.trajectories import Gain, Stand, Trajectories

MEASURES = ("covered", "top1", "reciprocal_rank", "probability")
ALL = ""


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """All cases or one of them, by group and list; gains, passages and closures below."""
    found = subject(desk, status, Trajectories, "trajectories")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: Trajectories, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    if shown(found):
        _path(found, look)
        _gains(found, look)
        _passages(found, look)
        _closures(found, look)
    about(found)


def _path(found: Trajectories, look: Look) -> None:
    which, what = st.columns(2)
    cases = sorted({one.case for one in found.stands if one.case is not None})
    case = which.selectbox(
        say("case"), [ALL, *cases], format_func=lambda key: key or say("trajectory_all"), key="trajectory-case"
    )
    measure = what.selectbox(
        say("contrast_measure"), MEASURES, format_func=lambda key: say(f"trajectory_{key}"), key="trajectory-measure"
    )
    own = [one for one in found.stands if one.case == (case or None)]
    names = ("covered", "top1", "reciprocal_rank", "rank", "probability", "n_probability")
    exhibit(
        f"{look.slug}-trajectory-{case or 'all'}-{measure}",
        _lines(own, measure, look),
        say("trajectory_alt"),
        say("trajectory_caption"),
        [say("agreement_group"), say("trajectory_list"), "n", *(say(f"trajectory_{name}") for name in names)],
        [_stand(one) for one in own],
        lambda: [one.model_dump() for one in own],
        words=say("trajectory_words"),
    )


def _lines(own: list[Stand], measure: str, look: Look) -> Any:
    series: dict[str, list[Point]] = {}
    for one in own:
        height = getattr(one, measure)
        if height is not None:
            n = one.n_probability if measure == "probability" else one.n
            series.setdefault(one.group, []).append(Point(one.stage, height, n))
    words = ", ".join(f"{say(f'kind_{group}')} n={max(p.n for p in points)}" for group, points in series.items())
    frame = Frame(say("trajectory_title", measure=say(f"trajectory_{measure}")), words, look.marks, look.ink)
    percent = measure != "reciprocal_rank"
    height = say("trajectory_axis_percent") if percent else say("trajectory_reciprocal_rank")
    return lines(dict(series), frame, (say("trajectory_axis"), height), 100 if percent else 1)


def _stand(one: Stand) -> list[str]:
    shares = (number(one.covered, 1, 100), number(one.top1, 1, 100), number(one.reciprocal_rank, 3))
    probability = (number(one.rank, 2), number(one.probability, 1, 100), str(one.n_probability))
    return [say(f"kind_{one.group}"), str(one.stage), str(one.n), *shares, *probability]


def _gains(found: Trajectories, look: Look) -> None:
    if not found.gains:
        st.info(say("gains_none"))
        return
    items = [Dot(f"{named('type', one.type)}, {say(f'kind_{one.group}')}", one.group, one.bits) for one in found.gains]
    frame = Frame(say("gains_title"), say("intervals_both"), look.marks, look.ink)
    names = ("reciprocal_rank", "bits", "entered", "left")
    exhibit(
        f"{look.slug}-gains",
        dots(items, frame, say("gains_axis"), 1.0, 0.0),
        say("gains_alt"),
        say("gains_caption"),
        [say("sensitivity_type"), say("agreement_group"), "n", *(say(f"gains_{name}") for name in names)],
        [_gain(one) for one in found.gains],
        lambda: [
            one.model_dump(exclude={"reciprocal_rank", "bits"})
            | flat("reciprocal_rank", one.reciprocal_rank)
            | flat("bits", one.bits)
            for one in found.gains
        ],
        numbers=range(2, 7),
    )


def _gain(one: Gain) -> list[str]:
    values = (told(one.reciprocal_rank, 3, sign=True), told(one.bits, 2, sign=True))
    return [named("type", one.type), say(f"kind_{one.group}"), str(one.n), *values, str(one.entered), str(one.left)]


def _passages(found: Trajectories, look: Look) -> None:
    stages = sorted({stage for one in found.passages for stage in (*one.entered, *one.left)})
    if not stages:
        return
    rows = []
    for one in found.passages:
        moved = [f"+{one.entered.get(stage, 0)} −{one.left.get(stage, 0)}" for stage in stages]
        rows.append([say(f"kind_{one.group}"), str(one.n), *moved, str(one.never), str(one.returned)])
    exhibit(
        f"{look.slug}-passages",
        None,
        "",
        say("passages_caption"),
        [
            say("agreement_group"),
            "n",
            *(say("passages_list", n=stage) for stage in stages),
            say("passages_never"),
            say("passages_returned"),
        ],
        rows,
        lambda: [
            {
                "group": one.group,
                "n": one.n,
                "list": stage,
                "entered": one.entered.get(stage, 0),
                "left": one.left.get(stage, 0),
                "never": one.never,
                "returned": one.returned,
            }
            for one in found.passages
            for stage in stages
        ],
    )


def _closures(found: Trajectories, look: Look) -> None:
    if found.closures:
        exhibit(
            f"{look.slug}-closures",
            None,
            "",
            say("closures_caption"),
            [say("agreement_group"), say("closures_eligible"), say("closures_closed"), say("closures_share")],
            [
                [say(f"kind_{one.group}"), str(one.share.n), str(one.closed), told(one.share, 1, 100)]
                for one in found.closures
            ],
            lambda: [{"group": one.group, "closed": one.closed} | flat("share", one.share) for one in found.closures],
        )
