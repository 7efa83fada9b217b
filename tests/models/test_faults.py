"""Whatever goes wrong between us and a model is a member of one tree, and is asked for once."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from baselines.adapters._mapping import fault_of, retry_after
from baselines.adapters.faults import AdapterFault, Away, Busy, Rejected
from baselines.declared import Declared, adapter_of
from tests.model_server import Act, Broken, Cut, Dribble, Fail, Hang, ModelServer, Reset, Say, model_server
from tests.models.asking import OPTIONS, asked, declared, fault, picture, question, said

APIS = pytest.mark.parametrize("api", ["responses", "chat"])
KEY = "sk-test-0123456789abcdef"
QUOTA = "insufficient_quota"


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with model_server(models={"small-2025-01-31"}) as made:
        yield made


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    running.forget()
    return running


def does(server: ModelServer, act: Act) -> None:
    """From now on every request gets this."""
    server.script = lambda _: act


@APIS
@pytest.mark.parametrize(
    ("act", "kind", "status"),
    [
        (Fail(429), Busy, 429),
        (Fail(529), Busy, 529),
        (Fail(503, retry_after="1"), Busy, 503),
        (Fail(429, QUOTA), Rejected, 429),
        (Fail(402), Rejected, 402),
        (Fail(500), Away, 500),
        (Fail(502), Away, 502),
        (Fail(503), Away, 503),
        (Fail(408), Away, 408),
        (Fail(409), Away, 409),
        (Fail(400), Rejected, 400),
        (Fail(401), Rejected, 401),
        (Fail(403), Rejected, 403),
        (Fail(404), Rejected, 404),
        (Fail(413), Rejected, 413),
        (Fail(422), Rejected, 422),
        (Hang(), Away, None),
        (Dribble(60), Away, None),
        (Reset(), Away, None),
        (Reset(0), Away, None),
        (Cut(), Away, None),
        (Broken(""), Away, None),
        (Broken("<html>"), Away, None),
        (Broken('{"id": "resp_1", "outp'), Away, None),
        (Broken("[]"), Away, None),
        (Broken('{"output": 3, "choices": 3, "status": "completed"}'), Away, None),
        (Broken('{"output": [3], "choices": [3], "status": "completed"}'), Away, None),
        (Broken('{"error": {"code": 429, "message": "slow down"}}'), Busy, 429),
        (Broken('{"error": {"code": 502, "message": "no provider"}}'), Away, 502),
        (Broken('[{"error": {"code": 400, "message": "INVALID_ARGUMENT"}}]'), Rejected, 400),
        (Broken('{"error": {"code": "server_error", "message": "sorry"}, "status": "failed"}'), Away, 500),
        (Broken('{"error": {"code": "invalid_image", "message": "no image"}, "status": "failed"}'), Rejected, 400),
    ],
    ids=str,
)
def test_each_fault_is_the_right_member_of_the_tree_and_asked_for_once(
    server: ModelServer, api: str, act: Act, kind: type[AdapterFault], status: int | None
) -> None:
    does(server, act)
    found = fault(declared(server.url, api, timeout=0.5 if isinstance(act, Hang | Dribble) else 30))
    assert (type(found), found.status, found.again) == (kind, status, kind is not Rejected)
    assert str(found).startswith("a model ")
    assert len(server.asked) == 1


@APIS
def test_a_model_that_the_endpoint_does_not_have_is_rejected(server: ModelServer, api: str) -> None:
    found = fault(declared(server.url, api, model="smaller-2025-01-31"))
    assert (type(found), found.status) == (Rejected, 404)
    assert "does not have this model" in str(found)


@APIS
def test_what_came_in_place_of_an_answer_is_kept_as_it_came(server: ModelServer, api: str) -> None:
    does(server, Broken('{"id": "resp_1", "outp'))
    assert fault(declared(server.url, api)).raw == '{"id": "resp_1", "outp'
    does(server, Fail(500, message="Wáldenström"))
    assert json.loads(fault(declared(server.url, api)).raw or "")["error"]["message"] == "Wáldenström"


@APIS
@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (Say(refusal="I cannot help with that."), "refused"),
        (Say(end="content_filter"), "refused"),
        (Fail(400, "content_filter"), "refused"),
        (Fail(400, "invalid_prompt"), "refused"),
        (Broken('{"error": {"code": "bio_policy", "message": "no"}, "status": "failed"}'), "refused"),
        (Say(end="length"), "truncated"),
        (Say(text="no JSON at all"), "ok"),
    ],
    ids=str,
)
def test_refusals_and_cuts_are_answers_of_their_kind_with_their_bodies(
    server: ModelServer, api: str, act: Act, outcome: str
) -> None:
    does(server, act)
    found = said(declared(server.url, api))
    assert found.outcome == outcome
    json.loads(found.raw)


def test_an_error_inside_a_choice_is_a_fault_or_a_refusal(server: ModelServer) -> None:
    choice: dict[str, Any] = {"message": {"content": ""}, "finish_reason": "error"}
    does(server, Say(more={"choices": [choice | {"error": {"code": 502, "message": "upstream"}}]}))
    assert isinstance(fault(declared(server.url, "chat")), Away)
    does(server, Say(more={"choices": [choice]}))
    assert isinstance(fault(declared(server.url, "chat")), Away)
    flagged = {"code": 403, "message": "flagged", "metadata": {"reasons": ["medical"], "flagged_input": "..."}}
    does(server, Say(more={"choices": [choice | {"error": flagged}]}))
    assert said(declared(server.url, "chat")).outcome == "refused"


@APIS
def test_how_long_to_wait_is_told_where_the_endpoint_says_it(server: ModelServer, api: str) -> None:
    waits = []
    for after in ("2", "0.5", "Wed, 21 Oct 2015 07:28:00 GMT", "soon", None):
        does(server, Fail(429, retry_after=after))
        found = fault(declared(server.url, api))
        assert isinstance(found, Busy)
        waits.append(found.after)
    assert waits == [2.0, 0.5, 0.0, None, None]


def test_a_date_to_wait_for_is_so_many_seconds_from_now() -> None:
    now = datetime(2026, 11, 25, 12, 0, 0, tzinfo=UTC)
    assert retry_after({"retry-after": "Wed, 25 Nov 2026 12:00:30 GMT"}, now) == 30.0
    assert retry_after({"retry-after": "Wed, 25 Nov 2026 12:00:30"}, now) == 30.0
    assert retry_after({"retry-after": "-5"}, now) == 0.0
    assert retry_after({"retry-after": "nan"}, now) is None
    assert retry_after({"retry-after-ms": "250", "retry-after": "9"}, now) == 0.25


@APIS
def test_an_answer_that_comes_too_slowly_is_given_up_in_time(server: ModelServer, api: str) -> None:
    does(server, Dribble(60))
    began = time.monotonic()
    assert "in time" in str(fault(declared(server.url, api, timeout=0.5)))
    assert time.monotonic() - began < 20


@APIS
def test_nobody_at_the_address_is_away(api: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        found = fault(declared(f"http://127.0.0.1:{taken.getsockname()[1]}/v1", api))
    assert isinstance(found, Away)
    assert "could not be reached" in str(found)


@APIS
def test_another_address_is_not_followed_so_that_nothing_clinical_goes_there(server: ModelServer, api: str) -> None:
    with model_server() as other:
        does(server, Fail(307, headers={"location": f"{other.url}/responses"}))
        assert isinstance(fault(declared(server.url, api)), Rejected)
        assert other.asked == []


@APIS
def test_a_key_is_sent_and_told_nowhere(
    server: ModelServer, api: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEST_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    does(server, Fail(401, message=f"Incorrect API key provided: {KEY}"))
    found = fault(declared(server.url, api, key_env="TEST_KEY"))
    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in f"{found} {found.raw} {found!r} {found.__cause__} {caplog.text}"
    does(server, Say(text=f"Bearer {KEY}"))
    assert KEY not in said(declared(server.url, api, key_env="TEST_KEY")).raw


@APIS
def test_nothing_of_the_surroundings_goes_to_a_foreign_endpoint(
    server: ModelServer, api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("API_KEY", "ADMIN_KEY", "ORG_ID", "PROJECT_ID"):
        monkeypatch.setenv(f"OPENAI_{name}", f"private-{name}")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Private: private-header")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    said(declared(server.url, api))
    assert "private" not in json.dumps(server.asked[0].headers)


@APIS
def test_what_a_model_cannot_do_is_rejected_before_anything_is_sent(server: ModelServer, api: str) -> None:
    blind = declared(server.url, api, can={"images": False, "logprobs": False})
    one = declared(server.url, api, limits={"images": 1})
    labels = question(OPTIONS, schema=None, distribution=("A", "B"))
    found = [fault(blind, question(picture())), fault(one, question(picture(), picture())), fault(blind, labels)]
    assert [type(each) for each in found] == [Rejected] * 3
    assert "cannot be shown images" in str(found[0])
    assert "takes 1 images" in str(found[1])
    assert "log-probabilities" in str(found[2])
    assert server.asked == []


def test_as_many_questions_are_under_way_as_are_declared(server: ModelServer) -> None:
    does(server, Say(delay=0.3))

    async def run(model: Declared) -> None:
        adapter = adapter_of(model)
        await asyncio.gather(*(adapter.ask(question(str(number))) for number in range(12)))
        await adapter.close()

    asyncio.run(run(declared(server.url, limits={"concurrency": 4})))
    assert (server.most_in_flight, len(server.asked)) == (4, 12)


def test_a_mistake_of_our_own_is_not_taken_for_a_fault_on_the_way() -> None:
    with pytest.raises(ZeroDivisionError):
        fault_of(ZeroDivisionError(), "a model")


def test_a_fault_passes_and_the_same_adapter_answers_the_next_question(server: ModelServer) -> None:
    server.script = lambda one: Fail(500) if one.nth == 1 else None
    assert isinstance(asked(declared(server.url)), Away)
    assert said(declared(server.url)).outcome == "ok"
