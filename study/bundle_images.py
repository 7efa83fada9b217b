"""Image files of a bundle: that they decode, that browsers show them, that no metadata may identify a person."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from PIL import ExifTags, UnidentifiedImageError
from PIL import Image as Pillow

MIME = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
MAX_PIXELS = 150_000_000
# Metadata is refused unless it is known to describe the picture and not the person, the place, the time or the device.
HARMLESS_EXIF = frozenset(
    {
        "ImageWidth",
        "ImageLength",
        "BitsPerSample",
        "Orientation",
        "XResolution",
        "YResolution",
        "ResolutionUnit",
        "ExifOffset",
        "ExifVersion",
        "ColorSpace",
        "ExifImageWidth",
        "ExifImageHeight",
        "ComponentsConfiguration",
        "FlashPixVersion",
        "YCbCrPositioning",
        "Software",
        "Compression",
        "PhotometricInterpretation",
        "SamplesPerPixel",
        "PlanarConfiguration",
        "InterColorProfile",
    }
)
HARMLESS_TEXT = frozenset({"software", "copyright", "license", "licence", "synthetic", "disclaimer"})
METADATA_BLOCKS = {"xmp": "XMP", "photoshop": "IPTC", "comment": "a comment", "XML:com.adobe.xmp": "XMP"}


@dataclass(frozen=True)
class ImageFile:
    """An image as it lies on disk; ``width`` and ``height`` in pixels, ``size`` in bytes."""

    path: Path
    mime: str
    width: int
    height: int
    size: int
    sha256: str


@dataclass(frozen=True)
class ImageCheck:
    """What an image file turned out to be; ``faults`` are (kind, message)."""

    image: ImageFile | None
    faults: tuple[tuple[str, str], ...]


def locate(folder: Path, name: str) -> tuple[Path | None, str | None]:
    """The file that a case names, or why it is refused: only plain files inside the case's own folder count."""
    parts = PurePosixPath(name).parts
    if "\\" in name or "\0" in name or name.startswith("/") or ".." in parts or not parts:
        return None, f"{name!r} leaves the case's folder; name a file beside case.yaml"
    path = folder
    for part in parts:
        path = path / part
        if path.is_symlink():
            return None, f"{name!r} is, or goes through, a symbolic link; put the file itself there"
    if not path.is_file():
        return None, f"{name!r} is not there"
    return path, None


def inspect(path: Path) -> ImageCheck:
    """What the file is, with every fault of kind ``image`` or ``identifying``; the file is decoded whole."""
    if is_dicom(path):
        return ImageCheck(None, (("identifying", "is a DICOM file, whose tags identify people; export it to PNG"),))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Pillow.DecompressionBombWarning)
            with Pillow.open(path) as picture:
                return _inspect(path, picture)
    except UnidentifiedImageError:
        return ImageCheck(None, (("image", "is not an image that can be decoded"),))
    except (OSError, SyntaxError, ValueError, Pillow.DecompressionBombError, EOFError) as error:
        return ImageCheck(None, (("image", f"does not decode: {error}"),))


def is_dicom(path: Path) -> bool:
    """Whether the file is DICOM by its preamble or its name."""
    if path.suffix.lower() in (".dcm", ".dicom", ".ima"):
        return True
    with path.open("rb") as file:
        return file.read(132)[128:] == b"DICM"


def _inspect(path: Path, picture: Pillow.Image) -> ImageCheck:
    faults: list[tuple[str, str]] = []
    if picture.width * picture.height > MAX_PIXELS:
        return ImageCheck(None, (("image", f"has {picture.width} x {picture.height} pixels; at most {MAX_PIXELS:,}"),))
    mime = MIME.get(picture.format or "")
    if mime is None:
        faults.append(("image", f"is {picture.format}, which browsers do not show; save it as PNG, JPEG, WebP or GIF"))
    picture.load()
    found = sorted(set(_identifying(picture)))
    if found:
        faults.append(("identifying", f"carries metadata that may identify a person: {', '.join(found)}; remove it"))
    raw = path.read_bytes()
    image = ImageFile(path, mime or "", picture.width, picture.height, len(raw), hashlib.sha256(raw).hexdigest())
    return ImageCheck(image, tuple(faults))


def _identifying(picture: Pillow.Image) -> Iterable[str]:
    exif = picture.getexif()
    yield from _exif_names(exif, ExifTags.TAGS, "EXIF")
    yield from _exif_names(exif.get_ifd(ExifTags.IFD.Exif), ExifTags.TAGS, "EXIF")
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        yield "EXIF GPSInfo"
    texts: dict[str, Any] = getattr(picture, "text", {})
    for key in texts:
        if key.lower() not in HARMLESS_TEXT and key not in METADATA_BLOCKS:
            yield f"PNG text {key!r}"
    for key, name in METADATA_BLOCKS.items():
        if picture.info.get(key) or texts.get(key):
            yield name


def _exif_names(tags: Any, names: dict[int, str], where: str) -> Iterable[str]:
    for tag in tags:
        name = names.get(tag, f"tag {tag}")
        if name not in HARMLESS_EXIF and name != "GPSInfo":
            yield f"{where} {name}"
