"""The same questions by inspect_ai, in an environment that has nothing of this project: it prints what that took."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Taken:
    """Seconds by the clock and of processor, megabytes at the most, calls; ``server`` is the database's processor."""

    seconds: float
    processor: float
    megabytes: float
    calls: int
    server: float = 0.0

    @property
    def json(self) -> str:
        """For the process that waits for it."""
        return json.dumps(asdict(self))


def by_inspect(url: str, bodies: str, at_once: int) -> Taken:
    """One sample for each body; every reply is kept in inspect_ai's own log."""
    from inspect_ai import Task, eval  # type: ignore[import-not-found,unused-ignore]
    from inspect_ai.dataset import Sample  # type: ignore[import-not-found,unused-ignore]
    from inspect_ai.model import (  # type: ignore[import-not-found,unused-ignore]
        ChatMessageAssistant,
        ChatMessageUser,
        GenerateConfig,
        get_model,
    )
    from inspect_ai.solver import generate  # type: ignore[import-not-found,unused-ignore]

    kinds = {"user": ChatMessageUser, "assistant": ChatMessageAssistant}
    with open(bodies, encoding="utf-8") as lines:
        asked = [json.loads(line)["messages"] for line in lines]
    samples = [
        Sample(id=n, input=[kinds[message["role"]](content=message["content"]) for message in messages])
        for n, messages in enumerate(asked)
    ]
    config = GenerateConfig(max_connections=at_once, max_retries=0, timeout=60)
    model = get_model("openai-api/bench/small-2025-01-31", base_url=url, api_key="none", config=config)
    began, used = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as logs:
        (log,) = eval(
            Task(dataset=samples, solver=[generate()]),
            model=model,
            log_dir=logs,
            display="none",
            max_samples=at_once,
            score=False,
        )
    taken, used = time.perf_counter() - began, time.process_time() - used
    assert log.status == "success", log.error
    return Taken(taken, used, peak(), len(samples))


def peak() -> float:
    """Megabytes resident at the most, by this process alone: what rusage tells may be that of whoever started it."""
    with open("/proc/self/status", encoding="utf-8") as status:
        told = next(line for line in status if line.startswith("VmHWM"))
    return int(told.split()[1]) / 1024


if __name__ == "__main__":
    os.environ.setdefault("INSPECT_TELEMETRY", "")
    print(by_inspect(sys.argv[1], sys.argv[2], int(sys.argv[3])).json)
