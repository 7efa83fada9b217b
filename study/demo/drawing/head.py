"""A child's head with a suprasellar cyst, calcified rim and a solid nodule: axial CT and three planes of MRI."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from study.demo.drawing import paint, sulci
from study.demo.drawing.fields import Field, clouds
from study.demo.drawing.tomography import MATRIX, Section

SPAN = 200.0
BONE, BRAIN, WHITE_MATTER, CSF, CYST, SOLID = 950.0, 37.0, 30.0, 5.0, 13.0, 44.0


def draw(folder: Path) -> None:
    """Draw the CT stack from below upwards, then the MRI."""
    for level in range(6):
        ct(level).ct(folder / f"ct-{level + 1}.jpg", 38, 90, 3.2, 200 + level)
    sagittal(False).mri(folder / "mri-1.jpg", 0.025, 220, ("A", "P"))
    sagittal(True).mri(folder / "mri-2.jpg", 0.025, 221, ("A", "P"))
    coronal().mri(folder / "mri-3.jpg", 0.025, 222)
    axial_t2().mri(folder / "mri-4.jpg", 0.025, 223)


def _skull(s: Section, wide: float, long: float, seed: int) -> Field:
    s.put(20, (0, 0), (wide + 9, long + 9), 0, 1)
    s.put(-60, (0, 0), (wide + 7.5, long + 7.5), 0, 1)
    s.put(BONE, (0, 0), (wide + 4.5, long + 4.5), 0, 1)
    s.put(500, (0, 0), (wide + 2.8, long + 2.8), 0, 1)
    s.put(BONE, (0, 0), (wide + 1.6, long + 1.6), 0, 1)
    inner = s.oval((0, 0), (wide, long))
    s.lay(inner, CSF + 4)
    brain = s.oval((0, 0), (wide - 1.5, long - 1.5))
    folds = clouds(MATRIX, MATRIX, seed, 26)
    rim = np.clip(np.hypot(s.x / wide, s.y / long) * 6 - 4.7, 0, 1)
    s.lay(brain, BRAIN)
    s.lay(s.oval((0, 0), (wide - 6, long - 6), 0, 9) * np.clip(0.75 + 0.15 * folds, 0, 1), WHITE_MATTER)
    sulci = np.exp(-((folds / 0.13) ** 2)) * rim * brain
    s.lay((0.75 * sulci).astype(np.float32), CSF + 5)
    if seed >= 263:
        s.lay(brain * _furrows(wide, long, 0.2 if seed < 265 else 0.27, seed), CSF + 8)
    s.lay((brain * np.exp(-((s.x / 0.9) ** 2)) * (np.abs(s.y) > 40)).astype(np.float32), 42)
    return brain


def _furrows(wide: float, long: float, depth: float, seed: int, pen: float = 0.011, soft: float = 1.2) -> Field:
    half = SPAN / 2
    degrees = (12, 25, 38, 51, 64, 77, 90, 103, 116, 129, 142, 155, 168)
    paths = sulci.furrows((0, 0), (wide / half, long / half), degrees, depth, seed)
    return 0.8 * paint.lines((MATRIX, MATRIX), [(path, pen) for path in paths], soft)


def _lesion(s: Section, at: tuple[float, float], radius: float, nodule: bool, seed: int) -> None:
    """The cyst with its broken shell of calcium and, where met, the nodule with clumps."""
    s.put(CSF, (at[0], at[1]), (radius + 4, radius + 3), 0, 3)
    s.put(BRAIN - 2, at, (radius, radius * 0.96))
    s.put(CYST, at, (radius - 1.2, radius * 0.96 - 1.2))
    reach = np.hypot(s.x - at[0], (s.y - at[1]) / 0.96)
    shell = np.exp(-(((reach - radius + 0.5) / 0.9) ** 2))
    broken = np.clip(clouds(MATRIX, MATRIX, seed, 18) * 1.5 + 0.8, 0, 1)
    s.lay((shell * broken).astype(np.float32), 330)
    if nodule:
        core = (at[0] + 7.5, at[1] + radius - 1.5)
        s.put(SOLID, core, (6.0, 5.0))
        clump = np.clip(clouds(MATRIX, MATRIX, seed + 2, 12) * 2 - 0.4, 0, 1)
        s.lay((s.oval(core, (5.5, 4.5)) * clump).astype(np.float32), 420)


def ct(level: int) -> Section:
    """One axial section, front at the top; levels 12 mm apart from the posterior fossa to the vertex."""
    s = Section.empty(SPAN, -1000, 240 + 2 * level, 0.9)
    wide, long = ((62, 78), (66, 82), (68, 84), (68, 85), (66, 84), (60, 78))[level]
    _skull(s, wide, long, 260 + level)
    if level <= 1:
        _base(s, level)
    if level == 2:
        s.put(CSF, (0, 12), (10, 3))
        s.pair(CSF, (34, 8), (4, 12), 30, 1.5)
        s.pair(CSF, (40, -10), (14, 1.6), -25, 1.5)
        s.put(CSF, (0, 22), (13, 4), 0, 2)
        s.put(180, (0, 18), (1.0, 0.9))
    if level in (3, 4):
        _ventricles(s, level)
    if 1 <= level <= 3:
        _lesion(s, (0, -14), (0, 11.5, 15.0, 9.5)[level], level in (1, 2), 270 + level)
    return s


def _base(s: Section, level: int) -> None:
    if level == 0:
        s.pair(BONE, (34, 8), (28, 7), -28, 1.2)
        s.pair(-700, (44, 4), (6, 3), -28, 1.5)
        s.put(BONE, (0, -4), (13, 9), 0, 1.2)
        s.put(-600, (0, -16), (9, 8), 0, 1.5)
        s.pair(-60, (26, -56), (17, 20), 15, 1.2)
        s.pair(CSF + 6, (26, -60), (11, 11), 0, 1)
        s.pair(BONE, (27, -30), (20, 3), 35, 1.2)
    else:
        s.pair(BONE, (30, -34), (19, 2.6), 24, 1.2)
        s.pair(BONE, (42, 14), (15, 3), -30, 1.2)
    s.put(BRAIN - 2, (0, 16), (14, 11))
    s.put(CSF, (0, 30), (7, 4), 0, 1.5)
    s.pair(CSF, (15, 26), (8, 1.5), 30, 1.2)
    s.texture(s.oval((0, 52), (44, 24)), 2.0, 3, 280)


def _ventricles(s: Section, level: int) -> None:
    grow = 1.0 if level == 3 else 1.15
    s.pair(CSF, (12, -26), (8 * grow, 16 * grow), 18, 1.2)
    if level == 4:
        s.pair(CSF, (16, 4), (8.5, 32), -10, 1.2)
        s.pair(CSF, (26, 34), (8, 16), -25, 1.2)
    else:
        s.put(CSF, (0, 8), (4.5, 11), 0, 1.2)
        s.pair(BRAIN + 3, (15, 6), (9, 14), -12, 2)
        s.pair(BRAIN + 3, (27, -8), (5, 14), -14, 2)
        s.pair(CSF, (32, 36), (7, 13), -30, 1.2)
        s.pair(160, (31, 34), (2.2, 1.8), 0, 1)
    s.put(BRAIN + 2, (0, -30), (1.1, 14))


def _mri_brain(s: Section, brain: Field, seed: int, grey: float, white: float, fluid: float) -> None:
    folds = clouds(MATRIX, MATRIX, seed, 24)
    s.lay(brain, grey)
    s.lay((brain * np.clip(0.5 + 0.9 * np.abs(folds), 0, 1)).astype(np.float32), white)
    s.lay((brain * np.exp(-((folds / 0.10) ** 2)) * 0.9).astype(np.float32), fluid)


def sagittal(contrast: bool) -> Section:
    """The midline, face to the left, T1; with ``contrast`` wall, nodule, gland and veins are bright."""
    s = Section.empty(SPAN, 0.0, 300, 0.8)
    head = [
        (-78, 5),
        (-84, -10),
        (-76, -48),
        (-40, -86),
        (10, -92),
        (62, -72),
        (84, -26),
        (78, 16),
        (58, 40),
        (48, 70),
        (46, 102),
        (-30, 102),
        (-34, 84),
        (-70, 80),
        (-72, 62),
        (-84, 52),
        (-96, 38),
        (-82, 20),
    ]
    s.lay(s.outline(head, 0.5), 0.72)
    s.lay(s.outline([(x * 0.955, y * 0.955) for x, y in head], 0.5), 0.30)
    skull = [
        (-70, 6),
        (-72, -30),
        (-46, -72),
        (6, -84),
        (56, -66),
        (76, -24),
        (68, 16),
        (40, 34),
        (24, 44),
        (8, 40),
        (-6, 20),
        (-30, 12),
    ]
    s.lay(s.outline([(x * 1.045, y * 1.045) for x, y in skull], 0.6), 0.10)
    s.lay(s.outline(skull, 0.6), 0.12)
    brain = s.outline(
        [
            (-66, 2),
            (-68, -28),
            (-44, -67),
            (6, -79),
            (52, -62),
            (71, -24),
            (62, 2),
            (22, 0),
            (10, -6),
            (-8, 2),
            (-36, 8),
        ],
        0.6,
    )
    _mri_brain(s, brain, 302, 0.38, 0.50, 0.13)
    _midline(s, contrast)
    _face(s)
    return s


def _midline(s: Section, contrast: bool) -> None:
    s.lay(
        s.outline(
            [
                (-40, -16),
                (-34, -36),
                (-6, -46),
                (26, -38),
                (36, -18),
                (28, -10),
                (20, -16),
                (16, -24),
                (-6, -32),
                (-28, -24),
                (-32, -10),
            ],
            0.4,
        ),
        0.64,
    )
    s.lay(s.outline([(-30, -14), (-24, -26), (-4, -32), (14, -24), (18, -16), (0, -20), (-18, -12)], 0.5), 0.11)
    s.put(0.46, (10, -13), (9, 6), 10)
    s.put(0.46, (20, 2), (6, 12), -14)
    s.put(0.50, (22, 18), (11, 14), -8)
    s.put(0.47, (30, 42), (6.5, 18), -6)
    s.put(0.46, (34, 90), (5.5, 40), -2)
    s.put(0.12, (35, 18), (3.5, 9), 0, 1.5)
    wing = s.oval((52, 20), (16, 19), 10)
    s.lay(wing, 0.42)
    s.lay((wing * (0.5 + 0.5 * np.sin(np.arctan2(s.y - 20, s.x - 40) * 26)) * 0.45).astype(np.float32), 0.2)
    s.put(0.46, (27, -10), (3.2, 2.6))
    s.put(0.10, (0, 5), (19, 14), 0, 3)
    s.put(0.62, (10, 40), (9, 20), -24, 1.5)
    s.put(0.10, (-10, 34), (11, 10), 10, 1.5)
    s.lay(s.outline([(-14, 21), (-8, 26), (2, 26), (7, 20), (9, 26), (4, 32), (-10, 32), (-17, 25)], 0.4), 0.20)
    s.put(0.86 if contrast else 0.52, (-3, 24.2), (6.4, 1.9), -4, 0.6)
    s.put(0.80 if contrast else 0.30, (-2, 4), (15.4, 15.0), 0, 0.7)
    s.put(0.70, (-2, 4), (14.1, 13.7), 0, 0.7)
    s.texture(s.oval((-2, 4), (13, 12.6)), 0.012, 8, 310)
    nodule = s.oval((8.5, 12.5), (5.6, 5.4), 20)
    s.lay(nodule, 0.92 if contrast else 0.36)
    s.texture(nodule, 0.10 if contrast else 0.04, 2.2, 312)
    s.lay(
        s.outline(
            [(-24, -6), (-14, -12.5), (0, -13.4), (10, -10), (10, -11.6), (0, -15.2), (-15, -14), (-25, -7.5)], 0.3
        ),
        0.50,
    )
    if contrast:
        for at, radii, turn in (((40, -4), (16, 1.4), 30), ((-2, -52), (22, 1.0), -4)):
            s.put(0.88, at, radii, turn, 0.8)


def _face(s: Section) -> None:
    s.put(0.04, (-52, 26), (16, 9), 6, 1.5)
    s.put(0.45, (-48, 62), (24, 13), 4, 2)
    s.put(0.03, (-44, 46), (34, 2.4), 4, 1)
    s.put(0.03, (-12, 58), (4, 24), -4, 1.5)
    s.put(0.03, (-64, 4), (7, 6), 0, 1.5)
    for k in range(4):
        s.put(0.40, (16 + 2 * k, 58 + 13 * k), (7, 5.4), -8, 0.8)


def coronal() -> Section:
    """Through the sella, T1 with contrast: cyst above the flat gland, nodule on the left, wide ventricles."""
    s = Section.empty(SPAN, 0.0, 330, 0.8)
    s.put(0.72, (0, -4), (78, 86), 0, 1)
    s.put(0.08, (0, -5), (73, 80), 0, 1)
    brain = np.maximum(s.oval((0, -20), (67, 61)), s.oval((38, 12), (27, 24)))
    brain = np.maximum(brain, s.oval((-38, 12), (27, 24)))
    _mri_brain(s, brain, 332, 0.38, 0.50, 0.13)
    s.lay((brain * np.exp(-((s.x / 0.8) ** 2)) * (s.y < -38)).astype(np.float32), 0.7)
    s.put(0.62, (0, -34), (16, 3.4), 0, 1.2)
    s.pair(0.10, (14, -25), (12, 9.5), 26, 1)
    s.pair(0.10, (46, 16), (5, 3.5), 30, 1)
    s.put(0.10, (0, -14), (4.2, 6), 0, 1)
    s.pair(0.46, (14, -11), (8, 7), 0, 2)
    s.put(0.10, (0, 8), (22, 16), 0, 3)
    s.put(0.22, (0, 42), (40, 18), 0, 2)
    s.put(0.04, (0, 44), (16, 10), 0, 1.5)
    s.pair(0.80, (15, 25), (4.6, 5.5), 0, 1)
    s.pair(0.03, (15, 25), (2.3, 2.5), 0, 0.8)
    s.put(0.86, (0, 26.5), (8.5, 1.9), 0, 0.6)
    s.put(0.80, (0, 6), (14.9, 15.2), 0, 0.7)
    s.put(0.70, (0, 6), (13.6, 13.9), 0, 0.7)
    nodule = s.oval((8.5, 14.5), (5.6, 5.4))
    s.lay(nodule, 0.92)
    s.texture(nodule, 0.10, 2.2, 334)
    s.lay(
        s.outline(
            [
                (-15, -5),
                (-8, -10.5),
                (0, -11.6),
                (8, -10.5),
                (15, -5),
                (15.5, -7),
                (8, -12.6),
                (0, -13.6),
                (-8, -12.6),
                (-15.5, -7),
            ],
            0.3,
        ),
        0.50,
    )
    return s


def axial_t2() -> Section:
    """Through the cyst, T2: bright content, darker nodule and wall; brain grey, fluid white."""
    s = Section.empty(SPAN, 0.0, 340, 0.9)
    s.put(0.75, (0, 0), (77, 93), 0, 1)
    s.put(0.05, (0, 0), (73, 89), 0, 1)
    s.put(0.9, (0, 0), (68.5, 84.5), 0, 1)
    brain = s.oval((0, 0), (67, 83))
    s.lay(brain, 0.46)
    s.lay(s.oval((0, 0), (62, 78), 0, 3), 0.36)
    s.lay(brain * _furrows(67, 83, 0.2, 342, 0.07, 5), 0.46)
    s.lay(brain * _furrows(67, 83, 0.2, 342, 0.013), 0.92)
    s.lay((brain * np.exp(-((s.x / 0.8) ** 2)) * (np.abs(s.y + 8) > 42)).astype(np.float32), 0.92)
    s.put(0.92, (0, -13), (20, 18), 0, 3)
    s.pair(0.92, (36, -10), (15, 1.6), -25, 1.2)
    s.pair(0.94, (36, 14), (4.5, 13), 30, 1.2)
    s.put(0.40, (0, 18), (15, 11), 0, 1.2)
    s.put(0.94, (0, 30), (14, 4), 0, 1.5)
    s.pair(0.02, (11, -6), (1.6, 1.6))
    s.put(0.25, (0, -14), (15.2, 14.8), 0, 0.7)
    s.put(0.86, (0, -14), (14.2, 13.8), 0, 0.7)
    nodule = s.oval((8, -3.5), (5.6, 5.4))
    s.lay(nodule, 0.42)
    s.texture(nodule, 0.08, 2.2, 344)
    return s
