"""Radiographs of a hand, bone by bone in mm: a child's with growth plates, an adult's with or without resorption."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from study.demo.drawing.canvas import Canvas
from study.demo.drawing.fields import Field, clouds, noise, step, window
from study.demo.drawing.paint import areas, lines, spots

HIGH, WIDE, MM = 960, 704, 0.25
Place = tuple[float, float]


@dataclass(frozen=True)
class Bone:
    """A tubular bone from ``base`` to ``head`` (mm): half widths at base, waist and head."""

    name: str
    base: Place
    head: Place
    widths: tuple[float, float, float]


@dataclass(frozen=True)
class Look:
    """What the film shows: cortex brightness, growth plates, ulna epiphysis, and signs drawn into named bones."""

    scale: float = 1.0
    cortex: float = 0.34
    child: bool = False
    lace: tuple[str, ...] = ()
    tufts: bool = False
    hole: str | None = None


RAYS: dict[str, tuple[Place, Place, tuple[float, float, float]]] = {
    "2": ((12, 22), (21, -40), (41, 24, 17)),
    "3": ((2, 19), (5, -45), (45, 28, 18)),
    "4": ((-7, 22), (-11, -37), (42, 27, 18)),
    "5": ((-15, 26), (-26, -28), (33, 20, 16)),
    "1": ((25, 32), (47, 2), (32, 23, 0)),
}
CARPALS = (
    (18, 33, 6.5, 5.5), (9, 31, 5, 5), (0, 31, 6.5, 9), (-10, 33, 6.5, 8),
    (13, 47, 8.5, 5.5), (1, 48, 7, 6.5), (-11, 47, 6, 5.5), (-17, 42, 4, 4.5),
)  # fmt: skip
CHILD_CARPALS = (
    (19, 34, 4.2, 3.8), (9, 33, 2.6, 2.6), (0, 32, 5.4, 7.2), (-10, 34, 5.2, 6.2),
    (13, 46, 3.0, 2.8), (1, 48, 5.0, 4.2), (-11, 47, 4.4, 3.8),
)  # fmt: skip


def bones() -> list[Bone]:
    """The tubular bones of an adult left hand seen from the back, thumb to the right, y downwards."""
    made = [
        Bone("radius", (9, 110), (9, 58), (9.0, 8.5, 14.0)),
        Bone("ulna", (-15, 110), (-15, 60), (6.5, 5.2, 7.0)),
    ]
    for ray, (base, head, phalanges) in RAYS.items():
        made.append(Bone(f"{ray} metacarpal", base, head, (6.8, 3.9, 6.6)))
        along = np.array(head, dtype=float) - np.array(base, dtype=float)
        along = along / np.hypot(*along) * 1.0
        if ray == "1":
            along = np.array((0.42, -0.907))
        at = np.array(head, dtype=float)
        for part, length in zip(("proximal", "middle", "distal"), phalanges, strict=True):
            if length:
                at = at + 2.6 * along
                tip = at + length * along
                last = part == "distal" or (ray == "1" and part == "middle")
                wide = {"proximal": 6.2, "middle": 5.4, "distal": 4.6}[part] * (0.86 if ray == "5" else 1)
                widths = (wide, wide * (0.42 if last else 0.6), wide * (0.62 if last else 0.8))
                made.append(Bone(f"{ray} {part}", (at[0], at[1]), (tip[0], tip[1]), widths))
                at = tip
    return made


def radiograph(path: Path, look: Look, left: bool, seed: int) -> None:
    """Draw the hand; ``left`` puts the thumb on the right."""
    y, x = np.mgrid[:HIGH, :WIDE].astype(np.float32) * np.float32(MM)
    x, y = (x - WIDE * MM / 2) / look.scale, (y - 152) / look.scale
    x = x + 13
    film = np.full((HIGH, WIDE), 0.03, dtype=np.float32)
    film += 0.17 * _flesh(look)
    rough = clouds(HIGH, WIDE, seed, 5)
    for k, bone in enumerate(bones()):
        near = _near(x, y, bone)
        film[near] += _tube(x[near], y[near], bone, look, rough[near], seed + k)
    for cx, cy, across, down in CHILD_CARPALS if look.child else CARPALS:
        reach = (np.hypot((x - cx) / across, (y - cy) / down) - 1) * min(across, down) + 0.25 * clouds(
            HIGH, WIDE, seed + int(cy * 7 + cx), 40
        )
        inside = step(reach, 0.6)
        film += inside * (0.30 + 0.03 * rough) + look.cortex * 0.5 * step(np.abs(reach + 0.5) - 0.35, 0.5)
    film = film + 0.012 * noise(HIGH, WIDE, seed + 99, 0.7)
    if not left:
        film = film[:, ::-1]
    large = Image.fromarray(np.ascontiguousarray(film)).resize(
        (int(WIDE * 2.5), int(HIGH * 2.5)), Image.Resampling.BICUBIC
    )
    page = Canvas.of(window(np.asarray(large, dtype=np.float32), 0, 0.86))
    page.bold((80, 80), "L" if left else "R", 80, (235, 235, 235))
    page.save(path)


def _near(x: Field, y: Field, bone: Bone) -> tuple[slice, slice]:
    """The rows and columns round a bone, with room for its width."""
    room = max(bone.widths) + 3
    (x0, x1), (y0, y1) = sorted((bone.base[0], bone.head[0])), sorted((bone.base[1], bone.head[1]))
    columns, rows = np.searchsorted(x[0], (x0 - room, x1 + room)), np.searchsorted(y[:, 0], (y0 - room, y1 + room))
    return slice(int(rows[0]), int(rows[1])), slice(int(columns[0]), int(columns[1]))


def _flesh(look: Look) -> Field:
    """Soft tissue round the bones: fingers, palm and wrist."""

    def place(at: Place) -> Place:
        u = (at[0] - 13) * look.scale / (HIGH * MM / 2)
        v = (at[1] * look.scale + 152) / (HIGH * MM / 2) - 1
        return u, v

    pens = []
    for ray in RAYS:
        chain = [b for b in bones() if b.name.startswith(f"{ray} ")]
        tip = np.array(chain[-1].head) + 3 * (np.array(chain[-1].head) - np.array(chain[-1].base)) / 20
        pens.append(
            ([place(chain[0].head), place(chain[1].head), place((tip[0], tip[1]))], 17.0 * look.scale / (HIGH * MM / 2))
        )
    palm = [
        (26, -34),
        (52, 2),
        (34, 40),
        (27, 62),
        (26, 112),
        (-27, 112),
        (-27, 62),
        (-27, 30),
        (-35, -22),
        (-12, -40),
        (5, -48),
    ]
    caps = [(u, v, pen / 2, pen / 2) for path, pen in pens for u, v in path[1:]]
    fingers = np.maximum(lines((HIGH, WIDE), pens, 3, smooth=False), spots((HIGH, WIDE), caps, 3))
    tips = areas((HIGH, WIDE), [[place(p) for p in palm]], 5)
    return np.maximum(fingers, tips)


def _tube(x: Field, y: Field, bone: Bone, look: Look, rough: Field, seed: int) -> Field:
    along = np.array(bone.head) - np.array(bone.base)
    length = float(np.hypot(*along))
    along = along / length
    dx, dy = x - np.float32(bone.base[0]), y - np.float32(bone.base[1])
    u, v = dx * along[0] + dy * along[1], -dx * along[1] + dy * along[0]
    t = np.clip(u / length, 0, 1)
    base, waist, head = bone.widths
    half = (
        waist
        + (base - waist) * np.clip(1 - t / 0.32, 0, 1) ** 1.7
        + (head - waist) * np.clip((t - 0.70) / 0.30, 0, 1) ** 1.6
    )
    if look.child:
        half = half * 0.86
    ends = np.maximum(-u, u - length) + 0.10 * v**2 / half
    reach = np.maximum(np.abs(v) - half, ends).astype(np.float32)
    if look.tufts and bone.name.endswith("distal"):
        reach = np.maximum(reach, u - length * 0.83 + 1.5 * clouds(u.shape[0], u.shape[1], seed, 6)).astype(np.float32)
    inside = step(reach, 0.7)
    shaft = np.clip(1 - np.abs(t - 0.5) * 2.1, 0, 1) ** 0.5
    rim = np.exp(-(((np.abs(v) - 0.84 * half) / (0.20 * half)) ** 2)) * shaft
    shell = step(np.abs(reach + 0.4) - 0.3, 0.5)
    glow = 0.33 + 0.03 * rough * (1.2 - shaft) + look.cortex * (rim + 0.55 * shell * (1 - shaft))
    if look.cortex < 0.3:
        glow = glow - 0.05 * np.clip(np.sin(v * 9 + rough), 0, 1) * shaft
    glow = _signs(bone, look, glow, (u, v, half, length), seed)
    mask = inside * (1 - _plates(bone, look, u, length))
    return np.asarray(mask * glow, dtype=np.float32)


def _signs(bone: Bone, look: Look, glow: Field, frame: tuple[Field, Field, Field, float], seed: int) -> Field:
    u, v, half, length = frame
    if bone.name in look.lace:
        bite = 0.52 + 0.20 * clouds(u.shape[0], u.shape[1], seed, 6)
        eaten = step((bite - v / half).astype(np.float32), 0.12) * step(np.abs(u - 0.5 * length) - 0.33 * length, 1.5)
        glow = glow * (1 - 0.72 * eaten * np.clip(0.75 + 0.35 * clouds(u.shape[0], u.shape[1], seed + 1, 5), 0, 1))
    if bone.name == look.hole:
        gap = step((np.hypot((u - 0.5 * length) / 4.5, (v - 0.4) / 2.9) - 1).astype(np.float32) * 2.9, 0.7)
        glow = glow * (1 - 0.62 * gap)
    return np.asarray(glow, dtype=np.float32)


def _plates(bone: Bone, look: Look, u: Field, length: float) -> Field:
    """Growth plates of a child: at the head of metacarpals 2 to 5 and the radius, at the base of the other bones."""
    if not look.child:
        return np.zeros_like(u)
    if bone.name == "ulna":
        return step(length - 4.5 - u, 0.6)
    distal = bone.name == "radius" or (bone.name.endswith("metacarpal") and not bone.name.startswith("1"))
    thick = 5.5 if bone.name == "radius" else 5.0 if distal else 2.6
    at = length - thick if distal else thick
    return step(np.abs(u - at) - 0.75, 0.5)
