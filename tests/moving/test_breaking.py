"""A move that breaks goes on where it broke, and what was changed on the way is named by table and key."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

from study.database import Box, StudyError, open_box
from study.database.media import MediaFolder
from study.moving import side
from study.moving.move import move
from tests.conftest import open_folder
from tests.home import BoxHome
from tests.moving.acts import half_moved, moved, played, quiet, rows
from tests.small_study import IMAGE, small_study

# When the process is killed: after so many steps of a stage at most.
KILLS = [("checking here", 40), *[("copying rows", 15)] * 5, ("copying images", 1), *[("comparing rows", 20)] * 2]
KILLS += [("checking there", 40)]
SEED = 20261125
WARM = get_context("forkserver")
WARM.set_forkserver_preload(["tests.moving.acts"])


@pytest.mark.parametrize("stage", ["copying rows", "copying images", "comparing rows", "checking there"])
def test_the_same_command_again_goes_on_after_each_stage(here: Box, there: Box, stage: str) -> None:
    made = played(here).made
    half_moved(here, there, made, stage)
    moved(here, there, made)
    assert len(rows(there, made.study)["events"]) == len(rows(here, made.study)["events"])


def test_only_what_is_not_there_yet_is_sent_again(here: Box, there: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side, "ROWS", 10)
    made = played(here).made
    half_moved(here, there, made, "copying rows", 150)
    arrived = sum(map(len, rows(there, made.study).values()))
    sent: list[int] = []
    done = move(
        here, Listening(there, lambda function, given: sent.append(len(given.get("rows", [])))), made.study, quiet
    )
    assert done.verdict.holds
    assert sum(sent) == done.rows - arrived


def test_a_withdrawal_on_the_way_begins_the_copy_anew(here: Box, there: Box) -> None:
    made = played(here).made
    half_moved(here, there, made)
    found: Any = here.owner.call("people", study=made.study)
    reader = next(one for one in found if (one["kind"], one["state"]) == ("human", "consented"))
    made.act("withdraw_reader", member=reader["member"], mode="erase", reason="asked")
    done = moved(here, there, made)
    assert done.verdict.counted["erased"] > 4 * 15


def test_a_change_while_rows_are_compared_is_refused_and_mended_by_the_same_command(here: Box, there: Box) -> None:
    made = played(here).made

    def tell(what: str, finished: int, total: int) -> None:
        if what == "comparing rows" and finished == total:
            here.owner.call("export_heads", study=made.study, request_id=made.study)

    with pytest.raises(StudyError, match=r"was changed in .* while it was copied\. Run the command again"):
        move(here, there, made.study, tell)
    moved(here, there, made)


@dataclass
class Listening:
    """A record whose calls somebody hears, and may change on the way."""

    box: Box
    hear: Callable[[str, dict[str, Any]], Any]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.box, name)

    @property
    def owner(self) -> Any:
        return self

    def call(self, function: str, /, **arguments: Any) -> Any:
        self.hear(function, arguments)
        return self.box.owner.call(function, **arguments)


CHANGES = [
    ("events", '"step": 2', '"step": 1', r"events \S+/\d+: is not the same on both sides \(step\)"),
    ("event_payloads", "Gout", "Gaut", r"event_payloads \S+/\d+: is not the same on both sides \(payload\)"),
    ("members", '"5-9"', '"0-4"', r"members \S+: is not the same on both sides \(profile\)"),
    ("truths", "Gout", "Flue", r"truths \S+/\S+: is not the same on both sides"),
    ("telemetry", "4.5", "4.50", r"telemetry \S+: is not the same on both sides \(its text\)"),
]


@pytest.mark.parametrize(("part", "was", "becomes", "told"), CHANGES)
def test_a_row_that_was_changed_on_the_way_is_named(
    here: Box, there: Box, part: str, was: str, becomes: str, told: str
) -> None:
    made = played(here).made

    def change(function: str, given: dict[str, Any]) -> None:
        if function == "arrive_rows" and given["part"] == part:
            given["rows"] = [row.replace(was, becomes) for row in given["rows"]]

    with pytest.raises(StudyError, match=told):
        move(here, Listening(there, change), made.study, quiet)
    assert there.owner.call("studies") == []


@pytest.mark.parametrize("lost_there", [False, True])
def test_a_row_that_was_lost_on_one_side_is_named(here: Box, there: Box, lost_there: bool) -> None:
    made = played(here).made
    half_moved(here, there, made)
    with BoxHome(there if lost_there else here).database() as conn:
        conn.execute("delete from study.truths where case_key = 'alpha'")
    told = "did not arrive" if lost_there else "is at the other side alone"
    with pytest.raises(StudyError, match=rf"truths \S+/alpha: {told}"):
        move(here, there, made.study, quiet)


def test_a_chain_that_was_sealed_anew_is_found_though_counts_and_links_fit(here: Box, there: Box) -> None:
    made = played(here).made
    half_moved(here, there, made)
    with BoxHome(there).database() as conn:
        conn.execute("set session_replication_role = replica")
        conn.execute("update study.events set hash = repeat('a', 64) where seq = 14")
        conn.execute("update study.readings set head = repeat('a', 64) where count = 14")
    with pytest.raises(StudyError, match=r"readings .*\(head\)"):
        move(here, there, made.study, quiet)


def test_a_damaged_image_is_named(here: Box, there: Box) -> None:
    made = played(here).made
    half_moved(here, there, made, "copying images", 1)
    MediaFolder(there.media).path(IMAGE).write_bytes(b"other")
    with pytest.raises(StudyError, match=f"The image {IMAGE} is damaged"):
        move(here, there, made.study, quiet)


def carry(source: Path, target: Path, study: str, log: Path) -> None:
    """The process that is killed: each line of its log is one step."""
    side.ROWS = 20
    with log.open("a", buffering=1) as lines:

        def tell(what: str, done: int, total: int) -> None:
            lines.write(f"{what}\n")

        with open_box(source) as here, open_box(target) as there:
            move(here, there, study, tell)
        lines.write("ended\n")


def kill_in(stage: str, steps: int, seconds: float, log: Path, *about: Any) -> str:
    """Run the process, and kill it so many seconds after so many steps of a stage; the last step that it told of."""
    log.write_text("")
    child = WARM.Process(target=carry, args=(*about, log))
    child.start()
    while child.is_alive() and log.read_text().count(stage) < steps:
        time.sleep(0.002)
    child.join(seconds)
    child.kill()
    child.join()
    return (log.read_text().splitlines() or ["nothing"])[-1]


@pytest.mark.timeout(300)
def test_kills_at_random_moments_lose_nothing_and_double_nothing(tmp_path: Path, data_folder: Path) -> None:
    draws = random.Random(SEED)
    with open_folder() as other, open_box(data_folder) as here, open_box(other) as there:
        made = small_study(here, places=20)
        made.act("enrol_model", study=made.study, name="many", details={}, samples=12)
        found: Any = here.owner.call("model_readings", study=made.study, name="many")
        for row in (row for sample in found for row in sample["readings"]):
            made.read(here.owner, row["reading"], ["Gout"])
        made.act("pause_study", study=made.study, reason="moving")
        about = (tmp_path / "log", data_folder, other, made.study)
        last = [kill_in(stage, draws.randint(1, most), draws.random() * 0.03, *about) for stage, most in KILLS]
        done = move(here, there, made.study, quiet)
        left, arrived = rows(here, made.study), rows(there, made.study)
    assert {"copying rows", "comparing rows"} <= set(last), last
    assert done.verdict.holds
    assert done.rows > 1200
    for part in left.keys() - {"studies", "members", "study_events"}:
        assert left[part] == arrived[part], part
    kinds = [json.loads(text)["kind"] for text in arrived["study_events"]]
    assert (kinds.count("moved"), kinds.count("arrived"), len(arrived["members"]) - len(left["members"])) == (1, 1, 4)
