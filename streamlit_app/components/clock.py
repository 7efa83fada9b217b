"""The clock of a step: visible time and limit, counted in the browser from the server's times."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Literal

from streamlit_app.components.assets import component
from streamlit_app.components.place import Place, heard, worded
from streamlit_app.components.texts import CLOCK

_CLOCK = component("clock", "clock", styles=("clock",))


def clock(
    *,
    key: str,
    place: Place,
    opened_at: str,
    server_now: str,
    deadline: str | None = None,
    limit_kind: Literal["soft", "hard"] | None = None,
    paused: bool = False,
    ready: bool = False,
    texts: Mapping[str, str] | None = None,
) -> bool:
    """Shows the step's time and returns True on the one run in which a hard limit was reached.

    Times are ISO 8601 with offset, as the record gives them; the record decides about the limit, the browser only asks.
    `ready` says that the step has no images, so that "ready" is posted as soon as it is painted.
    """
    data = {
        "place": asdict(place),
        "opened_at": opened_at,
        "server_now": server_now,
        "deadline": deadline,
        "limit_kind": limit_kind,
        "paused": paused,
        "ready": ready,
        "texts": worded(CLOCK, texts),
    }
    return _CLOCK(key=key, data=data, on_expired_change=heard).expired is not None
