"""Humans against models: the difference of each outcome by each method, and the panel against each model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from study.gap import Contrast
from study.reporting.facts import Facts
from study.reporting.gap_figure import gap_figure
from study.reporting.parts import (
    Block,
    Bullets,
    Inline,
    Paragraph,
    Section,
    Table,
    Text,
    between,
    count,
    number,
    p_value,
    share,
)

WORDS = {
    "selection_gap": "gap (selection)",
    "open_gap": "gap (open)",
    "coverage": "coverage",
    "selection": "selection",
    "open": "open FDx",
}
OTHERS = {
    "coverage5": "coverage at the scale's highest grade",
    "top1": "first line",
    "top3": "first three lines",
    "top5": "first five lines",
    "selection_corrected": "selection, chance-corrected",
    "open_lost": "lost (open FDx)",
    "open_rescued": "rescued (open FDx)",
    "brier_first": "Brier score, first line",
    "brier_open": "Brier score, open FDx",
    "brier_selection": "Brier score, selection",
    "confidence_first": "confidence, first line (per cent)",
    "confidence_open": "confidence, open FDx (per cent)",
    "confidence_selection": "confidence, selection (per cent)",
    "log_time_final": "time to the last answer (ln seconds)",
}
METHODS = (
    "difference_models_fixed",
    "within_case_models_fixed",
    "difference",
    "within_case",
    "readers_fixed",
    "cases_fixed",
)
HEAD = ("outcome", "humans minus models", "SE", "df", "p", "n", "method", "status")
AGAINST = ("model", "outcome", "panel minus model", "SE", "df", "p", "n", "method")


def comparison(facts: Facts) -> Section:
    """The gap as a drawing, the contrasts with the one that leads first, every other outcome, each model alone."""
    blocks: list[Block] = []
    figure = gap_figure(facts)
    if figure is not None:
        blocks.append(figure)
    rows = tuple(_contrasts(facts))
    if rows:
        blocks.append(Table("Humans minus models, percentage points [95 % interval]", HEAD, rows))
    else:
        blocks.append(Paragraph(("No contrast: humans and models have not both answered.",)))
    together = tuple(_together(facts))
    if together:
        title = "The same tested together: simultaneous 95 % intervals, p adjusted by max-T"
        blocks.append(Table(title, HEAD, together))
    others = tuple(_others(facts))
    if others:
        title = "Every other outcome by the method that leads, in score units [95 % interval]"
        blocks.append(Table(title, HEAD, others))
    against = tuple(_against(facts))
    if against:
        title = "The panel minus each model, for that model only, percentage points [95 % interval]"
        blocks.append(Table(title, AGAINST, against))
    blocks.append(Bullets(tuple(_notes(facts))))
    return Section("comparison", "Humans against models", tuple(blocks))


def _by_method(facts: Facts, measure: str) -> Iterator[tuple[str, Contrast, bool]]:
    """The figures of a measure by the name of their method, the one that leads first, each method once."""
    told: dict[str, Any] = facts.outcomes.get(measure) or {}
    lead, seen = told.get("leads"), set()
    for name in sorted(METHODS, key=lambda name: name != lead):
        figure = told.get(name)
        if figure is not None and figure["method"] not in seen:
            seen.add(figure["method"])
            yield name, Contrast(measure=measure, **figure), name == lead


def _contrasts(facts: Facts) -> Iterator[tuple[Text, ...]]:
    for measure, words in WORDS.items():
        name = f"comparison.{measure}"
        for method, one, leads in _by_method(facts, measure):
            told = f"{one.method}{' (leads)' if leads else ''}"
            yield ((words,), *_points(f"{name}.{method}", one), (told,), (facts.status(measure, method),))
        for one in facts.contrasts(measure):
            if "bootstrap" in one.method:
                figures = _points(f"{name}.bootstrap", one)
                yield ((words,), *figures, (one.method,), (facts.status(measure, "bootstrap"),))


def _together(facts: Facts) -> Iterator[tuple[Text, ...]]:
    for one in facts.gap.joint:
        words = (WORDS.get(one.measure, one.measure.replace("_", " ")),)
        yield (words, *_points(f"comparison.joint.{one.measure}", one), (one.method,), ("exploratory",))


def _points(name: str, one: Contrast) -> tuple[Text, ...]:
    se = None if one.se is None else 100 * one.se
    return (share(name, one.estimate, one.ci), number(f"{name}.se", se, 2), *_tests(name, one))


def _tests(name: str, one: Contrast) -> tuple[Text, ...]:
    return number(f"{name}.df", one.df, 1), p_value(f"{name}.p", one.p), count(f"{name}.n", one.n)


def _others(facts: Facts) -> Iterator[tuple[Text, ...]]:
    for measure in facts.outcomes:
        if measure not in WORDS:
            for method, one, leads in _by_method(facts, measure):
                if leads:
                    yield _in_units(facts, f"comparison.{measure}.{method}", one)


def _in_units(facts: Facts, name: str, one: Contrast) -> tuple[Text, ...]:
    ends = between(name, one.ci, 1, 3)
    shown: tuple[Inline, ...] = (*number(name, one.estimate), *((" ", *ends) if ends else ()))
    words, status = OTHERS.get(one.measure, one.measure.replace("_", " ")), facts.status(one.measure)
    return ((words,), shown, number(f"{name}.se", one.se, 4), *_tests(name, one), (one.method,), (status,))


def _against(facts: Facts) -> Iterator[tuple[Text, ...]]:
    for measure, words in WORDS.items():
        for told in (facts.outcomes.get(measure) or {}).get("model_vs_panel") or ():
            figure = {key: value for key, value in told.items() if key not in ("model", "outcome")}
            one = Contrast(measure=measure, **figure)
            name = f"comparison.panel_minus.{told['model']}.{measure}"
            yield ((told["model"],), (words,), *_points(name, one), (one.method,))


def _notes(facts: Facts) -> Iterator[Text]:
    yield (
        "These models are a chosen list and fixed: that comparison leads. Models as a random factor speak of models "
        "like these, and need three. Where human cells are missing the difference within cases leads.",
    )
    yield ("The error of graders and judges is in no interval.",)
    if facts.plan:
        family = ", ".join(facts.plan.get("family") or ())
        yield (f"The plan's family of outcomes: {family}; correction: {facts.plan.get('correction', 'none')}.",)
    for why, what in _refused(facts).items():
        yield (f"{'; '.join(what)}: {why}.",)


def _refused(facts: Facts) -> dict[str, list[str]]:
    """By reason what of which outcome could not be told."""
    found: dict[str, list[str]] = {}
    for told in facts.outcomes.values():
        for sentence in told.get("refused") or ():
            what, _, why = sentence.partition(": ")
            found.setdefault(why, []).append(what)
    return found
