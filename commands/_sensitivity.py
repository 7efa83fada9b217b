"""What ``readerstudy analyse --sensitivity`` prints and writes: S, NMSE and shares, each beside its null."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from commands._model_rows import study_rows
from scoring.beside_null import Figure
from study.database import StudyError
from study.desk import StudyStatus
from study.sensitivity import ModelSensitivity, Sensitivity, Settings, computed

SHOWN = (
    ("s_image", "S of the image"),
    ("s_text", "S of the finding"),
    ("difference", "finding minus image"),
    ("nmse", "NMSE"),
    ("below", "below the line"),
    ("above", "above the line"),
)


def analysed(
    data: Path | None, slug: str | None, settings: Settings, only: list[str]
) -> tuple[StudyStatus, Sensitivity]:
    """The sensitivities of an unblinded study; raises ``StudyError`` where it has none, or no such model."""
    found = study_rows(data, slug, only)
    name = found.status.slug
    try:
        made = computed(found.rows, found.status.protocol, settings, only or None)
    except ValueError as error:
        raise StudyError(f"{name} was not analysed: {error}.") from None
    if not made.arms:
        raise StudyError(
            f"No model read {name} with a type of evidence left out, so there is nothing to hold its answers against. "
            "The protocol names such conditions before the study opens, such as `without-ct`."
        )
    return found.status, made


def as_json(status: StudyStatus, found: Sensitivity) -> dict[str, Any]:
    """The result with its study."""
    return {"study": status.slug, "synthetic": status.synthetic, **found.to_json()}


def show(status: StudyStatus, found: Sensitivity, console: Console) -> None:
    """A table a model, after what must be read with it."""
    if status.synthetic:
        console.print("• Synthetic cases: not patients.")
    for sentence in (*_said(found.settings), *found.notes):
        console.print(f"• {sentence}", markup=False, highlight=False)
    for model in found.models:
        for sentence in _said_of(model):
            console.print(f"• {sentence}", markup=False, highlight=False)
        if model.use is not None:
            console.print(_table(model))


def write_plots(status: StudyStatus, found: Sensitivity, folder: Path) -> list[Path]:
    """One SVG file a model; raises ``StudyError`` where a file cannot be written."""
    from study.reporting.scatter import svg

    written: list[Path] = []
    for model in found.models:
        if model.use is not None:
            path = folder / f"sensitivity-{re.sub(r'[^A-Za-z0-9._-]+', '-', model.model)}.svg"
            try:
                folder.mkdir(parents=True, exist_ok=True)
                path.write_text(svg(status.slug, model, found.settings), "utf-8")
            except OSError as fault:
                raise StudyError(f"{path} cannot be written ({fault.strerror}). Choose another folder.") from None
            written.append(path)
    return written


def _said(settings: Settings) -> list[str]:
    logarithm = {2.0: "bits", math.e: "nats"}.get(settings.base, f"logarithm to base {settings.base:g}")
    others = "images" if settings.others == "image" else "findings"
    return [
        f"S in {logarithm}; for the finding all other evidence is shown as {others}. Intervals: cases and samples "
        f"drawn anew {settings.draws:,} times, reverse percentile; in brackets the estimate with its bias taken off.",
        f"No effect: random parts of the full-evidence samples held against one another, {settings.halvings} times; "
        "`as few` is the figure itself from as few samples.",
    ]


def _said_of(model: ModelSensitivity) -> list[str]:
    said = [f"{model.model}: by {model.estimator}. {model.rule}"]
    if model.descriptive:
        said.append(
            f"{model.model}: descriptive, for some case and arm has {model.fewest} samples; frequencies need 50."
        )
    if model.accuracy is not None:
        ends = f" [{100 * model.accuracy.ci[0]:.1f}, {100 * model.accuracy.ci[1]:.1f}]" if model.accuracy.ci else ""
        said.append(
            f"{model.model}: accuracy {100 * model.accuracy.estimate:.1f} %{ends}, n = {model.accuracy.n} cases."
        )
    if model.unreported:
        said.append(f"{model.model}: {model.unreported} labels were not among the reported tokens and count as 0.")
    for arm, reasons in model.left_out.items():
        counts = ", ".join(f"{count} {reason}" for reason, count in reasons.items())
        said.append(f"{model.model}, {arm}: left out {counts}.")
    return [*said, *(f"{model.model}: {why}" for why in model.why)]


def _table(model: ModelSensitivity) -> Table:
    table = Table(title=f"{escape(model.model)} ({model.estimator})", title_justify="left")
    for column in ("type", "figure", "estimate [corrected]", "95 % CI", "no effect", "as few", "n"):
        table.add_column(column, no_wrap=True)
    assert model.use is not None
    for one in model.use.types:
        for name, words in SHOWN:
            table.add_row(one.type if name == "s_image" else "", words, *_cells(getattr(one, name)))
    table.add_row("all types", "NMSE, averaged", *_cells(model.use.nmse))
    return table


def _cells(figure: Figure) -> tuple[str, ...]:
    corrected = f" [{figure.corrected:.3f}]" if figure.corrected is not None else ""
    ends = f"{figure.ci[0]:.3f}, {figure.ci[1]:.3f}" if figure.ci else "–"
    spread = f" ({figure.null_range[0]:.3f} to {figure.null_range[1]:.3f})" if figure.null_range else ""
    shown = ("–" if value is None else f"{value:.3f}" for value in (figure.estimate, figure.null, figure.at_null_size))
    estimate, null, few = shown
    return escape(estimate + corrected), ends, null + spread, few, str(figure.n)
