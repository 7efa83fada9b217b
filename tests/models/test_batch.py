"""Questions in batches: sent once, found again after a crash, collected line by line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from typing import Any, TypeVar

import pytest

from baselines.adapters import Ask, Said, _parcels, batch
from baselines.adapters._parcels import parcels
from baselines.adapters.batch import Batch, Collected, Handle
from baselines.adapters.faults import AdapterFault, Away, Busy, Rejected
from baselines.declared import batch_of, heard
from tests.model_server import Act, Asked, Fail, Hang, ModelServer, Say, model_server
from tests.models.asking import OPTIONS, declared, picture, question, said

APIS = pytest.mark.parametrize("api", ["responses", "chat"])
ASKS = {f"call-{number}": question(f"Case {number}") for number in range(5)}
Result = TypeVar("Result")


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with model_server() as made:
        made.batches.looks = 1
        yield made


def run(server: ModelServer, act: Callable[[Batch], Awaitable[Result]], **more: Any) -> Result:
    """What this does with a batch adapter of its own, as in a process of its own."""

    async def inside() -> Result:
        adapter = batch_of(declared(server.url, "batch", **more))
        try:
            return await act(adapter)
        finally:
            await adapter.close()

    return asyncio.run(inside())


def collected(server: ModelServer, asks: dict[str, Ask], **more: Any) -> Collected:
    handle = run(server, lambda adapter: adapter.submit(asks), **more)
    return run(server, lambda adapter: adapter.collect(handle), **more)


def texts(found: Collected) -> dict[str, str]:
    return {name: one.text for name, one in found.results.items() if isinstance(one, Said)}


@APIS
def test_a_batch_answers_as_the_same_questions_asked_one_by_one(server: ModelServer, api: str) -> None:
    found = collected(server, ASKS, endpoint=api)
    alone = {name: said(declared(server.url, api), ask).text for name, ask in ASKS.items()}
    assert (texts(found), found.faults) == (alone, ())
    assert [one.path for one in server.asked if one.in_batch] == [one.path for one in server.asked if not one.in_batch]


def test_a_batch_is_made_for_a_day_and_carries_the_digest_of_its_file(server: ModelServer) -> None:
    run(server, lambda adapter: adapter.submit(ASKS))
    made = server.batches.batches["batch_1"]
    assert (made["completion_window"], made["endpoint"]) == ("24h", "/v1/responses")
    lines = server.batches.files["file-1"]
    assert [json.loads(line)["custom_id"] for line in lines.splitlines()] == list(ASKS)
    digest = next(parcels([lines])).digest
    assert made["metadata"] == {"readerstudy": digest}


def test_a_killed_run_that_kept_its_handle_polls_the_same_batch(server: ModelServer) -> None:
    server.batches.looks = 3
    handle = run(server, lambda adapter: adapter.submit(ASKS))
    with pytest.raises(Away, match="has not finished the batch batch_1: it is in_progress"):
        run(server, lambda adapter: adapter.collect(Handle(handle.batches)))
    assert run(server, lambda adapter: adapter.progress(handle)).done is False
    progress = run(server, lambda adapter: adapter.progress(handle))
    assert (progress.done, progress.asked, progress.answered, progress.failed) == (True, 5, 5, 0)
    assert len(run(server, lambda adapter: adapter.collect(handle)).results) == 5
    assert len(server.batches.batches) == 1


def test_a_run_that_was_killed_before_it_kept_anything_finds_its_batch_by_what_it_asks(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "PAGE", 2)
    first = run(server, lambda adapter: adapter.submit(ASKS))
    for number in range(5):
        run(server, lambda adapter, number=number: adapter.submit({"x": question(str(number))}))  # type: ignore[misc]
    assert run(server, lambda adapter: adapter.submit(ASKS)) == first
    assert len(server.batches.batches) == 6


def test_a_batch_that_came_to_nothing_is_sent_again(server: ModelServer) -> None:
    server.batches.ending = "failed"
    found = collected(server, ASKS)
    assert (found.results, [type(one) for one in found.faults]) == ({}, [Rejected])
    assert "not parseable" in str(found.faults[0])
    server.batches.ending = "completed"
    assert len(collected(server, ASKS).results) == 5


def test_where_batches_cannot_be_listed_they_are_sent(server: ModelServer) -> None:
    server.batches.listed = False
    assert len(collected(server, ASKS).results) == 5


def _each(asked: Asked) -> Act | None:
    acts: dict[str, Act] = {
        "Case 1": Fail(500),
        "Case 2": Fail(429),
        "Case 3": Fail(400, "content_filter"),
        "Case 4": Hang(),
    }
    return acts.get(asked.text)


@APIS
def test_each_line_has_its_own_fault(server: ModelServer, api: str) -> None:
    server.script, server.batches.ending = _each, "expired"
    found = collected(server, ASKS, endpoint=api)
    kinds = {name: type(one) for name, one in found.results.items()}
    assert kinds == {"call-0": Said, "call-1": Away, "call-2": Busy, "call-3": Said, "call-4": Away}
    refused = found.results["call-3"]
    assert isinstance(refused, Said)
    assert refused.outcome == "refused"
    assert [str(one) for one in found.faults] == ["The batch batch_1 of a model ended as expired."]


def test_a_cut_answer_in_a_batch_is_truncated(server: ModelServer) -> None:
    server.script = lambda _: Say(end="length")
    assert {one.outcome for one in collected(server, ASKS).results.values() if isinstance(one, Said)} == {"truncated"}


def test_a_line_that_was_kept_is_read_as_when_it_came(server: ModelServer) -> None:
    model = declared(server.url, "batch")
    for one in collected(server, ASKS).results.values():
        assert isinstance(one, Said)
        assert heard(model, question(), one.raw, one.milliseconds) == one
        assert json.loads(one.raw)["custom_id"] in ASKS


def test_log_probabilities_come_back_for_the_labels_that_are_named(server: ModelServer) -> None:
    asks = {"one": question(OPTIONS, schema=None, distribution=("A", "B", "C"))}
    handle = run(server, lambda adapter: adapter.submit(asks))
    found = run(server, lambda adapter: adapter.collect(handle, {"one": ("A", "B", "C")}))
    one = found.results["one"]
    assert isinstance(one, Said)
    assert set(one.logprobs or {}) == {"A", "B", "C"}


def test_nothing_is_sent_where_one_question_cannot_be_asked(server: ModelServer) -> None:
    asks = ASKS | {"blind": question(picture())}
    with pytest.raises(Rejected, match="cannot be shown images"):
        run(server, lambda adapter: adapter.submit(asks), can={"images": False})
    assert (server.batches.files, server.batches.batches) == ({}, {})


def test_many_questions_go_in_as_many_batches_as_files_they_fill(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "parcels", lambda lines: _parcels.parcels(lines, most_lines=2))
    handle = run(server, lambda adapter: adapter.submit(ASKS))
    assert handle.batches == ("batch_1", "batch_2", "batch_3")
    assert set(run(server, lambda adapter: adapter.collect(handle)).results) == set(ASKS)


def test_a_file_is_full_by_its_bytes_and_takes_one_line_whatever_its_size() -> None:
    made = [(one.lines, one.bytes) for one in parcels([b"x" * 6, b"y" * 6, b"z" * 30], most_bytes=12)]
    assert made == [(2, 12), (1, 30)]


def test_what_is_added_to_a_request_as_it_is_lies_in_the_line_itself(server: ModelServer) -> None:
    run(server, lambda adapter: adapter.submit(ASKS), endpoint="chat", parameters={"extra": {"top_k": 5}})
    body = json.loads(server.batches.files["file-1"].splitlines()[0])["body"]
    assert (body["top_k"], "extra" in body) == (5, False)


def test_a_fault_of_the_batch_service_itself_is_one_of_the_tree() -> None:
    with model_server() as gone:
        pass
    with pytest.raises(AdapterFault, match="could not be reached"):
        run(gone, lambda adapter: adapter.submit(ASKS))


@pytest.mark.parametrize("reply", ['{"id": "batch_1", "stat', "[]", "null", "{}"])
def test_what_is_no_reply_of_the_batch_service_is_a_fault_of_the_tree(server: ModelServer, reply: str) -> None:
    handle = run(server, lambda adapter: adapter.submit(ASKS))
    server.batches.broken = reply
    with pytest.raises(Away, match="no reply of this API"):
        run(server, lambda adapter: adapter.progress(handle))
    with pytest.raises(Away, match="no reply of this API"):
        run(server, lambda adapter: adapter.collect(handle))
