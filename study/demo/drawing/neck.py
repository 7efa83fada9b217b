"""CT of the neck: seven axial sections from the vocal cords to the trachea and a coronal one, from one description."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing.fields import Field
from study.demo.drawing.tomography import Section

AIR, FAT, MUSCLE, BONE, VESSEL, THYROID, WALL = -1000.0, -95.0, 62.0, 650.0, 215.0, 165.0, 74.0
SPAN = 160.0
LEVELS = (-2.0, 7.0, 13.0, 16.0, 19.0, 23.0, 36.0)


def lumen(depth: float) -> tuple[float, float]:
    """Half widths (across, front to back) of the airway ``depth`` mm below the vocal cords; narrowest 3 mm."""
    normal = (6.5 + 2.0 * min(depth, 20) / 20, 8.5 - 1.0 * min(depth, 20) / 20)
    narrow = float(np.exp(-(((depth - 17) / 4.6) ** 4)))
    return normal[0] + narrow * (3.0 - normal[0]), normal[1] + narrow * (3.0 - normal[1])


def draw(folder: Path) -> None:
    """Draw the stack, top to bottom, then the coronal section."""
    for i, depth in enumerate(LEVELS):
        axial(depth, 40 + 3 * i).ct(folder / f"ct-{i + 1}.jpg", 60, 400, 9, 70 + i)
    coronal().ct(folder / "ct-8.jpg", 60, 400, 9, 90)


def axial(depth: float, seed: int) -> Section:
    """The section ``depth`` mm below the vocal cords."""
    s = Section.empty(SPAN, AIR, seed, 0.5)
    wide = 58 + 0.1 * depth
    s.put(10, (0, 14), (wide, 49))
    s.put(FAT, (0, 14), (wide - 2, 47))
    s.texture(s.oval((0, 14), (wide - 3, 46)), 7, 6, seed + 5)
    _muscles(s, depth)
    _spine(s)
    for side in (-1, 1):
        s.put(VESSEL, (side * 25, 1), (3.6, 3.8))
        s.put(VESSEL - 25, (side * 33, 4), (6.2 if side < 0 else 5.0, 5.2), 20 * side)
        for at in ((38, 14, 2.6), (30, 17, 2.0), (42, 2, 2.2)):
            s.put(68, (side * at[0], at[1]), (at[2], at[2] * 0.7))
    _airway(s, depth)
    return s


def _muscles(s: Section, depth: float) -> None:
    for side in (-1, 1):
        s.put(MUSCLE, (side * 40, -9 + 0.2 * depth), (14, 5.5), side * -38)
        s.put(MUSCLE - 4, (side * 15, 44), (13, 9), side * 10)
        s.put(MUSCLE, (side * 32, 38), (15, 7), side * -35)
        s.put(MUSCLE, (side * 25, 22), (8, 6.5), side * 30)
        s.put(MUSCLE - 4, (side * 9, 12), (8, 4.5), side * 8)
        s.put(MUSCLE, (side * 8, -27), (7, 2.2), side * 14)
        s.put(MUSCLE, (side * 47, 30), (3, 14), side * 24)


def _spine(s: Section) -> None:
    s.put(BONE, (0, 24), (13, 9))
    s.put(300, (0, 24), (11.5, 7.6))
    s.texture(s.oval((0, 24), (11.5, 7.6)), 60, 2, 5)
    for side in (-1, 1):
        s.put(BONE, (side * 17, 29), (7, 4), side * 15)
        s.put(230, (side * 17, 29), (5, 2.4), side * 15)
        s.put(VESSEL - 30, (side * 16, 26), (2, 2))
        s.put(BONE, (side * 10, 42), (11, 3), side * 38)
    s.put(BONE, (0, 50), (3, 6))
    s.put(35, (0, 36.5), (9.5, 6))
    s.put(52, (0, 36.5), (5.6, 4))


def _airway(s: Section, depth: float) -> None:
    across, front = lumen(depth)
    if depth < 0:
        cartilage = [
            (-17, 2),
            (-14, -10),
            (-3, -23),
            (0, -25),
            (3, -23),
            (14, -10),
            (17, 2),
            (14.5, 2),
            (11.5, -9),
            (0, -21.5),
            (-11.5, -9),
            (-14.5, 2),
        ]
        s.put(MUSCLE, (0, -6), (14, 15))
        s.lay(s.outline(cartilage), 150)
        s.lay(s.outline([(0, -19), (-3.4, -6), (-5, 3), (5, 3), (3.4, -6)], 0.4), AIR)
        s.pair(240, (7, 3), (3, 3.2))
    else:
        s.put(MUSCLE, (0, -10), (16, 15))
        ring = 1.0 if depth < 22 else 0.0
        s.put(130 + 70 * ring, (0, -10), (13.2, 13.2))
        s.put(95, (0, -10), (11.4, 11.4))
        s.put(WALL, (0, -10), (10.7, 10.7) if ring else (9.6, 9.2))
        if ring:
            s.lay(s.oval((0, 1.5), (9, 3)), 190)
            s.put(WALL, (0, -10), (10.2, 10.2))
        else:
            s.put(MUSCLE, (0, 1.2), (8, 2.2))
        s.put(AIR, (0, -10), (across, front), 0, 0.6)
        if depth > 8:
            lobe = min(1.0, (depth - 4) / 14)
            s.pair(THYROID, (18.5, -6), (6 * lobe, 11 * lobe), 12)
            if depth > 24:
                s.put(THYROID, (0, -22), (14, 2.6))
    s.put(58, (-3 if depth > 20 else 0, 6), (7, 3.2))
    s.put(AIR * 0.2, (-3, 6), (1.5, 0.6))


def coronal() -> Section:
    """The coronal section through the airway, vocal cords 22 mm above its centre."""
    s = Section.empty(SPAN, AIR, 77, 0.5)
    s.lay(
        s.outline(
            [
                (-57, -85),
                (-52, -10),
                (-60, 25),
                (-85, 42),
                (-85, 85),
                (85, 85),
                (85, 42),
                (60, 25),
                (52, -10),
                (57, -85),
            ],
            0.4,
        ),
        FAT,
    )
    for side in (-1, 1):
        s.put(MUSCLE, (side * 36, -8), (8, 60), side * -10)
        s.put(VESSEL, (side * 25, -10), (3.5, 70), side * 2)
        s.put(VESSEL - 25, (side * 33, -5), (5.5, 60), side * -3)
        s.put(MUSCLE, (side * 16, -28), (6, 14))
        s.put(150, (side * 15, -34), (2, 15), side * -4)
        s.put(THYROID, (side * 18, 4), (7, 20), side * 5)
        s.put(200, (side * 12, -6), (1.8, 6.5))
        s.put(AIR + 140, (side * 46, 86), (38, 40), side * 8, 1.5)
        s.put(BONE, (side * 52, 47), (22, 4), side * 24)
    s.put(MUSCLE, (0, -26), (12, 30))
    _column(s)
    for side in (-1, 1):
        s.put(85, (side * 5.5, -22), (6, 2.6), side * 8)
        for k in range(8):
            s.put(150, (side * 10.6, 8 + 7.5 * k), (1.2, 2.2))
    return s


def _column(s: Section) -> None:
    depth = s.y + 22
    normal = 6.5 + 2.0 * np.clip(depth, 0, 20) / 20
    narrow = np.exp(-(((depth - 17) / 4.6) ** 4))
    half = np.where(depth < 0, 4 + 3 * np.clip(-depth / 10, 0, 1), normal + narrow * (3.0 - normal))
    wall: Field = np.clip(0.5 - (np.abs(s.x) - np.where(depth < 0, half + 3, normal + 2.4)) / 0.8, 0, 1).astype(
        np.float32
    )
    s.lay(wall, WALL)
    s.lay(np.clip(0.5 - (np.abs(s.x) - half) / 0.8, 0, 1).astype(np.float32), AIR)
