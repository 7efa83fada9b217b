"""Multinomial weights from a counter: draw d of stream s is the same whoever computes it, in which order or language.

The generator is SplitMix64 (Steele, Lea & Flood 2014) read at a counter; each output gives two places by Lemire's
multiply-shift, whose bias is n/2^32. Large work is compiled by numba where it is installed; numpy gives the same
weights.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Fill = Callable[[Any, int, Array], None]
_GOLDEN, _FIRST, _SECOND, _MASK = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 0xFFFFFFFFFFFFFFFF
COMPILED_FROM = 8_000_000
"""Loading the compiled loop takes about 0.3 s once a process; numpy makes so many numbers in a tenth of that."""


def stream(seed: int, number: int) -> int:
    """The key of a stream of weights; streams of one seed have nothing in common."""
    z = (seed * _GOLDEN + (number + 1) * _SECOND) & _MASK
    z = ((z ^ (z >> 30)) * _FIRST) & _MASK
    z = ((z ^ (z >> 27)) * _SECOND) & _MASK
    return z ^ (z >> 31)


def filler(numbers: int) -> Fill:
    """``fill(key, start, out)`` writes draws from start on into the rows of ``out`` (draws, n): how often each of n
    places comes up in n draws. Compiled where ``numbers`` are many.
    """
    return (_compiled() if numbers >= COMPILED_FROM else None) or plain


def plain(key: int, start: int, out: Array) -> None:
    """Fill by numpy."""
    size, n = out.shape
    half = (n + 1) // 2
    counter = np.arange(start * half + 1, (start + size) * half + 1, dtype=np.uint64)
    z = np.uint64(key) + np.uint64(_GOLDEN) * counter
    z = (z ^ (z >> np.uint64(30))) * np.uint64(_FIRST)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(_SECOND)
    z ^= z >> np.uint64(31)
    pair = np.stack([z & np.uint64(0xFFFFFFFF), z >> np.uint64(32)], axis=1).reshape(size, 2 * half)[:, :n]
    places = ((pair * np.uint64(n)) >> np.uint64(32)).astype(np.intp) + np.arange(size)[:, None] * n
    out[:] = np.bincount(places.ravel(), minlength=size * n).reshape(size, n)


@cache
def _compiled() -> Fill | None:
    """The loop below in machine code, kept on disk where that can be written; None without numba."""
    try:
        import numba
    except ImportError:
        return None
    try:
        made = numba.njit(nogil=True, cache=True)(_loop)
    except RuntimeError:  # no folder in which the code could be kept
        made = numba.njit(nogil=True)(_loop)
    return lambda key, start, out: made(np.uint64(key), start, out)


def _loop(key: Any, start: int, out: Array) -> None:
    size, n = out.shape
    half = (n + 1) // 2
    low, golden = np.uint64(0xFFFFFFFF), np.uint64(0x9E3779B97F4A7C15)
    for draw in range(size):
        row = out[draw]
        row[:] = 0.0
        counter = key + golden * np.uint64((start + draw) * half)
        for place in range(half):
            counter += golden
            z = counter
            z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            z ^= z >> np.uint64(31)
            row[np.intp(((z & low) * np.uint64(n)) >> np.uint64(32))] += 1.0
            if 2 * place + 1 < n:
                row[np.intp(((z >> np.uint64(32)) * np.uint64(n)) >> np.uint64(32))] += 1.0
