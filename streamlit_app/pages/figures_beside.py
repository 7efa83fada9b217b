"""Humans beside models in one measure: every reader and model in one order, each with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from streamlit_app.catalogue import say
from streamlit_app.pages.figures import GROUPS, Ink, dressed, subtitle, tint
from study.gap import Gap, Score

RAW = {"brier_first", "brier_open", "brier_selection", "log_time_final", "reciprocal_rank"}
"""Not in per cent."""
GIVEN = {"confidence_first", "confidence_open", "confidence_selection"}
"""In per cent as it stands."""
LOWER_IS_BETTER = {"brier_first", "brier_open", "brier_selection", "log_time_final", "lost", "open_lost"}


def factor(measure: str) -> float:
    """What a score is multiplied by to be shown."""
    return 1.0 if measure in RAW | GIVEN else 100.0


def places(measure: str) -> int:
    """How many decimal places it is shown with."""
    return 3 if measure in RAW else 1


def ranked(gap: Gap, measure: str) -> list[Score]:
    """Every reader and model by the measure, best first; those without a value are not among them."""
    own = [one for one in gap.scores if one.measure == measure and one.reader is not None and one.low is not None]
    upwards = measure in LOWER_IS_BETTER
    return sorted(own, key=lambda one: middle(one) if upwards else -middle(one))


def beside_figure(gap: Gap, measure: str, ink: Ink, marks: Sequence[str]) -> go.Figure:
    """A row a reader or model; the groups' means as lines with their intervals as bands."""
    shown, times = ranked(gap, measure), factor(measure)
    figure = go.Figure()
    labels = [f"{one.reader}  n={one.n}" for one in shown]
    for group in GROUPS:
        _band(figure, gap.of(measure, group), ink.of(group), times)
        own = [(label, one) for label, one in zip(labels, shown, strict=True) if one.group == group]
        figure.add_scatter(
            x=[times * middle(one) for _, one in own],
            y=[label for label, _ in own],
            mode="markers",
            name=say(f"group_{group}", n=gap.readers.get(group, 0)),
            marker={"color": ink.of(group), "size": 9, "symbol": "circle" if group == "human" else "diamond"},
            error_x=_errors([one for _, one in own], times, ink.of(group)),
            customdata=[f"n={one.n}, {say('missing')} {one.missing}, {say('failed')} {one.failed}" for _, one in own],
            hovertemplate="%{y}: %{x:.3~f}<br>%{customdata}<extra></extra>",
        )
    made = dressed(figure, len(shown), say(f"measure_{measure}"), subtitle(gap), marks, ink, True)
    made.update_yaxes(categoryorder="array", categoryarray=labels[::-1])
    return made.update_xaxes(title_text=say("beside_axis" if measure not in RAW else "beside_axis_raw"), zeroline=False)


def middle(score: Score) -> float:
    """The estimate, or the middle of the bounds while lines wait for a grade."""
    return ((score.low or 0.0) + (score.high or 0.0)) / 2


def _band(figure: go.Figure, score: Score | None, colour: str, times: float) -> None:
    if score is None or score.low is None:
        return
    low, high = score.interval or (score.low, score.high or score.low)
    if low < high:
        figure.add_vrect(times * low, times * high, fillcolor=tint(colour, 0.12), line_width=0, layer="below")
    figure.add_vline(times * middle(score), line={"color": tint(colour, 0.8), "width": 1.5, "dash": "dash"})


def _errors(scores: Sequence[Score], times: float, colour: str) -> dict[str, object]:
    ends = [one.interval or (one.low or 0.0, one.high or 0.0) for one in scores]
    above = [times * max(high - middle(one), 0.0) for one, (_, high) in zip(scores, ends, strict=True)]
    below = [times * max(middle(one) - low, 0.0) for one, (low, _) in zip(scores, ends, strict=True)]
    return {
        "type": "data",
        "symmetric": False,
        "array": above,
        "arrayminus": below,
        "color": tint(colour, 0.55),
        "thickness": 1.5,
        "width": 0,
    }
