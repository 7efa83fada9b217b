"""The interface's words by language, from ``text/<language>.yaml``; English stands in for what is not translated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st
import yaml

LANGUAGES = {"en": "English", "zh": "中文"}
FALLBACK = "en"
PARTS = ("", "staff.", "options.", "analyst.", "findings.", "self-test.")
_NUMBER = re.compile(r"\d+")
_CHOSEN = "interface_language"


@cache
def catalogue(language: str) -> Mapping[str, Any]:
    """The words of one language; the groups of component texts are nested mappings."""
    folder = resources.files("streamlit_app") / "text"
    words: dict[str, Any] = {}
    for file in (folder / f"{part}{language}.yaml" for part in PARTS):
        words |= yaml.safe_load(file.read_text(encoding="utf-8")) if file.is_file() else {}
    return words


def language() -> str:
    """The interface's language: as chosen, else the browser's, else English."""
    chosen = st.session_state.get(_CHOSEN)
    if chosen in LANGUAGES:
        return str(chosen)
    browser = (st.context.locale or FALLBACK).split("-")[0]
    return browser if browser in LANGUAGES else FALLBACK


def say(key: str, **fields: object) -> str:
    """The sentence called ``key`` with its fields filled in; raises ``KeyError`` where even English lacks it."""
    words = catalogue(language()).get(key) or catalogue(FALLBACK)[key]
    return str(words).format(**fields) if fields else str(words)


def in_words(sentence: str) -> str:
    """What a finding says, in the language chosen; its numbers are carried over. In English where nobody translated."""
    words: Mapping[str, str] = catalogue(language()).get("found", {})
    if sentence in words:
        return words[sentence]
    numbers = _NUMBER.findall(sentence)
    template = words.get(_NUMBER.sub("{}", sentence))
    return template.format(*numbers) if template else sentence


def component_texts(component: str) -> dict[str, str]:
    """A component's texts in the language chosen; empty means that its own English is shown."""
    return dict(catalogue(language()).get("components", {}).get(component, {}))


def local(moment: datetime) -> str:
    """The time of day on the reader's own clock."""
    zone = st.context.timezone
    return moment.astimezone(ZoneInfo(zone) if zone else None).strftime("%H:%M")


def choose_language() -> None:
    """A small choice of the interface's language."""
    st.selectbox(
        say("interface_language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        index=list(LANGUAGES).index(language()),
        key=_CHOSEN,
        width=160,
    )
