"""What a reader does not need is not loaded: a hundred megabytes of libraries for analyses stay out of the process."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from benchmarks.reading_load import ANSWERS as CLICKS
from benchmarks.tab import Run, Tab
from tests.browser.app_process import made_app
from tests.browser.reading import Reader, new_reader

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


@pytest.mark.skipif(not hasattr(psutil.Process, "memory_maps"), reason="this system does not tell what is loaded")
def test_a_whole_reading_loads_no_library_for_analyses() -> None:
    with made_app() as app:
        app.start()
        reader = new_reader(app)
        reading = reader.rows()[0]
        with ThreadPoolExecutor(1) as thread:  # The browser of other tests has a loop in this one.
            thread.submit(asyncio.run, walk(reader, reading)).result()
        assert reader.page(reading).state == "completed"
        files = [mapped.path for mapped in psutil.Process(app.pid).memory_maps()]
    assert any("/pydantic_core/" in file for file in files), "the libraries' files are not told"
    assert [name for name in HEAVY if any(f"/site-packages/{name}/" in file for file in files)] == []
