"""What a run may spend: no question is sent whose cost, at the most, could exceed what is left."""

from __future__ import annotations

import asyncio

from baselines.running.stopping import Stopping


class Budget:
    """``dollars`` for this run; None is without end. ``spent`` counts what may have been paid as paid."""

    def __init__(self, dollars: float | None, stopping: Stopping) -> None:
        self.dollars, self.spent, self._reserved = dollars, 0.0, 0.0
        self._stopping, self._freed = stopping, asyncio.Event()

    async def reserve(self, most: float) -> None:
        """Set this much aside, once it is certain that it is left.

        Raises ``Stopped``, and has the run stop, where it is not.
        """
        while self.dollars is not None and self.spent + self._reserved + most > self.dollars:
            if not self._reserved:
                self._stopping.ask(
                    "budget",
                    f"The budget of ${self.dollars:g} does not reach for the next question, which may cost up to "
                    f"${most:.4f}; ${self.spent:.4f} are spent. Run it again with a budget to go on.",
                )
            self._stopping.check()
            await self._freed.wait()
        self._reserved += most

    def settle(self, most: float, cost: float) -> None:
        """What was set aside cost this much in the end."""
        self._reserved = max(0.0, self._reserved - most)
        self.spent += cost
        self._freed.set()
        self._freed = asyncio.Event()
