"""Mixed models: the planned outcomes once more by other models, as the sensitivity analysis of the closed forms."""

from __future__ import annotations

import streamlit as st

from streamlit_app.catalogue import say
from streamlit_app.pages.exhibit import exhibit, number, p_value
from streamlit_app.pages.figures_findings import Dot, Frame, dots
from streamlit_app.pages.finding import Look, about, flat, look_of, named, shown, subject, told
from study.desk import AnalystDesk, StudyStatus
from study.findings.mixed import Fitted, Kind, Mixed

KINDS: tuple[Kind, ...] = ("linear", "logistic")


def section(desk: AnalystDesk, status: StudyStatus) -> None:
    """Every model that could be fitted, where it is asked for: fits of a large study take some seconds."""
    st.markdown(f"**{say('mixed_heading')}**")
    if not st.toggle(say("mixed_ask"), key="mixed-ask"):
        return
    found = subject(desk, status, Mixed, "mixed")
    if found is not None:
        show(found, look_of(desk, status))


def show(found: Mixed, look: Look) -> None:
    """Linear models in points, logistic ones in log odds: a figure and a table each."""
    if shown(found):
        for kind in KINDS:
            own = [one for one in found.models if one.kind == kind]
            if own:
                _models(own, kind, look)
    about(found)


def _models(own: list[Fitted], kind: Kind, look: Look) -> None:
    factor, places = (100, 1) if kind == "linear" else (1, 2)
    items = [Dot(named("outcome", one.outcome), "", one.effect) for one in own]
    frame = Frame(say(f"mixed_title_{kind}"), say("mixed_subtitle"), look.marks, look.ink)
    exhibit(
        f"{look.slug}-mixed-{kind}",
        dots(items, frame, say(f"mixed_axis_{kind}"), factor, 0.0),
        say("mixed_alt"),
        say(f"mixed_title_{kind}"),
        [say(f"mixed_{name}") for name in ("outcome", "effect", "n", "se", "df", "p", "zero")],
        [_row(one, places, factor) for one in own],
        lambda: [one.model_dump(exclude={"effect"}) | flat("effect", one.effect) for one in own],
        numbers=range(1, 6),
        words=say(f"mixed_words_{kind}"),
    )


def _row(one: Fitted, places: int, factor: float) -> list[str]:
    return [
        named("outcome", one.outcome),
        told(one.effect, places, factor, sign=True),
        str(one.effect.n),
        number(one.effect.se, places + 1, factor),
        number(one.effect.df, 1),
        p_value(one.effect.p),
        say("mixed_zero_yes" if one.singular else "mixed_zero_no"),
    ]
