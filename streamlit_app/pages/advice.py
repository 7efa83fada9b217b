"""A model's answer that the reading has shown: labelled as one, in the same form for right and wrong."""

from __future__ import annotations

from html import escape

import streamlit as st

from streamlit_app.catalogue import say
from study.desk import Page
from study.desk.pages import PageAdvice


def panel(now: Page) -> None:
    """Draw the advice, where the database has released it; it stays in view while the questions are answered again."""
    if now.advice is None:
        return
    advice = now.advice
    title = say("desk_advice_of", model=advice.model) if advice.model else say("desk_advice_masked")
    parts = "".join(_part(*part) for part in _parts(now, advice))
    heads = (f"<strong>{escape(title)}</strong>", escape(say("desk_advice_caution")))
    head = "".join(f'<p class="rs-what">{words}</p>' for words in heads)
    st.html(f'<section class="rs-locked rs-advice" aria-label="{escape(title)}">{head}{parts}</section>')


def _parts(now: Page, advice: PageAdvice) -> list[tuple[str, str, int | None]]:
    """What is shown: a heading, the answer as HTML, and how sure the model was."""
    found = []
    if advice.ddx is not None:
        items = "".join(f"<li>{escape(line)}</li>" for line in advice.ddx["lines"])
        found.append(("desk_advice_ddx", f"<ol>{items}</ol>" if items else "", advice.ddx["confidence"]))
    if advice.open is not None:
        named = advice.open["diagnosis"]
        found.append(("desk_advice_open", f"<p>{escape(named)}</p>" if named else "", advice.open["confidence"]))
    if advice.selection is not None:
        words = next((f"{o.label}. {o.text}" for o in now.options or () if o.label == advice.label), say("cannot_tell"))
        found.append(("desk_advice_choice", f"<p>{escape(words)}</p>", advice.selection["confidence"]))
    return found


def _part(name: str, words: str, confidence: int | None) -> str:
    sure = "" if confidence is None else f" · {say('confidence_suffix', confidence=confidence)}"
    words = words or f"<p>{escape(say('desk_advice_none'))}</p>"
    return f'<p class="rs-what">{escape(say(name) + sure)}</p>{words}'
