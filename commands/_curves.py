"""Curves over one axis as an SVG file that stands by itself, each named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 640, 400, 64, 110, 48, 52
# Okabe and Ito's colours, which people who are colour-blind can tell apart, but for the yellow.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000")


@dataclass(frozen=True)
class Curve:
    """Points (x, y) in order of x."""

    name: str
    points: Sequence[tuple[float, float]]


def svg(
    title: str, across: str, up: str, curves: Sequence[Curve], most: float | None = None, target: float | None = None
) -> str:
    """The curves over a common pair of axes, with a dashed line at the target; ``most`` is the top of the scale."""
    right = max(x for curve in curves for x, _ in curve.points)
    top = most or 1.1 * max(y for curve in curves for _, y in curve.points)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{WIDTH}" height="{HEIGHT}" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">',
        f"<title>{escape(title)}</title><desc>{escape(_described(across, up, curves))}</desc>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="26" font-size="16" font-weight="600">{escape(title)}</text>',
        *_axes(across, up, right, top),
    ]
    if target is not None:
        y = _up(target, top)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" stroke="#52606d" stroke-dasharray="5 4"/>')
    lowest = 0.0
    for place, curve in sorted(enumerate(curves), key=lambda pair: _up(pair[1].points[-1][1], top)):
        colour = COLOURS[place % len(COLOURS)]
        line = " ".join(f"{_across(x, right):.1f},{_up(y, top):.1f}" for x, y in curve.points)
        end = lowest = max(_up(curve.points[-1][1], top) + 4, lowest + 13)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 6}" y="{end:.1f}" fill="{colour}">{escape(curve.name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _described(across: str, up: str, curves: Sequence[Curve]) -> str:
    told = (f"{curve.name}: " + ", ".join(f"{x:g} {y:.3f}" for x, y in curve.points) for curve in curves)
    return f"{up} over {across}. " + "; ".join(told) + "."


def _axes(across: str, up: str, right: float, top: float) -> list[str]:
    turned = f"translate(18 {(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)"
    parts = [
        f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#9aa5b1"/>',
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 14}" text-anchor="middle">{escape(across)}</text>',
        f'<text transform="{turned}" text-anchor="middle">{escape(up)}</text>',
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        x, y = _across(share * right, right), _up(share * top, top)
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{share * right:g}</text>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share * top:.2g}</text>')
    return parts


def _across(x: float, right: float) -> float:
    return LEFT + x / right * (WIDTH - LEFT - RIGHT)


def _up(y: float, top: float) -> float:
    return HEIGHT - BOTTOM - min(y, top) / top * (HEIGHT - TOP - BOTTOM)
