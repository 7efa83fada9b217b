"""Grey-level pictures out of numpy: soft shapes, smooth noise, the grain of CT, MRI and ultrasound.

A field is a float32 array (height, width). Coordinates run from -1 to 1 down the height, and in the same unit across
the width, so that a circle is round.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Field = NDArray[np.float32]


def grid(height: int, width: int) -> tuple[Field, Field]:
    """Coordinates (x, y) of every pixel, y from -1 to 1, x from -width/height to width/height."""
    aspect = width / height
    y, x = np.meshgrid(
        np.linspace(-1, 1, height, dtype=np.float32),
        np.linspace(-aspect, aspect, width, dtype=np.float32),
        indexing="ij",
    )
    return x, y


def step(distance: NDArray[Any], edge: float) -> Field:
    """1 where ``distance`` is negative, 0 where positive, with a soft edge ``edge`` wide."""
    return _rise(np.multiply(distance, np.float32(-1 / edge), dtype=np.float32))


def _rise(raised: Field) -> Field:
    """The soft step of an own array that is 0 at the edge and one wide, in place."""
    raised += np.float32(0.5)
    np.clip(raised, 0, 1, out=raised)
    bent = np.float32(3) - np.float32(2) * raised
    bent *= raised
    bent *= raised
    return bent


def ellipse(
    x: Field, y: Field, centre: tuple[float, float], radii: tuple[float, float], turn: float = 0, edge: float = 0.01
) -> Field:
    """A soft filled ellipse (0 to 1); ``turn`` in degrees, clockwise on the screen."""
    cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
    reach = _squared(x, y, (cos / radii[0], sin / radii[0]), centre)
    reach += _squared(x, y, (-sin / radii[1], cos / radii[1]), centre)
    np.sqrt(reach, out=reach)
    reach -= np.float32(1)
    reach *= np.float32(-min(radii) / edge)
    return _rise(reach)


def _squared(x: Field, y: Field, axis: tuple[float, float], centre: tuple[float, float]) -> Field:
    """The square of the distance from ``centre`` along an axis."""
    along = x * np.float32(axis[0])
    along += y * np.float32(axis[1])
    along -= np.float32(axis[0] * centre[0] + axis[1] * centre[1])
    along *= along
    return along


def polygon(height: int, width: int, points: Sequence[tuple[float, float]], soft: float = 2) -> Field:
    """A filled polygon (0 to 1) with corners in coordinates of ``grid``, edges blurred by ``soft`` pixels."""
    mask = Image.new("L", (width, height), 0)
    corners = [((px * height / width + 1) * width / 2, (py + 1) * height / 2) for px, py in points]
    ImageDraw.Draw(mask).polygon(corners, fill=255)
    return soften(mask, soft)


def stroke(height: int, width: int, points: Sequence[tuple[float, float]], pen: float, soft: float = 1.5) -> Field:
    """A line (0 to 1) through points in coordinates of ``grid``, ``pen`` wide in those coordinates."""
    mask = Image.new("L", (width, height), 0)
    path = [((px * height / width + 1) * width / 2, (py + 1) * height / 2) for px, py in points]
    ImageDraw.Draw(mask).line(path, fill=255, width=max(1, round(pen * height / 2)), joint="curve")
    return soften(mask, soft)


def soften(mask: Image.Image, soft: float) -> Field:
    """A drawn mask (0 to 255) as a field (0 to 1), blurred by ``soft`` pixels where it is not empty."""
    field = np.zeros((mask.height, mask.width), dtype=np.float32)
    if box := mask.getbbox():
        room = round(3 * soft) + 2
        left, top = max(box[0] - room, 0), max(box[1] - room, 0)
        right, bottom = min(box[2] + room, mask.width), min(box[3] + room, mask.height)
        part = mask.crop((left, top, right, bottom)).filter(ImageFilter.GaussianBlur(soft))
        field[top:bottom, left:right] = np.asarray(part, dtype=np.float32) / np.float32(255)
    return field


def smooth_path(
    points: Sequence[tuple[float, float]], closed: bool = False, fine: int = 16
) -> list[tuple[float, float]]:
    """A Catmull-Rom curve through the points, ``fine`` pieces between neighbours."""
    knots = np.asarray(points, dtype=np.float64)
    ends = (knots[-1:], knots[:2]) if closed else (knots[:1], knots[-1:])
    padded = np.concatenate([ends[0], knots, ends[1]])
    t = np.linspace(0, 1, fine, endpoint=False)[:, None]
    pieces = []
    for i in range(len(padded) - 3):
        a, b, c, d = padded[i : i + 4]
        pieces.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    tail = [] if closed else [knots[-1:]]
    return [(float(px), float(py)) for px, py in np.concatenate(pieces + tail)]


def _box(field: Field, size: int, axis: int) -> Field:
    return _box_of_sums(field, size, axis) if size > 7 else _box_of_shifts(field, size, axis)


def _box_of_shifts(field: Field, size: int, axis: int) -> Field:
    pad = [(0, 0), (0, 0)]
    pad[axis] = (size // 2, size - 1 - size // 2)
    wide, length = np.pad(field, pad, mode="edge"), field.shape[axis]
    windows = [slice(None), slice(None)]
    windows[axis] = slice(0, length)
    total = wide[tuple(windows)].copy()
    for shift in range(1, size):
        windows[axis] = slice(shift, shift + length)
        total += wide[tuple(windows)]
    total *= np.float32(1 / size)
    return total


def _box_of_sums(field: Field, size: int, axis: int) -> Field:
    pad = [(0, 0), (0, 0)]
    pad[axis] = (size // 2 + 1, size - size // 2 - 1)
    total = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis, dtype=np.float64)
    ahead, behind = [slice(None)] * 2, [slice(None)] * 2
    ahead[axis], behind[axis] = slice(size, None), slice(None, -size)
    return ((total[tuple(ahead)] - total[tuple(behind)]) / size).astype(np.float32)


def blur(field: Field, sigma: float | tuple[float, float]) -> Field:
    """Blur nearly as a Gaussian of ``sigma`` pixels (one, or down and across), by three passes of a box."""
    sigmas = sigma if isinstance(sigma, tuple) else (sigma, sigma)
    for axis, spread in enumerate(sigmas):
        size = 2 * round((np.sqrt(4 * spread**2 + 1) - 1) / 2) + 1
        for _ in range(3 if size > 1 else 0):
            field = _box(field, size, axis)
    return field


def noise(height: int, width: int, seed: int, sigma: float | tuple[float, float] = 0) -> Field:
    """Gaussian noise of mean 0 and standard deviation 1, as grainy as a blur of ``sigma`` pixels leaves it."""
    raw = np.random.default_rng(seed).standard_normal((height, width), dtype=np.float32)
    if sigma == 0:
        return raw
    soft = blur(raw, sigma)
    return np.asarray((soft - soft.mean()) / soft.std(), dtype=np.float32)


def clouds(height: int, width: int, seed: int, scale: float) -> Field:
    """Smooth large-scale noise (mean 0, deviation 1) with details of about ``scale`` pixels and larger."""
    factor = max(1, int(scale // 4))
    small = noise(height // factor + 2, width // factor + 2, seed, scale / factor / 2)
    large = Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(large, dtype=np.float32)


def wobble(x: Field, y: Field, seed: int, amount: float, scale: float) -> tuple[Field, Field]:
    """Coordinates bent by smooth noise of ``amount`` over ``scale`` pixels, so that shapes look grown."""
    height, width = x.shape
    return x + amount * clouds(height, width, seed, scale), y + amount * clouds(height, width, seed + 1, scale)


def layer(base: Field, mask: Field, value: float | Field) -> Field:
    """``base`` with ``value`` laid over it where ``mask`` is 1."""
    laid = value - base
    laid *= mask
    laid += base
    return laid


def magnitude_grain(field: Field, seed: int, level: float, sigma: float = 0.8) -> Field:
    """MRI grain: the magnitude of a signal (0 to 1) with complex noise of deviation ``level`` (Rician)."""
    height, width = field.shape
    real = field + level * noise(height, width, seed, sigma)
    imaginary = level * noise(height, width, seed + 1, sigma)
    return np.asarray(np.sqrt(real**2 + imaginary**2), dtype=np.float32)


def ct_grain(field: Field, seed: int, level: float) -> Field:
    """CT grain: Hounsfield units with correlated noise of deviation ``level``."""
    height, width = field.shape
    return field + level * noise(height, width, seed, 1.6)


def speckle(field: Field, seed: int, down: float = 1.2, across: float = 4) -> Field:
    """Ultrasound speckle: the field multiplied by Rayleigh grain of mean 1, longer across the beam than along it."""
    height, width = field.shape
    real, imaginary = (noise(height, width, seed + i, (down, across)) for i in (0, 1))
    return np.asarray(field * np.sqrt(real**2 + imaginary**2) / 1.2533, dtype=np.float32)


def window(field: Field, low: float, high: float) -> NDArray[np.uint8]:
    """Grey levels 0 to 255 for values from ``low`` to ``high``."""
    shown: NDArray[np.uint8] = (np.clip((field - low) / (high - low), 0, 1) * 255).round().astype(np.uint8)
    return shown


def hounsfield(field: Field, level: float, width: float) -> NDArray[np.uint8]:
    """Grey levels of a CT window given by its ``level`` and ``width`` in Hounsfield units."""
    return window(field, level - width / 2, level + width / 2)


def enlarge(pixels: NDArray[np.uint8], factor: int = 2) -> NDArray[np.uint8]:
    """A picture ``factor`` times larger, interpolated as a viewer of tomograms does."""
    picture = Image.fromarray(pixels)
    size = (picture.width * factor, picture.height * factor)
    return np.asarray(picture.resize(size, Image.Resampling.BICUBIC))
