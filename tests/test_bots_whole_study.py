"""A whole study from invitation to export: bots and models, the export beside the bots' own ledgers, verify, parity."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from baselines.bots.ledger import Entry
from baselines.bots.simulation import Simulated, simulate
from baselines.demonstration import protocol
from study.bundle import Bundle, read
from study.canonical import canonical
from study.database import Box
from study.desk import CoordinatorDesk
from study.exporting.export import export
from study.verify import Verdict, verify
from tests.conftest import open_folder
from tests.played_bundle import played_bundle

READERS = 6


@dataclass(frozen=True)
class Played:
    """A study that was played, what its bots were told, and its export."""

    simulated: Simulated
    ledger: list[Entry]
    folder: Path
    verdict: Verdict

    def table(self, name: str) -> pd.DataFrame:
        """A table of the export."""
        return pd.read_parquet(self.folder / f"{name}.parquet")


def play(box: Box, bundle: Bundle, slug: str, folder: Path, seed: int = 4) -> Played:
    """Play, export and verify."""
    ledger: list[Entry] = []
    simulated = simulate(box, bundle, protocol(), slug, READERS, seed, told=ledger.append)
    export(box.owner, simulated.study, folder / slug)
    return Played(simulated, ledger, folder / slug, verify(box.owner, simulated.study, box.images))


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """The small synthetic bundle."""
    return read(played_bundle(tmp_path_factory.mktemp("played") / "bundle"))


@pytest.fixture(scope="module")
def played(box: Box, bundle: Bundle) -> Any:
    """One played study for all tests here."""
    with open_folder() as folder:
        yield play(box, bundle, f"whole-{folder.name[-8:].replace('_', '-').lower()}", folder)


def answers_of(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    """What was answered, by case and step, without anything that is drawn anew each time (ids, times)."""
    columns = ["group", "position", "case", "language", "step", "kind", "lines", "choice_text", "options", "confidence"]
    return sorted(map(tuple, table[columns].map(str).to_numpy().tolist()))


def test_every_acknowledged_answer_is_exported_once_and_nothing_else_of_the_bots(played: Played) -> None:
    events = played.table("events")
    told = [(e.reading, e.step, e.attempt, canonical(e.what)) for e in played.ledger if e.kind == "locked"]
    mine = events[events["reading"].isin({key[0] for key in told}) & events["kind"].isin(["begun", "locked"])]
    stored = zip(
        mine["reading"], mine["step"], mine["attempt"], mine["payload"].map(json.loads).map(canonical), strict=True
    )
    assert Counter(stored) == Counter(told)
    assert len(told) == played.simulated.turns


def test_verify_and_parity_hold_and_models_read_what_humans_read(played: Played) -> None:
    assert played.verdict.holds, played.verdict.line
    assert played.verdict.parity.holds, played.verdict.parity.line
    assert sum(bool(stage.humans and stage.models) for stage in played.verdict.parity.stages) >= 3 * 6  # cases x steps
    assert set(played.table("readers")["group"]) == {"human", "model"}


def test_bots_of_every_kind_practise_skip_flag_pause_come_back_and_read_chinese(played: Played) -> None:
    events, readings = played.table("events"), played.table("readings")
    assert {"skipped", "flagged", "paused", "resumed", "revisited", "ready"} <= set(events["kind"])
    assert set(readings[readings["group"] == "human"]["language"]) == {"en", "zh"}
    practice = readings[readings["practice"].astype(bool) & (readings["group"] == "human")]
    assert len(practice) == READERS
    assert set(practice["state"]) == {"completed"}
    assert set(readings["state"]) == {"completed", "skipped"}  # by this seed one case is skipped, two are flagged


def test_the_same_seed_plays_the_same_answers_and_another_seed_others(box: Box, bundle: Bundle, played: Played) -> None:
    with open_folder() as folder:
        slug = folder.name[-8:].replace("_", "-").lower()
        again = play(box, bundle, f"again-{slug}", folder)
        other = play(box, bundle, f"other-{slug}", folder, seed=6)
        assert answers_of(again.table("answers")) == answers_of(played.table("answers"))
        assert answers_of(other.table("answers")) != answers_of(played.table("answers"))


def test_a_simulation_that_was_broken_off_goes_on_and_plays_no_turn_twice(box: Box, bundle: Bundle) -> None:
    class Stopped(Exception):
        pass

    ledger: list[Entry] = []

    def stop_after_thirty(entry: Entry) -> None:
        ledger.append(entry)
        if len(ledger) == 30:
            raise Stopped

    with open_folder() as folder:
        slug = f"broken-{folder.name[-8:].replace('_', '-').lower()}"
        with pytest.raises(Stopped):
            simulate(box, bundle, protocol(), slug, READERS, 4, told=stop_after_thirty)
        rest = play(box, bundle, slug, folder)
        locked = Counter((e.reading, e.step) for e in [*ledger, *rest.ledger] if e.kind == "locked")
        events = rest.table("events")
        assert set(locked.values()) == {1}
        assert events.groupby(["reading", "step", "attempt"])["kind"].apply(lambda k: (k == "locked").sum()).max() == 1
        assert rest.verdict.holds
    assert CoordinatorDesk(box.owner).status(rest.simulated.study).state == "closed"
