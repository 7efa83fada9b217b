"""The curves of a plan: power, and the width of the interval, over the cases, one curve a number of readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import plotly.graph_objects as go

from streamlit_app.catalogue import say
from streamlit_app.pages.figures import Ink, dressed
from study.plans import Given, Plan

What = Literal["power", "width"]
SHADES = {"light": ("#7fb3c8", "#3f90ad", "#0b6e8a", "#c2571a", "#8a3d12", "#4b1f5e", "#7d4c9e", "#333f48")}
SHADES["dark"] = ("#cfe8f0", "#8fcde0", "#5cb8d6", "#f0a25e", "#f7c79b", "#c9a4e0", "#a678c9", "#e6e9ec")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "cross", "star", "pentagon")
ROWS = 11


def curves(plan: Plan, what: What, target: float | None, ink: Ink, dark: bool, title: str, words: str) -> go.Figure:
    """A curve a number of readers, and a line where the target is. The width is in points."""
    figure, factor = go.Figure(), 1.0 if what == "power" else 100.0
    shades = SHADES["dark" if dark else "light"]
    for place, readers in enumerate(dict.fromkeys(one.design.readers for one in plan.designs)):
        own = [one for one in plan.designs if one.design.readers == readers]
        figure.add_scatter(
            x=[one.design.cases for one in own],
            y=[factor * getattr(one, what) for one in own],
            mode="lines+markers",
            name=say("plan_readers", n=readers),
            line={"color": shades[place % len(shades)], "width": 2.2},
            marker={"symbol": SYMBOLS[place % len(SYMBOLS)], "size": 8},
            hovertemplate=[_hover(one) for one in own],
        )
    if target is not None:
        figure.add_hline(factor * target, line={"color": ink.zero, "width": 1.5, "dash": "dash"})
    made = dressed(figure, ROWS, title, words, (), ink, True)
    made.update_xaxes(title_text=say("plan_cases"), rangemode="tozero")
    made.update_yaxes(
        title_text=say(f"plan_axis_{what}"), range=[0, 1.03] if what == "power" else None, rangemode="tozero"
    )
    return made.update_yaxes(title_font={"color": ink.text})


def _hover(one: Given) -> str:
    words = say("plan_hover", readers=one.design.readers, cases=one.design.cases)
    return f"{words}<br>{say('plan_power')} {one.power:.3f}<br>{say('plan_width')} {100 * one.width:.1f}<extra></extra>"


def records(plan: Plan, smallest: bool) -> Sequence[dict[str, float | int | None]]:
    """The designs, or the smallest ones, as rows of a file."""
    found = plan.smallest if smallest else plan.designs
    return [one.design.model_dump() | one.model_dump(exclude={"design"}) for one in found if one is not None]
