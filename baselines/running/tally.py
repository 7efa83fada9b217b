"""What a run has done so far, for whoever watches it and for its result."""

from __future__ import annotations

import time
from collections import Counter, deque
from dataclasses import dataclass, field

from baselines.adapters import Said

WINDOW_SECONDS = 60.0


@dataclass
class Tally:
    """Counts of one model in one condition. ``calls`` are those sent by this run, by outcome.

    ``before`` readings had come to their end when it began, ``failed_before`` of them without an answer that counts.
    ``invalid`` answers came as ``ok`` and are counted as both. ``taken_up`` are stored replies that were used and not
    asked for again, ``repeats`` questions sent again that an earlier worker may have paid for. ``batches`` are those
    under way, with how many of their questions are answered. ``cost`` is what replies cost; ``spent`` has in it
    what may have been paid without a word of it.
    """

    readings: int = 0
    before: int = 0
    failed_before: int = 0
    completed: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    cached: int = 0
    taken_up: int = 0
    repeats: int = 0
    busy: int = 0
    tried_again: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    cost_unknown: int = 0
    spent: float = 0.0
    fenced: int = 0
    left_unread: int = 0
    resolved: Counter[str] = field(default_factory=Counter)
    no_distribution: int = 0
    batches: dict[tuple[str, ...], tuple[int, int]] = field(default_factory=dict)
    waiting: tuple[int, float] | None = None
    began: float = field(default_factory=time.monotonic)
    _ends: deque[float] = field(default_factory=deque)

    def came(self, said: Said, cost: float | None) -> None:
        """A reply came, at this cost, as far as that is known."""
        self.calls[said.outcome] += 1
        self.resolved[said.model] += 1
        self.input_tokens += said.input_tokens or 0
        self.output_tokens += said.output_tokens or 0
        self.cost, self.cost_unknown = self.cost + (cost or 0.0), self.cost_unknown + (cost is None)

    def ended_call(self, now: float) -> None:
        """A call came to its end, whatever it was."""
        self._ends.append(now)
        while self._ends and self._ends[0] < now - WINDOW_SECONDS:
            self._ends.popleft()

    def rate(self, now: float) -> float:
        """Calls that came back in a second, over the last minute."""
        recent = [end for end in self._ends if end > now - WINDOW_SECONDS]
        return len(recent) / max(min(now - self.began, WINDOW_SECONDS), 0.001)

    @property
    def sent(self) -> int:
        """Calls that this run sent; an answer that proved invalid came by one of them."""
        return self.calls.total() - self.calls["invalid"]

    @property
    def ended(self) -> int:
        """Readings that this run brought to an end."""
        return self.completed + sum(self.failed.values())

    @property
    def fruitless(self) -> bool:
        """Whether readings failed, and not one of all that came to their end has its answers."""
        failed = sum(self.failed.values()) + self.failed_before
        return failed > 0 and failed == self.before + self.ended

    @property
    def open(self) -> int:
        """Readings that are left."""
        return self.readings - self.before - self.ended

    def seconds_left(self, now: float) -> float | None:
        """How long the rest will take at the pace so far; None where no reading has come to an end."""
        return (now - self.began) / self.ended * self.open if self.ended else None
