"""What a reader does not need is not loaded: a hundred megabytes of libraries for analyses stay out of the process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import psutil
import pytest

from benchmarks.reading_load import ANSWERS as CLICKS
from benchmarks.tab import Run, Tab
from tests.browser.app_process import made_app
from tests.browser.on_supabase import hosted_app
from tests.browser.reading import Reader, new_reader
from tests.supabase.project import Project

READERS = 20
T = TypeVar("T")
HEAVY = ("numpy", "pandas", "pyarrow", "scipy", "sklearn")


async def walk(reader: Reader, reading: str) -> Run:
    """From the list of readings over every page of a case to its feedback, as a tab asks for them."""
    async with Tab(reader.app.port, reader.token) as tab:
        await tab.go("")
        shown = await tab.go(f"reading={reading}")
        while shown.asking is not None:
            shown = await tab.press(shown.asking, CLICKS[shown.asking.name])
        await asyncio.to_thread(reader.walk, reading, "end")  # the closing questions
        return await tab.go(f"reading={reading}")


async def at_the_desk(readers: list[Reader], measure: Callable[[], float]) -> tuple[float, float]:
    """What is measured before and while all of them have a case open."""
    before = measure()
    async with AsyncExitStack() as tabs:
        for reader in readers:
            tab = await tabs.enter_async_context(Tab(reader.app.port, reader.token))
            await tab.go("")
            await tab.go(f"reading={await asyncio.to_thread(lambda one: one.rows()[0], reader)}")
        return before, measure()


def apart(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a loop of its own: the browser of other tests has one in this thread."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def megabytes(pid: int) -> float:
    """What the process holds in memory."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def loaded(pid: int) -> list[str]:
    """The libraries for analyses that the process has loaded."""
    files = [mapped.path for mapped in psutil.Process(pid).memory_maps()]
    assert any("/pydantic_core/" in file for file in files), "the libraries' files are not told"
    return [name for name in HEAVY if any(f"/site-packages/{name}/" in file for file in files)]


TELLS = pytest.mark.skipif(not hasattr(psutil.Process, "memory_maps"), reason="what is loaded is not told here")


@TELLS
def test_a_whole_reading_loads_no_library_for_analyses() -> None:
    with made_app() as app:
        app.start()
        reader = new_reader(app)
        reading = reader.rows()[0]
        apart(walk(reader, reading))
        assert reader.page(reading).state == "completed"
        assert loaded(app.pid) == []


@TELLS
def test_on_supabase_the_app_is_small_and_so_is_each_reader(supabase_project: Project) -> None:
    with hosted_app(supabase_project) as app:
        app.start()
        idle = megabytes(app.pid)
        reader = app.new_reader()
        apart(walk(reader, reader.rows()[0]))
        assert reader.page(reader.rows()[0]).state == "completed"
        assert loaded(app.pid) == []
        before, during = apart(at_the_desk([app.new_reader() for _ in range(READERS)], lambda: megabytes(app.pid)))
    each = (during - before) / READERS
    print(f"{idle:.0f} MB idle, {before:.0f} MB after a reading, {during:.0f} MB with {READERS} readers at their desks")
    assert max(idle, before) < 180
    assert each < 1
