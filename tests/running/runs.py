"""How the tests of runs run: a study of text cases, a model of the tests' server, one run of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from baselines.declared import Declared
from baselines.running.order import Order
from baselines.running.preparing import Plan, plan
from baselines.running.run import Ended
from baselines.running.session import read_model
from baselines.running.tally import Tally
from study.database import Wire
from study.desk import RunnerDesk
from study.desk.calls import CallRow
from study.desk.work import WorkDesk
from study.protocol import Protocol
from tests.home import Home
from tests.small_study import SmallStudy, case, small_study

QUESTIONS = 4  # ddx, open, selection, closing


def contents(number: int, image: bool = False) -> list[dict[str, Any]]:
    """So many cases, each in words of its own."""
    found = []
    for n in range(number):
        content = case("alpha") | {"key": f"case-{n:03d}"}
        content["evidence"][0]["text"] = f"A patient of number {n}, who has been ill for {n + 2} days."
        if not image:
            content["evidence"][1] = {"id": "laboratory", "type": "laboratory", "text": f"Value {n}.", "images": []}
        found.append(content)
    return found


def study_of(home: Home, cases: int, samples: int = 1, image: bool = False, **protocol: Any) -> SmallStudy:
    """An open study whose models read each case ``samples`` times."""
    rules = Protocol.model_validate({"model_samples": samples} | protocol)
    return small_study(home, rules, places=max(4, samples), contents=contents(cases, image))


def wait_for(what: Callable[[], bool], seconds: float = 60) -> None:
    """Until it is so."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it has not come about"
        time.sleep(0.01)


def model(url: str, name: str = "a model", **more: Any) -> Declared:
    """A model of the tests' server, inside the institution, which is asked by eight at once."""
    told: dict[str, Any] = {"name": name, "adapter": "chat", "model": "small-2025-01-31", "base_url": url}
    told |= {"local": True, "timeout": 20.0, "limits": {"concurrency": 8}, "cutoff": "2025-01-31", "family": "tests"}
    return Declared.model_validate(told | more)


def plan_in(wire: Wire, study: str, declared: Declared, **order: Any) -> Plan:
    """The plan of a run; waits are short, and so are leases. Other tests' replies are replayed only where asked."""
    return plan(wire, Order(study, declared, **({"first_wait": 0.02, "lease_seconds": 3, "cache": False} | order)))


def planned(made: SmallStudy, declared: Declared, **order: Any) -> Plan:
    """The plan of a run by the study's owner."""
    return plan_in(made.home.owner, made.study, declared, **order)


def run(made: SmallStudy, declared: Declared, **order: Any) -> tuple[Ended, Tally]:
    """One run to its end."""
    tally = Tally()
    return read_model(made.home.record, planned(made, declared, **order), tally), tally


def states(made: SmallStudy, name: str = "a model") -> dict[str, int]:
    """How many readings of a model are in each state."""
    found: dict[str, int] = {}
    for member in RunnerDesk(made.home.owner).models(made.study, name):
        for row in member.readings:
            found[row.state] = found.get(row.state, 0) + 1
    return found


def answers(made: SmallStudy, name: str = "a model") -> dict[tuple[str, str, int], list[Any]]:
    """What was locked, by condition, case and sample, in order."""
    desk = RunnerDesk(made.home.owner)
    members = desk.models(made.study, name)
    found = {}
    for member in members:
        keys = {one.reading: one.case for one in desk.cases(made.study, [row.reading for row in member.readings])}
        for row in member.readings:
            page = desk.open_reading(row.reading)
            found[member.condition, keys[row.reading], member.sample] = [(a.kind, a.answer) for a in page.answers]
    return found


def calls(made: SmallStudy, brief: bool = True) -> list[CallRow]:
    """Every call of the study, in order."""
    return list(WorkDesk(made.home.owner).all_calls(made.study, brief))


def outcomes(rows: Sequence[CallRow]) -> dict[str, int]:
    """How many calls stand in each outcome."""
    found: dict[str, int] = {}
    for row in rows:
        found[str(row.outcome)] = found.get(str(row.outcome), 0) + 1
    return found
