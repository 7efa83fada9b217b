"""Two boxes: ``here``, where a study is, and ``there``, where it goes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from study.database import Box
from study.database.server import Server
from tests.conftest import TEMPLATE, _as_superuser, _open


@pytest.fixture
def here(fresh_box: Box) -> Box:
    return fresh_box


@pytest.fixture
def there(test_server: Server, fresh_box: Box) -> Iterator[Box]:
    name = f"test_{uuid4().hex}"
    _as_superuser(test_server, f"create database {name} template {TEMPLATE}")
    with _open(test_server, name) as opened:
        yield opened
    _as_superuser(test_server, f"drop database {name} with (force)")
