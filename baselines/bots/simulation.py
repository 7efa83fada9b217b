"""A whole study played by bots and the offline baselines: from the bundle to the closed study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from baselines.advising import ReadStudy, advised
from baselines.bots.bot import Bot
from baselines.bots.ledger import Told, unheard
from baselines.bots.manner import MANNERS
from baselines.collection import OWN, Labelled
from baselines.offline import offline
from baselines.reader import run
from study.advice import Answered
from study.bundle import Bundle
from study.database import Record
from study.desk import CoordinatorDesk, RunnerDesk, SetupDesk
from study.desk.work import WorkDesk
from study.protocol import Protocol
from study.setup import create_study

Progress = Callable[[str, int, int], None]
REASON = "Simulated study: nobody is treated by it."


def silent(what: str, done: int, total: int) -> None:
    """For whom nobody watches."""


@dataclass(frozen=True)
class Simulated:
    """A played study: its id, how many bots read it, how many turns they took now, and the models beside them."""

    study: str
    readers: int
    turns: int
    models: tuple[str, ...]


def simulate(
    record: Record,
    bundle: Bundle,
    protocol: Protocol,
    slug: str,
    readers: int,
    seed: int,
    progress: Progress = silent,
    told: Told = unheard,
) -> Simulated:
    """Make the study, have ``readers`` bots of the four kinds and the baselines read it to the end, and close it.

    The same arguments play the same answers. One that was broken off goes on where it stopped, whatever stopped it.
    ``told`` hears of each write that the record acknowledged. Raises ``StudyError`` where the record refuses what a
    reader may do.
    """
    study = prepare(record, bundle, protocol, slug, readers, seed, progress)
    desk = CoordinatorDesk(record.owner)
    if desk.status(study).state not in ("open", "paused"):
        return Simulated(study, readers, 0, tuple(model.name for model in offline()))
    bots = invite(record, study, bundle, readers, seed, told)
    for number, bot in enumerate(bots):
        progress("simulated readers", number, readers)
        bot.join()
        bot.read_all()
    progress("simulated readers", readers, readers)
    models = read_models(record, study, progress=progress)
    desk.close(study, REASON)
    return Simulated(study, readers, sum(bot.turns for bot in bots), models)


def prepare(
    record: Record, bundle: Bundle, protocol: Protocol, slug: str, readers: int, seed: int, progress: Progress = silent
) -> str:
    """The study, made of the bundle and opened; whatever of that is done is left as it is. Its id."""
    desk = CoordinatorDesk(record.owner)
    there = next((row for row in desk.studies() if row.slug == slug), None)
    if there and there.state != "draft":
        return there.study
    rules, answered = _advice(record, bundle, protocol, slug, seed, progress)
    study = create_study(
        SetupDesk(record.owner),
        record.images,
        bundle,
        rules,
        slug,
        seed,
        max(readers, 1),
        lambda done, total, _: progress(f"study {slug}", done, total),
        answered,
    )
    warnings = bundle.report.warning_counts()
    desk.open(study, warnings, dict.fromkeys(warnings, REASON))
    return study


def _advice(
    record: Record, bundle: Bundle, protocol: Protocol, slug: str, seed: int, progress: Progress
) -> tuple[Protocol, list[Answered]]:
    """What a protocol that shows advice needs: a study made beforehand, which the baselines have read to its end."""
    if protocol.advice is None:
        return protocol, []
    plain, places = protocol.model_copy(update={"advice": None}), len(offline())
    before = prepare(record, bundle, plain, f"{slug}-advice", places, seed, progress)
    if CoordinatorDesk(record.owner).status(before).state == "open":
        read_models(record, before, progress=progress)
        CoordinatorDesk(record.owner).close(before, REASON)
    model = protocol.advice.model or offline()[0].name
    return advised(protocol, ReadStudy(WorkDesk(record.owner), before), model, bundle)


def invite(record: Record, study: str, bundle: Bundle, readers: int, seed: int, told: Told = unheard) -> list[Bot]:
    """The bots of the study, each with a code that lets it in; one that was invited before gets a new code."""
    codes = [door(record, study, "reader", f"Bot {number + 1}") for number in range(readers)]
    return [
        Bot(
            record.wire,
            study,
            code,
            MANNERS[number % len(MANNERS)],
            f"{seed}-{number}",
            bundle,
            _tongues(bundle, number),
            told,
        )
        for number, code in enumerate(codes)
    ]


def _tongues(bundle: Bundle, number: int) -> Sequence[str]:
    """One bot in four prefers the study's last language, the others declare its first alone."""
    tongues = bundle.study.languages
    return tongues[::-1] if number % 4 == 3 else tongues[:1]


def door(record: Record, study: str, role: str, name: str) -> str:
    """A code for the member of that role and name, who is invited where there is none yet."""
    desk = CoordinatorDesk(record.owner)
    for person in desk.people(study):
        if (person.role, person.name) == (role, name) and person.invitation:
            return desk.reissue(person.invitation)[1].text
    return desk.invite(study, role, name=name)[1].text


def read_models(
    record: Record,
    study: str,
    only: Sequence[str] = (),
    collection: Sequence[Labelled] | None = None,
    source: str = OWN,
    progress: Progress = silent,
) -> tuple[str, ...]:
    """Have the offline baselines (or ``only`` those named) read the study; their names."""
    models = [model for model in offline(collection, source) if not only or model.name in only]
    for model in models:
        run(RunnerDesk(record.owner), study, model, done=partial(progress, model.name))
    return tuple(model.name for model in models)
