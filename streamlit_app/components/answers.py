"""The three answer editors: the ranked differential, the open final diagnosis, the selection."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

from streamlit_app.components.assets import Mount, component
from streamlit_app.components.place import Place, heard, worded
from streamlit_app.components.texts import CHOICE, DIFFERENTIAL, SINGLE

_DIFFERENTIAL = component("differential", "answer", "differential", styles=("answer",))
_SINGLE = component("single", "answer", "choosing", "single", styles=("answer",))
_CHOICE = component("choice", "answer", "choosing", "choice", styles=("answer",))

Texts: TypeAlias = Mapping[str, str] | None
Draft: TypeAlias = Mapping[str, Any] | None
Refusal: TypeAlias = tuple[str, str, int] | None
"""The id of the lock that the record refused, the sentence that tells the reader why, and which refusal of all it is:
the same lock may be refused in the same words again, and the browser must hear of it."""


@dataclass(frozen=True)
class Option:
    """One option of a selection, under the label that this reading's script gave it."""

    label: str
    text: str


@dataclass(frozen=True)
class Locked:
    """An answer that the reader locked in the browser; the record has not heard of it yet.

    `id` stays the same while the same answer is sent again. `client` holds client_ms and first_input_ms
    (milliseconds since this page first showed the step), tab, inputs and pastes.
    """

    id: str
    step: int
    attempt: int
    answer: dict[str, Any]
    client: dict[str, Any]


def differential(
    *,
    key: str,
    place: Place,
    cap: int,
    draft: Draft,
    previous: Sequence[str] | None = None,
    allow_none: bool = True,
    ask_confidence: bool = True,
    lockable: bool = True,
    take_focus: bool = False,
    refusal: Refusal = None,
    texts: Texts = None,
) -> Locked | None:
    """Shows the ranked list and returns it on the one run after the reader locked it.

    `draft` is the record's draft ({"body", "saved_at", ...}); without one the list starts from `previous`.
    The answer is {"lines": [str], "none": bool, "confidence": int | None, "unchanged": bool}.
    """
    data = {"cap": cap, "previous": None if previous is None else list(previous), "allow_none": allow_none}
    common = _common(place, draft, ask_confidence, lockable, take_focus, refusal)
    return _edit(_DIFFERENTIAL, key, data | common | {"texts": worded(DIFFERENTIAL, texts)})


def single(
    *,
    key: str,
    place: Place,
    own: Sequence[str],
    draft: Draft,
    allow_none: bool = True,
    ask_confidence: bool = True,
    lockable: bool = True,
    take_focus: bool = False,
    refusal: Refusal = None,
    texts: Texts = None,
) -> Locked | None:
    """Shows the reader's own list to choose the final diagnosis from, or to write another; returns it once locked.

    The answer is {"diagnosis": str, "none": bool, "confidence": int | None}.
    """
    data = {"own": list(own), "allow_none": allow_none}
    common = _common(place, draft, ask_confidence, lockable, take_focus, refusal)
    return _edit(_SINGLE, key, data | common | {"texts": worded(SINGLE, texts)})


def choice(
    *,
    key: str,
    place: Place,
    options: Sequence[Option],
    draft: Draft,
    cannot_tell: bool = False,
    ask_confidence: bool = True,
    lockable: bool = True,
    take_focus: bool = False,
    refusal: Refusal = None,
    texts: Texts = None,
) -> Locked | None:
    """Shows the options in the order given and returns the choice once locked.

    The answer is {"choice": label | None, "confidence": int | None}; None stands for "cannot tell".
    """
    data = {"options": [asdict(option) for option in options], "cannot_tell": cannot_tell}
    common = _common(place, draft, ask_confidence, lockable, take_focus, refusal)
    return _edit(_CHOICE, key, data | common | {"texts": worded(CHOICE, texts)})


def locked_from(value: Any) -> Locked | None:
    """Returns the trigger value of a lock as `Locked`, or None on a run without one."""
    if not isinstance(value, dict):
        return None
    return Locked(value["id"], value["step"], value["attempt"], value["answer"], value["client"])


def refused(refusal: Refusal) -> dict[str, str | int] | None:
    """Returns a refusal as the browser reads it."""
    return None if refusal is None else dict(zip(("id", "text", "nth"), refusal, strict=True))


def _common(
    place: Place, draft: Draft, ask_confidence: bool, lockable: bool, take_focus: bool, refusal: Refusal
) -> dict[str, Any]:
    return {
        "place": asdict(place),
        "draft": None if draft is None else {name: draft.get(name) for name in ("body", "saved_at", "number")},
        "ask_confidence": ask_confidence,
        "lockable": lockable,
        "take_focus": take_focus,
        "refusal": refused(refusal),
        "drawn": time.monotonic_ns(),  # so that the browser sees that a lock was heard
    }


def _edit(mount: Mount, key: str, data: dict[str, Any]) -> Locked | None:
    return locked_from(mount(key=key, data=data, on_lock_change=heard).lock)
