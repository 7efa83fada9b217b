"""Relative agreement: how far models' lists agree with clinicians' lists, beside clinicians' with one another."""

from __future__ import annotations

import streamlit as st

from streamlit_app.catalogue import in_words, say
from streamlit_app.pages.exhibit import exhibit, number
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from streamlit_app.pages.finding import Look, about, flat, look_of, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.relative import Relative, RelativeAgreement

RATIOS = ("rpad", "rrad")


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Both ratios of every model."""
    found = subject(desk, status, RelativeAgreement, "relative")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: RelativeAgreement, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    st.markdown(f"**{say('relative_heading')}**")
    if shown(found):
        _ratios(found, look)
    about(found)


def _ratios(found: RelativeAgreement, look: Look) -> None:
    items = [
        Dot(f"{one.model}, {ratio.upper()}", "model", value)
        for one in found.models
        for ratio, value in zip(RATIOS, (one.rpad, one.rrad), strict=True)
    ]
    frame = Frame(say("relative_title"), say("relative_subtitle"), look.marks, look.ink)
    exhibit(
        f"{look.slug}-relative-agreement",
        dots(items, frame, say("relative_axis"), 1.0, 1.0),
        say("relative_alt"),
        say("relative_caption"),
        [say("relative_model"), *(say(f"relative_{name}") for name in ("cases", "precision", "recall", *RATIOS))],
        [_row(one) for one in found.models],
        lambda: [
            one.model_dump(exclude=set(RATIOS)) | flat("rpad", one.rpad) | flat("rrad", one.rrad)
            for one in found.models
        ],
        words=say("relative_words", experts=number(found.expert_precision, 1, 100)),
    )


def _row(one: Relative) -> list[str]:
    shares = [number(share, 1, 100) for share in (one.precision, one.recall)]
    return [
        one.model,
        str(one.cases),
        *shares,
        *(told(value) if value.ci else _why(in_words(value.why)) for value in (one.rpad, one.rrad)),
    ]


def _why(why: str) -> str:
    return f"– ({why})"
