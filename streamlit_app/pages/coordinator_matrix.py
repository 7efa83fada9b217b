"""Readers by cases: how far each reading is. One HTML table, whatever its size; no correctness in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from html import escape

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.staff import attempt
from streamlit_app.pages.tables import scroll
from study.desk import CoordinatorDesk, Matrix, StudyStatus
from study.desk.staff import Cell, MatrixReader

QUIET_DAYS = 3
STATES = ("completed", "reading", "quiet", "paused", "assigned", "skipped", "withdrawn", "excluded", "technical")
SIGNS = {"completed": "✓", "skipped": "S", "withdrawn": "W", "excluded": "X", "technical": "T", "assigned": "·"}
FINISHED = ("completed", "skipped", "technical")
STYLE = """<style>
.rs-matrix { border-collapse: separate; border-spacing: 2px; font-size: .78rem; font-variant-numeric: tabular-nums; }
.rs-matrix th { font-weight: 500; text-align: start; white-space: nowrap; padding: 0 .6rem 0 0; }
.rs-matrix thead th.k { writing-mode: vertical-rl; transform: rotate(180deg); padding: .3rem 0; max-height: 11rem;
    overflow: hidden; text-overflow: ellipsis; }
.rs-matrix tbody th { position: sticky; inset-inline-start: 0; }
.rs-matrix td { min-width: 1.9rem; height: 1.7rem; text-align: center; border-radius: 4px; padding: 0 .15rem;
    background: rgba(128,128,128,.10); }
.rs-matrix td.n { background: none; text-align: end; padding-inline-end: .7rem; white-space: nowrap; }
.rs-matrix .completed { background: rgba(46,160,67,.30); }
.rs-matrix .reading { background: rgba(56,139,253,.28); }
.rs-matrix .quiet { background: rgba(219,142,26,.36); font-weight: 650; }
.rs-matrix .paused { background: rgba(137,87,229,.26); }
.rs-matrix .skipped, .rs-matrix .technical { background: rgba(219,109,40,.20); }
.rs-matrix .withdrawn, .rs-matrix .excluded { background: rgba(128,128,128,.28); }
.rs-matrix .none { background: none; }
.rs-key { display: flex; flex-wrap: wrap; gap: .35rem 1.1rem; font-size: .85rem; margin-bottom: .8rem; }
.rs-key span { display: inline-flex; align-items: center; gap: .4rem; }
.rs-key b { display: inline-block; min-width: 1.9rem; padding: .1rem .2rem; text-align: center; border-radius: 4px;
    font-weight: 500; }
</style>"""


def section(desk: CoordinatorDesk, status: StudyStatus) -> None:
    """The matrix with its filters, and the reopening of a finished reading."""
    matrix = desk.matrix(status.study)
    names, shown_states, kinds = _filters()
    readers = [one for one in matrix.readers if _wanted(one, names, shown_states, kinds, status.now)]
    cases = [case.key for case in matrix.cases]
    if not matrix.readers:
        st.info(say("matrix_empty"))
        return
    counted = say("matrix_caption", n=len(readers), of=len(matrix.readers), cases=len(cases))
    st.caption(counted)
    scroll(say("section_matrix"), _key() + _html(matrix, readers, status.now, counted), STYLE)
    if status.state in ("open", "paused"):
        _reopen(desk, status.study, matrix)


def state_of(cell: Cell, now: datetime) -> str:
    """The state that is shown: a reading begun and not touched for some days is quiet."""
    if cell.state == "reading" and cell.last is not None and now - cell.last > timedelta(days=QUIET_DAYS):
        return "quiet"
    return cell.state


def _filters() -> tuple[str, list[str], list[str]]:
    find, states, kinds = st.columns([2, 3, 2], vertical_alignment="bottom")
    names = find.text_input(say("matrix_find"), autocomplete="off", key="matrix-find").strip().casefold()
    wanted = states.multiselect(
        say("matrix_states"),
        STATES,
        format_func=lambda key: say(f"cell_{key}"),
        placeholder=say("all"),
        key="matrix-states",
    )
    group = kinds.multiselect(
        say("matrix_kinds"),
        ("human", "model"),
        format_func=lambda key: say(f"kind_{key}"),
        placeholder=say("all"),
        key="matrix-kinds",
    )
    return names, list(wanted), list(group)


def _wanted(one: MatrixReader, names: str, states: Sequence[str], kinds: Sequence[str], now: datetime) -> bool:
    has_state = not states or any(state_of(cell, now) in states for cell in one.cells)
    return names in one.pseudonym.casefold() and has_state and (not kinds or one.kind in kinds)


def _sign(cell: Cell, state: str) -> str:
    if state in ("reading", "quiet", "paused") and cell.step is not None:
        mark = {"reading": "", "quiet": "!", "paused": "‖"}[state]
        return f"{mark}{max(cell.step, 0)}/{cell.steps}"
    return SIGNS.get(state, "?")


def _key() -> str:
    marks = {**SIGNS, "reading": "2/8", "quiet": "!2/8", "paused": "‖2/8"}
    words = {state: say(f"cell_{state}") for state in STATES}
    words["quiet"] = say("key_quiet", days=QUIET_DAYS)
    return (
        '<div class="rs-matrix rs-key">'
        + "".join(f'<span><b class="{s}">{marks[s]}</b>{escape(words[s])}</span>' for s in STATES)
        + "</div>"
    )


def _html(matrix: Matrix, readers: Sequence[MatrixReader], now: datetime, caption: str) -> str:
    keys = [case.key for case in matrix.cases]
    first = "".join(f'<th scope="col">{escape(say(name))}</th>' for name in ("people_who", "matrix_done"))
    head = "".join(f'<th scope="col" class="k">{escape(_case(case.key, case.practice))}</th>' for case in matrix.cases)
    body = "".join(_row(one, keys, now) for one in readers)
    return (
        f'<table class="rs-matrix" aria-label="{escape(caption)}"><thead><tr>{first}{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>"
    )


def _case(key: str, practice: bool) -> str:
    return f"{key} ({say('practice')})" if practice else key


def _row(one: MatrixReader, keys: Sequence[str], now: datetime) -> str:
    by_case = {cell.case: cell for cell in one.cells}
    done = sum(cell.state in FINISHED for cell in one.cells)
    name = f"{one.pseudonym} ({say('trial')})" if one.trial else one.pseudonym
    cells = "".join(_cell(by_case.get(key), now) for key in keys)
    return f'<tr><th scope="row">{escape(name)}</th><td class="n">{done} / {len(one.cells)}</td>{cells}</tr>'


def _cell(cell: Cell | None, now: datetime) -> str:
    if cell is None:
        return '<td class="none"></td>'
    state = state_of(cell, now)
    return f'<td class="{state}">{_sign(cell, state)}</td>'


def _reopen(desk: CoordinatorDesk, study: str, matrix: Matrix) -> None:
    finished = {
        (one.member, cell.case): f"{one.pseudonym} · {cell.case} · {say(f'cell_{cell.state}')}"
        for one in matrix.readers
        if one.kind == "human"
        for cell in one.cells
        if cell.state in FINISHED
    }
    if not finished:
        return
    with st.expander(say("reopen_title"), icon=":material/history:"), st.form("reopen", border=False):
        st.write(say("reopen_words"))
        chosen = st.selectbox(say("reopen_reading"), list(finished), index=None, format_func=finished.__getitem__)
        reason = st.text_input(say("reason"), key="reopen-reason", autocomplete="off")
        if st.form_submit_button(say("reopen_button")) and chosen is not None:
            if not reason.strip():
                st.error(say("reason_missing"))
                return
            told = say("told_reopened", reading=finished[chosen])
            attempt(lambda: _reopened(desk, study, *chosen, reason=reason.strip()), told)


def _reopened(desk: CoordinatorDesk, study: str, member: str, case: str, reason: str) -> None:
    (one,) = (one for one in desk.matrix_reader(study, member) if one.case == case)
    desk.reopen(one.reading, reason)
