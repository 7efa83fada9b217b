"""After a reading: that it is locked and, where the protocol allows it, what the case was and how models answered."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from streamlit_app import address
from streamlit_app.catalogue import say
from streamlit_app.pages import side
from streamlit_app.pages.readings import DONE, offer_break
from study.case import Diagnosis
from study.database import Refused
from study.desk import Feedback, Home, Page, ReaderDesk
from study.feedback import Outcome, outcome


def page(reader: ReaderDesk, home: Home, now: Page) -> None:
    """Draw the end of a reading and the way on."""
    st.success(say("skipped" if now.state == "skipped" else "completed"), icon=":material/lock:")
    upcoming = next((row for row in home.readings if row.state not in DONE), None)
    offer_break(home)
    with st.container(key="next", horizontal=True):
        if upcoming and st.button(say("next_case"), type="primary", key="next-case"):
            address.go(upcoming.reading)
        if st.button(say("back_to_readings"), key="back-to-readings"):
            address.go(None)
        if home.study.state == "open":
            side.flag(reader, home, now)
    try:
        told = reader.feedback(now.reading)
    except Refused:
        return
    _feedback(told)


def _feedback(told: Feedback) -> None:
    if told.watermark:
        st.warning(say("feedback_watermark"), icon=":material/science:")
    diagnosis = Diagnosis.model_validate(told.diagnosis)
    with st.container(border=True):
        st.caption(say("feedback_truth"))
        st.subheader(diagnosis.name, anchor=False)
    own = outcome(say("feedback_you"), [(a.kind, a.answer) for a in told.own], told.options, diagnosis)
    models = [
        outcome(
            m["name"],
            [(a["kind"], a["answer"]) for a in m["answers"]],
            _with_truth(m["options"], told.options),
            diagnosis,
        )
        for m in told.models
    ]
    for column, one in zip(st.columns(1 + len(models)), [own, *models], strict=True):
        with column.container(border=True, height="stretch"):
            _one(one)
    st.caption(say("feedback_n"))
    _ruled_out(told.options)


def _with_truth(
    options: Iterable[Mapping[str, Any]] | None, known: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """A model saw the options under labels of its own: the truth is carried over by their text."""
    right = {option["text"] for option in known if option["right"]}
    return [{**option, "right": option["text"] in right} for option in options or ()]


def _one(one: Outcome) -> None:
    st.markdown(f"**{one.name}**")
    st.caption(say("feedback_ddx"))
    for rank, line in enumerate(one.lines, 1):
        mark = (
            ":green[:material/check:]"
            if line.grade == 5
            else ":gray[:material/hourglass_empty:]"
            if line.grade is None
            else ""
        )
        st.markdown(f"{rank}. {_escaped(line.text)} {mark}")
    if not one.lines:
        st.text(say("no_diagnosis"))
    st.caption(say("feedback_open"))
    st.text(one.open.text if one.open and one.open.text else say("no_diagnosis"))
    st.caption(say("feedback_selection"))
    if one.chosen is not None:
        icon = ":green[:material/check:]" if one.right else ":red[:material/close:]"
        st.markdown(f"{_escaped(one.chosen)} {icon}")
    st.caption(say("feedback_gap"))
    st.markdown(f"**{_gap(one)}**")


def _gap(one: Outcome) -> str:
    covered = say("feedback_covered" if one.covered else "feedback_missed")
    right = say("feedback_right" if one.right else "feedback_wrong")
    points = 100 * (int(one.covered) - int(bool(one.right)))
    return say("feedback_points", points=f"{points:+d}" if points else "0", covered=covered, right=right)


def _ruled_out(options: Sequence[Mapping[str, Any]]) -> None:
    reasons = [option for option in options if not option["right"] and option.get("reason")]
    if reasons:
        with st.expander(say("feedback_why_not")):
            for option in reasons:
                st.markdown(f"**{_escaped(option['text'])}**: {_escaped(option['reason'])}")


def _escaped(text: str) -> str:
    for mark in "\\`*_{}[]<>#|~$:":
        text = text.replace(mark, f"\\{mark}")
    return text
