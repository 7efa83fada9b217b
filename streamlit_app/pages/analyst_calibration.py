"""Calibration: whether stated confidence is the share that is right, by group, by reader, and by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.exhibit import exhibit, number, p_value
from streamlit_app.pages.figures_findings import Dot, Frame, Point, dots, lines
from streamlit_app.pages.finding import Look, about, flat, look_of, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.calibration import Bin, Calibrated, Calibration

NAMES = {"first": "confidence_first", "open": "confidence_open", "selection": "confidence_selection"}


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Choose a stage; over- and underconfidence of all stages stand below."""
    found = subject(desk, status, Calibration, "calibration")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: Calibration, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    if shown(found):
        stages = list(dict.fromkeys(one.stage for one in found.calibrated))
        stage = st.segmented_control(
            say("calibration_stage"),
            stages,
            default=stages[-1],
            required=True,
            format_func=lambda key: say(f"stage_of_{key}"),
            key="calibration-stage",
        )
        own = [one for one in found.calibrated if one.stage == stage]
        _curve(own, str(stage), look)
        _scores(own, str(stage), look)
        _over(found, look)
    about(found)


def _curve(own: list[Calibrated], stage: str, look: Look) -> None:
    wholes = [one for one in own if one.reader is None]
    bins = [(one, part) for one in wholes for part in one.bins if part.n]
    exhibit(
        f"{look.slug}-calibration-{stage}",
        curve(wholes, stage, look),
        say("calibration_alt"),
        say("calibration_bins"),
        [say("agreement_group"), say("calibration_bin"), "n", say("calibration_mean"), say("calibration_right")],
        [_bin(one, part) for one, part in bins],
        lambda: [
            {"group": one.group, "stage": one.stage} | part.model_dump(exclude={"right"}) | flat("right", part.right)
            for one, part in bins
        ],
        numbers=(2, 3, 4),
        words=say("calibration_words"),
    )


def curve(wholes: list[Calibrated], stage: str, look: Look) -> go.Figure:
    """The share right over the mean confidence of each bin, and the line on which both are the same."""
    series: dict[str, Sequence[Point]] = {
        one.group: [
            Point(part.confidence, part.right.estimate or 0.0, part.n, part.right.ci) for part in one.bins if part.n
        ]
        for one in wholes
    }
    told_n = ", ".join(f"{say(f'kind_{one.group}')} n={one.n}" for one in wholes)
    frame = Frame(say("calibration_title", stage=say(f"stage_of_{stage}")), told_n, look.marks, look.ink)
    figure = lines(series, frame, (say("calibration_axis_x"), say("calibration_axis_y")), whole=False)
    line = {"color": look.ink.zero, "width": 1.5, "dash": "dash"}
    figure.add_scatter(x=[0, 1], y=[0, 1], mode="lines", line=line, name=say("calibration_same"), hoverinfo="skip")
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%")
    return figure.update_xaxes(range=[-0.03, 1.03], tickformat=".0%")


def _bin(one: Calibrated, part: Bin) -> list[str]:
    within = f"{100 * part.low:.0f}–{100 * part.high:.0f} %"
    return [say(f"kind_{one.group}"), within, str(part.n), number(part.confidence, 1, 100), told(part.right, 1, 100)]


def _scores(own: list[Calibrated], stage: str, look: Look) -> None:
    order = sorted(own, key=lambda one: (one.reader is not None, one.group, one.reader or ""))
    names = ("n", "brier", "reliability", "resolution", "uncertainty", "within", "ece", "over")
    exhibit(
        f"{look.slug}-calibration-{stage}-readers",
        None,
        "",
        say("calibration_scores"),
        [say("people_who"), say("agreement_group"), *(say(f"calibration_{name}") for name in names)],
        [_score(one) for one in order],
        lambda: [_record(one) for one in order],
        numbers=range(2, 10),
        whole=[place for place, one in enumerate(order) if one.reader is None],
        words=say("calibration_scores_words"),
    )


def _score(one: Calibrated) -> list[str]:
    parts = (one.reliability, one.resolution, one.uncertainty, one.within, one.ece)
    return [
        one.reader or say(f"kind_{one.group}"),
        say(f"one_{one.group}"),
        str(one.n),
        told(one.brier, 3),
        *(number(part, 3) for part in parts),
        told(one.over, 1, 100, sign=True),
    ]


def _record(one: Calibrated) -> dict[str, Any]:
    return one.model_dump(exclude={"bins", "brier", "over"}) | flat("brier", one.brier) | flat("over", one.over)


def _over(found: Calibration, look: Look) -> None:
    wholes = [one for one in found.calibrated if one.reader is None]
    items = [Dot(f"{say(f'kind_{one.group}')}, {say(f'stage_of_{one.stage}')}", one.group, one.over) for one in wholes]
    frame = Frame(say("calibration_over_title"), say("intervals_both"), look.marks, look.ink)
    exhibit(
        f"{look.slug}-overconfidence",
        dots(items, frame, say("calibration_over_axis"), 100, 0.0),
        say("calibration_over_alt"),
        say("calibration_over_caption"),
        [
            say("agreement_group"),
            say("calibration_stage"),
            "n",
            say("calibration_mean"),
            say("calibration_right"),
            say("calibration_over"),
            "p",
        ],
        [
            [
                say(f"kind_{one.group}"),
                say(f"stage_of_{one.stage}"),
                str(one.n),
                number(one.confidence, 1, 100),
                number(one.right, 1, 100),
                told(one.over, 1, 100, sign=True),
                p_value(one.over.p),
            ]
            for one in wholes
        ],
        lambda: [_record(one) for one in wholes],
        numbers=range(2, 7),
    )
