"""The server that tests of options ask."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.model_server import ModelServer, model_server


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
