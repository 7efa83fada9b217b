"""A whole study played by bots and the offline baselines: from the bundle to the closed study."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from baselines.bots.bot import Bot
from baselines.bots.manner import MANNERS
from baselines.offline import offline
from baselines.reader import run
from study.bundle import Bundle
from study.database import Box
from study.database.media import MediaFolder
from study.desk import CoordinatorDesk, RunnerDesk, SetupDesk
from study.protocol import Protocol
from study.setup import create_study

Progress = Callable[[str, int, int], None]
REASON = "Simulated study: nobody is treated by it."


@dataclass(frozen=True)
class Simulated:
    """A played study: its id, how many bots read it, how many turns they took, and the models beside them."""

    study: str
    readers: int
    turns: int
    models: tuple[str, ...]


def simulate(
    box: Box, bundle: Bundle, protocol: Protocol, slug: str, readers: int, seed: int, progress: Progress | None = None
) -> Simulated:
    """Make the study, have ``readers`` bots of the four kinds and the baselines read it to the end, and close it.

    The same arguments play the same answers. Raises ``StudyError`` where the record refuses what a reader may do.
    """
    tell = progress or (lambda what, done, total: None)
    study = create_study(
        SetupDesk(box.owner),
        MediaFolder(box.media),
        bundle,
        protocol,
        slug,
        seed,
        max(readers, 1),
        lambda done, total, _: tell("study", done, total),
    )
    desk = CoordinatorDesk(box.owner)
    warnings = bundle.report.warning_counts()
    desk.open(study, warnings, dict.fromkeys(warnings, REASON))
    bots = [_invited(box, desk, study, bundle, number, seed) for number in range(readers)]
    for number, bot in enumerate(bots):
        tell("bots", number, readers)
        bot.join()
        for reading in bot.waiting():
            bot.read(reading)
    tell("bots", readers, readers)
    models = read_models(box, bundle, study, tell)
    desk.close(study, REASON)
    return Simulated(study, readers, sum(bot.turns for bot in bots), models)


def read_models(box: Box, bundle: Bundle, study: str, tell: Progress) -> tuple[str, ...]:
    """Have every offline baseline read the study; their names."""
    models = offline(bundle)
    for model in models:
        run(RunnerDesk(box.owner), study, model, done=partial(tell, model.name))
    return tuple(model.name for model in models)


def _invited(box: Box, desk: CoordinatorDesk, study: str, bundle: Bundle, number: int, seed: int) -> Bot:
    _, code = desk.invite(study, "reader", name=f"Bot {number + 1}")
    tongues = bundle.study.languages
    languages = tongues[:1] if number % 4 or len(tongues) == 1 else tongues[:2]
    return Bot(box.wire, study, code.text, MANNERS[number % len(MANNERS)], f"{seed}-{number}", bundle, languages)
