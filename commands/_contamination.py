"""What ``readerstudy analyse --contamination`` prints: results before and after each model's cut-off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands._data import opened
from commands._model_rows import study_rows
from study.contamination import SHOWN, Change, Contamination, ModelPeriods, computed, day_of, declared
from study.database import StudyError
from study.desk import StudyStatus
from study.gap import Score

if TYPE_CHECKING:
    from baselines.probing.results import KindRate, ModelProbes, ProbeChange


def analysed(
    data: Path | None, slug: str | None, only: Sequence[str], given: Sequence[str]
) -> tuple[StudyStatus, Contamination]:
    """The results of an unblinded study's models by period; raises ``StudyError`` for a cut-off that is none."""
    found = study_rows(data, slug, only)
    cutoffs = declared(found.models) | _given(given, found.names)
    chosen = {name: cutoffs[name] for name in found.names if not only or name in only}
    return found.status, computed(found.rows, found.grades, found.status.protocol, chosen)


def probed(data: Path | None, study: str, only: Sequence[str]) -> tuple[ModelProbes, ...]:
    """What came of the probes of an unblinded study's models, of those named or of all; empty where none was asked."""
    from baselines.probing.results import results
    from study.desk.work import WorkDesk
    from study.exporting import source

    with opened(data) as record:
        rows = [row for row in WorkDesk(record.owner).calls_for(study, "probe") if not only or row.model in only]
        cases = source.cases(record.owner, study) if rows else []
    return results(rows, {case.key: case.content for case in cases if case.content is not None})


def _given(given: Sequence[str], names: Sequence[str]) -> dict[str, date | None]:
    found: dict[str, date | None] = {}
    for one in given:
        name, _, told = one.rpartition("=")
        day = day_of(told)
        if day is None or name not in names:
            raise StudyError(
                f"The cut-off {one!r} is none: write MODEL=2025-06-30, of a model that took part ({', '.join(names)})."
            )
        found[name] = day
    return found


def as_json(status: StudyStatus, found: Contamination, probes: Sequence[ModelProbes]) -> dict[str, Any]:
    """The result with its study, and the probes beside it."""
    told = [asdict(one) for one in probes]
    return {"study": status.slug, "synthetic": status.synthetic, **found.to_json(), "probes": told}


def show(status: StudyStatus, found: Contamination, probes: Sequence[ModelProbes], console: Console) -> None:
    """A table of scores and one of changes for each model, and its probes."""
    said = ["Synthetic cases: not patients."] if status.synthetic else []
    said.append(
        f"Exploratory. {found.cases} cases, {found.undated} without a date of publication. Before: public on the day "
        "of the cut-off or earlier. The humans read the same cases: they show how hard the cases of a period are. "
        f"Changes: {found.method}. An interval without width only says that these cases did not differ."
    )
    for sentence in said:
        console.print(f"• {sentence}", markup=False, highlight=False)
    for model in found.models:
        console.print(_scores(model))
        changes = [change for change in model.changes if change.estimate is not None]
        if changes:
            console.print(_changes(model, changes))
        for why in dict.fromkeys(f"{c.of}, {c.measure}: {c.why}" for c in model.changes if c.why):
            console.print(f"• {model.model}, {why}.", markup=False, highlight=False)
    _show_probes(probes, console)


def _show_probes(probes: Sequence[ModelProbes], console: Console) -> None:
    if not probes:
        console.print("• No model was probed: `readerstudy models probe` asks what it may have read.", markup=False)
    for model in probes:
        console.print(_probes(model))
        if model.changes:
            console.print(_probe_changes(model))
    rules = {rate.kind: rate.rule for model in probes for rate in model.rates}
    for kind, rule in rules.items():
        console.print(f"• {kind}: {rule}", markup=False, highlight=False)


def _probes(model: ModelProbes) -> Table:
    table = Table(title=f"{escape(model.model)}, probes: per cent hits [95 % interval]", title_justify="left")
    for column in ("probe", "hits", "cases", "by chance", "answered", "failed"):
        table.add_column(column)
    for one in model.rates:
        hits, n = "no answer", "0"
        if one.hits is not None:
            ends = f" [{100 * one.hits.ci[0]:.1f}, {100 * one.hits.ci[1]:.1f}]" if one.hits.ci else ""
            hits, n = escape(f"{100 * one.hits.estimate:.1f}{ends}"), str(one.hits.n)
        failed = ", ".join(f"{count} {outcome}" for outcome, count in sorted(one.failed.items())) or "none"
        changed = f", {one.other_version} of a case that has been changed" if one.other_version else ""
        chance = "–" if one.chance is None else f"{100 * one.chance:.1f}"
        table.add_row(_probe_name(one), hits, n, chance, f"{one.answered} of {one.asked}{changed}", failed)
    return table


def _probe_changes(model: ModelProbes) -> Table:
    title = f"{escape(model.model)}, accuracy minus that in the original words, points, case by case"
    table = Table(title=title, title_justify="left")
    for column in ("probe", "change [95 % CI]", "p", "cases"):
        table.add_column(column)
    for one in model.changes:
        change = one.change
        if change is None:
            table.add_row(_probe_name(one), "no case has both", "–", "0")
            continue
        ends = f" [{100 * change.ci[0]:+.1f}, {100 * change.ci[1]:+.1f}]" if change.ci else ""
        p = "–" if change.p is None else f"{change.p:.4f}"
        table.add_row(_probe_name(one), escape(f"{100 * change.estimate:+.1f}{ends}"), p, str(change.n))
    return table


def _probe_name(one: KindRate | ProbeChange) -> str:
    return f"{one.kind}, by {escape(one.by)}" if one.by else one.kind


def _scores(model: ModelPeriods) -> Table:
    cutoff = f"cut-off {model.cutoff}" if model.cutoff else "no cut-off declared"
    table = Table(title=f"{escape(model.model)}, {cutoff}: per cent [95 % interval] (n)", title_justify="left")
    for column in ("measure", "of", *(f"{period.name} ({period.cases} cases)" for period in model.periods)):
        table.add_column(column)
    for measure in SHOWN:
        for group in ("model", "human"):
            cells = [
                next((s for s in period.scores if (s.measure, s.group) == (measure, group)), None)
                for period in model.periods
            ]
            if any(cells):
                table.add_row(measure.replace("_", " "), group, *(_cell(score) for score in cells))
    return table


def _cell(score: Score | None) -> str:
    if score is None or score.low is None or score.high is None:
        return "no answer"
    if score.estimate is None:
        return f"{100 * score.low:.1f} … {100 * score.high:.1f} (provisional, {score.n})"
    ends = f" [{100 * score.interval[0]:.1f}, {100 * score.interval[1]:.1f}]" if score.interval else ""
    failed = f", {score.failed} failed" if score.failed else ""
    return escape(f"{100 * score.estimate:.1f}{ends} ({score.n}{failed})")


def _changes(model: ModelPeriods, changes: Sequence[Change]) -> Table:
    table = Table(title=f"{escape(model.model)}: after minus before, points", title_justify="left")
    for column in ("measure", "of", "change [95 % CI]", "p", "cases before, after"):
        table.add_column(column)
    for one in changes:
        ends = f" [{100 * one.ci[0]:+.1f}, {100 * one.ci[1]:+.1f}]" if one.ci else ""
        p = "–" if one.p is None else f"{one.p:.4f}"
        change = escape(f"{100 * (one.estimate or 0):+.1f}{ends}")
        table.add_row(one.measure.replace("_", " "), one.of, change, p, f"{one.n[0]}, {one.n[1]}")
    return table
