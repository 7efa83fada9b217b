"""One tab a reading: a second one says so and sends nothing."""

from collections.abc import Mapping
from typing import Literal

from streamlit_app.components.assets import component
from streamlit_app.components.place import heard, worded
from streamlit_app.components.texts import TAB_GUARD

_TAB_GUARD = component("tab_guard", "tab_guard", styles=("tab_guard",))

Role = Literal["first", "second"]


def tab_guard(*, key: str, reading: str, texts: Mapping[str, str] | None = None) -> Role:
    """Returns this tab's role for the reading; "first" until the browser says otherwise.

    The message and the button to go on here are shown by the component; drafts and locks are held back in the browser.
    """
    data = {"reading": reading, "texts": worded(TAB_GUARD, texts)}
    result = _TAB_GUARD(key=key, data=data, default={"role": "first"}, on_role_change=heard)
    return "second" if result.role == "second" else "first"
