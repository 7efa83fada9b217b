"""What else was found: list length, relative agreement, non-inferiority, subgroups, corrected p-values, advice."""

from __future__ import annotations

from collections.abc import Iterator

from study.findings import Finding, Findings
from study.reporting.facts import GROUPS, Facts
from study.reporting.found import n_of, plain_of, said, share_of, test_of
from study.reporting.parts import (
    NONE,
    Block,
    Bullets,
    Heading,
    Paragraph,
    Section,
    Table,
    Text,
    between,
    count,
    number,
    p_value,
    percent,
)

WIDE = (
    "An interval that reaches beyond 100 points comes from very few readers or cases, mostly from two models: it says "
    "that nothing is known of models like these, not that such a value could be."
)
TESTED = ("levels", "first minus second, points", "F", "df1", "df2", "p", "n", "method")
TITLES = {
    "lists": "Length of lists",
    "relative": "Relative agreement of lists",
    "noninferiority": "Non-inferiority",
    "subgroups": "Subgroups",
    "multiplicity": "Corrected p-values",
    "mixed": "Mixed models, the sensitivity analysis",
    "advice": "Reliance on advice",
}


def further(facts: Facts) -> Section:
    """A heading a subject with its tables; one that is not computed, or has nothing to tell, says so."""
    blocks: list[Block] = [Paragraph((WIDE,))]
    for name, title in TITLES.items():
        found: Finding | None = getattr(facts.findings, name)
        blocks.append(Heading(title))
        blocks += said(name, found)
        blocks += TABLES[name](facts.findings)
    return Section("further", "Further findings", tuple(blocks))


def _lists(found: Findings) -> Iterator[Block]:
    if found.lists is None:
        return
    lengths = tuple(
        (
            (one.reader or GROUPS[one.group],),
            number(f"lists.{one.group}.{one.reader}.written", one.written, 2),
            number(f"lists.{one.group}.{one.reader}.counted", one.counted, 2),
            number(f"lists.{one.group}.{one.reader}.median", one.median, 1),
            count(f"lists.{one.group}.{one.reader}.n", one.n),
        )
        for one in found.lists.lengths
    )
    if lengths:
        yield Table("Lines of a list, mean", ("readers", "written", "that count", "median", "n"), lengths)
    cuts = tuple(
        (
            (one.measure.replace("_", " "),),
            (one.to,),
            share_of(f"lists.{one.measure}.{one.to}.human", one.human),
            share_of(f"lists.{one.measure}.{one.to}.model", one.model),
            share_of(f"lists.{one.measure}.{one.to}.difference", one.difference),
            test_of(f"lists.{one.measure}.{one.to}.difference", one.difference),
        )
        for one in found.lists.cuts
    )
    if cuts:
        head = ("measure", "models' lists cut to", "humans", "models", "humans minus models", "p")
        yield Table("With models' lists cut, per cent [95 % interval]", head, cuts)


def _relative(found: Findings) -> Iterator[Block]:
    if found.relative is None or not found.relative.models:
        return
    rows = tuple(
        (
            (one.model,),
            percent(f"relative.{one.model}.precision", one.precision),
            percent(f"relative.{one.model}.recall", one.recall),
            plain_of(f"relative.{one.model}.rpad", one.rpad),
            plain_of(f"relative.{one.model}.rrad", one.rrad),
            count(f"relative.{one.model}.cases", one.cases),
        )
        for one in found.relative.models
    )
    yield Table(
        "Agreement with clinicians' lists over that of clinicians with one another [95 % interval]",
        ("model", "precision", "recall", "RPAD", "RRAD", "cases"),
        rows,
    )


def _noninferiority(found: Findings) -> Iterator[Block]:
    if found.noninferiority is None or not found.noninferiority.compared:
        return
    rows = []
    for one in found.noninferiority.compared:
        name = f"noninferiority.{one.outcome}.{one.model or 'models'}"
        shown = {True: "not inferior", False: "not shown", None: "cannot be told"}[one.shown]
        rows.append(
            (
                (one.model or "these models",),
                (one.outcome,),
                share_of(name, one.difference),
                percent(f"{name}.margin", one.margin),
                number(f"{name}.t", one.t, 2),
                p_value(f"{name}.p", one.p),
                n_of(name, one.difference),
                (shown,),
                (one.status,),
            )
        )
    head = ("models", "outcome", "difference [95 %]", "margin", "t", "one-sided p", "n", "at .025", "status")
    yield Table("Models not worse than humans by more than the margin, points", head, tuple(rows))


def _subgroups(found: Findings) -> Iterator[Block]:
    for division in found.subgroups.divisions if found.subgroups is not None else ():
        name = f"subgroups.{division.by}.{division.measure}"
        rows = tuple(
            (
                (one.level,),
                (*count(f"{name}.{one.level}.cases", one.cases), " (few)" if one.small else ""),
                share_of(f"{name}.{one.level}.human", one.human),
                share_of(f"{name}.{one.level}.model", one.model),
                share_of(f"{name}.{one.level}.difference", one.difference),
                test_of(f"{name}.{one.level}.difference", one.difference),
            )
            for one in division.levels
        )
        title = f"{division.measure.replace('_', ' ')} by {division.by} ({division.status}), per cent [95 % interval]"
        yield Table(title, ("level", "cases", "humans", "models", "humans minus models", "p"), rows)
        tests = tuple(
            (
                (", ".join(one.levels) if len(one.levels) < 4 else f"{len(one.levels)} levels",),
                share_of(f"{name}.interaction.{place}.contrast", one.contrast),
                number(f"{name}.interaction.{place}.F", one.F, 3),
                number(f"{name}.interaction.{place}.df1", one.df1, 0),
                number(f"{name}.interaction.{place}.df2", one.df2, 1),
                p_value(f"{name}.interaction.{place}.p", one.p),
                count(f"{name}.interaction.{place}.n", one.n),
                (one.why or one.method,),
            )
            for place, one in enumerate(division.interactions)
        )
        if tests:
            yield Table("Whether the difference changes", TESTED, tests)
    without = found.subgroups.not_divided if found.subgroups is not None else ()
    if without:
        yield Bullets(tuple((f"Not divided by {one.what}: {one.why}.",) for one in without))


def _multiplicity(found: Findings) -> Iterator[Block]:
    for family in found.multiplicity.families if found.multiplicity is not None else ():
        name = f"multiplicity.{family.name}"
        rows: tuple[tuple[Text, ...], ...] = tuple(
            (
                (one.name.replace("_", " "),),
                p_value(f"{name}.{one.name}.p", one.p),
                p_value(f"{name}.{one.name}.corrected", one.corrected),
                between(f"{name}.{one.name}.interval", one.interval, digits=1) or NONE,
                NONE if one.n is None else count(f"{name}.{one.name}.n", one.n),
            )
            for one in family.tests
        )
        title = f"{family.name}: {family.correction} ({family.status})"
        yield Table(title, ("test", "p", "corrected p", "simultaneous 95 % interval, points", "n"), rows)


def _mixed(found: Findings) -> Iterator[Block]:
    if found.mixed is None or not found.mixed.models:
        return
    rows = []
    for one in found.mixed.models:
        name = f"mixed.{one.outcome}.{one.kind}"
        tests = (
            number(f"{name}.se", one.effect.se, 4),
            number(f"{name}.df", one.effect.df, 1),
            test_of(name, one.effect),
        )
        told = f"{one.effect.method}{', a variance of zero' if one.singular else ''}"
        first = (one.measure.replace("_", " "),), plain_of(name, one.effect)
        rows.append((*first, *tests, n_of(name, one.effect), (told,)))
    head = ("outcome", "humans minus models", "SE", "df", "p", "n", "model")
    yield Table("In score units, logistic models in log odds [95 % interval]", head, tuple(rows))


def _advice(found: Findings) -> Iterator[Block]:
    if found.advice is None or not found.advice.reliance:
        return
    parts = ("before", "after", "advice_right", "omission", "commission", "appropriate")
    rows = tuple(
        ((one.stage,), *(share_of(f"advice.{one.stage}.{part}", getattr(one, part)) for part in parts))
        for one in found.advice.reliance
    )
    yield Table("Shares of readings [95 %]", ("stage", *(part.replace("_", " ") for part in parts)), rows)


TABLES = {
    "lists": _lists,
    "relative": _relative,
    "noninferiority": _noninferiority,
    "subgroups": _subgroups,
    "multiplicity": _multiplicity,
    "mixed": _mixed,
    "advice": _advice,
}
