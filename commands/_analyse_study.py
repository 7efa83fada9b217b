"""The gap of a study in the record: scores with bounds and bootstrap, then the closed forms where all is graded."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands import _agreement, _mixed
from commands._data import opened
from commands._study import find_study
from scoring.adjudication import RULE
from study.database import StudyError
from study.desk import AnalystDesk, CoordinatorDesk, StudyStatus
from study.findings import Findings, findings_of
from study.gap import Gap, Score

if TYPE_CHECKING:
    from scoring.analysis import Analysis

SETTINGS = ("scale", "threshold", "cap", "draws", "seed", "sources", "ungraded")
SHOWN = ("coverage", "coverage5", "open", "selection", "open_gap", "selection_gap", "lost", "rescued")


@dataclass(frozen=True)
class Found:
    """A study with its scores and, once every line that matters is graded, the closed forms of its plan."""

    status: StudyStatus
    gap: Gap
    analysis: Analysis | None
    refused: tuple[str, ...]
    outcomes: dict[str, Any]
    findings: Findings | None = None


def analysed(
    data: Path | None, slug: str, *, pooled: bool = False, mixed: bool = False, findings: bool = False
) -> Found:
    """Analyse the study, with its ``findings`` where asked.

    Raises ``StudyError`` where it is not there, not unblinded, or has no reading."""
    from study.gap import computed, planned
    from study.outcomes import mixed_of, outcomes_of

    with opened(data) as record:
        status = CoordinatorDesk(record.owner).status(find_study(record.owner, slug))
        desk = AnalystDesk(record.owner)
        rows, grades, models = list(desk.readings(status.study)), desk.grades(status.study), desk.models(status.study)
        stages = list(desk.stages(status.study)) if findings else []
    if not rows:
        raise StudyError(f"{status.slug} has no readings, so there is nothing to analyse.")
    gap = computed(rows, grades, status.protocol, models=models)
    analysis, why = planned(rows, grades, status.protocol, pooled=pooled)
    outcomes = outcomes_of(rows, grades, status.protocol, pooled=pooled)
    if mixed:
        fits = mixed_of(rows, grades, status.protocol)
        outcomes |= fits | {"refused": [*outcomes["refused"], *fits["refused"]]}
    refused = tuple(dict.fromkeys([*gap.refused, *why, *outcomes["refused"]]))
    more = findings_of(rows, grades, status.protocol, models, stages) if findings else None
    return Found(status, gap, analysis, refused, outcomes, more)


def as_json(found: Found) -> dict[str, Any]:
    """The analysis as for a table, and beside it the study, its scores with bounds, and what is provisional."""
    closed = found.analysis.to_json() if found.analysis else {}
    gap = found.gap.model_dump(mode="json")
    return {
        **closed,
        "study": found.status.slug,
        "synthetic": found.status.synthetic,
        "provisional": bool(found.gap.ungraded),
        "scores": gap.pop("scores"),
        "contrasts": gap.pop("contrasts"),
        "joint": gap.pop("joint"),
        "outcomes": found.outcomes["outcomes"],
        "interactions": found.outcomes["interactions"],
        **{kind: found.outcomes[kind] for kind in _mixed.TITLES if kind in found.outcomes},
        "settings": {**{name: gap[name] for name in SETTINGS}, "grading": RULE.as_json()},
        "agreement": gap.pop("agreement"),
        "findings": found.findings.to_json() if found.findings else {},
        "refused": list(found.refused),
    }


def show(found: Found, console: Console) -> None:
    """The scores by group and by reader, in per cent, after every sentence that must be read with them."""
    for sentence in _said(found):
        console.print(f"• {sentence}", markup=False, highlight=False)
    for group, title in (("human", "Humans"), ("model", "Models")):
        if group in found.gap.readers:
            console.print(_group(found.gap, group, f"{title} ({found.gap.readers[group]}), per cent of n"))
    console.print(_readers(found.gap))
    if any(_led(own) for own in found.outcomes["outcomes"].values()):
        console.print(_outcomes(found.outcomes["outcomes"]))
    for kind in _mixed.TITLES:
        if found.outcomes.get(kind):
            console.print(_mixed.shown(kind, found.outcomes[kind]))
    if found.gap.agreement is not None:
        _agreement.show(found.gap.agreement, console)


def _group(gap: Gap, group: str, title: str) -> Table:
    table = Table(title=title, title_justify="left")
    for name in ("measure", "value [95 % interval]", "n", "missing", "failed", "failures as wrong"):
        table.add_column(name)
    for measure in SHOWN:
        score = gap.of(measure, group)
        if score is not None:
            counts = map(str, (score.n, score.missing, score.failed))
            wrong = _ends(score.as_wrong, score.as_wrong_low, score.as_wrong_high)
            table.add_row(measure.replace("_", " "), _value(score), *counts, wrong)
    return table


def _outcomes(outcomes: dict[str, Any]) -> Table:
    """Humans minus models of every measure, by the method that leads."""
    table = Table(title="Humans minus models, every outcome (shares from 0 to 1)", title_justify="left")
    for name in ("outcome", "estimate", "95 % CI", "p", "n", "method"):
        table.add_column(name)
    for measure, own in outcomes.items():
        led = _led(own)
        if led:
            p = "–" if led["p"] is None else "<.0001" if led["p"] < 1e-4 else f"{led['p']:.4f}"
            ends = f"{led['ci'][0]:.3f}, {led['ci'][1]:.3f}" if led["ci"] else "–"
            table.add_row(measure.replace("_", " "), f"{led['estimate']:.3f}", ends, p, str(led["n"]), led["method"])
    return table


def _led(outcome: dict[str, Any]) -> dict[str, Any] | None:
    led: dict[str, Any] | None = outcome[outcome["leads"]] if outcome["leads"] else None
    return led


def _readers(gap: Gap) -> Table:
    table = Table(title="Readers, per cent of n", title_justify="left")
    for name in ("reader", "n", "coverage", "open", "selection", "selection gap"):
        table.add_column(name)
    for score in gap.scores:
        if score.reader is not None and score.measure == "coverage":
            own = [
                gap.of(name, score.group, score.reader) for name in ("coverage", "open", "selection", "selection_gap")
            ]
            ends = (_ends(one.estimate, one.low, one.high) if one else "–" for one in own)
            table.add_row(escape(score.reader), str(score.n), *ends)
    return table


def _said(found: Found) -> list[str]:
    gap = found.gap
    said = ["Synthetic cases: not patients."] if found.status.synthetic else []
    if gap.sources.get("simulated"):
        said.append(f"{gap.sources['simulated']} grades are simulated: made up by a program, given by no clinician.")
    if gap.ungraded:
        said.append(
            f"Provisional: {gap.ungraded} answers wait for a grade; ranges go from all worthless to all exact. "
            f"Grade them with `readerstudy grade --study {found.status.slug} --to FILE`."
        )
    said.append(
        f"{gap.scale}, correct from {gap.threshold}; the first {gap.cap} lines count. Intervals: crossed bootstrap, "
        f"{gap.draws:,} draws, over readers and cases for a group, over cases for one reader."
    )
    return [*said, *gap.notes, *found.refused]


def _value(score: Score) -> str:
    ends = f" [{100 * score.interval[0]:.1f}, {100 * score.interval[1]:.1f}]" if score.interval else ""
    return escape(_ends(score.estimate, score.low, score.high) + ends)


def _ends(estimate: float | None, low: float | None, high: float | None) -> str:
    """The value in per cent; the range in which it lies while lines wait for a grade."""
    if low is None or high is None:
        return "–"
    return f"{100 * low:.1f} … {100 * high:.1f}" if estimate is None else f"{100 * estimate:.1f}"
