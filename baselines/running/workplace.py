"""What one worker works with while it reads for one model: its desk, its endpoint, its limits, its counts."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias

from baselines._declaration import Declared
from baselines.conversation import Rules
from baselines.running.collector import Collector, patiently
from baselines.running.gate import Gate
from baselines.running.images import Images
from baselines.running.patience import Patience
from baselines.running.sources import Source
from baselines.running.spending import Budget
from baselines.running.stopping import Stopping
from baselines.running.tally import Tally
from study.database import StudyError
from study.desk import Failure
from study.desk.acts import Act, Done
from study.desk.calls import CallRow, KeptReply
from study.desk.work import WorkDesk

Distribution: TypeAlias = Literal["none", "elicited", "logprobs"]
_TRANSIENT = {"40001", "40P01", "55P03"}  # two workers met over one row
_TRIES = 5


class Fenced(Exception):
    """Somebody else has the reading now, or it takes no more answers: what this worker holds of it is void."""


class Unfit(StudyError):
    """What the record refuses to take as an answer."""


@dataclass
class Health:
    """Whether the endpoint answers at all: how often it did, when last, and how many questions it failed since."""

    MOST_GIVEN_UP: ClassVar[int] = 3
    answers: int = 0
    last: float = -math.inf
    given_up: int = 0

    def answered(self, now: float) -> None:
        """It answered."""
        self.answers, self.last, self.given_up = self.answers + 1, now, 0


@dataclass
class Workplace:
    """One model in one condition, and everything that its readings share."""

    study: str
    declared: Declared
    source: Source
    rules: Rules
    worker: str
    desk: WorkDesk
    acts: Collector[Act, Done]
    kept: Collector[str, KeptReply | None] | None
    images: Images
    gate: Gate
    budget: Budget
    stopping: Stopping
    patience: Patience = field(default_factory=Patience)
    tally: Tally = field(default_factory=Tally)
    health: Health = field(default_factory=Health)
    distribution: Distribution = "none"

    async def act(self, *acts: Act) -> list[Done]:
        """What became of these acts, in order.

        Raises ``Fenced`` where the reading is not this worker's any more, ``Unfit`` where an answer is not taken, and
        ``StudyError`` where the record refuses for another reason.
        """
        for left in reversed(range(_TRIES)):
            done = await self.acts.ask(*acts)
            failed = next((one for one in done if isinstance(one, Failure)), None)
            if failed is None:
                return done
            if failed.code not in _TRANSIENT or not left:
                raise _told(failed)
        raise AssertionError("the last try returns or raises")

    async def calls(self, reading: str) -> list[CallRow]:
        """The calls of a reading's present attempt, as the record has them now."""
        return await patiently(lambda: self.desk.calls(self.study, reading))


def _told(failed: Failure) -> Exception:
    if failed.code in ("RS404", "RS409", "RS423"):
        return Fenced(failed.message)
    return Unfit(failed.message) if failed.code == "RS400" else StudyError(failed.message)
