"""Lists: how long each group writes them, and what is left of the differences once models' lists are cut to humans'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from streamlit_app.catalogue import in_words, say
from streamlit_app.pages.exhibit import exhibit, number, p_value
from streamlit_app.pages.figures import dressed
from streamlit_app.pages.figures_findings import ROWS, Dot, Frame, dots
from streamlit_app.pages.finding import Look, about, flat, look_of, named, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.lists import Cut, Length, Lists


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Lengths, then the sensitivity of the differences to them."""
    found = subject(desk, status, Lists, "lists")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: Lists, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    if shown(found):
        _lengths(found.lengths, look)
        if found.cuts:
            _cuts(found.cuts, look)
        else:
            st.info(say("beside_one_group"))
    about(found)


def _lengths(lengths: Sequence[Length], look: Look) -> None:
    wholes = [one for one in lengths if one.reader is None]
    ordered = [*wholes, *(one for one in lengths if one.reader is not None)]
    names = ("written", "counted", "median")
    exhibit(
        f"{look.slug}-lists",
        _shares(wholes, look),
        say("lists_alt"),
        say("lists_caption"),
        [say("people_who"), say("agreement_group"), "n", *(say(f"lists_{name}") for name in names)],
        [_length(one) for one in ordered],
        lambda: [_record(one) for one in ordered],
        numbers=range(2, 6),
        whole=range(len(wholes)),
        words=say("lists_words"),
    )


def _shares(wholes: Sequence[Length], look: Look) -> go.Figure:
    """Bars of the share of a group's lists with so many lines that count."""
    figure = go.Figure()
    for one in wholes:
        figure.add_bar(
            x=list(one.counts),
            y=[100 * n / one.n for n in one.counts.values()],
            name=f"{say(f'kind_{one.group}')}  n={one.n}",
            marker={"color": look.ink.of(one.group)},
            customdata=list(one.counts.values()),
            hovertemplate="%{x}: %{y:.1f} %<br>%{customdata}<extra></extra>",
        )
    made = dressed(figure, ROWS, say("lists_title"), say("lists_subtitle"), look.marks, look.ink, True)
    made.update_xaxes(title_text=say("lists_axis"), dtick=1)
    made.update_yaxes(title_text=say("lists_share"), title_font={"color": look.ink.text})
    return made


def _length(one: Length) -> list[str]:
    values = (number(one.written), number(one.counted), number(one.median, 1))
    return [one.reader or say("lists_all"), say(f"kind_{one.group}"), str(one.n), *values]


def _record(one: Length) -> dict[str, Any]:
    return one.model_dump(exclude={"counts"}) | {f"lists_of_{lines}": n for lines, n in one.counts.items()}


def _cuts(found: Sequence[Cut], look: Look) -> None:
    cuts = sorted(found, key=lambda one: one.measure)  # Stable: within a measure from as written to one line.
    items = [Dot(f"{say(f'measure_{one.measure}')}, {named('cut', one.to)}", "", one.difference) for one in cuts]
    frame = Frame(say("cuts_title"), say("intervals_both"), look.marks, look.ink)
    exhibit(
        f"{look.slug}-lists-cut",
        dots(items, frame, say("cuts_axis"), 100, 0.0),
        say("cuts_alt"),
        say("cuts_caption"),
        [
            say("contrast_measure"),
            say("cuts_to"),
            say("subgroups_human"),
            say("subgroups_model"),
            say("subgroups_difference"),
            "n",
            "p",
        ],
        [_cut(one) for one in cuts],
        lambda: [
            {"measure": one.measure, "models_cut_to": one.to}
            | flat("human", one.human)
            | flat("model", one.model)
            | flat("difference", one.difference)
            for one in cuts
        ],
        numbers=range(2, 7),
        words=say("cuts_words"),
    )
    for why in dict.fromkeys(one.difference.why for one in cuts if one.difference.why):
        st.caption(f"{say('beside_no_difference')} {in_words(why)}{say('stop')}")


def _cut(one: Cut) -> list[str]:
    means = [told(value, 1, 100) for value in (one.human, one.model)]
    difference = one.difference
    about_it = [told(difference, 1, 100, sign=True), str(difference.n), p_value(difference.p)]
    return [say(f"measure_{one.measure}"), named("cut", one.to), *means, *about_it]
