"""What people make of advice that they were shown after an answer of their own: errors of commission and omission.

Commission: wrong advice followed. Omission: right advice not followed. (Harada 2021 counts both after a program's wrong
advice; appropriate reliance: Schemmer et al. 2023, relative reliance on advice and on oneself.)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Advised:
    """One reading: whether the answer before, the advice, and the answer after were right."""

    before: bool
    advice: bool
    after: bool


@dataclass(frozen=True)
class Reliance:
    """Counts as (how many, of how many); ``appropriate`` is right advice taken or wrong advice withstood."""

    before: tuple[int, int]
    after: tuple[int, int]
    advice: tuple[int, int]
    commission: tuple[int, int]
    omission: tuple[int, int]
    appropriate: tuple[int, int]


def reliance(readings: Iterable[Advised]) -> Reliance:
    """The counts of these readings; where answer and advice were both right or both wrong, reliance cannot be told."""
    told = list(readings)
    misled = [one for one in told if one.before and not one.advice]
    helped = [one for one in told if not one.before and one.advice]
    apart = [*misled, *helped]
    return Reliance(
        before=(sum(one.before for one in told), len(told)),
        after=(sum(one.after for one in told), len(told)),
        advice=(sum(one.advice for one in told), len(told)),
        commission=(sum(not one.after for one in misled), len(misled)),
        omission=(sum(not one.after for one in helped), len(helped)),
        appropriate=(sum(one.after for one in apart), len(apart)),
    )
