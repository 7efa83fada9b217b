"""Agreement: of those who graded, judges and clinicians, and of readers in what they hit."""

from __future__ import annotations

import streamlit as st

from streamlit_app import analysing
from streamlit_app.catalogue import in_words, say
from streamlit_app.pages import analyst_judging, analyst_relative
from streamlit_app.pages.exhibit import exhibit
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from streamlit_app.pages.finding import Look, about, flat, look_of, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.agreement import Agreement, Panel

MAIN = ("gwet-ac1", "fleiss", "krippendorff-nominal", "krippendorff-ordinal")


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Coefficients of every panel, pairs of graders, those who graded in words; then models' lists beside humans'."""
    found = subject(desk, status, Agreement, "agreement")
    if found is not None:
        show(found, look_of(desk, status))
    gap = analysing.gap(status.study, analysing.version(desk, status), desk, status)
    analyst_judging.section(gap.agreement, status.slug)
    analyst_relative.section(desk, status)


def show(found: Agreement, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    if shown(found):
        _coefficients(found, look)
        _pairs(found, look)
        _guessed(found)
    about(found)


def _coefficients(found: Agreement, look: Look) -> None:
    parts = [(panel, one) for panel in found.panels for one in panel.coefficients]
    for panel in found.panels:
        if panel.why:
            st.caption(f"{name_of(panel)}: {in_words(panel.why)}{say('stop')}")
    if not parts:
        return
    items = [
        Dot(f"{name_of(panel)}, {say(f'coefficient_{one.name}')}", panel.of.split()[0], one.value)
        for panel, one in parts
        if one.name in MAIN
    ]
    frame = Frame(say("agreement_figure"), say("agreement_figure_words"), look.marks, look.ink)
    exhibit(
        f"{look.slug}-agreement",
        dots(items, frame, say("agreement_axis"), 1.0, 0.0),
        say("agreement_alt"),
        say("agreement_table"),
        [say("agreement_of"), say("agreement_raters"), say("agreement_coefficient"), "n", say("contrast_estimate_of")],
        [
            [name_of(panel), str(panel.raters), say(f"coefficient_{one.name}"), str(one.value.n), told(one.value)]
            for panel, one in parts
        ],
        lambda: [
            {"of": panel.of, "what": panel.what, "raters": panel.raters, "coefficient": one.name}
            | flat("value", one.value)
            for panel, one in parts
        ],
        numbers=(1, 3, 4),
        wide=(2,),
    )


def name_of(panel: Panel) -> str:
    """Who agrees on what."""
    what = say("agreement_grades") if panel.what == "grades of lines" else say(f"measure_{panel.what}")
    return f"{say('panel_' + panel.of.replace(' ', '_'))}: {what}"


def _pairs(found: Agreement, look: Look) -> None:
    if not found.pairs:
        return
    rows = [
        [
            say("pairs_" + one.kind.replace(" ", "_")),
            str(one.pairs),
            str(one.lines),
            told(one.linear),
            told(one.quadratic),
        ]
        for one in found.pairs
    ]
    exhibit(
        f"{look.slug}-agreement-pairs",
        None,
        "",
        say("pairs_caption"),
        [
            say("agreement_pair"),
            say("pairs_pairs"),
            say("agreement_lines"),
            say("agreement_linear"),
            say("agreement_quadratic"),
        ],
        rows,
        lambda: [
            {"kind": one.kind, "pairs": one.pairs, "lines": one.lines}
            | flat("linear", one.linear)
            | flat("quadratic", one.quadratic)
            for one in found.pairs
        ],
    )
    if found.ratio is not None:
        st.markdown(say("pairs_ratio", value=told(found.ratio)) if found.ratio.estimate else in_words(found.ratio.why))


def _guessed(found: Agreement) -> None:
    if found.guessed is not None and found.guessed.share.n:
        chance = "–" if found.guessed.chance is None else f"{100 * found.guessed.chance:.0f}"
        share = told(found.guessed.share, 1, 100)
        st.markdown(say("guessed_words", share=share, n=found.guessed.share.n, chance=chance))
