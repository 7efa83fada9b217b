"""A new study: a bundle is checked, its faults and warnings are told, a protocol is chosen, and the study is made."""

from __future__ import annotations

import secrets
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from streamlit_app import record, session
from streamlit_app.catalogue import say
from streamlit_app.pages import new_advice, option_review
from streamlit_app.pages.tables import plain, table
from study.bundle import Bundle, BundleRefused, read
from study.bundle_archive import unpacked
from study.bundle_report import FAULT_KINDS, WARNING_KINDS, Notice, Report
from study.desk import SetupDesk
from study.protocol import PRESETS, Protocol, preset
from study.setup import create_study

_CHECKED = "checked_bundle"
SHOWN = 200


@dataclass
class Checked:
    """What the last check found; the bundle is absent where it has faults. The folder goes when nobody holds it."""

    report: Report
    bundle: Bundle | None
    folder: Any
    seed: int


def page() -> None:
    """First the bundle, then the rules."""
    if st.button(say("back_to_studies"), icon=":material/arrow_back:", type="tertiary", key="back-to-studies"):
        st.session_state.pop(_CHECKED, None)
        st.query_params.pop("study", None)
        st.rerun()
    st.title(say("new_study"), anchor=False)
    _choose()
    checked: Checked | None = st.session_state.get(_CHECKED)
    if checked is None:
        return
    _report(checked.report)
    if checked.bundle is not None:
        option_review.section(checked.bundle, lambda: _check(checked.report.path, checked.folder))
        _make(checked, checked.bundle)


def _choose() -> None:
    with st.container(border=True):
        st.subheader(say("new_bundle"), anchor=False)
        st.caption(say("new_bundle_words"))
        if record.box() is None:
            _upload()
            return
        folder, upload = st.tabs([say("new_from_folder"), say("new_from_upload")])
        with folder, st.form("from-folder", border=False):
            path = st.text_input(say("new_path"), placeholder="~/bundle", autocomplete="off")
            if st.form_submit_button(say("new_check"), type="primary") and path.strip():
                _check(Path(path.strip()).expanduser(), None)
        with upload:
            _upload()


def _upload() -> None:
    """From the coordinator's own machine: the only way where that is not the machine of the app."""
    with st.form("from-upload", border=False, clear_on_submit=True):
        sent = st.file_uploader(say("new_upload"), type="zip")
        if st.form_submit_button(say("new_check"), type="primary") and sent is not None:
            held = tempfile.TemporaryDirectory(prefix="readerstudy-bundle-", ignore_cleanup_errors=True)
            _check(unpacked(sent, Path(held.name)), held)


def _check(path: Path, held: Any) -> None:
    st.session_state.pop(_CHECKED, None)
    with st.status(say("new_checking"), expanded=False) as status:
        bar = st.progress(0.0)

        def tell(done: int, total: int) -> None:
            bar.progress(done / max(total, 1))

        try:
            bundle = read(path, tell)
            found = Checked(bundle.report, bundle, held, secrets.randbelow(1 << 48))
        except BundleRefused as refused:
            found = Checked(refused.report, None, held, 0)
        status.update(label=say("new_checked"), state="complete")
    st.session_state[_CHECKED] = found


def _report(report: Report) -> None:
    with st.container(border=True):
        st.subheader(plain(report.title or report.path.name), anchor=False)
        st.caption(say("new_found", cases=report.cases, images=report.images))
        if report.faults:
            st.error(say("new_faults", n=len(report.faults)), icon=":material/block:")
            _notices(say("new_faults_list"), report.faults, FAULT_KINDS)
        else:
            st.success(say("new_sound"), icon=":material/check_circle:")
        if report.warnings:
            st.warning(say("new_warnings", n=len(report.warnings)), icon=":material/warning:")
            _notices(say("new_warnings_list"), report.warnings, WARNING_KINDS)


def _notices(caption: str, notices: tuple[Notice, ...], kinds: dict[str, str]) -> None:
    with st.expander(caption, expanded=len(notices) <= 12):
        for kind in dict.fromkeys(notice.kind for notice in notices):
            st.caption(f"**{kind}**: {kinds.get(kind, kind)}")
        rows = [(n.kind, n.file, n.field, n.line, n.message) for n in notices[:SHOWN]]
        headers = [say(f"notice_{name}") for name in ("kind", "file", "field", "line", "message")]
        table(say("showing", n=len(rows), of=len(notices)), headers, rows, wide=(4,))


def _make(checked: Checked, bundle: Bundle) -> None:
    names = list(PRESETS)
    wished = bundle.study.protocol if bundle.study.protocol in names else "medsyn-staged"
    with st.form("new-study"):
        st.subheader(say("new_rules"), anchor=False)
        slug = st.text_input(say("new_slug"), help=say("new_slug_help"), max_chars=64, autocomplete="off")
        rules = st.radio(
            say("new_preset"),
            names,
            index=names.index(wished),
            captions=[say(f"preset_{name}") for name in names],
            format_func=str,
        )
        readers = st.number_input(say("new_places"), 1, 1000, 60, help=say("new_places_help"))
        advice = new_advice.ask()
        if not st.form_submit_button(say("new_make"), type="primary"):
            return
    if not slug.strip():
        st.error(say("new_slug_missing"))
        return
    _create(checked, bundle, slug.strip(), preset(rules), int(readers), advice)


def _create(
    checked: Checked, bundle: Bundle, slug: str, rules: Protocol, readers: int, advice: new_advice.Wished
) -> None:
    protocol, answered = new_advice.gathered(rules, bundle, advice)
    with st.status(say("new_making"), expanded=True) as status:
        bar = st.progress(0.0)

        def tell(done: int, total: int, what: str) -> None:
            bar.progress(done / max(total, 1), text=f"{say('new_making')} {done}/{total}: {what}")

        create_study(
            SetupDesk(session.wire()),
            record.images(session.token()),
            bundle,
            protocol,
            slug,
            checked.seed,
            readers,
            tell,
            answered,
        )
        status.update(label=say("new_made"), state="complete")
    st.session_state.pop(_CHECKED, None)
    st.query_params["study"] = slug
    st.rerun()
