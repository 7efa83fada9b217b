"""What readers scored, as one long table, and the panels that the field's tools can open.

A task is what is scored: ``ddx`` (coverage), and the final diagnosis as it is named (``selection``, ``open``, or
``fdx`` in a table that does not say). A panel is a set of readers on the same cases and two tests; runs of a model are
panels of their own, since runs are not readers and an average of runs is no longer right or wrong.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from study.database.wire import StudyError
from study.results import Row, given_grades, longest_list, planned_scale, readings

if TYPE_CHECKING:
    import pandas as pd

    from study.desk.staff import Grade

Fdx = Literal["selection", "open"]
COLUMNS = ("reader", "group", "case", "run", "state", "task", "score")
FDX: tuple[Fdx, ...] = ("selection", "open")
FAILURES = {"wrong": "counted as wrong", "left_out": "left out"}


@dataclass(frozen=True)
class Scores:
    """``rows``: one a reader, case, run and task, with a score in [0, 1] or NaN; ``fdx``: the task held against ddx."""

    rows: pd.DataFrame
    fdx: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Panel:
    """Readers by tests by cases: ``scores`` of (reader, test, case), absent where there is none."""

    name: str
    title: str
    tests: tuple[str, str]
    scores: dict[tuple[str, str, str], float] = field(repr=False)

    @property
    def readers(self) -> list[str]:
        """Those who have a score, in order."""
        return sorted({reader for reader, _, _ in self.scores})

    @property
    def cases(self) -> list[str]:
        """The cases that somebody has a score on, in order."""
        return sorted({case for _, _, case in self.scores})

    def complete_cases(self) -> list[str]:
        """The cases on which every reader has both scores."""
        wanted = {(reader, test) for reader in self.readers for test in self.tests}
        return [case for case in self.cases if all((*pair, case) in self.scores for pair in wanted)]


def of_study(
    rows: Iterable[Row],
    grades: Sequence[Grade],
    protocol: Mapping[str, Any] | None,
    fdx: Fdx | None = None,
    scored: pd.DataFrame | None = None,
) -> Scores:
    """The scores of an unblinded study, on the scale and with the failures of its plan; ``fdx`` else the plan's.

    ``scored`` is the frame of these rows where it is at hand.
    """
    import pandas as pd

    from scoring.measures import analysis_table, frame

    plan = (protocol or {}).get("plan") or {}
    scale = planned_scale(protocol)
    failures: Literal["wrong", "left_out"] = "left_out" if plan.get("failures") == "left-out" else "wrong"
    if scored is None:
        scored = frame(readings(rows, given_grades(grades, scale), scale), longest_list(protocol), scale)
    tables = {name: analysis_table(scored, name, failures) for name in FDX}
    tasks = {"ddx": tables["open"]["ddx"]} | {str(name): table["fdx"] for name, table in tables.items()}
    whole = [tables["open"].assign(state=scored["state"], task=task, score=score) for task, score in tasks.items()]
    bounds = [(scored[f"{name}_low"], scored[f"{name}_high"]) for name in ("coverage", "open")]
    waiting = sum(int((low < high).sum()) for low, high in bounds)
    notes = [f"{scale.title}, correct from {scale.correct_from}. Failures: {FAILURES[failures]}."]
    notes += [f"{waiting} scores wait for a grade and are absent."] if waiting else []
    chosen = fdx or ("open" if plan.get("fdx") == "open" else "selection")
    return Scores(pd.concat(whole)[list(COLUMNS)].reset_index(drop=True), chosen, tuple(notes))


def of_table(table: pd.DataFrame) -> Scores:
    """The scores of a long table as ``scoring.table.read_table`` returns it."""
    import pandas as pd

    long = [table.assign(state="", task=task, score=table[task]) for task in ("ddx", "fdx")]
    return Scores(pd.concat(long)[list(COLUMNS)].reset_index(drop=True), "fdx")


def panels(scores: Scores) -> list[Panel]:
    """Each group's panel of ddx against the final diagnosis, and humans against models on each; a run at a time.

    Raises ``StudyError`` where a score is neither 0 nor 1, which these files cannot hold, or nothing is scored.
    """
    rows = scores.rows[scores.rows["task"].isin(("ddx", scores.fdx))].dropna(subset=["score"])
    if rows.empty:
        raise StudyError("There is no score to write: no reading is completed and graded.")
    between = rows[~rows["score"].isin((0.0, 1.0))]
    if len(between):
        first = between.iloc[0]
        told = f"{len(between)} scores are neither 0 nor 1, the first of {first['reader']} on {first['case']}"
        raise StudyError(f"{told}: these files hold right and wrong only. Use --format tidy.")
    humans = rows[rows["group"] == "human"]
    found = [_within(humans, "humans", scores.fdx)] if len(humans) else []
    models = rows[rows["group"] == "model"]
    for number, (run, own) in enumerate(models.groupby("run", sort=True), start=1):
        found.append(_within(own, f"models-{number}", scores.fdx, str(run)))
        if len(humans):
            found += [_between(humans, own, task, number) for task in ("ddx", scores.fdx)]
    return found


def _within(rows: pd.DataFrame, name: str, fdx: str, run: str = "") -> Panel:
    told = f"{name}: ddx against {fdx}" + (f", run {run}" if run else "")
    keys = zip(rows["reader"], rows["task"].str.upper(), rows["case"], strict=True)
    return Panel(name, told, ("DDX", fdx.upper()), dict(zip(keys, rows["score"].astype(float), strict=True)))


def _between(humans: pd.DataFrame, models: pd.DataFrame, task: str, number: int) -> Panel:
    """Humans against models on one task, readers nested in group: for tools that take such designs."""
    scores = {
        (str(reader), group, str(case)): float(score)
        for group, rows in (("HUMAN", humans), ("MODEL", models))
        for reader, case, score in rows.loc[rows["task"] == task, ["reader", "case", "score"]].itertuples(index=False)
    }
    return Panel(f"{task}-{number}", f"{task}: humans against models, readers nested", ("HUMAN", "MODEL"), scores)
