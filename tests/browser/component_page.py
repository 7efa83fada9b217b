"""Shows one component at a time, as the address asks: ?show=differential&cap=3 ..."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import streamlit as st

from streamlit_app.components import (
    Image,
    Locked,
    Option,
    Place,
    choice,
    clock,
    differential,
    release,
    sign_in,
    sign_out,
    single,
    tab_guard,
    viewer,
)

ask = st.query_params
state: Any = st.session_state
state.setdefault("step", 3)
state.setdefault("locks", [])
state.setdefault("runs", 0)
state.setdefault("opened", datetime.now(UTC))
state.runs += 1
place = Place("11111111-1111-4111-8111-111111111111", state.step, 1)
OWN = ["Wild-type transthyretin amyloidosis", "AL amyloidosis", "Fabry disease"]


def images(count: int, broken: bool = False) -> list[Image]:
    names = [f"slice{n}.png" for n in range(1, count + 1)] + (["broken.png"] if broken else [])
    return [Image(f"/img/{name}", f"Test image {name}", f"Caption of {name}", 1600, 1200) for name in names]


def heard(locked: Locked | None) -> None:
    if locked is None:
        return
    state.locks.append({"id": locked.id, "step": locked.step, "answer": locked.answer, "client": locked.client})
    if ask.get("refuse"):
        nth = state["refusal"][2] + 1 if state.get("refusal") else 1
        state.refusal = (locked.id, "The study is paused; try again later.", nth)
    elif ask.get("advance"):
        state.step += 1
    else:
        return
    st.rerun()


def shown(name: str) -> None:
    draft = json.loads(ask["draft"]) if "draft" in ask else None
    common: dict[str, Any] = {"key": f"{name}-key", "place": place, "refusal": state.get("refusal"), "draft": draft}
    if name == "differential":
        previous = OWN if ask.get("previous") else None
        heard(differential(cap=int(ask.get("cap", "5")), previous=previous, **common))
    elif name == "single":
        heard(single(own=OWN, **common))
    elif name == "choice":
        options = [Option(label, text) for label, text in zip("ABCD", [*OWN, "Sarcomeric cardiomyopathy"], strict=True)]
        heard(choice(options=options, cannot_tell=bool(ask.get("cannot_tell")), **common))
    elif name == "viewer":
        viewer(
            images(int(ask.get("images", "3")), bool(ask.get("broken"))),
            key="viewer-ct",
            place=place,
            block="ct",
            awaits=ask.get("awaits", "ct").split(","),
        )
        if "mri" in ask.get("awaits", ""):
            viewer(images(1), key="viewer-mri", place=place, block="mri", awaits=ask["awaits"].split(","))
    elif name == "clock":
        timed()
    elif name == "release":
        heard(release("Show the next block", key="release", place=place, hint="or press N"))
        st.text_input("A text field", key="beside-release")
    elif name == "session":
        if "ticket" in ask:
            sign_in(ask["ticket"], key="in", url="/session")
        else:
            state.outcome = sign_out(key="out", url="/session") or state.get("outcome")
        st.text(f"outcome {state.get('outcome')}")
    elif name == "guard":
        st.text("role " + tab_guard(key="tab", reading=place.reading))
        heard(differential(cap=5, **common))


def timed() -> None:
    limit = float(ask["limit"]) if "limit" in ask else None
    over = clock(
        key="clock",
        place=place,
        opened_at=(state.opened - timedelta(seconds=65)).isoformat(),
        server_now=datetime.now(UTC).isoformat(),
        deadline=None if limit is None else (state.opened + timedelta(seconds=limit)).isoformat(),
        limit_kind="hard" if limit else None,
        paused=bool(ask.get("paused")),
        ready=True,
    )
    state.expired = state.get("expired", 0) + over
    st.text(f"expired {state.expired}")
    st.text_input("A text field")


page = st.sidebar.radio("Page", ["component", "empty"]) if ask.get("pages") else "component"
if ask.get("rerun"):
    st.button("Run again")
st.title("Components")
if page == "component":
    for name in ask.get("show", "differential").split(","):
        shown(name)
st.text(f"locks {json.dumps(state.locks)}")
st.text(f"runs {state.runs}")  # last: whoever sees it sees the whole run
