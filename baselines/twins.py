"""Near-duplicates of a study's own cases among training samples: by wording letter by letter, and by image.

A sample is a twin of a case where it repeats half or more of the case's evidence, or of one longer block, or where half
or more of its own wording is the case's. An image is a twin where its bytes are the same, or where it looks the same
after it was resized or compressed anew. Translations, crops and mirror images are not found.
"""

from __future__ import annotations

import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from baselines.collection import SHINGLE, TWIN, is_chinese, shingles
from baselines.training_pool import Sample, TrainingPool
from study.database import StudyError

LEAST = 40
"""Runs of letters that evidence, or a block of it, must have to be known by (half as many in Chinese): 53 letters."""
SHORTEST = 10
"""Runs of letters below which a sample's own wording is too short to be known by."""
GRID = 16
ALIKE = 16
"""Of 256 brightness steps, how many may differ. Of 148 compressed and resized copies of the demo's images 146 differed
by 16 at most; the two most alike of its different images by 18. An image with hardly a step is known by its bytes."""


@dataclass(frozen=True)
class Twin:
    """A sample that is, or holds, part of one of the study's cases; ``why`` says which part."""

    sample: str
    case: str
    why: str


@dataclass(frozen=True)
class _Wording:
    case: str
    part: str
    runs: frozenset[str]
    length: int


class OwnCases:
    """The cases of a study, ready to be compared with samples."""

    def __init__(self, contents: Mapping[str, Mapping[str, Any]], images: Mapping[str, bytes]) -> None:
        """Take the cases' contents by key, and the bytes of their images by SHA-256."""
        self._wordings = [wording for key, content in contents.items() for wording in _wordings(key, content)]
        self._runs: dict[int, dict[str, list[int]]] = {SHINGLE: {}, SHINGLE // 2: {}}
        for place, wording in enumerate(self._wordings):
            for run in wording.runs:
                self._runs[wording.length].setdefault(run, []).append(place)
        self._hashes = {sha256: key for key, content in contents.items() for sha256 in _images(content)}
        seen = [(fingerprint(images[sha256]), key) for sha256, key in self._hashes.items() if sha256 in images]
        looks = [(look, key) for look, key in seen if look.sum() > 2 * ALIKE]
        self._looks = np.array([look for look, _ in looks], dtype=bool).reshape(len(looks), GRID * GRID)
        self._of_look = [key for _, key in looks]

    def twins(self, pool: TrainingPool, samples: Sequence[Sample]) -> Iterator[Twin]:
        """Every sample that is a near-duplicate, once for each case; raises ``StudyError`` for an unreadable image."""
        for sample in samples:
            found = dict(self._of_text(sample.text))
            for name in sample.images:
                found.update(self._of_image(pool.image(name), name))
            yield from (Twin(sample.id, case, why) for case, why in found.items())

    def _of_text(self, text: str) -> Iterator[tuple[str, str]]:
        for length, index in self._runs.items():
            mine = shingles(text, length)
            shared = Counter(place for run in mine for place in index.get(run, ()))
            for place, count in shared.items():
                wording = self._wordings[place]
                if count >= TWIN * len(wording.runs):
                    yield wording.case, f"repeats {100 * count / len(wording.runs):.0f} % of {wording.part}"
                elif count >= TWIN * len(mine) and len(mine) >= SHORTEST:
                    yield wording.case, f"{100 * count / len(mine):.0f} % of its wording is that of {wording.part}"

    def _of_image(self, path: Path, name: str) -> Iterator[tuple[str, str]]:
        content = path.read_bytes()
        same = self._hashes.get(hashlib.sha256(content).hexdigest())
        if same:
            yield same, f"its image {name} is one of the case's"
            return
        try:
            look = fingerprint(content)
        except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError):
            raise StudyError(f"{path} cannot be read as an image, so it cannot be compared with the study's.") from None
        for place in np.flatnonzero((self._looks ^ look).sum(axis=1) <= ALIKE):
            yield self._of_look[place], f"its image {name} looks like one of the case's"


def fingerprint(content: bytes) -> Any:
    """Where the image grows brighter from left to right, on a grid of 16 by 16: 256 bits."""
    with Image.open(io.BytesIO(content)) as image:
        image.draft("L", (GRID * 8, GRID * 8))
        small = image.convert("L").resize((GRID + 1, GRID), Image.Resampling.BOX)
    light = np.asarray(small, dtype=int)
    return (light[:, 1:] > light[:, :-1] + 1).ravel()


def _wordings(key: str, content: Mapping[str, Any]) -> Iterator[_Wording]:
    """The case's evidence as a whole, and each block, where they are long enough to be known by their wording."""
    texts = {
        f"its block {block['id']}": "\n".join(filter(None, (block.get("text"), block.get("finding"))))
        for block in content["evidence"]
    }
    whole = "\n".join(texts.values())
    length = SHINGLE // 2 if is_chinese(whole) else SHINGLE
    for part, text in ({"its evidence": whole} | texts).items():
        runs = shingles(text, length)
        if len(runs) >= LEAST * length / SHINGLE:
            yield _Wording(key, part, runs, length)


def _images(content: Mapping[str, Any]) -> Iterator[str]:
    for block in content["evidence"]:
        yield from (str(image["sha256"]) for image in block.get("images") or ())
