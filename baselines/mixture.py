"""A fine-tuning mixture enriched in the types of evidence that a model uses less as images than as expert findings.

Each type's share is in proportion to its deficit. By ``difference`` that is how much further the finding moves the
answer than the image does (S_text minus S_image, 0 where the image moves it further); by ``nmse`` the utilisation gap
itself, which also grows by chance and where an image moves the answer further than its finding.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from baselines.training_pool import Sample, TrainingPool
from baselines.twins import Twin
from study import draws
from study.database import StudyError
from study.draws import Draws
from study.sensitivity import ModelSensitivity

Measure = Literal["difference", "nmse"]
FORMAT = "readerstudy sft-mix 1"


@dataclass(frozen=True)
class Deficit:
    """What one type of evidence is under-used by; ``deficit`` is what its share is in proportion to."""

    type: str
    deficit: float
    s_image: float
    s_text: float
    nmse: float | None
    n: int


@dataclass(frozen=True)
class Mixture:
    """The samples in the order in which they are written, and how many of each type were wanted by its deficit.

    ``rest`` samples were drawn from what was left, whatever their type.
    """

    samples: tuple[Sample, ...]
    wanted: Mapping[str, int]
    rest: int


def deficits(model: ModelSensitivity, by: Measure) -> list[Deficit]:
    """The types that have sensitivities in both forms; raises ``StudyError`` where no type is under-used."""
    found = []
    for one in model.use.types if model.use else ():
        image, text, value = one.s_image.estimate, one.s_text.estimate, getattr(one, by).estimate
        if image is not None and text is not None and value is not None:
            nmse = one.nmse.estimate
            found.append(Deficit(one.type, max(0.0, value), image, text, nmse, getattr(one, by).n))
    if not any(one.deficit > 0 for one in found):
        raise StudyError(
            f"{model.model} under-uses no type of evidence that was read in both forms, so there is nothing to enrich."
        )
    return found


def wanted(found: Sequence[Deficit], size: int) -> dict[str, int]:
    """How many samples of each type: in proportion to the deficits, the largest remainders rounded up."""
    total = sum(one.deficit for one in found)
    exact = {one.type: size * one.deficit / total for one in found}
    counts = {kind: int(share) for kind, share in exact.items()}
    by_remainder = sorted(exact, key=lambda kind: (counts[kind] - exact[kind], kind))
    for kind in by_remainder[: size - sum(counts.values())]:
        counts[kind] += 1
    return counts


def drawn(pool: Sequence[Sample], counts: Mapping[str, int], rest: int, seed: int) -> Mixture:
    """The mixture, drawn without replacement by ``seed``; raises ``StudyError`` with every shortage of the pool."""
    by_type = {kind: sorted((s for s in pool if s.type == kind), key=lambda s: s.id) for kind in counts}
    short = [
        f"{count} of {kind} are wanted and the pool has {len(by_type[kind])}"
        for kind, count in counts.items()
        if len(by_type[kind]) < count
    ]
    if not short and len(pool) < sum(counts.values()) + rest:
        short = [f"{sum(counts.values()) + rest} samples are wanted and the pool has {len(pool)}"]
    if short:
        raise StudyError(f"The pool is too small: {'; '.join(short)}. Give a larger pool, or a smaller --size.")
    chosen = [s for kind, count in counts.items() for s in Draws("sft-mix", seed, kind).shuffled(by_type[kind])[:count]]
    taken = {sample.id for sample in chosen}
    others = sorted((sample for sample in pool if sample.id not in taken), key=lambda sample: sample.id)
    chosen += Draws("sft-mix", seed, "rest").shuffled(others)[:rest]
    return Mixture(tuple(Draws("sft-mix", seed, "order").shuffled(chosen)), dict(counts), rest)


def written(mixture: Mixture, pool: TrainingPool, folder: Path) -> Iterator[str]:
    """The lines of the mixture's file: messages and images alone, images named from ``folder``."""
    for sample in mixture.samples:
        images = [os.path.relpath(pool.image(name), folder) for name in sample.images]
        messages = [message.model_dump(mode="json") for message in sample.messages]
        yield json.dumps({"messages": messages, **({"images": images} if images else {})}, ensure_ascii=False)


def manifest(
    mixture: Mixture,
    found: Sequence[Deficit],
    model: ModelSensitivity,
    left_out: Sequence[Twin],
    **told: Any,
) -> dict[str, Any]:
    """What the mixture was made of and how, for whoever trains on it; ``told`` is what only the caller knows."""
    total = sum(one.deficit for one in found)
    counts: dict[str, int] = {}
    for sample in mixture.samples:
        counts[sample.type] = counts.get(sample.type, 0) + 1
    return {
        "format": FORMAT,
        **told,
        "model": model.model,
        "estimator": model.estimator,
        "descriptive": model.descriptive,
        "types": [
            asdict(one)
            | {"share": one.deficit / total, "wanted": mixture.wanted[one.type], "drawn": counts.get(one.type, 0)}
            for one in found
        ],
        "rest": mixture.rest,
        "counts": dict(sorted(counts.items())),
        "samples": [sample.id for sample in mixture.samples],
        "near_duplicates_left_out": [asdict(twin) for twin in left_out],
        "generator": draws.NAME,
    }
