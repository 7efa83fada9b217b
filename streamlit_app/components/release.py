"""The button, and its keys, that asks for the next page of the script."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from streamlit_app.components.answers import Locked, Refusal, locked_from, refused
from streamlit_app.components.assets import component
from streamlit_app.components.place import Place, heard, worded
from streamlit_app.components.texts import RELEASE

_RELEASE = component("release", "release")


def release(
    label: str,
    *,
    key: str,
    place: Place,
    hotkeys: Sequence[str] = ("n",),
    hint: str = "",
    refusal: Refusal = None,
    texts: Mapping[str, str] | None = None,
) -> Locked | None:
    """Shows the button and returns an empty answer on the one run after it was pressed, however often it was.

    The hotkeys work anywhere on the page but in text fields; they are values of KeyboardEvent.key.
    """
    data = {
        "label": label,
        "place": asdict(place),
        "hotkeys": list(hotkeys),
        "hint": hint,
        "refusal": refused(refusal),
        "drawn": time.monotonic_ns(),  # so that the browser sees that it was heard
        "texts": worded(RELEASE, texts),
    }
    return locked_from(_RELEASE(key=key, data=data, on_next_change=heard).next)
