"""Advice: what readers made of a model's answer that a protocol showed them after their own."""

from __future__ import annotations

from streamlit_app.catalogue import in_words, say
from streamlit_app.pages.exhibit import exhibit
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from streamlit_app.pages.finding import Look, about, flat, look_of, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.advice import Advice, Reliance

PARTS = ("before", "after", "advice_right", "commission", "omission", "appropriate")


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Shares by stage; where no protocol showed advice, that sentence."""
    found = subject(desk, status, Advice, "advice")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: Advice, look: Look) -> None:
    """The finding, where there is anything in it, and how it was made."""
    if shown(found):
        for one in found.reliance:
            _stage(one, look)
    about(found)


def _stage(one: Reliance, look: Look) -> None:
    stage = say(f"stage_of_{one.stage}")
    values = [(part, getattr(one, part)) for part in PARTS]
    frame = Frame(say("advice_title", stage=stage), say("advice_subtitle"), look.marks, look.ink)
    exhibit(
        f"{look.slug}-advice-{one.stage}",
        dots([Dot(say(f"advice_{part}"), "human", value) for part, value in values], frame, say("advice_axis"), 100),
        say("advice_alt"),
        say("advice_caption", stage=stage),
        [say("advice_share"), say("advice_value"), "n", say("advice_of")],
        [
            [
                say(f"advice_{part}"),
                told(value, 1, 100) if value.n else f"– ({in_words(value.why)})",
                str(value.n),
                say(f"advice_of_{part}"),
            ]
            for part, value in values
        ],
        lambda: [{"stage": one.stage, "share": part} | flat("value", value) for part, value in values],
        numbers=(1, 2),
        wide=(3,),
        words=say("advice_words"),
    )
