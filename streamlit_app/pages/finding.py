"""What the pages of findings share: the subject of a study, what it rests on, and values in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from streamlit_app import analysing
from streamlit_app.catalogue import in_words, say
from streamlit_app.pages.exhibit import interval, marks_of, number
from streamlit_app.pages.figures import DARK, LIGHT, Ink
from study.desk import AnalystDesk, StudyStatus
from study.findings import ON_REQUEST, SUBJECTS, Finding, LeftOut, Value

Kind = TypeVar("Kind", bound=Finding)


def subject(desk: AnalystDesk, status: StudyStatus, kind: type[Kind], name: str) -> Kind | None:
    """The finding; None, and a sentence, where it is not computed yet or there is nothing to find."""
    if name not in (*SUBJECTS, *ON_REQUEST):
        st.info(say("finding_not_there"))
        return None
    made = getattr(analysing.findings(status.study, analysing.version(desk, status), name, desk, status), name)
    if not isinstance(made, kind):
        st.info(say("finding_not_there"))
        return None
    return made


@dataclass(frozen=True)
class Look:
    """How figures look and what their files are named after: colours, marks that travel with them, the study."""

    ink: Ink
    marks: Sequence[str]
    slug: str


def look_of(desk: AnalystDesk, status: StudyStatus) -> Look:
    """The look of a study's findings in the theme that is on; made-up cases and grades are marked."""
    simulated = analysing.cases(analysing.version(desk, status), desk, status).simulated
    marks = marks_of(None, status) + ([say("mark_simulated", n=simulated)] if simulated else [])
    return Look(DARK if st.context.theme.type == "dark" else LIGHT, marks, status.slug)


def shown(finding: Finding) -> bool:
    """Say how many of what are behind it and its standing; whether there is anything to show."""
    st.caption(f"n = {finding.n} ({in_words(finding.counted)}) · {say(f'standing_{finding.status}')}")
    if finding.why:
        st.info(f"{say('finding_nothing')} {in_words(finding.why)}{say('stop')}")
    return not finding.why


def about(finding: Finding) -> None:
    """The method, what was left out and why, and remarks."""
    with st.expander(say("finding_about")):
        st.write(in_words(finding.method))
        for one in finding.left_out:
            st.markdown(f"- {left_out(one)}")
        for note in finding.notes:
            st.markdown(f"- {in_words(note)}")


def left_out(one: LeftOut) -> str:
    """How many of what are not in a finding, and why."""
    what = in_words(one.what)
    for kind in ("outcome", "measure") if what == one.what else ():
        what = named(kind, what)
    return say("finding_left_out", n=one.n, what=what, why=in_words(one.why))


def named(kind: str, name: str) -> str:
    """The name of such a kind (a cut, a family, an outcome) in words; itself where the catalogue has none."""
    try:
        return say(f"{kind}_{name.replace(' ', '_')}")
    except KeyError:
        return name


def told(value: Value | None, places: int = 2, factor: float = 1.0, sign: bool = False) -> str:
    """The estimate with its 95 % interval, or a dash."""
    if value is None or value.estimate is None:
        return "–"
    ends = f" [{interval(value.ci, places, factor)}]" if value.ci else ""
    return f"{number(value.estimate, places, factor, sign)}{ends}"


def flat(name: str, value: Value | None) -> dict[str, Any]:
    """The value as columns of a file."""
    if value is None:
        return {name: None}
    low, high = value.ci or (None, None)
    parts = value.model_dump(exclude={"estimate", "ci"})
    return {
        name: value.estimate,
        f"{name}_ci_low": low,
        f"{name}_ci_high": high,
        **{f"{name}_{key}": part for key, part in parts.items()},
    }
