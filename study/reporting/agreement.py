"""Agreement of those who grade, judges and clinicians, and of readers; and what rests on whose grades."""

from __future__ import annotations

from collections.abc import Iterator

from study.agreement import Judging, Kappa
from study.findings.agreement import Agreement
from study.reporting.facts import GROUPS, Facts
from study.reporting.found import n_of, plain_of, said, share_of
from study.reporting.parts import Block, Bullets, Section, Table, Text, between, count, number, percent, share

PAIRS = ("graders", "lines", "equal", "within one level", "linear kappa", "quadratic kappa", "n")
UNDER = ("grades of", "readers", "measure", "score or bounds", "n")
COEFFICIENTS = {
    "fleiss": "Fleiss' kappa",
    "gwet-ac1": "Gwet's AC1",
    "krippendorff-nominal": "Krippendorff's alpha, nominal",
    "krippendorff-ordinal": "Krippendorff's alpha, ordinal",
    "krippendorff-interval": "Krippendorff's alpha, interval",
    "icc1": "ICC(1,1)",
    "icc2": "ICC(2,1)",
    "icc3": "ICC(3,1)",
    "icc1k": "ICC(1,k)",
    "icc2k": "ICC(2,k)",
    "icc3k": "ICC(3,k)",
}
SPREADS = ("judge", "lines", "gradings", "within lines", "between lines", "share within")


def agreement(facts: Facts) -> Section:
    """Pairs of graders, judges' repeats, the scores under each judge alone; then panels, ratios and guesses."""
    judged = facts.gap.agreement
    blocks: list[Block] = []
    if judged is None:
        blocks.append(Bullets((("One source of grades alone: how far graders agree is not known.",),)))
    else:
        blocks += _judged(judged)
    found = facts.findings.agreement
    blocks += said("agreement", found)
    if found is not None:
        blocks += _panels(found)
    return Section("agreement", "Agreement", tuple(blocks))


def _judged(judged: Judging) -> Iterator[Block]:
    rows = []
    for one in judged.pairs:
        name = f"agreement.{one.first}.{one.second}.{one.lines}"
        cells = (percent(f"{name}.equal", one.equal), percent(f"{name}.within_one", one.within_one))
        kappas = (_kappa(f"{name}.linear", one.linear), _kappa(f"{name}.quadratic", one.quadratic))
        rows.append(((f"{one.first} and {one.second}",), (one.lines,), *cells, *kappas, count(f"{name}.n", one.n)))
    if rows:
        yield Table("Pairs of graders [95 % interval over lines]", PAIRS, tuple(rows))
    if judged.repeats:
        spreads = tuple(_spread(one.judge, one) for one in judged.repeats)
        yield Table("A judge over repeats of one line, squared levels", SPREADS, spreads)
    if judged.under:
        yield Table("Scores under each source of grades alone, per cent", UNDER, tuple(_under(judged)))
    if judged.notes:
        yield Bullets(tuple((note,) for note in judged.notes))


def _kappa(name: str, kappa: Kappa) -> Text:
    if kappa.kappa is None:
        return (kappa.why or "cannot be told",)
    ends = between(name, kappa.ci, 1, 2)
    return (*number(name, kappa.kappa, 3), *((" ", *ends) if ends else ()))


def _spread(judge: str, one: object) -> tuple[Text, ...]:
    name = f"agreement.repeats.{judge}"
    counts = [count(f"{name}.{part}", getattr(one, part)) for part in ("lines", "gradings")]
    return ((judge,), *counts, *(number(f"{name}.{p}", getattr(one, p)) for p in ("within", "between", "share")))


def _under(judged: Judging) -> Iterator[tuple[Text, ...]]:
    for one in judged.under:
        name = f"agreement.under.{one.by}.{one.group}.{one.measure}"
        if one.estimate is not None:
            told = share(name, one.estimate, None)
        else:
            told = (*percent(f"{name}.lowest", one.low), " … ", *percent(f"{name}.highest", one.high))
        yield ((one.by,), (GROUPS[one.group],), (one.measure.replace("_", " "),), told, count(f"{name}.n", one.n))


def _panels(found: Agreement) -> Iterator[Block]:
    rows = [
        (
            (panel.of,),
            (panel.what,),
            count(f"agreement.panel.{panel.of}.{panel.what}.raters", panel.raters),
            (COEFFICIENTS.get(one.name, one.name),),
            plain_of(f"agreement.panel.{panel.of}.{panel.what}.{one.name}", one.value),
            n_of(f"agreement.panel.{panel.of}.{panel.what}.{one.name}", one.value),
        )
        for panel in found.panels
        for one in panel.coefficients
    ]
    if rows:
        yield Table("Panels [95 % interval]", ("of", "what", "raters", "coefficient", "value", "units"), tuple(rows))
    waiting = tuple((f"{panel.of}, {panel.what}: {panel.why}.",) for panel in found.panels if panel.why)
    if waiting:
        yield Bullets(waiting)
    if found.pairs:
        yield Table(
            "Pairs by kind, weighted kappa [95 % interval]",
            ("kind", "linear", "quadratic", "pairs", "lines"),
            tuple(
                (
                    (one.kind,),
                    plain_of(f"agreement.kind.{one.kind}.linear", one.linear),
                    plain_of(f"agreement.kind.{one.kind}.quadratic", one.quadratic),
                    count(f"agreement.kind.{one.kind}.pairs", one.pairs),
                    count(f"agreement.kind.{one.kind}.lines", one.lines),
                )
                for one in found.pairs
            ),
        )
    if found.ratio is not None:
        told = plain_of("agreement.ratio", found.ratio)
        yield Bullets((("Judge with clinician over clinician with clinician: ", *told, "."),))
    if found.guessed is not None:
        told = share_of("agreement.guessed", found.guessed.share)
        yield Bullets((("Graders who guessed who wrote a line were right in ", *told, " per cent."),))
