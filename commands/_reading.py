"""``readerstudy models run``, ``status``, ``cost`` and ``import``: models read, and how far they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from commands._choices import Distribution
from commands._data import Where, opened
from commands._study import Slug, find_study
from study.conditions import MAIN
from study.database import StudyError

if TYPE_CHECKING:  # what asks models takes a second to import
    from commands._models_run import Wanted

ModelsFile: TypeAlias = Annotated[
    Path | None, typer.Option("--models", metavar="FILE", help="The file that declares models (models.toml).")
]
Only: TypeAlias = Annotated[
    list[str] | None, typer.Option("--only", metavar="NAME", help="This one alone; repeat for several. All without.")
]
AskedFor: TypeAlias = Annotated[
    Distribution, typer.Option("--distribution", help="Asked beside each choice, for Evidence Sensitivity.")
]
DryRun: TypeAlias = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be sent, and at what cost; send nothing.")
]
Budget: TypeAlias = Annotated[
    float | None, typer.Option("--budget", metavar="USD", min=0, help="Stop before a call that could cost more in all.")
]
NoCache: TypeAlias = Annotated[
    bool, typer.Option("--no-cache", help="Ask also what was asked before, in the same words and for the same sample.")
]
PermittedOnly: TypeAlias = Annotated[
    bool, typer.Option("--permitted-only", help="Leave cases unread that a model outside may not be shown.")
]
AsJson: TypeAlias = Annotated[bool, typer.Option("--json", help="Print JSON for another program.")]


@dataclass(frozen=True)
class Asked:
    """The options that hold for every model and condition of a command."""

    distribution: Distribution
    budget: float | None
    no_cache: bool
    permitted_only: bool
    as_json: bool
    dry_run: bool = False

    def wanted(self, samples: int | None = None) -> Wanted:
        """The same, as a run takes it."""
        from commands._models_run import Wanted

        return Wanted(
            samples, self.budget, self.distribution.value, not self.no_cache, self.permitted_only, self.as_json
        )


def run(
    data: Where,
    study: Slug = None,
    models_file: ModelsFile = None,
    only: Only = None,
    condition: Annotated[
        list[str] | None,
        typer.Option("--condition", metavar="C", help="A condition of the protocol; repeat for several. main without."),
    ] = None,
    samples: Annotated[
        int | None,
        typer.Option("--samples", metavar="N", min=1, help="Fewer than the protocol fixes; said in the result."),
    ] = None,
    budget: Budget = None,
    distribution: AskedFor = Distribution.none,
    dry_run: DryRun = False,
    no_cache: NoCache = False,
    permitted_only: PermittedOnly = False,
    collection: Annotated[
        Path | None,
        typer.Option(
            metavar="BUNDLE", help="What retrieval looks cases up in; the project's own presentations without."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Have models read an open study; a run that was broken off goes on, and asks again for nothing that is stored.

    Without --models the two baselines read that need no key and no network: retrieval, which leaves out of the
    collection the case that it reads, its near twins and its translations, and chance.
    """
    if models_file is None:
        given = (condition, samples, budget, dry_run, no_cache, permitted_only, as_json, distribution.value != "none")
        return _offline(data, study, only or [], collection, any(given))
    from commands import _models_run

    if collection is not None:
        raise StudyError("--collection is for the retrieval baseline: leave it or --models out.")
    models = _models_run.declared(models_file, only or [])
    wanted = Asked(distribution, budget, no_cache, permitted_only, as_json).wanted(samples)
    act = _models_run.look if dry_run else _models_run.run
    return act(data, study, models, condition or [MAIN], wanted)


def status(data: Where, study: Slug = None, as_json: AsJson = False) -> None:
    """How far each model has read in each condition, and how its calls stand."""
    from commands import _models_status

    _models_status.status(data, study, as_json)


def cost(data: Where, study: Slug = None, as_json: AsJson = False) -> None:
    """What the calls of each model cost, in tokens and money as they were reported."""
    from commands import _models_status

    _models_status.cost(data, study, as_json)


def import_(
    data: Where,
    file: Annotated[Path, typer.Argument(metavar="FILE.jsonl", help="Answers made elsewhere; see docs/models.md.")],
    study: Slug = None,
    only: Only = None,
    as_json: AsJson = False,
) -> None:
    """Read answers that were made elsewhere into an open study, as readings of the models that gave them."""
    from commands import _models_run

    models = _models_run.in_file(file, only or [])
    _models_run.run(data, study, models, [MAIN], Asked(Distribution.none, None, True, False, as_json).wanted())


def is_open(data: Path | None, slug: str | None) -> bool:
    """Whether models may read the study."""
    from study.desk import CoordinatorDesk

    with opened(data) as record:
        return CoordinatorDesk(record.owner).status(find_study(record.owner, slug)).state == "open"


def read_every_condition(data: Path | None, slug: str | None, file: Path, only: Sequence[str], asked: Asked) -> None:
    """Have models read the main reading and every condition of the protocol."""
    from commands import _models_run
    from study.desk import CoordinatorDesk

    with opened(data) as record:
        protocol = CoordinatorDesk(record.owner).status(find_study(record.owner, slug)).protocol or {}
    conditions = [MAIN, *(protocol.get("conditions") or {})]
    if len(conditions) == 1:
        raise StudyError(
            "The study's protocol has no conditions: `readerstudy study new --conditions medsyn` adds them."
        )
    act = _models_run.look if asked.dry_run else _models_run.run
    act(data, slug, _models_run.declared(file, only), conditions, asked.wanted())
    if not (asked.as_json or asked.dry_run):
        typer.echo("The tables are printed once the study is closed and unblinded: models ablate --tables.")


def _offline(data: Path | None, slug: str | None, only: Sequence[str], collection: Path | None, more: bool) -> None:
    """The baselines that need no key and no network."""
    from baselines.bots.simulation import read_models
    from baselines.collection import OWN, labelled
    from baselines.offline import NAMES
    from commands._progress import stages
    from study.bundle import BundleRefused, read

    unknown = [name for name in only if name not in NAMES]
    if unknown or more:
        asked = f"There is no baseline {unknown[0]!r}; there are {' and '.join(NAMES)}. " if unknown else ""
        raise StudyError(f"{asked}Name the file that declares models with --models.")
    try:
        cases = labelled(read(collection)) if collection else None
    except BundleRefused as refused:
        raise StudyError(str(refused)) from None
    source = collection.resolve().name if collection else OWN
    with opened(data) as record, stages() as tell:
        read_by = read_models(record, find_study(record.owner, slug), only, cases, source, tell)
    typer.echo(f"{', '.join(read_by)} have read the study; the collection was {source}.")
