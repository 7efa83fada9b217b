"""What is printed of those who graded: by which rule, how far they agree, and the scores under each of them."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from study.agreement import Judging, Kappa, Pair, Spread, Under, sentences


def show(judging: Judging, console: Console) -> None:
    """The judges, every sentence that must be read with their grades, and the tables of their agreement."""
    for sentence in sentences(judging):
        console.print(f"• {sentence}", markup=False, highlight=False)
    if judging.pairs:
        console.print(_pairs(judging.pairs))
    if judging.repeats:
        console.print(_repeats(judging.repeats))
    if judging.under:
        console.print(_under(judging.under))


def _pairs(pairs: Iterable[Pair]) -> Table:
    table = _table("Agreement (kappa by levels; SE over lines, and leaving out one case at a time)")
    for name in ("graders", "lines", "n", "equal", "within one", "linear kappa", "SE", "quadratic kappa", "SE"):
        table.add_column(name)
    for one in pairs:
        of = "all" if one.lines == "all" else "without those that judges left to humans"
        counts = (str(one.n), _share(one.equal), _share(one.within_one))
        table.add_row(escape(f"{one.first}, {one.second}"), of, *counts, *_kappa(one.linear), *_kappa(one.quadratic))
    return table


def _repeats(repeats: Iterable[Spread]) -> Table:
    table = _table("A judge over repeats of one line (variance in squared levels)")
    for name in ("judge", "lines", "gradings", "within [SE]", "between lines", "share within", "changed", "crossed"):
        table.add_column(name)
    for one in repeats:
        within = f"{_number(one.within)} [{_number(one.se)}]"
        parts = (str(one.lines), str(one.gradings), escape(within), _number(one.between), _share(one.share))
        table.add_row(escape(one.judge), *parts, _share(one.changed), _share(one.crossed))
    return table


def _under(under: Iterable[Under]) -> Table:
    table = _table("The scores under one grader alone, per cent of n (a range while lines then wait)")
    for name in ("grader", "group", "measure", "value", "n"):
        table.add_column(name)
    for one in under:
        low, high = one.low, one.high
        value = "–" if low is None or high is None else f"{100 * low:.1f} … {100 * high:.1f}"
        value = value if one.estimate is None else f"{100 * one.estimate:.1f}"
        table.add_row(escape(one.by), one.group, one.measure.replace("_", " "), value, str(one.n))
    return table


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left")


def _kappa(kappa: Kappa) -> tuple[str, str]:
    if kappa.kappa is None:
        return "–", kappa.why
    cases = "" if kappa.se_cases is None else f", {kappa.se_cases:.3f}"
    return f"{kappa.kappa:.3f}", f"{kappa.se or 0:.3f}{cases}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{100 * value:.1f} %"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
