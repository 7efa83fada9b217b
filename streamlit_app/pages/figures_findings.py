"""Figures that several findings share: values with their intervals, one a row, and lines over a course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from streamlit_app.catalogue import say
from streamlit_app.pages.figures import GROUPS, Ink, dressed
from study.findings import Value

SYMBOLS = {"human": "circle", "model": "diamond"}
ROWS = 11


@dataclass(frozen=True)
class Frame:
    """What stands around a figure: title, words below it, marks, colours."""

    title: str
    words: str
    marks: Sequence[str]
    ink: Ink


@dataclass(frozen=True)
class Dot:
    """One row: a label, whose it is (human, model, or neither), and the value."""

    label: str
    group: str
    value: Value


@dataclass(frozen=True)
class Point:
    """One point of a line: where, how high, over how many, and its interval where there is one."""

    x: float
    y: float
    n: int
    ci: tuple[float, float] | None = None


def dots(
    items: Sequence[Dot], frame: Frame, axis: str, factor: float = 1.0, zero: float | None = None
) -> go.Figure | None:
    """A row an item, in the order given; rows without a value stay empty, and without any value there is no figure.

    ``zero`` draws a line there.
    """
    if all(one.value.estimate is None for one in items):
        return None
    figure, ink = go.Figure(), frame.ink
    labels = [f"{one.label}  n={one.value.n}" for one in items]
    for group in dict.fromkeys(one.group for one in items):
        own = [(label, one.value) for label, one in zip(labels, items, strict=True) if one.group == group]
        there = [(label, value, value.estimate) for label, value in own if value.estimate is not None]
        colour = ink.of(group) if group in GROUPS else ink.text
        ends = [value.ci or (at, at) for _, value, at in there]
        figure.add_scatter(
            x=[factor * at for *_, at in there],
            y=[label for label, *_ in there],
            mode="markers",
            name=say(f"kind_{group}") if group in GROUPS else group,
            showlegend=group in GROUPS,
            marker={"color": colour, "size": 10, "symbol": SYMBOLS.get(group, "circle")},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [factor * (high - at) for (_, high), (*_, at) in zip(ends, there, strict=True)],
                "arrayminus": [factor * (at - low) for (low, _), (*_, at) in zip(ends, there, strict=True)],
                "color": colour,
                "thickness": 2,
                "width": 0,
            },
            hovertemplate="%{y}: %{x:.3~f}<extra></extra>",
        )
    if zero is not None:
        figure.add_vline(factor * zero, line={"color": ink.zero, "width": 1, "dash": "dot"})
    made = dressed(figure, len(items), frame.title, frame.words, frame.marks, ink, True)
    made.update_yaxes(categoryorder="array", categoryarray=labels[::-1])
    return made.update_xaxes(title_text=axis, zeroline=False)


def lines(
    series: dict[str, Sequence[Point]], frame: Frame, axes: tuple[str, str], factor: float = 1.0, whole: bool = True
) -> go.Figure:
    """A line a group over its points; ``whole`` counts x in whole numbers and the height from 0."""
    figure, ink = go.Figure(), frame.ink
    for group, points in series.items():
        errors = None
        if any(point.ci for point in points):
            ends = [point.ci or (point.y, point.y) for point in points]
            errors = {
                "type": "data",
                "symmetric": False,
                "array": [factor * (high - point.y) for (_, high), point in zip(ends, points, strict=True)],
                "arrayminus": [factor * (point.y - low) for (low, _), point in zip(ends, points, strict=True)],
                "color": ink.of(group),
                "thickness": 1.5,
                "width": 0,
            }
        figure.add_scatter(
            x=[point.x for point in points],
            y=[factor * point.y for point in points],
            error_y=errors,
            mode="lines+markers",
            name=say(f"kind_{group}"),
            line={"color": ink.of(group), "width": 2.2},
            marker={"size": 9, "symbol": SYMBOLS.get(group, "circle")},
            customdata=[point.n for point in points],
            hovertemplate="%{x:.3~f}, %{y:.3~f}<br>n=%{customdata}<extra></extra>",
        )
    made = dressed(figure, ROWS, frame.title, frame.words, frame.marks, ink, True)
    made.update_xaxes(title_text=axes[0], dtick=1 if whole and all(len(own) < 20 for own in series.values()) else None)
    made.update_yaxes(title_text=axes[1], title_font={"color": ink.text}, rangemode="tozero" if whole else "normal")
    return made
