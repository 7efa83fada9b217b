"""Images as they are sent: within the model's limits by our own rule, the same bytes every time."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import PIL
import pytest
from PIL import Image
from PIL.ImageCms import ImageCmsProfile, createProfile

from baselines.adapters import Picture
from baselines.declared import Limits
from baselines.pictures import fitted, fitting, record, shown
from study.database import StudyError
from study.desk import PageBlock

NOISE = np.random.default_rng(7).integers(0, 256, (90, 120, 3), dtype=np.uint8)


def written(image: Image.Image, form: str = "PNG", **more: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, format=form, **more)
    return file.getvalue()


def noise(form: str = "PNG", **more: Any) -> bytes:
    return written(Image.fromarray(NOISE), form, **more)


def opened(picture: Picture) -> Image.Image:
    return Image.open(io.BytesIO(picture.content))


def limits(**more: Any) -> Limits:
    return Limits.model_validate({"image_bytes": None} | more)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_an_image_within_the_limits_is_sent_byte_for_byte(form: str) -> None:
    content = noise(form)
    found = fitted(content, limits(image_pixels=120, image_megapixels=0.0108, image_bytes=len(content)))
    assert (found.content, found.native, found.sent) == (content, (120, 90), (120, 90))
    assert found.mime == f"image/{form.lower()}"


@pytest.mark.parametrize(
    ("native", "more", "sent"),
    [
        ((4000, 3000), {"image_pixels": 2048}, (2048, 1536)),
        ((3000, 4000), {"image_pixels": 2048}, (1536, 2048)),
        ((1000, 3), {"image_pixels": 100}, (100, 1)),
        ((4000, 3000), {"image_megapixels": 3.0}, (2000, 1500)),
        ((4000, 3000), {"image_megapixels": 3.0, "image_pixels": 1000}, (1000, 750)),
        ((640, 480), {"image_pixels": 2048}, (640, 480)),
        ((640, 480), {}, (640, 480)),
    ],
)
def test_images_are_made_smaller_in_shape_and_never_larger(
    native: tuple[int, int], more: dict[str, Any], sent: tuple[int, int]
) -> None:
    assert fitting(native, limits(**more)) == sent


def test_a_smaller_image_keeps_its_form_and_is_the_same_every_time() -> None:
    for form, mime in (("PNG", "image/png"), ("JPEG", "image/jpeg"), ("GIF", "image/png")):
        content = noise(form)
        first, second = fitted(content, limits(image_pixels=60)), fitted(content, limits(image_pixels=60))
        assert first == second
        assert (first.native, first.sent, first.mime, opened(first).size) == ((120, 90), (60, 45), mime, (60, 45))
        assert first.sha256 == second.sha256 != record(first)["sent_sha256"]


def test_lanczos_it_is() -> None:
    wanted = Image.fromarray(NOISE).resize((60, 45), Image.Resampling.LANCZOS)
    assert np.array_equal(np.asarray(opened(fitted(noise(), limits(image_pixels=60)))), np.asarray(wanted))


def test_too_many_bytes_become_jpeg_and_then_fewer_pixels() -> None:
    whole = len(noise())
    jpeg = fitted(noise(), limits(image_bytes=whole - 1))
    assert (jpeg.mime, jpeg.sent) == ("image/jpeg", (120, 90))
    small = fitted(noise(), limits(image_bytes=2000))
    assert len(small.content) <= 2000
    assert max(small.sent) < 120
    assert small.native == (120, 90)


def test_what_cannot_be_made_to_fit_and_what_is_no_image_are_told() -> None:
    tiny = Limits.model_construct(image_bytes=10, image_pixels=None, image_megapixels=None)
    with pytest.raises(StudyError, match="cannot be made to fit into 10 bytes"):
        fitted(noise(), tiny)
    for content in (b"", b"no image", noise()[:200]):
        with pytest.raises(StudyError, match="cannot be opened"):
            fitted(content, limits(image_pixels=60))


def test_sixteen_bits_become_eight_by_their_upper_byte() -> None:
    deep = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    found = fitted(written(Image.fromarray(deep)), limits())
    assert np.array_equal(np.asarray(opened(found)), (deep >> 8).astype(np.uint8))


def test_what_is_transparent_lies_on_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    assert np.asarray(opened(fitted(written(clear), limits()))).min() == 255


def test_an_image_stands_as_its_reader_saw_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = fitted(noise("JPEG", exif=exif), limits())
    assert (found.native, opened(found).size, opened(found).getexif().get(0x0112)) == ((90, 120), (90, 120), None)


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "CMYK", "RGBA"])
def test_every_kind_of_image_is_made_grey_or_coloured(mode: str) -> None:
    image = Image.fromarray(NOISE).convert(mode)
    content = written(image, "JPEG" if mode == "CMYK" else "PNG")
    assert opened(fitted(content, limits(image_pixels=60))).mode in ("L", "RGB")


def test_the_record_names_the_rule_and_what_drew_it() -> None:
    kept = record(fitted(noise(icc_profile=ImageCmsProfile(createProfile("sRGB")).tobytes()), limits(image_pixels=60)))
    assert (kept["rule"], kept["native"], kept["sent"]) == ("readerstudy-fit-1", [120, 90], [60, 45])
    assert kept["pillow"] == PIL.__version__
    assert "content" not in kept


def test_a_stack_goes_in_its_order_with_captions_and_without_alternative_texts() -> None:
    image = {"mime": "image/png", "width": 1, "height": 1, "alt": "secret"}
    told = {"id": "b", "type": "ct", "form": "image", "step": 0, "shown_at": None}
    stack = [image | {"sha256": "a"}, image | {"sha256": "b", "caption": "Second"}, image | {"sha256": "c"}]
    block = PageBlock.model_validate(told | {"images": stack})
    parts = shown(block, lambda one: Picture(one.sha256, (1, 1), (1, 1), one.mime, b""))
    assert [part if isinstance(part, str) else part.sha256 for part in parts] == ["a", "b", "Second", "c"]
