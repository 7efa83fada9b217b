"""The evidence released so far, newest last, each block in the form that the script names."""

from __future__ import annotations

import streamlit as st

from streamlit_app.catalogue import component_texts, say
from streamlit_app.components import Image, Place, viewer
from study.desk import Page, PageBlock


def awaited(now: Page) -> list[str]:
    """The image blocks of the present step: it is on the screen once all of them are decoded."""
    return [block.id for block in now.blocks if block.step == now.step and block.images]


def blocks(now: Page, place: Place) -> None:
    """Draw every released block."""
    for block in now.blocks:
        _block(now, block, place)


def _block(now: Page, block: PageBlock, place: Place) -> None:
    with st.container(border=True, key=f"block-{block.id}"):
        kind = say(f"type_{block.type}")
        heading = block.title or kind
        notes = [word for word in (kind if heading.lower() != kind.lower() else "", block.time or "") if word]
        title = f"#### {_plain(heading)}" + "".join(f" :small[· {_plain(note)}]" for note in notes)
        words = [_plain(words).replace("\n", "\n\n") for words in (block.text, block.finding) if words]
        st.markdown("\n\n".join([title, *words]))
        if block.images:
            viewer(
                [
                    Image(f"/evidence/{now.reading}/{i.sha256}", i.alt, i.caption or "", i.width, i.height)
                    for i in block.images
                ],
                key=f"viewer-{now.reading}-{block.id}",
                place=place,
                block=block.id,
                awaits=awaited(now) if block.step == now.step else (),
                texts=component_texts("viewer"),
            )


def _plain(text: str) -> str:
    """The author's text with the marks that Markdown would act on made harmless."""
    for mark in "\\`*_{}[]<>#+-!|~$:":
        text = text.replace(mark, f"\\{mark}")
    return text
