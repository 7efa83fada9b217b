"""How often a question is asked again, and how long one waits before: declared, and kept with the model's details."""

from __future__ import annotations

import random
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Patience:
    """``tries`` of a question that got no answer, ``busy`` times told to wait, ``reasks`` of what cannot be read.

    Waits double from ``first`` to ``longest`` seconds, each drawn between half and all of it. An endpoint that asks for
    more than ``longest_asked`` seconds is not waited for.
    """

    tries: int = 6
    busy: int = 60
    reasks: int = 2
    first: float = 0.5
    longest: float = 30.0
    longest_asked: float = 900.0

    def wait(self, number: int, asked: float | None = None) -> float:
        """The seconds before the try after the ``number``th; never less than the endpoint asked for."""
        most = min(self.longest, self.first * 2.0 ** min(number - 1, 30))
        drawn = most * random.uniform(0.5, 1.0)
        return drawn if asked is None else asked + random.uniform(0, 0.1 * asked + self.first)

    @property
    def details(self) -> dict[str, Any]:
        """What the record keeps of it."""
        return asdict(self)
