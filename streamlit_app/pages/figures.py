"""The analyst's figures as plotly figures. Each says what is seen, its n, and what its intervals are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from streamlit_app.catalogue import say
from study.gap import Gap, Score

Fdx = Literal["selection", "open"]
GROUPS = ("human", "model")
ROW = 30
HEAD, LINE, FOOT = 62, 17, 60


@dataclass(frozen=True)
class Ink:
    """Colours that are told apart in light and in dark, and by those who see red and green alike."""

    human: str
    model: str
    line: str
    zero: str
    text: str

    def of(self, group: str) -> str:
        """The colour of a group."""
        return self.human if group == "human" else self.model


LIGHT = Ink("#1f6f8b", "#c2571a", "rgba(90,100,110,.45)", "rgba(60,70,80,.55)", "#1f2933")
DARK = Ink("#5cb8d6", "#f0a25e", "rgba(180,190,200,.45)", "rgba(200,210,220,.6)", "#e6e9ec")


@dataclass(frozen=True)
class Entry:
    """One row of a figure: a group (``reader`` None) or a reader, with its label."""

    group: str
    reader: str | None
    label: str


def entries(gap: Gap, measure: str) -> list[Entry]:
    """The rows from top to bottom: each group, then its readers by the measure, largest first."""
    found: list[Entry] = []
    for group in GROUPS:
        whole = gap.of(measure, group)
        if whole is None:
            continue
        name = say(f"group_{group}", n=gap.readers[group])
        found.append(Entry(group, None, f"<b>{name}</b>  n={whole.n}"))
        own = [one for one in gap.scores if (one.measure, one.group) == (measure, group) and one.reader is not None]
        for one in sorted(own, key=lambda score: -(score.high if score.high is not None else -2.0)):
            found.append(Entry(group, one.reader, f"{one.reader}  n={one.n}"))
    return found


def gap_figure(gap: Gap, fdx: Fdx, dark: bool, marks: Sequence[str]) -> go.Figure:
    """On the left coverage and final diagnosis of every row; on the right the gap between them with its interval."""
    ink, rows = DARK if dark else LIGHT, entries(gap, f"{fdx}_gap")
    labels = [row.label for row in rows]
    figure = make_subplots(1, 2, shared_yaxes=True, column_widths=[0.56, 0.44], horizontal_spacing=0.05)
    for row in rows:
        _dumbbell(figure, gap, row, fdx, ink)
        _whisker(figure, gap.of(f"{fdx}_gap", row.group, row.reader), row, ink)
    _legend(figure, fdx, ink)
    figure.add_vline(0, col=2, line={"color": ink.zero, "width": 1, "dash": "dot"})
    figure.update_xaxes(range=[-3, 103], title=say("figure_percent"), ticksuffix=" %", col=1)
    figure.update_xaxes(title=say("figure_points"), tickformat="d", zeroline=False, col=2)
    figure.update_yaxes(categoryorder="array", categoryarray=labels[::-1], col=1)
    return dressed(
        figure, len(rows), say(f"figure_gap_{fdx}", threshold=gap.threshold), subtitle(gap), marks, ink, True
    )


def parts_figure(gap: Gap, fdx: Fdx, dark: bool, marks: Sequence[str]) -> go.Figure:
    """What the gap is made of: readings lost (covered, not hit) to the right, rescued (the reverse) to the left."""
    ink, rows = DARK if dark else LIGHT, entries(gap, f"{fdx}_gap")
    figure = go.Figure()
    for name, sign in (("lost", 1), ("rescued", -1)):
        measure = name if fdx == "selection" else f"open_{name}"
        scores = [gap.of(measure, row.group, row.reader) for row in rows]
        figure.add_bar(
            y=[row.label for row in rows],
            x=[sign * 100 * _middle(score) for score in scores],
            orientation="h",
            name=say(f"figure_{name}"),
            width=0.55,
            marker={"color": [tint(ink.of(row.group), 0.9 if sign > 0 else 0.4) for row in rows]},
            customdata=[_words(score) for score in scores],
            hovertemplate="%{y}<br>%{customdata}<extra></extra>",
            showlegend=False,
        )
    figure.add_vline(0, line={"color": ink.zero, "width": 1})
    figure.update_layout(barmode="relative")
    figure.update_xaxes(title=say("figure_parts_axis"), tickformat="d", zeroline=False)
    figure.update_yaxes(categoryorder="array", categoryarray=[row.label for row in rows][::-1])
    words = subtitle(gap, intervals=False)
    return dressed(figure, len(rows), say(f"figure_parts_{fdx}"), words, marks, ink, False)


def subtitle(gap: Gap, intervals: bool = True) -> str:
    """How many readings, cases and readers are behind the figure, and what its intervals are."""
    words = say("figure_n", readings=gap.readings, cases=gap.cases, scale=gap.scale, threshold=gap.threshold)
    return f"{words}<br>{say('figure_intervals', draws=gap.draws)}" if intervals else words


def _dumbbell(figure: go.Figure, gap: Gap, row: Entry, fdx: Fdx, ink: Ink) -> None:
    covered, hit = (gap.of(name, row.group, row.reader) for name in ("coverage", fdx))
    if covered is None or hit is None:
        return
    colour, size = ink.of(row.group), 14 if row.reader is None else 10
    ends = [100 * _middle(covered), 100 * _middle(hit)]
    figure.add_scatter(
        x=ends, y=[row.label] * 2, mode="lines", line={"color": ink.line, "width": 3}, **_silent(), row=1, col=1
    )
    for score, symbol in ((covered, "circle"), (hit, "diamond-open" if fdx == "selection" else "square-open")):
        if score.low != score.high:
            _bounds(figure, score, row.label, colour, 1)
            continue
        marker = {"color": colour, "size": size, "symbol": symbol, "line": {"width": 2, "color": colour}}
        figure.add_scatter(
            x=[100 * _middle(score)], y=[row.label], mode="markers", marker=marker, **_told(score), row=1, col=1
        )


def _whisker(figure: go.Figure, score: Score | None, row: Entry, ink: Ink) -> None:
    if score is None or score.low is None:
        return
    colour, whole = ink.of(row.group), row.reader is None
    if score.estimate is None:
        _bounds(figure, score, row.label, colour, 2)
        return
    error = None
    if score.interval is not None:
        low, high = (100 * side for side in score.interval)
        at = 100 * score.estimate
        error = {"type": "data", "symmetric": False, "array": [high - at], "arrayminus": [at - low]}
        error |= {"color": colour, "thickness": 3 if whole else 1.5, "width": 0}
    marker = {"color": colour, "size": 14 if whole else 9, "symbol": "diamond" if whole else "circle"}
    figure.add_scatter(
        x=[100 * score.estimate],
        y=[row.label],
        mode="markers",
        marker=marker,
        error_x=error,
        **_told(score),
        row=1,
        col=2,
    )


def _bounds(figure: go.Figure, score: Score, label: str, colour: str, column: int) -> None:
    """While lines wait for a grade: the range in which the value lies, and no point in it."""
    ends = [100 * (score.low or 0.0), 100 * (score.high or 0.0)]
    line = {"color": tint(colour, 0.35), "width": 9}
    figure.add_scatter(x=ends, y=[label] * 2, mode="lines", line=line, **_told(score), row=1, col=column)


def _legend(figure: go.Figure, fdx: Fdx, ink: Ink) -> None:
    for name, symbol in (("coverage", "circle"), (fdx, "diamond-open" if fdx == "selection" else "square-open")):
        marker = {"color": ink.text, "size": 10, "symbol": symbol, "line": {"width": 2, "color": ink.text}}
        figure.add_scatter(x=[None], y=[None], mode="markers", marker=marker, name=say(f"measure_{name}"), row=1, col=1)


def _told(score: Score) -> dict[str, Any]:
    return {"hovertemplate": f"{_words(score)}<extra></extra>", "showlegend": False}


def _silent() -> dict[str, Any]:
    return {"hoverinfo": "skip", "showlegend": False}


def _words(score: Score | None) -> str:
    if score is None or score.low is None or score.high is None:
        return say("no_value")
    name = f"<b>{say(f'measure_{score.measure}')}</b>: "
    counts = f"<br>n={score.n}, {say('missing')} {score.missing}, {say('failed')} {score.failed}"
    if score.estimate is None:
        return f"{name}{100 * score.low:.1f} … {100 * score.high:.1f} ({say('provisional')}){counts}"
    ends = f" [{100 * score.interval[0]:.1f}, {100 * score.interval[1]:.1f}]" if score.interval else ""
    return f"{name}{100 * score.estimate:.1f}{ends}{counts}"


def _middle(score: Score | None) -> float:
    if score is None or score.low is None or score.high is None:
        return float("nan")
    return (score.low + score.high) / 2


def tint(colour: str, strength: float) -> str:
    """The colour, letting so much through."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},{strength})"


def dressed(
    figure: go.Figure, rows: int, title: str, words: str, marks: Sequence[str], ink: Ink, legend: bool
) -> go.Figure:
    """Title, what is behind it, and the marks (synthetic, provisional) that travel with the figure wherever it goes."""
    stamp = f"<br><b>{' · '.join(marks)}</b>" if marks else ""
    lines = (words + stamp).count("<br>")
    head = HEAD + LINE * lines + (26 if legend else 0)
    figure.update_layout(
        title={
            "text": f"<b>{title}</b>",
            "subtitle": {"text": words + stamp, "font": {"size": 12.5, "color": ink.text}},
            "x": 0,
            "xref": "container",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 6, "l": 8},
        },
        height=head + FOOT + ROW * max(rows, 3),
        margin={"l": 8, "r": 12, "t": head, "b": FOOT},
        legend={"orientation": "h", "y": 1.0, "yanchor": "bottom", "x": 0, "font": {"color": ink.text}},
        font={"color": ink.text, "size": 13},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hoverlabel={"align": "left"},
    )
    figure.update_yaxes(automargin=True, showgrid=True, gridcolor=tint("#808890", 0.16), tickfont={"color": ink.text})
    figure.update_xaxes(showgrid=True, gridcolor=tint("#808890", 0.16), tickfont={"color": ink.text})
    figure.update_xaxes(title_font={"color": ink.text})
    return figure
