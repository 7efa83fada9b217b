"""The desk of one study: where it stands, and what its coordinator may do next. Nothing here knows correctness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from streamlit_app.pages import coordinator_export, coordinator_matrix, coordinator_people
from streamlit_app.pages.staff import TOLD, attempt, badges, go, sections
from streamlit_app.pages.tables import plain
from study.bundle_report import WARNING_KINDS
from study.desk import AnalystDesk, CoordinatorDesk, StudyStatus

SECTIONS = ("overview", "people", "matrix", "export")
ACTS: Mapping[str, tuple[str, ...]] = {
    "draft": (),
    "open": ("pause", "close"),
    "paused": ("resume", "close"),
    "closed": ("unblind",),
    "unblinded": (),
}
ICONS = {"pause": "pause", "resume": "play_arrow", "close": "lock", "unblind": "visibility"}


def page(desk: CoordinatorDesk, study: str, me: dict[str, Any]) -> None:
    """The head of the desk, then the section chosen."""
    status = desk.status(study)
    _begin_results(status, me)
    if st.button(say("back_to_studies"), icon=":material/arrow_back:", type="tertiary", key="back-to-studies"):
        go(None)
    _head(status)
    told = st.session_state.pop(TOLD, None)
    if told:
        st.success(told, icon=":material/check_circle:")
    section = sections(SECTIONS, "section", f"section-{study}")
    if section == "people":
        coordinator_people.section(desk, status)
    elif section == "matrix":
        coordinator_matrix.section(desk, status)
    elif section == "export":
        coordinator_export.section(desk, status)
    else:
        _overview(desk, status)


def _begin_results(status: StudyStatus, me: dict[str, Any]) -> None:
    """Begun where an unblinded study is looked at, results are there when whoever may see them turns to them."""
    theirs = any(m["study"] == status.study and m["role"] == "analyst" for m in me["memberships"])
    if status.state == "unblinded" and theirs:
        from streamlit_app import analysing  # what it brings along is loaded for unblinded studies alone

        analysing.prepare(AnalystDesk(session.wire()), status)


def _head(status: StudyStatus) -> None:
    st.title(plain(status.title), anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        badges(status.state, status.synthetic)
        protocol = (status.protocol or {}).get("name") or say("protocol_own")
        st.caption(f"{plain(status.slug)} · {', '.join(status.languages)} · {say('protocol')} {plain(protocol)}")


def _overview(desk: CoordinatorDesk, status: StudyStatus) -> None:
    _counts(status)
    if status.state == "draft":
        _opening(desk, status)
    else:
        _life(desk, status)
    with st.container(border=True):
        st.markdown(f"**{say('frozen_title')}**")
        if status.frozen_hash:
            st.code(status.frozen_hash, language=None, wrap_lines=True)
        st.caption(say("frozen_words" if status.frozen_hash else "frozen_not_yet"))


def _counts(status: StudyStatus) -> None:
    done, total = status.readings.get("completed", 0), sum(status.readings.values())
    shown = (
        ("count_cases", str(status.cases), say("count_practice", n=status.practice_cases)),
        ("count_readers", str(sum(status.readers.values())), _states(status.readers, "member")),
        ("count_models", str(status.models), say("count_models_words")),
        ("count_readings", f"{done} / {total}", _states(status.readings, "cell")),
        ("count_places", str(sum(status.places.values())), _pools(status.places)),
    )
    with st.container(horizontal=True):
        for name, value, words in shown:
            with st.container(border=True, width=212, height="stretch"):
                st.metric(say(name), value)
                st.caption(words)


def _states(counts: Mapping[str, int], kind: str) -> str:
    return " · ".join(f"{n} {say(f'{kind}_{state}')}" for state, n in sorted(counts.items())) or say("none_yet")


def _pools(places: Mapping[str, int]) -> str:
    return " · ".join(f"{plain(pool)}: {n}" for pool, n in sorted(places.items())) or say("none_left")


def _opening(desk: CoordinatorDesk, status: StudyStatus) -> None:
    warnings: dict[str, int] = status.meta.get("warnings") or {}
    with st.container(border=True):
        st.subheader(say("open_title"), anchor=False)
        st.write(say("open_words"))
        if status.undeclared:
            st.error(say("open_missing", fields=status.undeclared), icon=":material/block:")
            return
        with st.form("open-study", border=False):
            reasons = {
                kind: st.text_input(
                    say("open_reason", kind=kind, n=n), help=WARNING_KINDS.get(kind), key=f"reason-{kind}"
                )
                for kind, n in warnings.items()
            }
            sure = st.checkbox(say("open_sure"))
            sent = st.form_submit_button(say("open_button"), type="primary", icon=":material/lock_open:")
        if sent:
            _open(desk, status, warnings, {kind: reason.strip() for kind, reason in reasons.items()}, sure)


def _open(
    desk: CoordinatorDesk, status: StudyStatus, warnings: dict[str, int], reasons: dict[str, str], sure: bool
) -> None:
    blank = [kind for kind, reason in reasons.items() if not reason]
    if blank:
        st.error(say("open_reasons_missing", kinds=", ".join(blank)))
    elif not sure:
        st.error(say("tick_first"))
    else:
        attempt(lambda: desk.open(status.study, warnings, reasons), say("told_open"))


def _life(desk: CoordinatorDesk, status: StudyStatus) -> None:
    acts = ACTS[status.state]
    with st.container(border=True):
        st.markdown(f"**{say('life_title')}**")
        st.caption(say(f"life_{status.state}"))
        with st.container(horizontal=True):
            for act in acts:
                with st.popover(say(f"act_{act}"), icon=f":material/{ICONS[act]}:", key=f"act-{act}"):
                    _act(desk, status, act)


def _act(desk: CoordinatorDesk, status: StudyStatus, act: str) -> None:
    with st.form(f"act-{act}-form", border=False):
        st.write(say(f"act_{act}_words"))
        reason = st.text_input(say("reason"), key=f"act-{act}-reason", autocomplete="off")
        sure = st.checkbox(say(f"act_{act}_sure"), key=f"act-{act}-sure")
        sent = st.form_submit_button(say(f"act_{act}"), type="primary")
    if not sent:
        return
    if not reason.strip():
        st.error(say("reason_missing"))
    elif not sure:
        st.error(say("tick_first"))
    else:
        attempt(lambda: getattr(desk, act)(status.study, reason.strip()), say(f"told_{act}"))
