"""The grader's page: lines without author, shuffled, one case at a time, each with the levels of the scale."""

from __future__ import annotations

from itertools import groupby
from typing import Any

import streamlit as st

from scoring.grades import Scale
from streamlit_app import session
from streamlit_app.catalogue import say
from streamlit_app.pages.staff import choose_study
from streamlit_app.pages.tables import plain, table
from study.database import Refused
from study.desk import GraderDesk, GradingQueue
from study.grading import GUESSES, QueueLine, waiting
from study.plan import asks_source
from study.results import planned_scale

LOCKED = "RS423"


def page(me: dict[str, Any]) -> None:
    """The queue of the study chosen."""
    st.title(say("grading_title"), anchor=False)
    status = choose_study(me, "grader")
    study, slug = status.study, status.slug
    desk, scale = GraderDesk(session.wire()), planned_scale(status.protocol)
    try:
        queue = desk.queue(study)
    except Refused as fault:
        if fault.code != LOCKED:
            raise
        st.info(str(fault))
        return
    everything, open_lines = waiting(queue, slug, scale, regrade=True), waiting(queue, slug, scale)
    done = len(everything) - len(open_lines)
    st.write(say("grading_words"))
    st.progress(done / len(everything) if everything else 1.0, text=say("grading_progress", n=done, of=len(everything)))
    _anchors(scale)
    if not open_lines:
        st.success(say("grading_done"), icon=":material/check_circle:")
        return
    _case(desk, study, queue, scale, open_lines, asks_source(status.protocol))


def _anchors(scale: Scale) -> None:
    with st.expander(say("grading_scale", title=scale.title), expanded=True):
        headers = [say("grade"), say("grade_means")]
        rows = [(level.grade, level.anchor) for level in scale.levels]
        table(scale.subtype[:1].upper() + scale.subtype[1:], headers, rows, wide=(1,))


def _case(desk: GraderDesk, study: str, queue: GradingQueue, scale: Scale, lines: list[QueueLine], guess: bool) -> None:
    """The first case that waits; what is left blank stays in the queue. With ``guess`` also who wrote each line."""
    case, group = next((key, list(found)) for key, found in groupby(lines, key=lambda line: line.case))
    diagnosis = queue.cases[case]
    with st.form(f"grade-{study}-{case}-{len(group)}"):
        st.caption(say("grading_truth"))
        st.subheader(plain(diagnosis["name"]), anchor=False)
        if diagnosis.get("synonyms"):
            st.caption(say("grading_synonyms", names=plain(", ".join(diagnosis["synonyms"]))))
        chosen = {line.id: (_radio(line, scale), _guess(line) if guess else None) for line in group}
        sent = st.form_submit_button(say("grading_save"), type="primary")
    if not sent:
        return
    given = [
        {"case": line.case, "line": line.line, "scale": scale.id, "version": scale.version, "grade": grade}
        | ({"guess": said} if said else {})
        for line in group
        for grade, said in (chosen[line.id],)
        if grade is not None
    ]
    alone = [line.line for line in group if chosen[line.id][1] and chosen[line.id][0] is None]
    if alone or not given:
        st.error(say("grading_guess_alone", lines=plain("; ".join(alone))) if alone else say("grading_none"))
        return
    desk.save(study, given)
    st.rerun()


def _radio(line: QueueLine, scale: Scale) -> int | None:
    words, grades = st.columns([3, 2], vertical_alignment="center")
    words.markdown(plain(line.line))
    return grades.radio(
        line.line, scale.grades, index=None, horizontal=True, key=f"grade-{line.id}", label_visibility="collapsed"
    )


def _guess(line: QueueLine) -> str | None:
    """Who wrote the line, which may be left open; it changes no grade."""
    words, guesses = st.columns([3, 2], vertical_alignment="center")
    words.caption(say("grading_guess"))
    return guesses.radio(
        f"{say('grading_guess')} {line.line}",
        GUESSES,
        index=None,
        format_func=lambda guess: say(f"guess_{guess}"),
        horizontal=True,
        key=f"guess-{line.id}",
        label_visibility="collapsed",
    )
