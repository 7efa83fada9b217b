"""Sensitivity with no effect at all: random parts of the samples with full evidence, held against one another.

S has its null from two halves of the samples of the same arm. Where image and finding are held against the same arm
without the evidence, their sensitivities move together by its chance; NMSE, the difference and the shares then have
their null from three parts of one arm, of which the third stands for the arm without. Otherwise from the halves too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from scoring.resampling import Samples, parts
from scoring.sensitivity import Array, figures, jensen_shannon

Arms = Mapping[str, Sequence[Samples]]
Pair = tuple[Array, Array]


@dataclass(frozen=True)
class Null:
    """Sensitivities (draws, cases) under no effect, and as they are from as few samples; NaN where there are too few.

    ``image`` and ``text`` are from halves, ``pairs`` from the parts that serve what is taken from both at once.
    """

    image: Pair
    text: Pair
    pairs: tuple[Pair, Pair]

    @property
    def mean_image(self) -> Array:
        """The null of each case as image."""
        return _over_draws(self.image[0])

    @property
    def mean_text(self) -> Array:
        """The null of each case as finding."""
        return _over_draws(self.text[0])

    def under(self, name: str) -> Array:
        """A figure in each draw, under no effect."""
        return self._figure(name, 0)

    def small(self, name: str) -> Array:
        """A figure in each draw, as it is from as few samples as the null's parts have."""
        return self._figure(name, 1)

    def _figure(self, name: str, which: int) -> Array:
        pair = {"s_image": (self.image[which],) * 2, "s_text": (self.text[which],) * 2}
        return figures(*pair.get(name, self.pairs[which]))[name]


def null_of(
    arms: Arms, image: tuple[str, str], text: tuple[str, str], base: float, draws: int, rng: np.random.Generator
) -> Null:
    """The null of one type of evidence, whose arms with it and without it are named for both forms."""
    cases = len(arms[image[0]])
    found = np.full((8, draws, cases), np.nan)
    for place in range(cases):
        own = [arms[name][place] for name in (*image, *text)]
        found[0:2, :, place] = _halves(own[0], own[1], base, draws, rng)
        found[2:4, :, place] = _halves(own[2], own[3], base, draws, rng)
        if image[1] == text[1]:
            found[4:8, :, place] = _thirds(own[0], own[2], own[1], base, draws, rng)
        else:
            found[4:8, :, place] = found[[0, 2, 1, 3], :, place]
    return Null((found[0], found[1]), (found[2], found[3]), ((found[4], found[5]), (found[6], found[7])))


def _halves(full: Samples, without: Samples, base: float, draws: int, rng: np.random.Generator) -> Array:
    """S between two halves of the full samples; S between one of them and as few of the samples without."""
    size = 0 if full is None or without is None else min(len(full) // 2, len(without))
    if not size:
        return np.full((2, draws), np.nan)
    one, other = parts(full, size, draws, rng, 2)
    (bare,) = parts(without, size, draws, rng, 1)
    return np.stack([jensen_shannon(one, other, base), jensen_shannon(one, bare, base)])


def _thirds(
    image: Samples, text: Samples, without: Samples, base: float, draws: int, rng: np.random.Generator
) -> Array:
    """S of image and finding under no effect, both against the same third part; and both as they are, as few."""
    if image is None or text is None or without is None:
        return np.full((4, draws), np.nan)
    size = min(len(image) // 3, len(text), len(without))
    if not size:
        return np.full((4, draws), np.nan)
    first, second, third = parts(image, size, draws, rng, 3)
    (found,), (bare,) = parts(text, size, draws, rng, 1), parts(without, size, draws, rng, 1)
    pairs = ((first, third), (second, third), (first, bare), (found, bare))
    return np.stack([jensen_shannon(p, q, base) for p, q in pairs])


def _over_draws(values: Array) -> Array:
    present = np.isfinite(values)
    counts = present.sum(axis=0)
    mean: Array = np.where(counts > 0, np.where(present, values, 0.0).sum(axis=0) / np.maximum(counts, 1), np.nan)
    return mean
