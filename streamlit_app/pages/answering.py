"""The present question: the button to the next block, or one of the answer editors."""

from __future__ import annotations

from html import escape
from typing import Any

import streamlit as st

from streamlit_app.catalogue import component_texts, say
from streamlit_app.components import Option, Place, choice, differential, release, single
from streamlit_app.pages import advice
from streamlit_app.pages.entry import text
from streamlit_app.pages.turning import CLOSING, Given, given, refusal
from study.answers import ASSISTED, task_of
from study.desk import Home, Page


def ask(home: Home, now: Page, place: Place, lockable: bool) -> Given | None:
    """Draw what the present step asks for; returns the answer on the run after the reader locked it."""
    kind = now.current.kind if now.current else "show"
    _own_answers(now, kind)
    advice.panel(now)
    st.html('<span id="question" tabindex="-1"></span>')
    if kind == "show":
        label = "show_first" if now.step < 0 else "show_next" if _next_kind(now) == "show" else "go_answer"
        return _show(home, now, place, lockable, label)
    with st.container(key="task"):
        task = task_of(kind)
        st.markdown(f"**{say('closing_title')}**" if kind == "closing" else _task(home, task, now.case.language))
    if kind == "advice":
        return _show(home, now, place, lockable, "desk_advice_next")
    with st.container(key="ask"):
        return _closing(now) if kind == "closing" else _editor(now, place, kind, lockable)


def _task(home: Home, kind: str, tongue: str) -> str:
    """The task's text: its first line says what is asked, the others how."""
    first, *others = text(home, kind, tongue).split("\n\n")
    return f"**{first}**" + "".join(f"\n\n:small[{line}]" for line in others)


def _editor(now: Page, place: Place, kind: str, lockable: bool) -> Given | None:
    step = now.current
    if step is None:
        return None
    key = f"{kind}-{now.reading}-{now.step}-{now.attempt}"
    common: dict[str, Any] = {
        "key": key,
        "place": place,
        "draft": _draft(now, now.step),
        "ask_confidence": bool(step.confidence),
        "lockable": lockable,
        "refusal": refusal(),
    }
    if task_of(kind) == "ddx":
        locked = differential(
            cap=step.cap or 5,
            previous=_previous(now),
            allow_none=step.cannot_name is not False,
            texts=_texts("differential"),
            **common,
        )
    elif task_of(kind) == "open":
        locked = single(own=_previous(now) or [], texts=_texts("single"), **common)
    else:
        options = [Option(o.label, o.text) for o in now.options or []]
        locked = choice(options=options, cannot_tell=bool(step.cannot_tell), texts=_texts("choice"), **common)
    return given(locked, place)


def _texts(component: str) -> dict[str, str]:
    """The component's own words without its task: the study's task text stands above it."""
    return component_texts(component) | {"task": ""}


def _show(home: Home, now: Page, place: Place, lockable: bool, label: str) -> Given | None:
    key = f"next-{now.reading}-{now.attempt}"
    with st.container(key="ask"):
        pressed = release(
            say(label),
            key=key,
            place=place,
            hint=say("next_hint"),
            refusal=refusal(),
            texts=component_texts("release"),
        )
    upcoming = _upcoming_differential(now)
    if now.step >= 0 and upcoming is not None:
        differential(
            key=f"ddx-{now.reading}-{upcoming}-{now.attempt}",
            place=Place(place.reading, upcoming, place.attempt),
            cap=int((home.protocol or {}).get("ddx", {}).get("max_lines", 5)),
            draft=_draft(now, upcoming),
            previous=_previous(now),
            ask_confidence=False,
            lockable=False,
            texts=_texts("differential") | {"title": say("notes_title"), "task": say("notes_task")},
        )
    return given(pressed, place) if lockable else None


def _next_kind(now: Page) -> str:
    following = now.kinds[now.step + 1 : now.step + 2]
    return following[0] if following else "closing"


def _upcoming_differential(now: Page) -> int | None:
    """The next step that is not evidence, if it asks for a differential: notes taken now are its draft."""
    for index in range(now.step + 1, len(now.kinds)):
        if now.kinds[index] != "show":
            return index if now.kinds[index] == "ddx" else None
    return None


def _draft(now: Page, step: int) -> dict[str, Any] | None:
    draft = now.draft
    if draft is None or draft.step != step:
        return None
    return {"body": draft.body, "saved_at": draft.saved_at.isoformat(), "number": draft.number}


def _previous(now: Page) -> list[str] | None:
    """The lines of the reader's last locked list, the one after advice where there is one."""
    lists = [locked.answer for locked in now.answers if locked.kind == f"{ASSISTED}ddx" and not locked.late]
    last = lists[-1] if lists else now.previous
    return list(last.get("lines", [])) if last else None


def _own_answers(now: Page, kind: str) -> None:
    """The reader's own locked answers of this case stay in view while they answer; of each task the last."""
    own = {task_of(locked.kind): locked.answer for locked in now.answers}
    again = kind == "advice" or kind.startswith(ASSISTED)
    if "ddx" in own and (again or kind in ("open", "selection", "closing")):
        lines = [line for line in own["ddx"].get("lines", []) if line.strip()]
        items = "".join(f"<li>{escape(line)}</li>" for line in lines)
        _locked(say("locked_list"), f"<ol>{items}</ol>" if lines else "", own["ddx"].get("confidence"))
    if "open" in own:
        named = own["open"].get("diagnosis")
        _locked(say("locked_open"), f"<p>{escape(named)}</p>" if named else "", own["open"].get("confidence"))
    if "selection" in own and again:
        label = own["selection"].get("choice")
        words = next((f"{o.label}. {o.text}" for o in now.options or () if o.label == label), say("cannot_tell"))
        _locked(say("locked_choice"), f"<p>{escape(words)}</p>", own["selection"].get("confidence"))


def _locked(title: str, words: str, confidence: int | None) -> None:
    sure = "" if confidence is None else f" · {say('confidence_suffix', confidence=confidence)}"
    words = words or f"<p>{escape(say('no_diagnosis'))}</p>"
    st.html(f'<section class="rs-locked"><p class="rs-what">{escape(title + sure)}</p>{words}</section>')


def _closing(now: Page) -> Given | None:
    with st.form(f"closing-{now.reading}-{now.attempt}", border=False):
        seen = st.radio(
            say("closing_seen"),
            ("no", "unsure", "yes"),
            index=None,
            format_func=lambda key: say(f"closing_seen_{key}"),
            horizontal=True,
        )
        looked = st.checkbox(say("closing_looked"))
        comment = st.text_area(say("closing_comment"), max_chars=5000, placeholder=say("no_patient_name"))
        sent = st.form_submit_button(say("answer_closing"), type="primary")
    said, told = st.empty(), refusal()
    if not sent:
        if told is not None and told[0] == CLOSING:
            said.error(told[1])
        return None
    if seen is None:
        said.error(say("closing_seen_missing"))
        return None
    said.info(say("locking"))
    return Given(CLOSING, {"seen_before": seen, "looked_up": looked, "comment": comment}, {})
