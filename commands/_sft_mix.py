"""What ``readerstudy models sft-mix`` does: it compares a pool with the study's cases, draws from it, writes files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from baselines import mixture
from baselines.mixture import Measure
from baselines.training_pool import Sample, TrainingPool, read
from baselines.twins import OwnCases, Twin
from commands._data import opened
from commands._progress import counted
from commands._sensitivity import analysed
from study.database import Record, StudyError
from study.exporting import source
from study.sensitivity import ModelSensitivity, Settings

SHOWN = 40


@dataclass(frozen=True)
class Asked:
    """What a mixture is asked to be: its size, the part that is not by deficit, the measure of the deficit."""

    size: int
    rest: float
    by: Measure
    seed: int
    without_duplicates: bool


def make(
    data: Path | None, slug: str | None, model: str, pool_file: Path, to: Path | None, asked: Asked, settings: Settings
) -> str:
    """Write the mixture and its manifest; returns what was done. Raises ``StudyError`` before anything is written."""
    pool = read(pool_file)
    status, found = analysed(data, slug, settings, [model])
    target = to or Path(f"{status.slug}-{model.replace('/', '-')}-sft-mix.jsonl")
    beside = target.with_suffix(".manifest.json")
    for path in (target, beside):
        if path.exists():
            raise StudyError(f"{path} is there already. Name a new file with --to.")
    (of_model,) = found.models
    lacking = mixture.deficits(of_model, asked.by)
    with opened(data) as record:
        twins = _twins(record, status.study, pool)
    kept = _kept(pool, twins, asked.without_duplicates)
    rest = round(asked.size * asked.rest)
    made = mixture.drawn(kept, mixture.wanted(lacking, asked.size - rest), rest, asked.seed)
    text = "".join(f"{line}\n" for line in mixture.written(made, pool, target.parent))
    told = _told(status.slug, status.frozen_hash, pool_file, pool, text, asked, settings)
    _write(target, text)
    _write(
        beside,
        json.dumps(mixture.manifest(made, lacking, of_model, twins, **told), ensure_ascii=False, indent=2) + "\n",
    )
    return _said(target, beside, made, of_model, twins)


def _twins(record: Record, study: str, pool: TrainingPool) -> list[Twin]:
    cases = source.cases(record.owner, study)
    contents = {case.key: case.content for case in cases if case.content is not None}
    hashes = {
        image["sha256"] for own in contents.values() for block in own["evidence"] for image in block.get("images") or ()
    }
    images = {sha256: record.images.read(study, sha256) for sha256 in sorted(hashes)}
    own = OwnCases(contents, images)
    found: list[Twin] = []
    with counted("Comparing samples with the study's cases") as tell:
        for done, sample in enumerate(pool.samples, 1):
            found += own.twins(pool, [sample])
            tell(done, len(pool.samples))
    return found


def _kept(pool: TrainingPool, twins: Sequence[Twin], without: bool) -> list[Sample]:
    """The samples that may be drawn; raises ``StudyError`` that names every near-duplicate unless they are left out."""
    if twins and not without:
        listed = "".join(f"\n  {twin.sample}: {twin.why} (case {twin.case})" for twin in twins[:SHOWN])
        more = f"\n  and {len(twins) - SHOWN} more" if len(twins) > SHOWN else ""
        raise StudyError(
            f"{len({twin.sample for twin in twins})} samples are near-duplicates of the study's own cases, and a model "
            f"that trains on them is no longer tested by these:{listed}{more}\nTake them out of the pool, or give "
            "--without-duplicates to leave them out by name."
        )
    out = {twin.sample for twin in twins}
    return [sample for sample in pool.samples if sample.id not in out]


def _told(
    slug: str, frozen: str | None, pool_file: Path, pool: TrainingPool, text: str, asked: Asked, settings: Settings
) -> dict[str, Any]:
    return {
        "software": f"readerstudy {version('readerstudy')}",
        "study": slug,
        "study_frozen": frozen,
        "pool": {"file": pool_file.name, "sha256": pool.sha256, "samples": len(pool.samples)},
        "mixture_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "size": asked.size,
        "seed": asked.seed,
        "deficit": {"difference": "S_text - S_image, 0 where negative", "nmse": "NMSE"}[asked.by],
        "sensitivity": asdict(settings),
    }


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, "utf-8")
    except OSError as fault:
        raise StudyError(f"{path} cannot be written ({fault.strerror}). Choose another place with --to.") from None


def _said(target: Path, beside: Path, made: mixture.Mixture, model: ModelSensitivity, twins: Sequence[Twin]) -> str:
    shares: Mapping[str, int] = {kind: count for kind, count in made.wanted.items() if count}
    counts = ", ".join(f"{count} {kind}" for kind, count in shares.items())
    kinds = ", and ".join(part for part in (counts, f"{made.rest} of any type" if made.rest else "") if part)
    said = [f"{len(made.samples)} samples: {kinds}."]
    if model.descriptive:
        said.append("The deficits are descriptive: frequencies from fewer than 50 samples.")
    if twins:
        said.append(f"Left out as near-duplicates of the study's cases: {len({twin.sample for twin in twins})}.")
    return " ".join([*said, f"They are in {target}; how they were chosen is in {beside}."])
