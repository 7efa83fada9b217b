"""Evidence Sensitivity of models, as images and as expert findings, each figure beside its null, with the scatter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from scoring.beside_null import Figure as Beside
from study.reporting.facts import Facts
from study.reporting.parts import Block, Bullets, Figure, Paragraph, Section, Table, Text, between, count, number
from study.reporting.scatter import described, svg
from study.sensitivity import ModelSensitivity, Sensitivity, computed

SHOWN = (
    ("s_image", "S of the image"),
    ("s_text", "S of the finding"),
    ("difference", "finding minus image"),
    ("nmse", "NMSE"),
    ("below", "share below the line"),
    ("above", "share above the line"),
)
HEAD = ("type", "figure", "estimate [95 %]", "without bias", "no effect", "as few", "n")
NOTHING = (
    "No model read this study with a type of evidence left out, so there is nothing to hold its answers against. A "
    "protocol names such conditions before the study opens, such as `without-ct`."
)


def sensitivity(facts: Facts) -> Section:
    """A table and a scatter a model; a sentence where no model read with evidence left out."""
    found = computed(facts.source.rows, facts.source.protocol)
    if not found.arms:
        return Section("sensitivity", "Evidence Sensitivity of models", (Paragraph((NOTHING,)),))
    blocks: list[Block] = [Paragraph((_settings(found),))]
    for model in found.models:
        blocks += _model(facts, model, found)
    return Section("sensitivity", "Evidence Sensitivity of models", tuple(blocks))


def _settings(found: Sensitivity) -> str:
    told = found.settings
    return (
        f"S to the base {told.base:g}; for the finding all other evidence is shown as {told.others}. Intervals: cases "
        f"and samples drawn anew {told.draws:,} times, seed {told.seed}, reverse percentile. No effect: random parts "
        f"of the full-evidence samples held against one another, {told.halvings} times; `as few` is the figure itself "
        f"from as few samples. {' '.join(found.notes)}"
    ).strip()


def _model(facts: Facts, model: ModelSensitivity, found: Sensitivity) -> Iterator[Block]:
    notes: list[Text] = [(f"{model.model}: by {model.estimator}. {model.rule}",)]
    if model.descriptive:
        notes.append(
            (f"{model.model}: descriptive, {model.fewest} samples in some case and arm; frequencies need 50.",)
        )
    for arm, reasons in model.left_out.items():
        told = ", ".join(f"{n} {reason}" for reason, n in reasons.items())
        notes.append((f"{model.model}, {arm}: left out {told}.",))
    notes += [(f"{model.model}: {why}",) for why in model.why]
    yield Bullets(tuple(notes))
    if model.use is None:
        return
    if any(getattr(one, part).n for one in model.use.types for part, _ in SHOWN):
        name = f"sensitivity-{re.sub(r'[^A-Za-z0-9._-]+', '-', model.model)}"
        drawn = svg(facts.source.slug, model, found.settings)
        caption = f"Evidence Sensitivity of {model.model}: a point a case; on the line both forms weigh alike."
        yield Figure(name, caption, described(model, found.settings), drawn)
        yield Table(f"{model.model}, exploratory", HEAD, tuple(_rows(model)))
    else:
        yield Paragraph((f"{model.model} has read no case both with and without a type of evidence: no sensitivity.",))


def _rows(model: ModelSensitivity) -> Iterator[tuple[Text, ...]]:
    assert model.use is not None
    for one in model.use.types:
        for part, words in SHOWN:
            yield _row(f"sensitivity.{model.model}.{one.type}.{part}", one.type, words, getattr(one, part))
    yield _row(f"sensitivity.{model.model}.nmse", "all types", "NMSE, averaged", model.use.nmse)


def _row(name: str, kind: str, words: str, figure: Beside) -> tuple[Text, ...]:
    ends = between(name, figure.ci, 1, 3)
    estimate = (*number(name, figure.estimate), *((" ", *ends) if ends else ()))
    others = (
        number(f"{name}.corrected", figure.corrected),
        number(f"{name}.null", figure.null),
        number(f"{name}.as_few", figure.at_null_size),
    )
    return ((kind,), (words,), estimate, *others, count(f"{name}.n", figure.n))
