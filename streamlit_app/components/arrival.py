"""Where a page turn leads: what scrolls into view, and where the focus goes."""

from streamlit_app.components.assets import component

_ARRIVAL = component("arrival", "arrival")


def arrival(at: str, *, key: str, focus: str = "", scroll: str = "") -> None:
    """Once for each new ``at``: scroll the last element of selector ``scroll`` into view, and put the focus on the
    first control inside ``focus``. Somebody who is typing keeps the focus; a touch screen is not covered by its keys.
    """
    _ARRIVAL(key=key, data={"at": at, "focus": focus, "scroll": scroll})
