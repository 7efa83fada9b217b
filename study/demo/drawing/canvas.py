"""A page to draw on: text, lines, shapes and pictures in final pixels, saved as an image marked as synthetic."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]
Pixels = NDArray[np.uint8]

BLACK: Colour = (0, 0, 0)
WHITE: Colour = (255, 255, 255)
INK: Colour = (24, 28, 36)
GREY: Colour = (120, 126, 136)
RULE: Colour = (198, 203, 211)
RED: Colour = (186, 28, 28)
BLUE: Colour = (28, 74, 170)
MARK = "SYNTHETIC"
# The built-in font has no glyphs for these.
PLAIN = str.maketrans(
    {"µ": "u", "μ": "u", "×": "x", "–": "-", "−": "-", "≥": ">=", "≤": "<=", "²": "^2", "³": "^3", "⁹": "^9"}
)


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Pillow's built-in scalable font (Latin letters only) at ``size`` pixels."""
    loaded = ImageFont.load_default(size=size)
    if isinstance(loaded, ImageFont.FreeTypeFont):
        return loaded
    raise RuntimeError("Pillow was built without FreeType, which the demo's drawings need: install a Pillow wheel.")


class Canvas:
    """A page of ``width`` x ``height`` pixels, drawn ``smooth`` times larger so that edges come out soft.

    Every coordinate, line width and text size is in final pixels, x to the right and y down from the top left corner.
    """

    def __init__(self, width: int, height: int, background: Colour = WHITE, smooth: int = 2) -> None:
        self.width, self.height, self.smooth = width, height, smooth
        self.image = Image.new("RGB", (width * smooth, height * smooth), background)
        self.draw = ImageDraw.Draw(self.image)

    @classmethod
    def of(cls, pixels: Pixels, smooth: int = 1) -> Canvas:
        """A canvas of the size of a picture (height, width) or (height, width, 3), with that picture on it."""
        page = cls(pixels.shape[1], pixels.shape[0], BLACK, smooth)
        page.picture(pixels, (0, 0))
        return page

    def _up(self, points: Sequence[Point]) -> list[Point]:
        return [(x * self.smooth, y * self.smooth) for x, y in points]

    def _pen(self, width: float) -> int:
        return max(1, round(width * self.smooth))

    def text(self, at: Point, text: str, size: float = 28, colour: Colour = INK, anchor: str = "la") -> None:
        """Write Latin text; ``anchor`` as Pillow's ("la" top left, "mm" centred, "rs" right on the baseline)."""
        (place,) = self._up([at])
        self.draw.text(place, text.translate(PLAIN), fill=colour, font=font(round(size * self.smooth)), anchor=anchor)

    def bold(self, at: Point, text: str, size: float = 28, colour: Colour = INK, anchor: str = "la") -> None:
        """Write text with heavier strokes."""
        (place,) = self._up([at])
        text, face = text.translate(PLAIN), font(round(size * self.smooth))
        stroke = max(1, round(size * self.smooth / 32))
        self.draw.text(place, text, fill=colour, font=face, anchor=anchor, stroke_width=stroke, stroke_fill=colour)

    def upright(self, at: Point, text: str, size: float = 28, colour: Colour = INK) -> None:
        """Write text that reads from bottom to top, centred on ``at``."""
        text, face = text.translate(PLAIN), font(round(size * self.smooth))
        left, top, right, bottom = (round(edge) for edge in face.getbbox(text))
        strip = Image.new("L", (right - left + 4, bottom - top + 4), 0)
        ImageDraw.Draw(strip).text((2 - left, 2 - top), text, fill=255, font=face)
        turned = strip.transpose(Image.Transpose.ROTATE_90)
        x, y = round(at[0] * self.smooth - turned.width / 2), round(at[1] * self.smooth - turned.height / 2)
        self.image.paste(colour, (x, y), turned)

    def line(self, points: Sequence[Point], colour: Colour = INK, width: float = 2) -> None:
        """Draw a line through the points."""
        self.draw.line(self._up(points), fill=colour, width=self._pen(width), joint="curve")

    def box(self, corner: Point, opposite: Point, fill: Colour | None = None, edge: Colour | None = None) -> None:
        """Draw an upright rectangle, filled, edged or both."""
        self.draw.rectangle(self._up([corner, opposite]), fill=fill, outline=edge, width=self._pen(2))

    def disc(self, centre: Point, radius: float, fill: Colour | None = None, edge: Colour | None = None) -> None:
        """Draw a disc or a ring."""
        (x, y), r = centre, radius
        self.draw.ellipse(self._up([(x - r, y - r), (x + r, y + r)]), fill=fill, outline=edge, width=self._pen(3))

    def shape(self, points: Sequence[Point], fill: Colour | None = None, edge: Colour | None = None) -> None:
        """Draw a closed polygon."""
        self.draw.polygon(self._up(points), fill=fill, outline=edge, width=self._pen(2))

    def picture(self, pixels: Pixels, at: tuple[int, int]) -> None:
        """Put a picture (height, width) or (height, width, 3) with its top left corner at ``at``."""
        inset = Image.fromarray(pixels).convert("RGB")
        if self.smooth > 1:
            inset = inset.resize((inset.width * self.smooth, inset.height * self.smooth), Image.Resampling.BILINEAR)
        self.image.paste(inset, (at[0] * self.smooth, at[1] * self.smooth))

    def scale_bar(self, at: Point, length: float, label: str, colour: Colour = WHITE) -> None:
        """Draw a horizontal bar of ``length`` pixels from ``at`` with its label above it."""
        x, y = at
        if sum(colour) < 300:  # dark on a slide: cells behind would hide it
            self.box((x - 14, y - 44), (x + length + 14, y + 20), fill=WHITE)
        self.box((x, y), (x + length, y + 8), fill=colour)
        self.text((x + length / 2, y - 10), label, 28, colour, "ms")

    def pixels(self) -> Pixels:
        """The page at its final size, (height, width, 3)."""
        small = self.image.reduce(self.smooth) if self.smooth > 1 else self.image
        return np.asarray(small)

    def save(self, path: Path) -> None:
        """Write a PNG or, for a grainy picture, a JPEG (by the path's suffix), marked as synthetic at the lower right.

        Grey where the page is grey; without metadata.
        """
        face = font(26 * self.smooth)
        place = ((self.width - 14) * self.smooth, (self.height - 12) * self.smooth)
        self.draw.text(
            place, MARK, fill=WHITE, font=face, anchor="rs", stroke_width=2 * self.smooth, stroke_fill=(70, 70, 70)
        )
        page = self.pixels()
        grey = bool((page[..., 0] == page[..., 1]).all() and (page[..., 0] == page[..., 2]).all())
        flat = Image.fromarray(page[..., 0] if grey else page)
        if path.suffix == ".jpg":
            flat.save(path, "JPEG", quality=90, subsampling=0)
        else:
            flat.save(path, "PNG", compress_level=4)
