"""What both APIs are sent, and what of their answers is told: the same question, the same answer."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

import pytest

from baselines.adapters import Ask, Message, chat
from baselines.adapters.faults import Rejected
from baselines.declared import Declared, heard
from tests.model_server import ModelServer, Say, model_server
from tests.models.asking import OPTIONS, SCHEMA, declared, picture, question, said

APIS = pytest.mark.parametrize("api", ["responses", "chat"])
CARRIED = Ask(
    (
        Message("user", ("A man of 60.", picture(), "The foot", "Which diagnoses?")),
        Message("assistant", ('{"lines": ["Gout"]}',)),
        Message("user", ("And now?",)),
    ),
    SCHEMA,
)


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with model_server() as made:
        yield made


@pytest.fixture
def server(running: ModelServer) -> ModelServer:
    """The module's server, as if it had just begun."""
    running.forget()
    return running


def model(server: ModelServer, api: str, **more: Any) -> Declared:
    return declared(server.url, api, **more)


@APIS
def test_an_answer_has_its_words_its_tokens_its_model_and_its_body_as_it_came(server: ModelServer, api: str) -> None:
    server.script = lambda _: Say('{"lines": ["Gout"]}', input_tokens=7, output_tokens=3, cached_tokens=2)
    told = said(model(server, api))
    assert (told.outcome, told.text, told.model) == ("ok", '{"lines": ["Gout"]}', "small-2025-01-31")
    assert (told.input_tokens, told.output_tokens, told.cached_tokens) == (7, 3, 2)
    assert told.milliseconds > 0
    assert json.loads(told.raw)["model"] == "small-2025-01-31"


@APIS
def test_the_same_question_has_the_same_answer_and_another_seed_may_have_another(server: ModelServer, api: str) -> None:
    first, second = said(model(server, api)), said(model(server, api))
    assert (first.text, first.raw) == (second.text, second.raw)
    assert first.text != said(model(server, api), question("Something else")).text


@APIS
def test_a_reply_that_was_kept_is_read_as_when_it_came(server: ModelServer, api: str) -> None:
    asking = model(server, api)
    told = said(asking)
    assert heard(asking, question(), told.raw, told.milliseconds) == told


@APIS
def test_the_conversation_goes_in_order_with_images_between_the_words(server: ModelServer, api: str) -> None:
    said(model(server, api), CARRIED)
    messages = server.asked[0].messages
    assert [one["role"] for one in messages] == ["user", "assistant", "user"]
    kinds = [part["type"].removeprefix("input_") for part in messages[0]["content"]]
    assert [kind.split("_")[0] for kind in kinds] == ["text", "image", "text", "text"]
    image = messages[0]["content"][1]["image_url"]
    address = image["url"] if isinstance(image, dict) else image
    assert address.startswith("data:image/png;base64,")
    assert messages[1]["content"] == '{"lines": ["Gout"]}'


@APIS
def test_the_schema_is_sent_strictly_where_the_model_can_and_not_at_all_where_not(
    server: ModelServer, api: str
) -> None:
    said(model(server, api))
    said(model(server, api, can={"schema": False}))
    assert [one.schema for one in server.asked] == [SCHEMA, None]
    form = server.asked[0].body.get("text", {}).get("format") or server.asked[0].body["response_format"]["json_schema"]
    assert form["strict"] is True


def test_responses_sends_every_parameter_by_its_name_and_has_nothing_stored(server: ModelServer) -> None:
    parameters = {
        "temperature": 0.5,
        "top_p": 0.9,
        "reasoning_effort": "low",
        "verbosity": "low",
        "image_detail": "low",
    }
    limits = {"max_output_tokens": 99}
    said(
        model(server, "responses", parameters=parameters | {"extra": {"truncation": "disabled"}}, limits=limits),
        CARRIED,
    )
    body = server.asked[0].body
    assert (body["store"], body["temperature"], body["top_p"], body["max_output_tokens"]) == (False, 0.5, 0.9, 99)
    assert (body["reasoning"], body["text"]["verbosity"], body["truncation"]) == ({"effort": "low"}, "low", "disabled")
    assert body["input"][0]["content"][1]["detail"] == "low"


def test_chat_sends_every_parameter_by_its_name_and_no_other(server: ModelServer) -> None:
    parameters = {"temperature": 0.5, "top_p": 0.9, "reasoning_effort": "low", "extra": {"top_k": 5}}
    said(model(server, "chat", parameters=parameters, limits={"max_output_tokens": 99}))
    sent = {name: value for name, value in server.asked[0].body.items() if name not in ("messages", "response_format")}
    wanted = {"model": "small-2025-01-31", "temperature": 0.5, "top_p": 0.9, "reasoning_effort": "low"}
    assert sent == wanted | {"max_tokens": 99, "top_k": 5}


def test_openai_itself_is_asked_by_its_newer_names_and_stores_nothing() -> None:
    told = {"name": "m", "adapter": "chat", "model": "m-2025-01-31", "base_url": "https://api.openai.com/v1"}
    body = chat.request(Declared.model_validate(told | {"limits": {"max_output_tokens": 9}}), question())
    assert (body["max_completion_tokens"], body["store"], "max_tokens" in body) == (9, False, False)


def test_a_parameter_that_no_adapter_knows_is_not_left_out_unsaid(server: ModelServer) -> None:
    with pytest.raises(Rejected, match="with top_k, which no adapter knows"):
        said(model(server, "chat"), question(parameters={"top_k": 5}))
    assert server.asked == []


def test_a_question_overrides_the_declared_parameters(server: ModelServer) -> None:
    said(model(server, "chat", parameters={"temperature": 0.5}), question(parameters={"temperature": 0.0}))
    assert server.asked[0].body["temperature"] == 0.0


def test_a_declared_seed_rises_from_sample_to_sample(server: ModelServer) -> None:
    asking = model(server, "chat", parameters={"seed": 10})
    told = [said(asking, question(sample=sample)).text for sample in (1, 2, 3)]
    assert [one.body["seed"] for one in server.asked] == [10, 11, 12]
    assert len(set(told)) == 3


@APIS
def test_a_distribution_is_the_first_tokens_log_probabilities_by_label(server: ModelServer, api: str) -> None:
    shares = {"A": 0.5, " A": 0.1, "B": 0.3, "The": 0.1}
    server.script = lambda _: Say("A", logprobs={token: math.log(share) for token, share in shares.items()})
    told = said(model(server, api), question(OPTIONS, schema=None, distribution=("A", "B", "C")))
    assert told.logprobs is not None
    assert {label: round(math.exp(share), 6) for label, share in told.logprobs.items()} == {"A": 0.6, "B": 0.3}


@APIS
def test_no_distribution_is_read_where_the_tokens_are_not_those_of_the_answer(server: ModelServer, api: str) -> None:
    # As where a server counts the tokens of a reasoning that it keeps back.
    server.script = lambda _: Say("A", logprobs={"Let": -0.1})
    found = said(model(server, api), question(OPTIONS, schema=None, distribution=("A", "B")))
    assert found.logprobs == {}
    server.script = lambda asked: Say("A", logprobs={"A": -0.1}, more=_spoken(asked.chat, "Let me think"))
    assert said(model(server, api), question(OPTIONS, schema=None, distribution=("A", "B"))).logprobs is None


def _spoken(chat: bool, token: str) -> dict[str, Any]:
    tokens = [{"token": token, "logprob": -0.1, "top_logprobs": [{"token": "A", "logprob": -3.0}]}]
    if chat:
        message = {"role": "assistant", "content": "A"}
        return {"choices": [{"message": message, "finish_reason": "stop", "logprobs": {"content": tokens}}]}
    part = {"type": "output_text", "text": "A", "logprobs": tokens}
    return {"output": [{"type": "message", "content": [part]}]}


def test_a_reply_of_parts_and_without_usage_is_read_all_the_same(server: ModelServer) -> None:
    message = {"content": [{"type": "text", "text": "Go"}, {"type": "text", "text": "ut"}]}
    server.script = lambda _: Say(more={"choices": [{"message": message}], "usage": None, "model": None})
    told = said(model(server, "chat"))
    assert (told.text, told.outcome, told.input_tokens, told.model) == ("Gout", "ok", None, "small-2025-01-31")
