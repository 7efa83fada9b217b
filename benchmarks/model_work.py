"""One of the ways to send the same questions, as a process of its own: it prints what that took.

``ours`` reads a study by the run of this project, ``bare`` sends the same bodies by the SDK alone.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import psutil

from benchmarks.inspect_work import Taken, peak


def ours(data: Path, study: str, url: str, at_once: int) -> Taken:
    """A model reads the whole study; the SDK is imported before, as in the other ways."""
    import baselines.adapters.chat  # noqa: F401
    from baselines.declared import Declared
    from baselines.running.order import Order
    from baselines.running.preparing import plan
    from baselines.running.session import read_model
    from baselines.running.tally import Tally
    from study.database import open_box

    told = {"name": "ours", "adapter": "chat", "model": "small-2025-01-31", "base_url": url, "local": True}
    declared = Declared.model_validate(told | {"limits": {"concurrency": at_once}})
    with open_box(data) as box:
        made, tally = plan(box.owner, Order(study, declared)), Tally()
        before = _postgres(data)
        began, used = time.perf_counter(), time.process_time()
        ended = read_model(box, made, tally)
        taken, used = time.perf_counter() - began, time.process_time() - used
        assert ended.why is None, ended.sentence
        return Taken(taken, used, peak(), tally.calls["ok"], _postgres(data) - before)


def bare(url: str, bodies: Path, at_once: int) -> Taken:
    """The same bodies, ``at_once`` at a time, and nothing kept."""
    import openai

    asked = [json.loads(line) for line in bodies.read_text(encoding="utf-8").splitlines()]
    places = asyncio.Semaphore(at_once)

    async def one(client: openai.AsyncOpenAI, body: dict[str, Any]) -> None:
        async with places:
            await client.chat.completions.create(**body)

    async def whole() -> None:
        async with openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0, timeout=60) as client:
            await asyncio.gather(*(one(client, body) for body in asked))

    began, used = time.perf_counter(), time.process_time()
    asyncio.run(whole())
    return Taken(time.perf_counter() - began, time.process_time() - used, peak(), len(asked))


def _postgres(data: Path) -> float:
    """The processor that the folder's server has taken so far, as far as its processes still live."""
    pid = int((data / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    server = psutil.Process(pid)
    times = [one.cpu_times() for one in (server, *server.children(recursive=True))]
    return float(sum(one.user + one.system for one in times))


if __name__ == "__main__":
    how, *words = sys.argv[1:]
    if how == "ours":
        print(ours(Path(words[0]), words[1], words[2], int(words[3])).json)
    else:
        print(bare(words[0], Path(words[1]), int(words[2])).json)
