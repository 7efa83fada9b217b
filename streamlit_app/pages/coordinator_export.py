"""The export: the study's record as files, packed into one .zip. Before unblinding nothing in it tells correctness."""

from __future__ import annotations

import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from streamlit_app.pages.tables import table
from study.desk import CoordinatorDesk, StudyStatus

_READY = "export_ready"


@dataclass
class Ready:
    """A packed export; its folder goes with the session, or when the next one is made."""

    study: str
    folder: Any
    path: Path
    files: tuple[tuple[str, int, int, str], ...]
    blinded: bool
    watermarked: bool


def section(desk: CoordinatorDesk, status: StudyStatus) -> None:
    """Make the export, then offer it."""
    with st.container(border=True):
        st.subheader(say("export_title"), anchor=False)
        st.write(say("export_words"))
        if status.state != "unblinded":
            st.info(say("export_blinded"), icon=":material/visibility_off:")
        if st.button(say("export_button"), type="primary", icon=":material/inventory_2:", key="export"):
            _make(desk, status)
        ready: Ready | None = st.session_state.get(_READY)
        if ready is not None and ready.study == status.study:
            _offer(ready, status)


def _make(desk: CoordinatorDesk, status: StudyStatus) -> None:
    from study.exporting.export import export

    st.session_state.pop(_READY, None)
    held = tempfile.TemporaryDirectory(prefix="readerstudy-export-", ignore_cleanup_errors=True)
    target = Path(held.name) / status.slug
    with st.status(say("export_making")) as told:
        bar = st.progress(0.0)

        def tell(done: int, total: int) -> None:
            bar.progress(min(done / max(total, 1), 1.0), text=say("export_events", done=done, total=total))

        done = export(session.wire(), status.study, target, tell)
        packed = _pack(target, Path(held.name) / f"{status.slug}.zip")
        told.update(label=say("export_made"), state="complete")
    files = tuple((file.name, file.rows, file.bytes, file.sha256) for file in done.files)
    st.session_state[_READY] = Ready(status.study, held, packed, files, not done.unblinded, done.watermarked)


def _pack(folder: Path, archive: Path) -> Path:
    """One .zip of the folder's files; each file is removed once it is in, so that nothing lies about twice."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                packed.write(file, f"{folder.name}/{file.relative_to(folder).as_posix()}")
                file.unlink()
    return archive


def _offer(ready: Ready, status: StudyStatus) -> None:
    size = ready.path.stat().st_size / 1_000_000
    st.download_button(
        say("export_download", size=f"{size:,.1f}"),
        data=ready.path.read_bytes,
        file_name=ready.path.name,
        mime="application/zip",
        icon=":material/download:",
        on_click="ignore",
        key="export-download",
    )
    if ready.blinded:
        st.caption(say("export_was_blinded"))
    if ready.watermarked:
        st.caption(say("export_watermarked"))
    rows = [(name, f"{n:,}", f"{size:,}", digest[:16] + "…") for name, n, size, digest in ready.files]
    headers = [say(f"file_{name}") for name in ("name", "rows", "bytes", "hash")]
    table(say("export_files", n=len(rows)), headers, rows, numbers=(1, 2))
