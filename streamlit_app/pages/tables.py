"""Plain HTML tables: light to send, read by screen readers, and at home in light and dark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import streamlit as st

STYLE = """
<style>
.rs-scroll { overflow-x: auto; max-width: 100%; }
.rs-scroll:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
.rs-table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
.rs-table caption { text-align: start; padding: 0 0 .5rem; opacity: .8; }
.rs-table th, .rs-table td { text-align: start; padding: .45rem .9rem .45rem 0; white-space: nowrap;
    border-bottom: 1px solid rgba(128,128,128,.25); vertical-align: top; }
.rs-table thead th { font-weight: 600; }
.rs-table tbody th { font-weight: 500; }
.rs-table td.wide { white-space: normal; overflow-wrap: anywhere; min-width: 12rem; }
.rs-table td.number, .rs-table th.number { text-align: end; }
.rs-table tr.whole th, .rs-table tr.whole td { font-weight: 650; background: rgba(128,128,128,.09); }
</style>"""


def table(
    caption: str,
    headers: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    numbers: Iterable[int] = (),
    wide: Iterable[int] = (),
    whole: Iterable[int] = (),
) -> None:
    """Draw rows of plain values: ``numbers`` columns stand right, ``wide`` ones may break, ``whole`` rows stand out."""
    places, broad, heavy = frozenset(numbers), frozenset(wide), frozenset(whole)
    kind = {**dict.fromkeys(places, ' class="number"'), **dict.fromkeys(broad, ' class="wide"')}
    head = "".join(f'<th scope="col"{kind.get(n, "")}>{escape(name)}</th>' for n, name in enumerate(headers))
    body = "".join(_row(cells, kind, number in heavy) for number, cells in enumerate(rows))
    scroll(
        caption,
        f'<table class="rs-table"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table>",
    )


def scroll(name: str, html: str, style: str = "") -> None:
    """Draw HTML of our own making in a box that scrolls sideways, also by keyboard."""
    st.html(STYLE + style)
    st.html(f'<div class="rs-scroll" role="region" tabindex="0" aria-label="{escape(name)}">{html}</div>')


def _row(cells: Sequence[object], kind: dict[int, str], heavy: bool) -> str:
    first, *others = (escape("" if cell is None else str(cell)) for cell in cells)
    body = "".join(f"<td{kind.get(n, '')}>{cell}</td>" for n, cell in enumerate(others, 1))
    return f'<tr{" class=whole" if heavy else ""}><th scope="row">{first}</th>{body}</tr>'


def plain(text: str) -> str:
    """Words of a person or a file for Markdown: nothing in them is taken for marks."""
    for mark in "\\`*_{}[]()<>#|~$:!":
        text = text.replace(mark, f"\\{mark}")
    return text
