"""Evidence Sensitivity as a plot: one SVG file a model, a panel a type, each case a point about the identity line."""

from __future__ import annotations

import math
from collections.abc import Iterator
from xml.sax.saxutils import escape

from scoring.beside_null import Figure
from scoring.utilisation import TypeUse
from study.sensitivity import ModelSensitivity, Settings

SIDE, LEFT, TOP, GAP, NARROWEST = 240, 56, 166, 116, 640
COLUMNS = 3
UNITS = {2.0: "bits", math.e: "nats", 10.0: "decimal digits"}


def svg(study: str, model: ModelSensitivity, settings: Settings) -> str:
    """The model's plot as a file that stands by itself; raises ``ValueError`` where there is nothing to show."""
    if model.use is None:
        raise ValueError(f"{model.model} has no sensitivities to show")
    types = [one for one in model.use.types if one.nmse.n]
    columns = max(1, min(COLUMNS, len(types)))
    width = max(NARROWEST, LEFT + columns * (SIDE + GAP))
    height = TOP + max(1, -(-len(types) // columns)) * (SIDE + GAP) + 8
    name = f"Evidence Sensitivity of {model.model} in {study}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="system-ui, sans-serif" font-size="12" fill="#1f2933">',
        f"<title>{escape(name)}</title><desc>{escape(described(model, settings))}</desc>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="26" font-size="16" font-weight="600">{escape(name)}</text>',
        *(
            f'<text x="{LEFT}" y="{46 + 16 * line}">{escape(words)}</text>'
            for line, words in enumerate(_below_title(model, settings))
        ),
    ]
    for place, one in enumerate(types):
        x, y = LEFT + place % columns * (SIDE + GAP), TOP + place // columns * (SIDE + GAP)
        parts += [f'<g transform="translate({x} {y})">', *_panel(one, settings.base), "</g>"]
    if not types:
        parts.append(f'<text x="{LEFT}" y="{TOP}">No case has both forms of any type of evidence.</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def described(model: ModelSensitivity, settings: Settings) -> str:
    """The plot in words, with the cases of each panel."""
    types = model.use.types if model.use is not None else ()
    shown = "; ".join(f"{one.type}, n = {one.nmse.n} cases" for one in types if one.nmse.n)
    return (
        f"{shown}. "
        + "One panel for each type of evidence; each point is a case. Across: how far the expert finding moved the "
        "answer; up: how far the image did. The line is where both are equal. "
        + " ".join(_below_title(model, settings))
    )


def _below_title(model: ModelSensitivity, settings: Settings) -> list[str]:
    shown = "images" if settings.others == "image" else "findings"
    said = [f"By {model.estimator}; for the finding all other evidence is shown as {shown}."]
    if model.descriptive:
        said.append(f"Descriptive: {model.fewest} samples in some case and arm, where frequencies need 50.")
    if model.use is not None:
        said.append(f"NMSE averaged over {model.use.nmse.n} types: {_told(model.use.nmse)}")
    return said


def _panel(one: TypeUse, base: float) -> Iterator[str]:
    points = [(c.s_text, c.s_image, c.case) for c in one.cases if c.s_text is not None and c.s_image is not None]
    most = _ceiling(max(max(x, y) for x, y, _ in points), math.log(2) / math.log(base))
    yield f'<text y="-40" font-weight="600">{escape(one.type)}, n = {one.nmse.n} cases</text>'
    yield f'<text y="-24">NMSE {escape(_told(one.nmse))}</text>'
    yield f'<text y="-8">{_percent(one.above)} above the line, {_percent(one.below)} below</text>'
    yield f'<rect width="{SIDE}" height="{SIDE}" fill="none" stroke="#9aa5b1"/>'
    yield f'<line x1="0" y1="{SIDE}" x2="{SIDE}" y2="0" stroke="#52606d" stroke-dasharray="5 4"/>'
    for share in (0.0, 0.5, 1.0):
        label, at = f"{share * most:.2g}", share * SIDE
        yield f'<text x="{at:.1f}" y="{SIDE + 16}" text-anchor="middle">{label}</text>'
        yield f'<text x="-6" y="{SIDE - at + 4:.1f}" text-anchor="end">{label}</text>'
    for x, y, case in points:
        yield (
            f'<circle cx="{x / most * SIDE:.2f}" cy="{SIDE - y / most * SIDE:.2f}" r="4" fill="#1f6f8b" '
            f'fill-opacity="0.55"><title>{escape(case)}: finding {x:.3f}, image {y:.3f}</title></circle>'
        )
    unit = UNITS.get(base, f"logarithm to base {base:g}")
    yield f'<text x="{SIDE / 2}" y="{SIDE + 34}" text-anchor="middle">S of the finding ({unit})</text>'
    turned = f"translate(-38 {SIDE / 2}) rotate(-90)"
    yield f'<text transform="{turned}" text-anchor="middle">S of the image ({unit})</text>'


def _ceiling(value: float, most: float) -> float:
    """A round number at or above the largest value, and no more than a sensitivity can be."""
    steps = [step * most for step in (0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0)]
    return next(step for step in steps if value <= step * (1 + 1e-9))


def _told(figure: Figure) -> str:
    if figure.estimate is None:
        return "cannot be told"
    ends = f" [{figure.ci[0]:.2f}, {figure.ci[1]:.2f}]" if figure.ci else ""
    null = f", with no effect {figure.null:.2f}" if figure.null is not None else ""
    return f"{figure.estimate:.2f}{ends}{null}"


def _percent(figure: Figure) -> str:
    return "–" if figure.estimate is None else f"{100 * figure.estimate:.0f} %"
