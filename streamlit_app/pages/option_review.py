"""A clinician's review of a checked bundle's distractors, on the page where its study is set up, or by a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.tables import plain, table
from study import review, review_list
from study.bundle import Bundle
from study.case import Case, Option
from study.database import StudyError

TOLD = "options_told"
_WHO = "options_by"


def section(bundle: Bundle, again: Callable[[], None]) -> None:
    """What waits for a review, case by case; after a decision ``again`` reads the bundle anew."""
    with_options = [case for case in bundle.cases if case.distractors]
    if not with_options:
        return
    left = review.waiting(bundle.cases)
    with st.container(border=True):
        st.subheader(say("options_title"), anchor=False)
        st.caption(say("options_words"))
        if told := st.session_state.pop(TOLD, None):
            st.success(told, icon=":material/check_circle:")
        if left:
            st.info(say("options_left", n=len(left), cases=len({case.key for case, _ in left})))
        else:
            st.success(say("options_none_left"), icon=":material/check_circle:")
        by = st.text_input(say("options_by"), key=_WHO, autocomplete="name", max_chars=200).strip()
        one, many = st.tabs([say("options_by_case"), say("options_by_file")])
        with one:
            _by_case(bundle, with_options, by, again)
        with many:
            _by_file(bundle, by, again)


def _by_case(bundle: Bundle, cases: Sequence[Case], by: str, again: Callable[[], None]) -> None:
    waits = {case.key for case, _ in review.waiting(cases)}
    ordered = sorted(cases, key=lambda case: case.key not in waits)
    number = st.selectbox(
        say("options_case"),
        range(len(ordered)),
        format_func=lambda n: f"{ordered[n].key}{'' if ordered[n].key in waits else ' ✓'}",
        key="options-case",
    )
    case = ordered[number or 0]
    st.markdown(f"**{say('options_diagnosis')}** {plain(case.diagnosis.name)}")
    with st.expander(say("options_evidence")):
        for block in case.evidence:
            st.markdown(f"**{plain(block.title or block.type)}** ({plain(block.id)})")
            st.text(block.text or block.finding or "")
    _decided(case)
    waiting = [option for option in case.distractors if option.review not in review.APPROVED]
    if not waiting:
        return
    with st.form(f"options-{case.key}"):
        given = [_asked(case, option, place) for place, option in enumerate(waiting)]
        sent = st.form_submit_button(say("options_save"), type="primary", icon=":material/save:")
    if sent:
        _save(bundle, _decisions(case, waiting, given, by), again)


def _decided(case: Case) -> None:
    rows = [
        (option.text, say(f"options_state_{option.review}"), ", ".join(option.ruled_out_by), _who(option))
        for option in (*case.distractors, *case.rejected)
        if option.review in review.APPROVED or option.review == "rejected"
    ]
    if rows:
        headers = [say(f"options_column_{name}") for name in ("option", "state", "ruled_out_by", "who")]
        table(say("options_decided"), headers, rows, wide=(2, 3))


def _who(option: Option) -> str:
    return f"{option.reviewed.by}, {option.reviewed.on.isoformat()}" if option.reviewed else ""


def _asked(case: Case, option: Option, place: int) -> dict[str, Any]:
    """One distractor's questions; what was answered to them."""
    key = f"{case.key}-{place}-{option.text}"
    st.markdown(f"**{plain(option.text)}**")
    if option.origin:
        st.caption(plain(option.origin))
    return {
        "verdict": st.radio(
            say("options_decision", option=option.text),
            ["", *review.VERDICTS],
            format_func=lambda one: say(f"options_{one or 'later'}"),
            horizontal=True,
            key=f"verdict-{key}",
        ),
        "ruled_out_by": st.multiselect(
            say("options_rules_out", option=option.text),
            [block.id for block in case.evidence],
            default=[block for block in option.ruled_out_by if block in {one.id for one in case.evidence}],
            placeholder=say("options_choose_blocks"),
            key=f"blocks-{key}",
        ),
        "text": st.text_input(say("options_new_wording", option=option.text), key=f"text-{key}", autocomplete="off"),
        "reason": st.text_input(say("options_reason", option=option.text), key=f"why-{key}", autocomplete="off"),
    }


def _decisions(
    case: Case, options: Sequence[Option], given: Sequence[dict[str, Any]], by: str
) -> list[review.Decision]:
    return [
        review.Decision(
            case=case.key,
            option=option.text,
            verdict=one["verdict"],
            by=by,
            on=date.today(),
            ruled_out_by=tuple(one["ruled_out_by"]),
            reason=one["reason"].strip() or None,
            text=one["text"].strip() or None,
        )
        for option, one in zip(options, given, strict=True)
        if one["verdict"]
    ]


def _save(bundle: Bundle, decisions: Sequence[review.Decision], again: Callable[[], None]) -> None:
    """Write them into the case files and read the bundle anew; or say what is wrong."""
    if not decisions:
        st.error(say("options_nothing"))
        return
    if not all(one.by for one in decisions):
        st.error(say("options_who_missing"))
        return
    try:
        review.write(bundle.path, bundle.cases, decisions)
    except StudyError as fault:
        st.error(plain(str(fault)).replace("\n", "  \n"))
        return
    st.session_state[TOLD] = say("options_saved", n=len(decisions))
    again()
    st.rerun()


def _by_file(bundle: Bundle, by: str, again: Callable[[], None]) -> None:
    st.caption(say("options_file_words"))
    st.download_button(
        say("options_download"),
        review_list.text(bundle.cases, everything=True).encode("utf-8-sig"),
        file_name="review.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        key="options-download",
    )
    with st.form("options-file", border=False, clear_on_submit=True):
        sent = st.file_uploader(say("options_upload"), type="csv", key="options-upload")
        take = st.form_submit_button(say("options_take"))
    if take and sent is not None:
        try:
            decisions = review_list.read(sent.getvalue().decode("utf-8-sig"), bundle.cases, by)
        except UnicodeDecodeError:
            st.error(say("options_not_text"))
        except StudyError as fault:
            st.error(say("options_refused"))
            st.text(str(fault))
        else:
            _save(bundle, decisions, again)
