"""The server that tests of runs ask, and a study in the box that many models read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.home import Home
from tests.model_server import ModelServer, model_server
from tests.running.runs import study_of
from tests.small_study import SmallStudy


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    """The server of a file's tests."""
    with model_server() as server:
        yield server


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    """The server, with no script and nothing asked so far."""
    running.forget()
    return running


@pytest.fixture(scope="module")
def box_made(box_home: Home) -> SmallStudy:
    """A study of two cases that many models read, in the box alone."""
    return study_of(box_home, cases=2)
