"""Models' results on cases that were public before their knowledge cut-off, on later ones, and where nobody knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from study.contamination import Contamination, ModelPeriods, Period
from study.gap import Score
from study.reporting.facts import Facts
from study.reporting.parts import Block, Bullets, Paragraph, Section, Table, Text, count, p_value, share
from study.reporting.table2 import estimate

NAMES = {"model": "the model", "human": "humans, same cases", "model minus human": "the model minus humans"}
PERIODS = ("model", "cut-off", "published", "cases", "of", "coverage", "FDx", "gap", "n")
CHANGES = ("model", "measure", "of", "after minus before", "p", "cases before", "cases after")


def contamination(facts: Facts) -> Section:
    """A table of scores by period and one of changes; why there is no change where there is none."""
    title = "Before and after the cut-off"
    if not facts.names("model"):
        return Section("contamination", title, (Paragraph(("No model took part.",)),))
    found, fdx = facts.contamination, str(facts.plan.get("fdx", "selection"))
    measures = {"coverage": "coverage", fdx: fdx, f"{fdx}_gap": "gap"}
    blocks: list[Block] = [Paragraph(_words(found, fdx))]
    rows = tuple(row for one in found.models for row in _periods(one, measures))
    if rows:
        blocks.append(Table("By first publication of the case, per cent [95 % interval]", PERIODS, rows))
    changes = tuple(row for one in found.models for row in _changes(one, measures))
    if changes:
        blocks.append(Table("After minus before, percentage points [95 % interval]", CHANGES, changes))
    reasons = tuple((sentence,) for one in found.models if (sentence := _reason(one, measures)))
    if reasons:
        blocks.append(Bullets(reasons))
    return Section("contamination", title, tuple(blocks))


def _words(found: Contamination, fdx: str) -> Text:
    return (
        "Exploratory: models' knowledge cut-offs against the cases' dates. Of ",
        *count("contamination.cases", found.cases),
        " cases ",
        *count("contamination.undated", found.undated),
        " have no date of publication. Before: public on the day of the declared cut-off or earlier, so that the model "
        "may have read the case; a case has appeared when the first of its translations did. Humans on the same cases "
        f"show how hard those of a period are. FDx is the {fdx}. Intervals: bootstrap, {found.draws:,} draws. "
        f"Changes: {found.method}.",
    )


def _periods(one: ModelPeriods, measures: Mapping[str, str]) -> Iterator[tuple[Text, ...]]:
    cutoff = one.cutoff.isoformat() if one.cutoff else "not declared"
    for period in one.periods:
        for group in ("model", "human") if period.cases else ():
            scores = {name: _score(period, measure, group) for measure, name in measures.items()}
            if any(scores.values()):
                key = f"contamination.{one.model}.{period.name}.{group}"
                cells = [estimate(f"{key}.{name}", score) for name, score in scores.items()]
                n = max(score.n for score in scores.values() if score is not None)
                cases = count(f"contamination.{one.model}.{period.name}.cases", period.cases)
                first: tuple[Text, ...] = ((one.model,), (cutoff,), (period.name,), cases, (NAMES[group],))
                yield (*first, *cells, count(f"{key}.n", n))


def _score(period: Period, measure: str, group: str) -> Score | None:
    return next((one for one in period.scores if (one.measure, one.group) == (measure, group)), None)


def _changes(one: ModelPeriods, measures: Mapping[str, str]) -> Iterator[tuple[Text, ...]]:
    for change in one.changes:
        if change.measure in measures and change.estimate is not None:
            name = f"contamination.{one.model}.change.{change.of}.{measures[change.measure]}"
            sides = [count(f"{name}.{when}", n) for when, n in zip(("before", "after"), change.n, strict=True)]
            told = share(name, change.estimate, change.ci)
            first: tuple[Text, ...] = ((one.model,), (measures[change.measure],), (NAMES[change.of],))
            yield (*first, told, p_value(f"{name}.p", change.p), *sides)


def _reason(one: ModelPeriods, measures: Mapping[str, str]) -> str:
    if one.cutoff is None:
        return f"{one.model}: no cut-off was declared, so every case is of an unknown period."
    why = dict.fromkeys(change.why for change in one.changes if change.measure in measures and change.why)
    return f"{one.model}: {'; '.join(why)}." if why else ""
