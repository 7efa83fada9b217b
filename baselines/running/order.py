"""What is to be run: a model, a condition, how many samples, at what cost at the most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from baselines import pictures, prompts
from baselines.declared import Declared, details
from baselines.running.content import identity
from baselines.running.leases import SECONDS
from baselines.running.patience import Patience
from baselines.running.workplace import Distribution
from study.conditions import MAIN


@dataclass(frozen=True)
class Order:
    """One model in one condition of a study. ``samples`` is None for as many as the protocol fixes.

    ``permitted_only`` leaves out the cases that the model may not be shown, where it would else be refused.
    ``lease_seconds`` is how long a reading stays held by a worker that is heard of no more; ``batch_seconds`` are those
    of quiet before a batch is sent, and those between two looks at it.
    """

    study: str
    declared: Declared
    condition: str = MAIN
    samples: int | None = None
    distribution: Distribution = "none"
    budget: float | None = None
    cache: bool = True
    permitted_only: bool = False
    lease_seconds: int = SECONDS
    first_wait: float = 0.5
    batch_seconds: tuple[float, float] = (5.0, 30.0)

    @property
    def patience(self) -> Patience:
        """How often questions are asked again, as declared; a file says the same each time."""
        if self.declared.adapter == "replay":
            return Patience(tries=1, busy=1, reasks=0)
        return Patience(tries=self.declared.tries, reasks=self.declared.reasks, first=self.first_wait)

    @property
    def details(self) -> dict[str, Any]:
        """What the record keeps of the model beside its samples: what was declared, and how it is run."""
        run = {
            "identity": identity(self.declared),
            "distribution": self.distribution,
            "patience": self.patience.details,
            "words": prompts.version(),
            "pictures": pictures.RULE,
        }
        return {**details(self.declared), "run": run}
