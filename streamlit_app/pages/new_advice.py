"""The part of a new study that says whose answers an assisted reading shows, and where they are."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from streamlit_app import session
from streamlit_app.catalogue import say
from study.advice import Answered
from study.bundle import Bundle
from study.desk import VisitorDesk
from study.desk.work import WorkDesk
from study.protocol import Protocol

if TYPE_CHECKING:
    from baselines.adapters.replay import Replay
    from baselines.advising import ReadStudy


@dataclass(frozen=True)
class Wished:
    """What the coordinator gave: a file of answers, or a study that was read; whose, and whether the name is shown."""

    answers: bytes | None
    study: str | None
    model: str | None
    named: bool


def ask() -> Wished:
    """Draw the part of the form; all of it may stay empty where no advice is shown."""
    runs = {m.slug: m.study for m in VisitorDesk(session.wire()).me().memberships if m.role == "runner"}
    with st.expander(say("new_advice_part"), icon=":material/forum:"):
        st.caption(say("new_advice_part_words"))
        sent = st.file_uploader(say("new_advice_file"), type="jsonl")
        slug = st.selectbox(say("new_advice_study"), sorted(runs), index=None, placeholder=say("new_advice_study_none"))
        model = st.text_input(
            say("new_advice_model"), help=say("new_advice_model_help"), max_chars=100, autocomplete="off"
        )
        named = st.checkbox(say("new_advice_named"), value=True)
    answers = sent.getvalue() if sent is not None else None
    return Wished(answers, runs.get(slug or ""), model.strip() or None, named)


def gathered(protocol: Protocol, bundle: Bundle, wished: Wished) -> tuple[Protocol, list[Answered]]:
    """The protocol with its model named, and that model's answers; raises ``StudyError`` where they do not fit."""
    if protocol.advice is None:
        return protocol, []
    from baselines.advising import advised

    shown = protocol.model_copy(update={"advice": protocol.advice.model_copy(update={"named": wished.named})})
    return advised(shown, _source(wished), wished.model, bundle)


def _source(wished: Wished) -> Replay | ReadStudy | None:
    from baselines.adapters.replay import read_answers
    from baselines.advising import ReadStudy

    if wished.answers is not None:
        with tempfile.TemporaryDirectory(prefix="readerstudy-advice-") as folder:
            path = Path(folder) / "answers.jsonl"
            path.write_bytes(wished.answers)
            return read_answers(path)
    return ReadStudy(WorkDesk(session.wire()), wished.study) if wished.study else None
