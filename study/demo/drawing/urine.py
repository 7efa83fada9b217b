"""Photographs of urine in glass vials on a window sill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from study.demo.drawing import fields as f
from study.demo.drawing.canvas import INK, Canvas, Colour

HEIGHT, WIDTH = 1300, 1800
Scene = NDArray[np.float32]
FRESH: Colour = (226, 190, 84)
CONTROL: Colour = (229, 196, 96)
DARKENED: Colour = (86, 26, 16)
KEPT_DARK: Colour = (206, 156, 62)
VIALS = ("Patient, in light", "Patient, in dark", "Control, in light")


def photograph(liquids: tuple[Colour, Colour, Colour], when: str) -> Canvas:
    """Three vials in a row with their labels; light falls from the left."""
    scene = _room()
    for i, colour in enumerate(liquids):
        _vial(scene, 420 + 480 * i, colour)
    # Half the pixels are enough for smooth glass; the grain is drawn at full size.
    scene = np.stack([_full(scene[..., band]) for band in range(3)], axis=-1)
    scene += (2.2 * f.noise(HEIGHT, WIDTH, 14, 0.8))[..., None]
    page = Canvas.of(np.clip(scene, 0, 255).astype(np.uint8))
    for i, name in enumerate(VIALS):
        x = 420 + 480 * i
        page.box((x - 122, 640), (x + 122, 770), fill=(238, 236, 228))
        page.text((x, 682), name, 27, INK, "mm")
        page.text((x, 732), when, 25, INK, "mm")
    return page


def _full(band: f.Field) -> f.Field:
    return np.asarray(Image.fromarray(band).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC), dtype=np.float32)


def _room() -> Scene:
    y, x = np.mgrid[:HEIGHT:2, :WIDTH:2].astype(np.float32)
    wall = np.stack([214 - 0.016 * x, 220 - 0.015 * x, 222 - 0.010 * x], axis=-1)
    pane = np.clip(1 - np.hypot((x - 250) / 900, (y - 250) / 800), 0, 1)[..., None]
    wall = wall + 26 * pane
    sill = (
        np.stack([188 - 0.02 * x, 180 - 0.02 * x, 168 - 0.02 * x], axis=-1)
        + 3 * f.clouds(HEIGHT // 2, WIDTH // 2, 3, 30)[..., None]
    )
    edge = np.clip((y - 890) / 16, 0, 1)[..., None]
    return np.asarray(wall * (1 - edge) + sill * edge, dtype=np.float32)


def _vial(room: Scene, centre: int, colour: Colour) -> None:
    left, right, top = max(centre - 340, 0), min(centre + 540, WIDTH), 180
    scene = room[top // 2 : 585, left // 2 : right // 2]
    y, x = np.mgrid[top:1170:2, left:right:2].astype(np.float32)
    across = (x - centre) / 150
    bow = 34 * np.sqrt(np.clip(1 - across**2, 0, 1))
    shadow = np.clip(1 - np.hypot((x - centre - 150) / 330, (y - 1090) / 46), 0, 1)[..., None]
    scene *= 1 - 0.45 * shadow
    tone = np.array(colour, dtype=np.float32)
    scene += np.clip(1 - np.hypot((x - centre - 150) / 230, (y - 1095) / 36), 0, 1)[..., None] * (tone - 150) * 0.25
    side = f.step(np.abs(across) - 1, 0.02)
    glass = side * f.step(260 - bow - y, 3) * f.step(y - 1080 - bow, 3)
    scene += glass[..., None] * (np.array((226, 232, 234), dtype=np.float32) - scene) * 0.5
    liquid = f.step(np.abs(across) - 0.94, 0.02) * f.step(430 - bow - y, 3) * f.step(y - 1062 - bow, 3)
    depth = 0.74 + 0.26 * np.sqrt(np.clip(1 - across**2, 0, 1))
    lit = tone * (1.32 - 0.34 * depth[..., None]) + 12 * np.clip(-across, 0, 1)[..., None]
    scene += liquid[..., None] * (lit - scene) * 0.93
    surface = f.step(np.hypot(across / 0.94, (y - 430) / 34) - 1, 0.03)
    scene += surface[..., None] * (tone * 1.14 + 10 - scene) * 0.8
    for spot, width, strength in ((-0.74, 0.05, 0.75), (-0.58, 0.02, 0.4), (0.82, 0.03, 0.45)):
        shine = np.exp(-(((across - spot) / width) ** 2)) * glass * f.step(300 - y, 60) * f.step(y - 1040, 60)
        scene += (shine * strength)[..., None] * (250 - scene)
    rim = np.abs(np.hypot(across, (y - 262) / 34) - 1)
    scene += (np.clip(1 - rim / 0.07, 0, 1) * 0.6)[..., None] * (245 - scene)
    cap = side * f.step(196 - y, 4) * f.step(y - 262 - bow, 3)
    lid = np.array((238, 240, 242), dtype=np.float32) * (0.98 - 0.22 * np.abs(across + 0.25))[..., None]
    scene += cap[..., None] * (lid - scene)
