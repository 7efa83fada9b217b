"""The scatter of Evidence Sensitivity: a point a case, S of the image against S of the expert finding."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from streamlit_app.catalogue import say
from streamlit_app.pages.figures import Ink, dressed
from study.evidence_use import ModelUse, TypeUse

ROWS = 15
COLOURS = {
    "light": ("#1f6f8b", "#c2571a", "#5b3f8c", "#2f7d4f", "#8a2f4b", "#5a6470"),
    "dark": ("#5cb8d6", "#f0a25e", "#b79ce6", "#7fd0a0", "#ee90ad", "#c3ccd4"),
}
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "cross")


def scatter(model: ModelUse, types: Sequence[TypeUse], ink: Ink, dark: bool, marks: Sequence[str]) -> go.Figure:
    """Below the line of identity the finding moves the model more than the image does."""
    figure = go.Figure()
    colours, most = COLOURS["dark" if dark else "light"], 0.05
    for place, one in enumerate(types):
        pairs = [(case.case, case.s_text, case.s_image) for case in one.cases]
        full = [(case, text, image) for case, text, image in pairs if text is not None and image is not None]
        most = max([most, *(value for _, *both in full for value in both)])
        figure.add_scatter(
            x=[text for _, text, _ in full],
            y=[image for *_, image in full],
            mode="markers",
            name=f"{say(f'type_{one.type}')}  n={len(full)}",
            marker={"color": colours[place % len(colours)], "symbol": SYMBOLS[place % len(SYMBOLS)], "opacity": 0.75},
            customdata=[case for case, *_ in full],
            hovertemplate="%{customdata}<br>%{x:.3f}, %{y:.3f}<extra></extra>",
        )
    ends, line = [0, 1.05 * most], {"color": ink.zero, "width": 1.5, "dash": "dash"}
    figure.add_scatter(x=ends, y=ends, mode="lines", line=line, hoverinfo="skip", name=say("sensitivity_identity"))
    cases = len({case.case for one in types for case in one.cases})
    words = say("sensitivity_n", cases=cases, estimator=say(f"estimator_{model.estimator}"), fewest=model.fewest)
    made = dressed(figure, ROWS, say("sensitivity_title", model=model.model), words, marks, ink, True)
    made.update_xaxes(title_text=say("sensitivity_text"), range=[-0.02 * most, 1.05 * most])
    made.update_yaxes(
        title_text=say("sensitivity_image"), range=[-0.02 * most, 1.05 * most], title_font={"color": ink.text}
    )
    return made
