"""Probes on either wire: the plan of a runner, its calls in the record, and what they come to."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from baselines.probing.planning import Terms, plan
from baselines.probing.results import results
from baselines.probing.run import probe
from study.desk.work import WorkDesk
from study.exporting import source
from tests.home import Home
from tests.model_server import ModelServer, model_server
from tests.probing.study import has_read
from tests.running.runs import contents, model
from tests.small_study import small_study


def asked(home: Home, server: ModelServer) -> Any:
    """A small study, two of whose kinds of probe were asked of a model twice over."""
    made = small_study(home, contents=contents(2, image=True))
    declared = model(server.url, revision=made.slug)
    terms = Terms(("original", "image-removed"), samples=2, first_wait=0.02)
    for _ in range(2):
        planned = plan(home.owner, made.study, [declared], terms)
        (bench,) = planned.benches
        came = probe(home.record, planned, bench, {}, None, lambda _: nullcontext(lambda done, total: None))
        assert came.ended.why is None
    return made, came


def test_probes_are_kept_and_told_on_either_wire(home: Home) -> None:
    with model_server(has_read) as server:
        made, came = asked(home, server)
        rows = list(WorkDesk(home.owner).calls_for(made.study, "probe"))
        assert (len(server.asked), len(rows), came.tally.taken_up) == (8, 8, 4)
    (found,) = results(rows, source.case_contents(home.owner, made.study))
    told = {rate.kind: (rate.asked, rate.answered, dict(rate.failed)) for rate in found.rates}
    assert told == {"original": (4, 4, {}), "image-removed": (4, 0, {"refused": 4})}
