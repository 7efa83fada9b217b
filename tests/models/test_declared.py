"""``models.toml``: what it may say, how it is refused, and what is warned of."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from baselines.adapters import Can
from baselines.declared import (
    Declared,
    ModelsRefused,
    adapter_of,
    batch_of,
    details,
    json_schema,
    lacking,
    may_show,
    read,
    replay_of,
    warnings,
)
from study.database import StudyError

EXAMPLE = Path(__file__).parents[2] / "docs" / "models.example.toml"
SOUND = """
[[model]]
name = "a model"
adapter = "responses"
model = "gpt-5.2-2025-12-11"
key_env = "SOME_KEY"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "models.toml"
    file.write_text(text, encoding="utf-8")
    return file


def refused(folder: Path, text: str) -> list[str]:
    """The faults for which the file is refused."""
    with pytest.raises(ModelsRefused) as refusal:
        read(written(folder, text))
    assert f"is refused, {len(refusal.value.faults)} fault(s):" in str(refusal.value)
    return list(refusal.value.faults)


def model(adapter: str = "chat", **more: Any) -> Declared:
    told = {"name": "a model", "adapter": adapter, "model": "m-2025-01-31"}
    told |= {"base_url": "https://models.example/v1"} if adapter == "chat" else {}
    return Declared.model_validate(told | more)


def test_the_example_is_read_and_shows_every_adapter() -> None:
    found = read(EXAMPLE)
    assert {one.adapter for one in found} == {"responses", "chat", "batch", "replay"}
    assert found[-1].answers == EXAMPLE.parent / "answers.jsonl"


def test_all_faults_are_told_at_once_by_name_and_field(tmp_path: Path) -> None:
    text = SOUND + 'colour = "blue"\ntimeout = "long"\nlimits = { concurrency = 0, image = 3 }\n'
    text += '[[model]]\nname = "a model"\nadapter = "carrier pigeon"\n[[model]]\nadapter = "chat"\nmodel = "m"\n'
    found = refused(tmp_path, "owner = 1\n" + text)
    begun = {": ".join(fault.split(": ")[:2]) for fault in found}
    assert begun == {
        "owner: is unknown; a model begins with [[model]]",
        "a model: colour",
        "a model: timeout",
        "a model: limits.concurrency",
        "a model: limits.image",
        "a model: adapter",
        "a model: model",
        "a model: name",
        "model 3: name",
    }
    assert "a model: name: is declared 2 times" in found


@pytest.mark.parametrize(
    "line",
    [
        'api_key = "verysecret"',
        'key = "verysecret"',
        'token = "verysecret"',
        'parameters = { extra = { headers = { Authorization = "verysecret" } } }',
        'revision = "sk-verysecret12345"',
        'parameters = { extra = { user = "Bearer verysecret" } }',
        'base_url = "https://me:verysecret@models.example/v1"',
        'base_url = "https://models.example/v1?key=verysecret"',
    ],
)
def test_a_key_in_the_file_is_refused_and_not_repeated(tmp_path: Path, line: str) -> None:
    found = refused(tmp_path, SOUND + line)
    assert len(found) == 1
    assert "a key is never written into this file" in found[0]
    assert "verysecret" not in found[0]


@pytest.mark.parametrize("name", ["task-instruct-8b", "benchmark-large-v2", "hf-internal-testing/tiny-random-llama"])
def test_a_name_that_only_looks_like_a_key_within_a_word_is_taken(tmp_path: Path, name: str) -> None:
    (found,) = read(written(tmp_path, SOUND.replace("gpt-5.2-2025-12-11", name)))
    assert found.model == name


def test_a_key_in_place_of_its_variables_name_is_refused_and_not_repeated(tmp_path: Path) -> None:
    for key in ("sk-proj-verysecret", "AIzaSyD4verysecret", "0123456789abcdef"):
        found = refused(tmp_path, SOUND.replace("SOME_KEY", key))
        assert ("a key is never written" in found[0], key in found[0]) == (True, False)


@pytest.mark.parametrize(
    ("adapter", "more", "words"),
    [
        ("chat", {"base_url": None}, "base_url: is missing"),
        ("chat", {"base_url": "models.example"}, "is an address such as"),
        ("chat", {"base_url": "http://models.example/v1"}, "must begin with https://"),
        ("responses", {"local": True}, "local: api.openai.com is not inside"),
        ("chat", {"base_url": "https://eu.api.openai.com/v1", "local": True}, "is not inside"),
        ("chat", {"base_url": "https://api.openai.com./v1", "local": True}, "is not inside"),
        ("chat", {"base_url": "https://api.together.xyz/v1", "local": True}, "is not inside"),
        ("responses", {"can": {"seed": True}}, "can.seed: the API of this adapter cannot do this"),
        ("responses", {"parameters": {"seed": 1}}, "parameters.seed"),
        ("chat", {"parameters": {"seed": 1}, "can": {"seed": False}}, "parameters.seed"),
        ("chat", {"parameters": {"extra": {"messages": []}}}, "messages cannot be set here"),
        ("chat", {"parameters": {"extra": {"temperature": 1}}}, "temperature cannot be set here"),
        ("chat", {"parameters": {"extra": {"max_tokens": 10**6}}}, "max_tokens cannot be set here"),
        ("chat", {"endpoint": "chat"}, "endpoint: is for the batch adapter"),
        ("chat", {"answers": "x.jsonl"}, "answers: a replay names"),
        ("replay", {}, "answers: a replay names"),
        ("replay", {"answers": "x.jsonl", "base_url": "https://models.example/v1"}, "asks nobody"),
        ("chat", {"prices": {"input": -1, "output": 0}}, "prices.input"),
        ("chat", {"name": "a#b"}, "name"),
    ],
)
def test_what_does_not_agree_is_refused(adapter: str, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace(".", r"\.")):
        model(adapter, **more)


@pytest.mark.parametrize("text", ["", "model = 3", "[[model]\n", "model = []", 'name = "x"'])
def test_a_file_that_declares_nothing_is_refused(tmp_path: Path, text: str) -> None:
    assert refused(tmp_path, text)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelsRefused, match=r"no such file: write one after docs/models\.example\.toml"):
        read(tmp_path / "none.toml")


def test_a_file_takes_abilities_away_and_adds_none() -> None:
    assert model("responses").can == Can(images=True, schema=True, logprobs=True, seed=False)
    assert model("batch").can == model("responses").can
    assert model("batch", endpoint="chat").can == model("chat").can == Can(True, True, True, True)
    narrowed = {"images": False, "schema": False, "logprobs": False, "seed": False}
    assert model("chat", can=narrowed).can == Can(False, False, False, False)


def test_what_a_run_lacks_is_told_before_it_begins() -> None:
    blind = model("chat", can={"images": False, "logprobs": False, "seed": False})
    assert lacking(blind) == []
    told = lacking(blind, images=3, logprobs=True, seed=True)
    assert [("images" in told[0]), ("log-probabilities" in told[1]), ("seed" in told[2])] == [True] * 3
    few = model("chat", limits={"images": 2})
    assert lacking(few, images=2) == []
    assert lacking(few, images=3) == ["a model takes 2 images in a request, and a reading shows 3."]


@pytest.mark.parametrize(
    ("adapter", "local", "allowed", "shown"),
    [
        ("chat", False, False, False),
        ("chat", False, True, True),
        ("chat", True, False, True),
        ("batch", False, False, False),
        ("replay", False, False, True),
    ],
)
def test_a_case_that_may_not_leave_is_shown_to_local_models_alone(
    adapter: str, local: bool, allowed: bool, shown: bool
) -> None:
    more: dict[str, Any] = {"answers": "x.jsonl"} if adapter == "replay" else {"local": local}
    assert may_show(model(adapter, **more), allowed) is shown


@pytest.mark.parametrize(
    ("name", "pinned"),
    [
        ("gpt-5.2-2025-12-11", True),
        ("claude-opus-4-5-20251101", True),
        ("gemini-2.5-flash-001", True),
        ("gpt-4-0613", True),
        ("gemini-2.5-flash-preview-09-2025", True),
        ("qwen@sha256:0123456789abcdef", True),
        ("meta/llama@4f0a1b2", True),
        ("gpt-5", False),
        ("gpt-5-chat-latest", False),
        ("chatgpt-4o-latest", False),
        ("gemini-2.5-pro", False),
        ("Qwen/Qwen2.5-VL-72B-Instruct", False),
        ("llava:13b", False),
        ("gpt-4o-2024-08-06-latest", False),
    ],
)
def test_a_name_that_may_move_is_warned_of(name: str, pinned: bool) -> None:
    told = warnings(model("chat", model=name))
    assert any("names no date and no digest" in line for line in told) is not pinned
    assert not [line for line in warnings(model("chat", model="llava:13b", revision="ab12")) if "no date" in line]


def test_what_else_somebody_will_ask_is_warned_of() -> None:
    told = " ".join(warnings(model("chat", base_url="https://api.anthropic.com/v1")))
    assert all(
        words in told for words in ("no cut-off date", "no family", "no prices", "no limit of an image's pixels")
    )
    assert all(f"`{name} = false`" in told for name in ("schema", "logprobs", "seed"))
    assert "does not look like a host inside" in " ".join(warnings(model("chat", local=True)))
    complete = {"cutoff": "2025-01-01", "family": "x", "limits": {"image_pixels": 2048}}
    assert warnings(model("chat", local=True, base_url="http://127.0.0.1:8000/v1", **complete)) == []


def test_the_cost_counts_what_was_cached_and_what_a_batch_saves() -> None:
    prices = {"input": 2.0, "output": 10.0, "cached_input": 0.5, "batch": 0.5}
    assert model("chat", prices=prices).cost(1_000_000, 100_000, 400_000) == pytest.approx(1.2 + 0.2 + 1.0)
    assert model("batch", prices=prices).cost(1_000_000, 0) == pytest.approx(1.0)
    assert model("chat", prices=prices).cost(None, 5) is None
    assert model("chat").cost(5, 5) is None


def test_what_the_record_keeps_holds_no_key_and_no_address_of_the_house() -> None:
    kept = details(model("chat", base_url="http://models.ward-7.local/v1", local=True, key_env="SOME_KEY"))
    text = json.dumps(kept)
    assert "ward-7" not in text
    assert "SOME_KEY" not in text
    assert (kept["kind"], kept["model"], kept["can"]["schema"], kept["pinned"]) == ("model", "m-2025-01-31", True, True)
    assert details(model("chat"))["host"] == "models.example"


def test_what_the_record_keeps_hangs_on_neither_pace_nor_price() -> None:
    slow = model("chat", timeout=9, limits={"concurrency": 1, "rpm": 5, "images": 7}, prices={"input": 1, "output": 2})
    fast = model("chat", timeout=99, limits={"concurrency": 64, "images": 7})
    assert details(slow) == details(fast)
    assert details(slow) != details(model("chat", limits={"images": 8}))


def test_a_key_that_is_not_there_is_told_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StudyError, match="The variable NO_SUCH_KEY is not set"):
        adapter_of(model("chat", key_env="NO_SUCH_KEY"))
    monkeypatch.setenv("SOME_KEY", "sk-with-a-…")
    with pytest.raises(StudyError, match="is no key") as told:
        adapter_of(model("chat", key_env="SOME_KEY"))
    assert "sk-with" not in str(told.value)


def test_each_adapter_is_opened_by_its_own_door() -> None:
    with pytest.raises(StudyError, match="is a batch"):
        adapter_of(model("batch"))
    with pytest.raises(StudyError, match="not in batches"):
        batch_of(model("chat"))
    with pytest.raises(StudyError, match="not in a file"):
        replay_of(model("chat"))


def test_the_schema_for_editors_names_every_field_and_forbids_others() -> None:
    schema = json_schema()
    parts = schema["$defs"]["Declared"]
    assert {"name", "adapter", "key_env", "can", "limits", "prices"} <= parts["properties"].keys()
    assert parts["additionalProperties"] is False
    assert "schema" in schema["$defs"]["Abilities"]["properties"]
