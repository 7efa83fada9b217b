"""Tests: whether models are not worse than humans by the planned margin, and p values corrected by their family."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from streamlit_app.catalogue import in_words, say
from streamlit_app.pages import analyst_joint, analyst_mixed
from streamlit_app.pages.exhibit import exhibit, interval, number, p_value
from streamlit_app.pages.figures import dressed
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from streamlit_app.pages.finding import Look, about, flat, look_of, named, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.multiplicity import Family, Multiplicity, Test
from study.findings.noninferiority import Compared, NonInferiority

ALPHA = 0.05
SMALLEST = 1e-6
"""Where the axis of p values ends; smaller ones stand at its end."""


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Non-inferiority, the corrected p values, max-T over all contrasts, and the mixed models."""
    look, primary = look_of(desk, status), ((status.protocol or {}).get("plan") or {}).get("primary")
    margins = subject(desk, status, NonInferiority, "noninferiority")
    if margins is not None:
        show_margin(margins, look, str(primary))
    corrected = subject(desk, status, Multiplicity, "multiplicity")
    if corrected is not None:
        show_corrected(corrected, look)
    analyst_joint.section(desk, status)
    analyst_mixed.section(desk, status)


def show_margin(found: NonInferiority, look: Look, primary: str) -> None:
    """Each planned outcome against the margin; without a margin in the plan the reason alone."""
    st.markdown(f"**{say('margin_heading')}**")
    if shown(found):
        outcomes = list(dict.fromkeys(one.outcome for one in found.compared))
        chosen = st.selectbox(
            say("contrast_measure"),
            outcomes,
            format_func=lambda name: named("outcome", name),
            key="margin-outcome",
            width=420,
        )
        _margin([one for one in found.compared if one.outcome == chosen], chosen, chosen == primary, look)
    about(found)


def _margin(own: list[Compared], outcome: str, primary: bool, look: Look) -> None:
    margin = own[0].margin
    items = [Dot(one.model or say("margin_all"), "model", one.difference) for one in own]
    title = say("margin_title", outcome=named("outcome", outcome))
    figure = dots(items, Frame(title, say("margin_subtitle"), look.marks, look.ink), say("margin_axis"), 100, 0.0)
    if figure is not None:
        figure.add_vline(-100 * margin, line={"color": look.ink.human, "width": 2, "dash": "dash"})
    names = ("who", "difference", "n", "t", "df", "p", "lower", "shown", "standing")
    exhibit(
        f"{look.slug}-margin-{outcome}",
        figure,
        say("margin_alt"),
        say("margin_caption", margin=number(margin, 1, 100)),
        [say(f"margin_{name}") for name in names],
        [_compared(one, primary) for one in own],
        lambda: [one.model_dump(exclude={"difference"}) | flat("difference", one.difference) for one in own],
        numbers=range(1, 7),
        whole=(0,),
        words=say("margin_words"),
    )


def _compared(one: Compared, primary: bool) -> list[str]:
    verdict = {
        True: say("margin_yes"),
        False: say("margin_no"),
        None: in_words(one.difference.why) or say("margin_unknown"),
    }
    standing = say("tests_confirmatory" if primary and one.model is None else "tests_exploratory")
    return [
        one.model or say("margin_all"),
        told(one.difference, 1, 100, sign=True),
        str(one.difference.n),
        number(one.t),
        number(one.difference.df, 1),
        p_value(one.p),
        number(one.lower, 1, 100, sign=True),
        verdict[one.shown],
        standing,
    ]


def show_corrected(found: Multiplicity, look: Look) -> None:
    """A figure and a table a family, the planned one first."""
    st.markdown(f"**{say('corrected_heading')}**")
    if shown(found):
        for family in found.families:
            _family(family, look)
    about(found)


def _family(family: Family, look: Look) -> None:
    title = f"{named('family', family.name)}: {named('correction', family.correction)}"
    standing = say(f"tests_{family.status}")
    exhibit(
        f"{look.slug}-tests-{family.name.replace(' ', '-')}",
        _p_values(family, title, f"{standing}, n = {len(family.tests)}", look),
        say("corrected_alt"),
        f"{title} ({standing})",
        [say(f"corrected_{name}") for name in ("test", "raw", "p", "interval", "n", "below")],
        [_test(one) for one in family.tests],
        lambda: [_record(family, one) for one in family.tests],
        numbers=range(1, 5),
        words=say(f"corrected_words_{'max-t' if family.correction == 'max-t' else family.status}"),
    )


def _p_values(family: Family, title: str, words: str, look: Look) -> go.Figure:
    figure, ink = go.Figure(), look.ink
    labels = [name_of(one.name) for one in family.tests]
    for name, symbol, size in (("p", "circle-open", 9), ("corrected", "diamond", 10)):
        figure.add_scatter(
            x=[max(getattr(one, name), SMALLEST) for one in family.tests],
            y=labels,
            mode="markers",
            name="p" if name == "p" else say("corrected_p"),
            marker={"color": ink.text if name == "p" else ink.model, "size": size, "symbol": symbol},
            customdata=[p_value(getattr(one, name)) for one in family.tests],
            hovertemplate="%{y}: %{customdata}<extra></extra>",
        )
    if figure is not None:
        figure.add_vline(ALPHA, line={"color": ink.zero, "width": 1, "dash": "dot"})
    made = dressed(figure, len(labels), title, f"{words}. {say('corrected_subtitle')}", look.marks, ink, True)
    made.update_yaxes(categoryorder="array", categoryarray=labels[::-1])
    return made.update_xaxes(
        type="log",
        range=[-6.2, 0.1],
        title_text=say("corrected_axis"),
        tickvals=[1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05, 0.2, 1],
        ticktext=["≤ 10⁻⁶", "10⁻⁵", ".0001", ".001", ".01", ".05", ".2", "1"],
    )


def _test(one: Test) -> list[str]:
    below = say("corrected_yes" if one.corrected < ALPHA else "corrected_no")
    n = "–" if one.n is None else str(one.n)
    return [name_of(one.name), p_value(one.p), p_value(one.corrected), interval(one.interval, 1, 100), n, below]


def _record(family: Family, one: Test) -> dict[str, Any]:
    low, high = one.interval or (None, None)
    plain = {"family": family.name, "status": family.status, "correction": family.correction}
    return plain | one.model_dump(exclude={"interval"}) | {"interval_low": low, "interval_high": high}


def name_of(test: str) -> str:
    """A test's name in words: an outcome, a measure, a model, or a subgroup with its levels."""
    by, colon, levels = test.partition(": ")
    if colon and named("division", by) != by:
        first = levels.split(", ")[0]  # A type of evidence stands against its absence.
        level = named("type", first) if by == "evidence-type" else named("corrected", levels)
        return f"{named('division', by)}: {level}"
    return named("outcome", test) if named("outcome", test) != test else named("measure", test)
