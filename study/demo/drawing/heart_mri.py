"""Late gadolinium enhancement of a thick-walled heart, and its T1 map."""

from __future__ import annotations

import numpy as np

from study.demo.drawing import fields as f
from study.demo.drawing.canvas import WHITE, Canvas

SIDE = 800
# Level: outer and inner radius of the left ventricle, size of the right one.
LEVELS = {"base": (0.36, 0.185, 1.0), "middle": (0.335, 0.16, 0.9), "apex": (0.26, 0.105, 0.6)}


def _chest(x: f.Field, y: f.Field) -> f.Field:
    """Signal of the trunk in an oblique plane, without the heart."""
    field = np.full((SIDE, SIDE), 0.01, dtype=np.float32)
    field = f.layer(field, f.ellipse(x, y, (0, 0.06), (0.98, 0.84), 0, 0.012), 0.62)
    field = f.layer(field, f.ellipse(x, y, (0, 0.06), (0.91, 0.76), 0, 0.02), 0.24)
    for rib in np.linspace(0, 2 * np.pi, 15)[:-1]:
        spot = (0.86 * np.cos(rib), 0.06 + 0.71 * np.sin(rib))
        field = f.layer(field, f.ellipse(x, y, spot, (0.075, 0.028), np.degrees(rib) + 90, 0.02), 0.42)
    field = f.layer(field, f.ellipse(x, y, (0, 0.05), (0.83, 0.66), 0, 0.02), 0.045)
    vessels = np.clip(f.clouds(SIDE, SIDE, 77, 22) - 1.2, 0, 1) * 0.25
    field = field + vessels * f.ellipse(x, y, (0, 0.05), (0.8, 0.62), 0, 0.02)
    liver = f.ellipse(x, y, (-0.62, 0.50), (0.50, 0.34), 24, 0.02) * f.ellipse(x, y, (0, 0.05), (0.83, 0.66), 0, 0.02)
    field = f.layer(field, liver, 0.30 + 0.015 * f.clouds(SIDE, SIDE, 3, 16))
    spine = f.ellipse(x, y, (-0.10, 0.62), (0.15, 0.12), 0, 0.02)
    field = f.layer(field, spine, 0.36)
    return f.layer(field, f.ellipse(x, y, (0.07, 0.46), (0.075, 0.075), 0, 0.015), 0.3)


def _muscle(inner: f.Field, seed: int) -> f.Field:
    """Signal of enhanced muscle: bright at the endocardium, falling towards the epicardium, patchy."""
    depth = np.clip(f.blur(inner, 34) * 2.3, 0, 1)
    return np.asarray(0.33 + 0.58 * depth + 0.05 * f.clouds(SIDE, SIDE, seed, 26), dtype=np.float32)


def short_axis(level: str, seed: int) -> Canvas:
    """Phase-sensitive inversion recovery in short axis, 10 minutes after contrast."""
    outer_radius, inner_radius, right = LEVELS[level]
    x0, y0 = f.grid(SIDE, SIDE)
    field = _chest(x0, y0)
    x, y = f.wobble(x0, y0, seed, 0.008, 60)
    field = f.layer(field, f.ellipse(x, y, (0.04, -0.02), (0.58, 0.47), -16, 0.02), 0.52)
    field = f.layer(
        field, f.ellipse(x, y, (-0.10, -0.06), (0.40 * right + 0.08, 0.34 * right + 0.04), -20, 0.012), 0.62
    )
    field = f.layer(field, f.ellipse(x, y, (-0.10, -0.06), (0.40 * right + 0.03, 0.34 * right), -20, 0.012), 0.21)
    outer = f.ellipse(x, y, (0.18, 0.03), (outer_radius, outer_radius * 0.97), 0, 0.012)
    inner = f.ellipse(x, y, (0.185, 0.035), (inner_radius, inner_radius * 0.94), 0, 0.012)
    field = f.layer(field, outer, _muscle(inner, seed + 5))
    field = f.layer(field, inner, 0.19)
    for spot in ((0.06, 0.13), (0.29, 0.11)) if level != "base" else ():
        field = f.layer(field, f.ellipse(x, y, spot, (0.045, 0.04), 0, 0.015), 0.55)
    shown = f.magnitude_grain(f.blur(field, 1.3), seed + 9, 0.022, 1.0)
    page = Canvas.of(f.enlarge(f.window(shown, 0, 0.92)))
    page.text((30, 30), f"PSIR LGE  short axis  {level}", 34, WHITE)
    page.text((30, 76), "TI 290 ms  10 min p.i.  8 mm", 28, WHITE)
    page.scale_bar((60, 1520), 235, "5 cm")
    return page


def four_chamber(seed: int = 90) -> Canvas:
    """The same sequence in four-chamber view."""
    x0, y0 = f.grid(SIDE, SIDE)
    field = _chest(x0, y0)
    x, y = f.wobble(x0, y0, seed, 0.008, 60)
    field = f.layer(field, f.ellipse(x, y, (0.08, 0.02), (0.66, 0.50), 32, 0.02), 0.5)
    outer = f.ellipse(x, y, (0.24, -0.02), (0.43, 0.30), 32, 0.012)
    inner = f.ellipse(x, y, (0.20, -0.03), (0.32, 0.135), 32, 0.012)
    right = f.ellipse(x, y, (-0.04, -0.18), (0.37, 0.19), 36, 0.012)
    field = f.layer(field, np.maximum(right, f.ellipse(x, y, (-0.04, -0.18), (0.41, 0.225), 36, 0.012)), 0.62)
    field = f.layer(field, right, 0.21)
    field = f.layer(field, outer, _muscle(inner, seed + 5))
    field = f.layer(field, inner, 0.19)
    for centre, radii in (((-0.16, 0.20), (0.23, 0.20)), ((-0.42, -0.10), (0.20, 0.21))):
        field = f.layer(field, f.ellipse(x, y, centre, (radii[0] + 0.022, radii[1] + 0.022), 20, 0.012), 0.66)
        field = f.layer(field, f.ellipse(x, y, centre, radii, 20, 0.012), 0.21)
    effusion = f.ellipse(x, y, (-0.62, 0.36), (0.16, 0.30), -32, 0.02)
    field = f.layer(field, effusion * f.ellipse(x0, y0, (0, 0.05), (0.83, 0.66), 0, 0.02), 0.12)
    shown = f.magnitude_grain(f.blur(field, 1.3), seed + 9, 0.022, 1.0)
    page = Canvas.of(f.enlarge(f.window(shown, 0, 0.92)))
    page.text((30, 30), "PSIR LGE  four-chamber", 34, WHITE)
    page.text((30, 76), "TI 290 ms  11 min p.i.  8 mm", 28, WHITE)
    page.scale_bar((60, 1520), 235, "5 cm")
    return page


def extracellular_volume(seed: int = 120) -> Canvas:
    """Map of the extracellular volume fraction at the middle of the left ventricle, with its colour bar."""
    x0, y0 = f.grid(SIDE, SIDE)
    chest = _chest(x0, y0)
    x, y = f.wobble(x0, y0, seed, 0.008, 60)
    outer = f.ellipse(x, y, (0.18, 0.03), (0.335, 0.325), 0, 0.012)
    inner = f.ellipse(x, y, (0.185, 0.035), (0.16, 0.15), 0, 0.012)
    volume = 0.12 + 0.35 * np.clip(chest, 0, 0.6)
    volume = f.layer(volume, f.ellipse(x, y, (-0.10, -0.06), (0.40, 0.32), -20, 0.012), 0.50)
    volume = f.layer(volume, f.ellipse(x, y, (-0.12, -0.07), (0.36, 0.29), -20, 0.012), 0.60)
    volume = f.layer(volume, outer, 0.54 + 0.03 * f.clouds(SIDE, SIDE, seed + 3, 30))
    volume = f.layer(volume, inner, 0.61) + 0.022 * f.noise(SIDE, SIDE, seed + 4, 1.6)
    page = Canvas.of(f.enlarge(_rainbow(volume / 0.8)))
    for i in range(200):
        tone = _rainbow(np.full((1, 1), i / 199, dtype=np.float32))[0, 0]
        page.box((1490, 1300 - 5 * i), (1530, 1305 - 5 * i), fill=(int(tone[0]), int(tone[1]), int(tone[2])))
    for value in (0.0, 0.2, 0.4, 0.6, 0.8):
        page.text((1482, 1300 - value / 0.8 * 1000), f"{value:.1f}", 28, WHITE, "rm")
    page.disc((742, 824), 30, edge=WHITE)
    page.text((30, 30), "ECV map  short axis  middle", 34, WHITE)
    page.text((30, 76), "ROI mean 0.54 (septum 0.55)   native T1 1,132 ms at 1.5 T", 28, WHITE)
    return page


def _rainbow(share: f.Field) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    stops = [0, 0.15, 0.35, 0.55, 0.75, 1]
    tones = ((10, 20, 120, 250, 240, 120), (10, 60, 200, 220, 70, 0), (60, 200, 190, 40, 20, 10))
    return np.stack([np.interp(share, stops, tone) for tone in tones], axis=-1).round().astype(np.uint8)
