"""CT of the abdomen, six axial sections from spleen to below the kidneys, and the lumbar spine from the side."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing.fields import Field
from study.demo.drawing.tomography import Section

AIR, FAT, MUSCLE, BONE, LIVER, SPLEEN, KIDNEY, VESSEL, NODE = (
    -1000.0,
    -105.0,
    58.0,
    560.0,
    112.0,
    122.0,
    175.0,
    165.0,
    78.0,
)
SPAN, SPINE_SPAN = 400.0, 320.0
LEVELS = (0, 1, 2, 3, 4, 5)


def draw(folder: Path) -> None:
    """Draw the stack, top to bottom, then the spine in a bone window."""
    for level in LEVELS:
        axial(level).ct(folder / f"ct-{level + 1}.jpg", 50, 380, 11, 100 + level)
    spine().ct(folder / "ct-7.jpg", 450, 1700, 28, 120, ("A", "P"))


def axial(level: int) -> Section:
    """One section; ``level`` counts 20 mm steps downwards."""
    s = Section.empty(SPAN, AIR, 130 + 2 * level, 1.6)
    s.put(15, (0, 0), (172, 122), 0, 1.5)
    s.put(FAT, (0, 0), (169, 119), 0, 1.5)
    s.put(MUSCLE, (0, 2), (152, 104), 0, 1.5)
    s.put(FAT, (0, 0), (145, 97), 0, 1.5)
    _wall(s, level)
    upper = 1 - level / 6
    if level < 4:
        liver = s.outline(
            [
                (-142, 10),
                (-120, -66),
                (-50, -90),
                (20 + 30 * upper, -84),
                (14, -40),
                (-26, -6),
                (-40, 40),
                (-80, 76),
                (-128, 60),
            ]
        )
        lower = s.outline([(-142, 10), (-128, -50), (-88, -62), (-70, -10), (-84, 50), (-126, 56)])
        s.lay(liver if level < 3 else lower, LIVER)
        s.texture(liver if level < 3 else lower, 4, 6, 140 + level)
        for at, radii, turn in (
            ((-70, -10), (14, 3.5), 30),
            ((-92, 22), (12, 3), -40),
            ((-50, -50), (13, 3), 60),
            ((-104, -24), (10, 2.6), 10),
        ):
            s.put(VESSEL - 5, at, radii, turn + 12 * level, 2)
    if level < 3:
        size = (0.85, 1.0, 0.8)[level]
        s.lay(
            s.outline(
                [
                    (138 * 1, -2),
                    (126, -34 * size),
                    (104, -22 * size),
                    (96, 18),
                    (88, 52 * size),
                    (108, 72 * size),
                    (132, 46),
                ]
            ),
            SPLEEN,
        )
    _stomach(s, level)
    if level >= 1:
        grow = (0.0, 0.65, 1.0, 1.0, 0.95, 0.55)[level]
        s.pair(KIDNEY, (62, 46), (22 * grow, 31 * grow), 20)
        s.pair(110, (55, 44), (9 * grow, 13 * grow), 20, 4)
        s.pair(FAT, (48, 42), (8 * grow, 5 * grow), 10, 3)
    _spine(s)
    s.put(VESSEL + 5, (7, 24), (10.5, 10.5))
    s.put(VESSEL - 25, (-19, 22), (14 if level < 3 else 12, 9.5), 10)
    _nodes(s, level)
    return s


def _wall(s: Section, level: int) -> None:
    for angle in (float(a) for a in np.arange(15, 360, 27) + 7 * level):
        turn = np.deg2rad(angle)
        at = (149 * np.cos(turn), 101 * np.sin(turn))
        if level < 4 and abs(at[0]) > 40:
            s.put(BONE * 0.8, at, (8, 3.4), angle + 90)
            s.put(250, at, (6, 1.8), angle + 90)
    s.pair(MUSCLE + 4, (34, 88), (26, 17), 6, 1.5)
    s.put(FAT, (0, 100), (4, 12), 0, 3)
    s.pair(MUSCLE + 4, (34, 40 + level), (10 + 2.2 * level, 12 + 1.5 * level), 10, 1.5)
    s.pair(MUSCLE + 2, (24, -97), (20, 4.5), 6, 1.5)


def _stomach(s: Section, level: int) -> None:
    if level < 3:
        s.put(MUSCLE + 25, (58, -42), (42 - 4 * level, 30 - 3 * level), -18, 1.5)
        s.put(18, (58, -42), (38 - 4 * level, 26 - 3 * level), -18, 1.5)
        air = s.oval((58, -42), (37 - 4 * level, 25 - 3 * level), -18) * np.clip(0.5 - (s.y + 52) / 1.5, 0, 1)
        s.lay(air.astype(np.float32), AIR)
    if level in (2, 3):
        s.put(100, (34, 2), (48, 9), -14, 2)
        s.put(95, (-18, 4), (16, 13), 0, 2)
        s.put(VESSEL - 10, (8, 3), (9, 6))
    rng = np.random.default_rng(150 + level)
    loops = [(x, y) for x in range(-110, 120, 30) for y in (-66, -38, -12)] if level >= 3 else []
    for x, y in loops:
        at = (x + rng.normal(0, 4), y + rng.normal(0, 4))
        if level == 3 and at[0] < -62:
            continue
        radii = (rng.uniform(10, 15), rng.uniform(9, 12))
        s.put(MUSCLE + 30, at, radii, rng.uniform(0, 90), 1.5)
        s.put(rng.choice([14.0, 30.0, 30.0]), at, (radii[0] - 2.6, radii[1] - 2.6), rng.uniform(0, 90), 2)
    for x in (-122, 124) if level >= 3 else (126,):
        s.put(MUSCLE + 10, (x, 4 if level >= 3 else -58), (17, 20), 0, 1.5)
        s.put(-20, (x, 6 if level >= 3 else -56), (14, 17), 0, 2)
        s.put(AIR, (x, -3 if level >= 3 else -64), (12, 9), 0, 2)


def _spine(s: Section) -> None:
    s.put(BONE, (0, 56), (24, 18), 0, 1.5)
    s.put(215, (0, 56), (22, 16), 0, 2)
    s.texture(s.oval((0, 56), (22, 16)), 22, 3, 160)
    for side in (-1, 1):
        s.put(BONE, (side * 14, 78), (5, 10), side * -20)
        s.put(BONE * 0.8, (side * 34, 80), (18, 3.4), side * 14)
        s.put(BONE, (side * 10, 92), (10, 3.5), side * 40)
    s.put(BONE, (0, 104), (3, 11))
    s.put(25, (0, 79), (9, 7), 0, 1.5)


def _nodes(s: Section, level: int) -> None:
    nodes = {
        2: ((22, 30, 6, 5),),
        3: ((24, 26, 9, 8), (-4, 9, 7, 5), (-36, 30, 6, 5)),
        4: ((25, 25, 12, 9), (21, 42, 8, 7), (-3, 7, 9, 6), (-7, 34, 5, 6), (-37, 28, 7, 6)),
        5: ((24, 26, 10, 8), (20, 41, 7, 6), (-4, 8, 8, 6), (-36, 30, 6, 5)),
    }
    for x, y, across, down in nodes.get(level, ()):
        s.put(NODE, (x, y), (across, down), 15, 1.2)


def spine() -> Section:
    """The lumbar spine in the midline, trabecular bone without holes, discs and canal between."""
    s = Section.empty(SPINE_SPAN, -70, 170, 0.6)
    s.put(45, (-55, 0), (30, 200), 4, 2)
    s.put(40, (95, 0), (22, 200), -4, 2)
    s.put(AIR, (-170, 0), (60, 150), 4, 2)
    s.put(VESSEL, (-34, -30), (9, 140), 3, 1.5)
    canal: Field = np.exp(-(((s.x - 24 - 14 * np.cos(s.y / 90)) / 8) ** 4)).astype(np.float32)
    s.lay(canal, 25)
    for k in range(-4, 5):
        y = 37.0 * k
        lean = 14 * np.cos(y / 90) - 4
        turn = -9 * np.sin(y / 80)
        s.lay(_block(s, (lean, y), (17.5, 14.2), turn), 620)
        inside = _block(s, (lean, y), (16, 12.6), turn)
        s.lay(inside, 190)
        s.texture(inside, 45, 1.6, 180 + k)
        s.lay(_block(s, (lean + 0.5, y + 18.5), (15.5, 3.6), turn), 85)
        s.put(520, (lean + 44, y + 14), (17, 6), 22, 1.2)
        s.put(230, (lean + 44, y + 14), (14.5, 4), 22, 1.2)
    return s


def _block(s: Section, at: tuple[float, float], half: tuple[float, float], turn: float) -> Field:
    a = np.deg2rad(turn)
    dx, dy = s.x - at[0], s.y - at[1]
    u, v = dx * np.cos(a) + dy * np.sin(a), dy * np.cos(a) - dx * np.sin(a)
    waist = half[0] - 1.6 * (1 - (v / half[1]) ** 2)
    reach = np.maximum(np.abs(u) - waist, np.abs(v) - half[1])
    return np.asarray(np.clip(0.5 - reach / 0.9, 0, 1), dtype=np.float32)
