"""Where in the record a component writes, and how its files become a Streamlit component."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

_FOLDER = Path(__file__).parent

Mount = Callable[..., Any]


@dataclass(frozen=True)
class Place:
    """The step that drafts, readiness and telemetry are filed under, and the route that takes them."""

    reading: str
    step: int
    attempt: int
    post_url: str = "/desk"


def component(name: str, *scripts: str, styles: tuple[str, ...] = ()) -> Mount:
    """Returns the mounting function of component `name`, whose module is base.js and the named scripts.

    Streamlit loads a component as a single module, so parts that several share are joined here, not imported.
    """
    js = "\n".join(_read(f"{script}.js") for script in ("base", *scripts))
    css = "\n".join(_read(f"{style}.css") for style in ("base", *styles))
    return st.components.v2.component(f"readerstudy_{name}", html='<div class="rs"></div>', js=js, css=css)


def worded(defaults: Mapping[str, str], texts: Mapping[str, str] | None) -> dict[str, str]:
    """Returns the English defaults overlaid with `texts`; a key that the component does not know is a KeyError."""
    unknown = set(texts or ()) - set(defaults)
    if unknown:
        raise KeyError(f"texts {sorted(unknown)} are not shown by this component; it knows {sorted(defaults)}")
    return {**defaults, **(texts or {})}


def heard() -> None:
    """Declares a state or trigger to Streamlit; the value is read from the result, nothing is to be done."""


def _read(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")
