"""The export of a large study: rows a second, and whether memory stays bounded while events grow twentyfold.

One reading is played, then copied by SQL as the superuser: the copies' chains do not verify, and no export asks.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from benchmarks.database import Row
from study.database import Box, open_box
from tests.home import Home
from tests.small_study import SmallStudy, small_study

CASES = 100
MEGABYTE = 1_000_000
BOUND = 400
COPIES = """
insert into study.cases select c.study, 'copy-' || n, 10 + n, c.version, c.language, c.translation_of, c.specialty,
    c.synthetic, c.practice, c.hash, c.content from study.cases c, generate_series(1, %(cases)s) n
    where c.study = %(study)s and c.key = 'alpha';
insert into study.truths select t.study, 'copy-' || n, t.diagnosis, t.options, t.right_option
    from study.truths t, generate_series(1, %(cases)s) n where t.study = %(study)s and t.case_key = 'alpha';
insert into study.members (study, role, kind, pseudonym, state, languages)
    select %(study)s, 'reader', 'human', 'X' || n, 'consented', '{en}' from generate_series(1, %(readers)s) n;
create temporary table copies as
    select t.reading as model, gen_random_uuid() as reading, m.member, 'copy-' || n as case_key, n as position
    from study.readings t, study.members m, generate_series(1, %(cases)s) n
    where t.reading = %(reading)s and m.study = %(study)s and m.pseudonym like 'X%%';
insert into study.readings (study, member, case_key, position, practice, arm, seed, script, option_order, steps,
    reading, state, step, completed_attempt, head, count, last_at, begun_at, locked_at)
    select t.study, c.member, c.case_key, c.position, t.practice, t.arm, t.seed, t.script, t.option_order, t.steps,
    c.reading, t.state, t.step, t.completed_attempt, t.head, t.count, t.last_at, t.begun_at, t.locked_at
    from copies c join study.readings t on t.reading = c.model;
insert into study.events (reading, seq, kind, step, attempt, actor, reader, at, request_id, client, payload_digest,
    previous, hash)
    select c.reading, e.seq, e.kind, e.step, e.attempt, e.actor, c.member, e.at, e.request_id, e.client,
    e.payload_digest, e.previous, e.hash
    from copies c join study.events e on e.reading = c.model;
insert into study.event_payloads (reading, seq, nonce, payload)
    select c.reading, p.seq, p.nonce, p.payload from copies c join study.event_payloads p on p.reading = c.model;
insert into study.telemetry (reading, step, attempt, tab, number, at, body)
    select c.reading, t.step, t.attempt, t.tab, t.number, t.at, t.body
    from copies c join study.telemetry t on t.reading = c.model;
drop table copies;
"""


def rows(quick: bool = False) -> list[Row]:
    """Export a small study and one twenty times as large, each in a process of its own; ``quick`` is a twentieth."""
    with tempfile.TemporaryDirectory(prefix="readerstudy-bench-", dir="/tmp") as made:
        Path(made).chmod(0o755)
        data = Path(made) / "data"
        with open_box(data) as box:
            small = _exported(data, _study(box, readers=25 if not quick else 5), Path(made) / "small")
            large = _exported(data, _study(box, readers=500 if not quick else 25), Path(made) / "large")
    events = large["events"]
    rate = (
        f"{events / large['seconds']:,.0f} a second: {large['seconds']:.0f} s, {large['used']:.0f} s of our processor"
    )
    peak = f"{large['peak']:.0f} MB ({small['peak']:.0f} MB for {small['events']:,})"
    return [
        Row(f"export of {events:,} events to Parquet and CSV", rate, "none set", True),
        Row("memory of that export at its peak", peak, f"bounded: under {BOUND} MB", large["peak"] < BOUND),
    ]


def _study(box: Box, readers: int) -> str:
    """A study of that many readers and 100 cases, each reading with the events of the one that was played."""
    made, reading, _ = played(box)
    copy(made, reading, readers)
    return made.study


def played(home: Home | Box) -> tuple[SmallStudy, str, int]:
    """A small study, the reading that was played in it, and how many events that has."""
    made = small_study(home)
    reader = made.add_reader()
    practice, reading = (str(row["reading"]) for row in made.readings(reader)[:2])
    made.read(reader, practice, ["Appendicitis"])
    _play(made, reading)
    with made.home.database() as conn:
        row = conn.execute("select count from study.readings where reading = %s", [reading]).fetchone()
    assert row is not None
    return made, reading, row[0]


def copy(made: SmallStudy, reading: str, readers: int) -> None:
    """Give the study so many readers with 100 cases each, and each of these the events of the reading."""
    numbers = {"study": made.study, "reading": reading, "readers": readers, "cases": CASES}
    with made.home.database() as conn:
        conn.execute("set session_replication_role = replica")
        for statement in COPIES.split(";\n"):
            if statement.strip():
                conn.execute(statement.encode(), numbers if "%(" in statement else None)
        conn.execute("analyze")


def _play(made: SmallStudy, reading: str) -> None:
    """Read one case to its end with readiness and telemetry at every step."""
    wire = made.readers[0]
    page: Any = wire.call("open_reading", reading=reading, visit=str(uuid4()))
    for step in range(-1, int(page["steps"])):
        if step >= 0:
            where: dict[str, Any] = {"reading": reading, "step": step, "attempt": 1}
            made.act("mark_ready", wire, **where, client={"client_ms": 120, "screen": "1280x800"})
            body: Any = {"visible_ms": 4000, "hidden_ms": 0, "unfocused_ms": 0, "idle_ms": 0, "writing_ms": 900}
            wire.call("save_telemetry", **where, tab="t", number=1, body=body)
        made.read(wire, reading, ["Gout", "Pseudogout", "Septic arthritis"], upto=step + 1)


def _exported(data: Path, study: str, to: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.exporting", str(data), study, str(to)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _export(data: Path, study: str, to: Path) -> dict[str, float]:
    from study.exporting.export import export

    with open_box(data) as box:
        began, used = time.monotonic(), time.process_time()
        done = export(box.owner, study, to)
        seconds, used = time.monotonic() - began, time.process_time() - used
    events = next(file.rows for file in done.files if file.name == "events.csv")
    return {"events": events, "seconds": seconds, "used": used, "peak": peak()}


def peak() -> float:
    """The megabytes that this process had at its largest; getrusage would count the process that began it as well."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:  # not Linux
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / MEGABYTE


if __name__ == "__main__":
    if len(sys.argv) == 4:
        print(json.dumps(_export(Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))))
    else:
        for row in rows("--quick" in sys.argv):
            print(row)
