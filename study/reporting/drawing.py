"""Drawings as SVG: text that a screen reader reads, marks that print, nothing that is fetched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

HUMAN, MODEL, INK, FAINT, LINE = "#1f6f8b", "#c2571a", "#1f2933", "#52606d", "#d5dbe1"
TOP, BOTTOM = 66, 46


def drawing(title: str, said: str, width: float, height: float, marks: Iterable[str]) -> str:
    """A whole drawing: its title, what it says in words, and its marks."""
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width:g}" height="{height:g}" '
            f'viewBox="0 0 {width:g} {height:g}" font-family="system-ui, sans-serif" font-size="12" fill="{INK}">',
            f"<title>{escape(title)}</title>",
            f"<desc>{escape(said)}</desc>",
            f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>',
            text(16, 24, title, size=15, weight=600),
            *marks,
            "</svg>\n",
        ]
    )


def text(x: float, y: float, words: str, anchor: str = "start", size: int = 12, weight: int = 400) -> str:
    """Words at a place."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" font-weight="{weight}">'
        f"{escape(words)}</text>"
    )


def line(x1: float, y1: float, x2: float, y2: float, colour: str = INK, width: float = 1, dash: str = "") -> str:
    """A straight line."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width:g}"{dashed}/>'
    )


def dot(x: float, y: float, colour: str, words: str, hollow: bool = False) -> str:
    """A point that says what it is."""
    fill = "#ffffff" if hollow else colour
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{colour}" stroke-width="2">'
        f"<title>{escape(words)}</title></circle>"
    )


def path(points: Sequence[tuple[float, float]], colour: str, dash: str = "") -> str:
    """A line through points."""
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return f'<polyline points="{told}" fill="none" stroke="{colour}" stroke-width="2"{dashed}/>'


def band(points: Sequence[tuple[float, float]], colour: str) -> str:
    """A shaded area within points."""
    told = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polygon points="{told}" fill="{colour}" fill-opacity="0.14"/>'


def per_cent_axis(left: float, right: float, top: float, bottom: float, low: int = 0, high: int = 100) -> list[str]:
    """An axis along the bottom from ``low`` to ``high`` per cent, with a grid."""
    marks = []
    for tick in range(low, high + 1, 20 if high - low > 60 else 10):
        x = left + (tick - low) / (high - low) * (right - left)
        marks += [line(x, top, x, bottom, LINE), text(x, bottom + 18, f"{tick} %", "middle")]
    return marks
