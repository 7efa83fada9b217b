"""Sign-in and sign-out through an own route, which alone can set and clear an HttpOnly cookie."""

from collections.abc import Mapping
from typing import Literal

from streamlit_app.components.assets import component
from streamlit_app.components.place import heard, worded
from streamlit_app.components.texts import SESSION

_SESSION = component("session", "session")

Outcome = Literal["done", "failed"]


def sign_in(ticket: str, *, key: str, url: str, texts: Mapping[str, str] | None = None) -> None:
    """Posts the one-time ticket once, in silence: no run is begun by it, so none is interrupted."""
    _post(ticket, key, url, texts)


def sign_out(*, key: str, url: str, texts: Mapping[str, str] | None = None) -> Outcome | None:
    """Asks the route to end the session and returns the outcome on the run that hears of it."""
    return _post(None, key, url, texts)


def _post(ticket: str | None, key: str, url: str, texts: Mapping[str, str] | None) -> Outcome | None:
    data = {"ticket": ticket, "url": url, "texts": worded(SESSION, texts)}
    result = _SESSION(key=key, data=data, on_done_change=heard, on_failed_change=heard)
    return "done" if result.done else "failed" if result.failed else None
