"""Training pools: the chat form that is taken, and every fault of a pool at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from baselines.training_pool import TrainingPoolRefused, read
from tests.pool_file import sample, write

USER = {"role": "user", "content": "What is it?"}
ANSWER = {"role": "assistant", "content": "Gout."}


def test_a_pool_is_read_with_both_ways_of_placing_images(tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(b"1")
    marked = [{"role": "user", "content": "<image> and <image>?"}, ANSWER]
    parts = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "What is it?"}]}, ANSWER]
    pool = read(
        write(
            tmp_path / "pool.jsonl",
            sample(1, messages=marked, images=["one.png", "one.png"]),
            sample(2, messages=parts, images=["one.png"]),
        )
    )
    assert [len(one.images) for one in pool.samples] == [2, 1]
    assert pool.samples[1].text == "\nWhat is it?\nGout."
    assert pool.image("one.png") == tmp_path / "one.png"


def test_a_line_ends_where_json_lines_end_whatever_separators_its_texts_hold(tmp_path: Path) -> None:
    told = [{"role": "user", "content": "First\u2028second\u0085third"}, ANSWER]
    pool = read(write(tmp_path / "pool.jsonl", sample(1, messages=told), sample(2)))
    assert (len(pool.samples), pool.samples[0].messages[0].text) == (2, "First\u2028second\u0085third")


@pytest.mark.parametrize(
    ("one", "fault"),
    [
        (sample(1, kind="telepathy"), "line 1, type: Input should be 'history'"),
        (sample(1, source="x"), "line 1, source: Extra inputs"),
        (sample(1, messages=[USER, USER]), "asks as user and ends with the assistant's answer"),
        (sample(1, messages=[ANSWER, ANSWER]), "asks as user and ends with the assistant's answer"),
        (sample(1, messages=[{"role": "user", "content": "<image>?"}, ANSWER]), "place 1 images and it names 0"),
        (sample(1, messages=[USER, {"role": "tool", "content": "x"}]), "messages.1.role"),
        (sample(1, messages=[{"role": "user", "content": " "}, ANSWER]), "messages.0.content: is words, or a list"),
        (
            sample(1, messages=[USER | {"content": [{"type": "video"}]}, ANSWER]),
            "messages.0.content: is words, or a list",
        ),
        (sample(1, messages=[]), "asks as user and ends with the assistant's answer"),
    ],
)
def test_a_sample_that_no_trainer_could_read_is_refused_by_line(
    tmp_path: Path, one: dict[str, Any], fault: str
) -> None:
    with pytest.raises(TrainingPoolRefused, match="1 fault") as refusal:
        read(write(tmp_path / "pool.jsonl", one))
    assert fault in str(refusal.value)


def test_every_fault_of_a_pool_is_listed_and_nothing_is_taken(tmp_path: Path) -> None:
    image = [{"role": "user", "content": "<image>?"}, ANSWER]
    path = write(
        tmp_path / "pool.jsonl",
        sample(1),
        sample(1),
        sample(2, messages=image, images=["https://example.org/a.png"]),
        sample(3, messages=image, images=["none.png"]),
    )
    path.write_text(path.read_text() + "{no json\n")
    with pytest.raises(TrainingPoolRefused, match="4 fault") as refusal:
        read(path)
    lines = [line.strip().split(",")[0] for line in str(refusal.value).splitlines()[1:]]
    assert lines == ["line 2", "line 3", "line 4", "line 5"]
    assert "is that of line 1 already" in str(refusal.value)


@pytest.mark.parametrize(
    ("content", "sentence"), [(b"", "the file has no sample"), (b"\xff\xfe", "is not UTF-8"), (None, "cannot be read")]
)
def test_a_file_that_is_no_pool_is_refused_in_a_sentence(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "pool.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TrainingPoolRefused, match=sentence):
        read(path)
