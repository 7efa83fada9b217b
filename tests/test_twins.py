"""Near-duplicates of a study's cases among training samples: found by wording and by image, and nothing else taken."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from baselines.training_pool import read
from baselines.twins import ALIKE, OwnCases, Twin, fingerprint
from study.database import StudyError
from tests.pool_file import sample, write

HISTORY = (
    "A 54-year-old gardener has had sharp chest pain for three days, worse when lying flat and better when leaning "
    "forward. Two weeks ago he had a cold. He smokes and takes no medicine."
)
FINDING = "Diffuse concave ST elevation in most leads with depression of the PR segment and no reciprocal changes."
CHINESE = "患者男性五十四岁园丁,三天来胸部锐痛,平卧时加重,前倾坐位时减轻,两周前有感冒史,吸烟,未服用任何药物。"


def picture(seed: int) -> bytes:
    """A smooth image of its own."""
    light = np.random.default_rng(seed).integers(0, 255, (6, 6), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(light).resize((400, 300), Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()


ECG = picture(1)
SHA256 = hashlib.sha256(ECG).hexdigest()


def contents(history: str = HISTORY) -> dict[str, Any]:
    image = {"sha256": SHA256, "mime": "image/png"}
    evidence = [
        {"id": "history", "type": "history", "text": history, "images": []},
        {"id": "ecg", "type": "electrophysiology", "text": None, "finding": FINDING, "images": [image]},
    ]
    return {"pain": {"key": "pain", "evidence": evidence}}


def twins(tmp_path: Path, *asked: str, own: dict[str, Any] | None = None, images: tuple[bytes, ...] = ()) -> list[Twin]:
    """The twins among one sample with these words and images, beside two that have nothing to do with the case."""
    names = [f"{number}.png" for number in range(len(images))]
    for name, content in zip(names, images, strict=True):
        (tmp_path / name).write_bytes(content)
    words = "\n".join([*asked, *("<image>" for _ in images)])
    messages = [{"role": "user", "content": words}, {"role": "assistant", "content": "Acute pericarditis"}]
    made = [sample(1), sample(2), sample(3, messages=messages, images=names)]
    pool = read(write(tmp_path / "pool.jsonl", *made))
    found = list(OwnCases(own or contents(), {SHA256: ECG}).twins(pool, pool.samples))
    assert {twin.sample for twin in found} <= {"ct-3"}
    return found


def test_a_copied_case_is_found_whatever_stands_around_it(tmp_path: Path) -> None:
    around = "You are asked for a diagnosis. Think step by step and name the reasons for and against each illness. " * 8
    (twin,) = twins(tmp_path, around, HISTORY.upper().replace(",", " -"), FINDING)
    assert (twin.case, "100 % of its" in twin.why) == ("pain", True)


def test_one_block_alone_is_found(tmp_path: Path) -> None:
    (twin,) = twins(tmp_path, "What follows from this ECG?", FINDING, "Answer in one word. " * 30)
    assert twin.why == "repeats 100 % of its block ecg"


def test_a_piece_of_a_case_is_found_where_it_is_most_of_the_sample(tmp_path: Path) -> None:
    (twin,) = twins(tmp_path, HISTORY[:70])
    assert "of its wording is that of its evidence" in twin.why or "of its block history" in twin.why


def test_a_case_in_other_words_is_another_sample(tmp_path: Path) -> None:
    other = "A man of 54 who gardens reports three days of stabbing pain in the chest that eases as he sits up."
    assert twins(tmp_path, other, "The ECG shows raised ST segments.") == []


def test_a_chinese_case_is_found_within_an_english_prompt(tmp_path: Path) -> None:
    (twin,) = twins(tmp_path, "Read this case and name the diagnosis.", CHINESE, own=contents(CHINESE))
    assert twin.case == "pain"


def test_an_image_of_the_study_is_found_as_it_is(tmp_path: Path) -> None:
    (twin,) = twins(tmp_path, "What is it?", images=(picture(7), ECG))
    assert twin.why == "its image 1.png is one of the case's"


@pytest.mark.parametrize(("quality", "size"), [(40, (400, 300)), (75, (200, 150)), (90, (800, 600))])
def test_an_image_that_was_compressed_or_resized_is_found(tmp_path: Path, quality: int, size: tuple[int, int]) -> None:
    out = io.BytesIO()
    with Image.open(io.BytesIO(ECG)) as image:
        image.convert("RGB").resize(size).save(out, "JPEG", quality=quality)
    (twin,) = twins(tmp_path, "What is it?", images=(out.getvalue(),))
    assert "looks like" in twin.why


def test_other_images_are_no_twins(tmp_path: Path) -> None:
    others = tuple(picture(seed) for seed in range(2, 12))
    assert min(int((fingerprint(ECG) ^ fingerprint(other)).sum()) for other in others) > ALIKE
    assert twins(tmp_path, "What are these?", images=others) == []


def test_blank_images_are_not_taken_for_one_another(tmp_path: Path) -> None:
    blank, other = io.BytesIO(), io.BytesIO()
    Image.new("L", (40, 40), 255).save(blank, "PNG")
    Image.new("L", (50, 50), 250).save(other, "PNG")
    (tmp_path / "0.png").write_bytes(other.getvalue())
    own = contents()
    own["pain"]["evidence"][1]["images"] = [{"sha256": "a" * 64}]
    marked = [{"role": "user", "content": "<image>"}, {"role": "assistant", "content": "Normal"}]
    pool = read(write(tmp_path / "pool.jsonl", sample(3, messages=marked, images=["0.png"])))
    assert list(OwnCases(own, {"a" * 64: blank.getvalue()}).twins(pool, pool.samples)) == []


def test_an_image_that_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="cannot be read as an image"):
        twins(tmp_path, "What is it?", images=(b"no image",))
