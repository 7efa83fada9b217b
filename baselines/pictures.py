"""Evidence images as they are sent to models: made smaller by a named rule, where the model's limits ask for it.

The rule ``readerstudy-fit-1``: the pixels are turned as EXIF says, and laid on white where they are transparent; of 16
bits the upper 8 count, of an animation the first picture; colour profiles are left out. What is larger than the limits
(longest side, megapixels) is made smaller by Lanczos, to the largest whole size of the same shape; nothing is made
larger. The file itself is sent where none of this changes it and it has no more bytes than the limit. Else it is
written anew: as PNG where the file was lossless, as JPEG of quality 95 without colour subsampling where it was not or
the PNG has too many bytes; then of quality 90, 85 and 75; then all this smaller by a tenth of each side, until it fits.
"""

from __future__ import annotations

import hashlib
import io
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import PIL
from PIL import ExifTags, Image, ImageOps

from baselines._declaration import Limits
from baselines.adapters._types import Part, Picture
from study.database import StudyError
from study.desk import PageBlock, PageImage

RULE = "readerstudy-fit-1"
QUALITIES = (95, 90, 85, 75)
SHRINK = 0.9
_AS_IT_IS = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp"}


def fitted(content: bytes, limits: Limits) -> Picture:
    """The image within these limits; the same bytes give the same picture under one version of Pillow.

    Raises ``StudyError`` where the bytes are no image, or cannot be made to fit.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        with Image.open(io.BytesIO(content)) as file:
            lossless, mime = _is_lossless(file, content), _AS_IT_IS.get(file.format or "") if _is_plain(file) else None
            pixels = _plain(ImageOps.exif_transpose(file))
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as fault:
        raise StudyError(f"The image {sha256[:12]} cannot be opened ({fault}).") from None
    size = fitting(pixels.size, limits)
    if mime and size == pixels.size and _within(content, limits):
        return Picture(sha256, size, size, mime, content)
    for sent, sent_mime, written in _tries(pixels, size, lossless):
        if _within(written, limits):
            return Picture(sha256, pixels.size, sent, sent_mime, written)
    raise StudyError(f"The image {sha256[:12]} cannot be made to fit into {limits.image_bytes} bytes.")


def fitting(native: tuple[int, int], limits: Limits) -> tuple[int, int]:
    """The largest size of the same shape within the limits of side and megapixels."""
    width, height = native
    scale = min(
        1.0,
        (limits.image_pixels or math.inf) / max(native),
        math.sqrt((limits.image_megapixels or math.inf) * 1e6 / (width * height)),
    )
    return _scaled(native, scale)


def _scaled(size: tuple[int, int], scale: float) -> tuple[int, int]:
    # A side that should fill its limit is not to miss it by the last digit of a division.
    return max(1, math.floor(size[0] * scale + 1e-9)), max(1, math.floor(size[1] * scale + 1e-9))


def _tries(pixels: Image.Image, size: tuple[int, int], lossless: bool) -> Iterator[tuple[tuple[int, int], str, bytes]]:
    """The image in the forms of the rule, the best first."""
    while True:
        small = pixels if pixels.size == size else pixels.resize(size, Image.Resampling.LANCZOS, reducing_gap=None)
        if lossless:
            yield size, "image/png", _written(small, format="PNG", optimize=False, compress_level=6)
        for quality in QUALITIES:
            yield size, "image/jpeg", _written(small, format="JPEG", quality=quality, subsampling=0)
        if max(size) < 32:
            return
        size = _scaled(size, SHRINK)


def _written(image: Image.Image, **how: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, **how)
    return file.getvalue()


def _is_plain(image: Image.Image) -> bool:
    """Whether the file shows everywhere what its pixels are: nothing to turn, nothing transparent, 8 bits or fewer."""
    turned = image.getexif().get(ExifTags.Base.Orientation, 1) != 1
    return image.mode in ("1", "L", "P", "RGB") and "transparency" not in image.info and not turned


def _plain(image: Image.Image) -> Image.Image:
    """The pixels as grey or colour of 8 bits."""
    if image.mode.startswith("I"):
        return Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        over = image.convert("RGBA")
        white = Image.new("RGBA", over.size, "white")
        white.alpha_composite(over)
        return white.convert("RGB")
    return image.convert("L" if image.mode in ("1", "L") else "RGB")


def _is_lossless(image: Image.Image, content: bytes) -> bool:
    return image.format in ("PNG", "GIF") or (image.format == "WEBP" and b"VP8L" in content[:64])


def _within(content: bytes, limits: Limits) -> bool:
    return limits.image_bytes is None or len(content) <= limits.image_bytes


def record(picture: Picture) -> dict[str, Any]:
    """What the record keeps of an image that was sent, in place of its bytes."""
    return {
        "sha256": picture.sha256,
        "sent_sha256": hashlib.sha256(picture.content).hexdigest(),
        "native": list(picture.native),
        "sent": list(picture.sent),
        "mime": picture.mime,
        "bytes": len(picture.content),
        "rule": RULE,
        "pillow": PIL.__version__,
    }


def shown(block: PageBlock, picture: Callable[[PageImage], Picture]) -> tuple[Part, ...]:
    """A block's images in their order, each followed by its caption where it has one; never the alternative text."""
    parts: list[Part] = []
    for image in block.images:
        parts.append(picture(image))
        if image.caption:
            parts.append(image.caption)
    return tuple(parts)
