"""The document of the record's bytes is true: each block hashes to what stands under it, and so does the code."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from study.canonical import canonical
from study.chain import Event, StudyEvent, event_hash, grade_digest, grades_digest, payload_digest, study_event_hash

TEXT = (Path(__file__).parents[1] / "docs" / "record.md").read_text("utf-8")
BLOCKS = {
    name: (body, told) for name, body, told in re.findall(r"```(\w+)\n(.*?)\n```\n\n    ([0-9a-f]{64})\n", TEXT, re.S)
}
AT = datetime(2026, 11, 22, 9, 1, 0, 1, UTC)


def digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


@pytest.mark.parametrize("name", ["event", "study", "canonical", "frozen", "grade", "grades"])
def test_each_block_has_the_hash_that_stands_under_it(name: str) -> None:
    body, told = BLOCKS[name]
    assert digest(body) == told


def test_an_event_is_hashed_as_documented() -> None:
    _, reading, seq, kind, step, attempt, actor, reader, _, request, _, sealed, previous = BLOCKS["event"][0].split(
        "\n"
    )
    nonce, payload = "00000000000000000000000000000002", '{"evidence": [{"id": "history", "form": "text"}]}'
    assert f"`{payload}` under the nonce `{nonce}` has the digest `{sealed}`" in TEXT
    assert (
        payload_digest(nonce, payload) == sealed == hashlib.sha256(bytes.fromhex(nonce) + payload.encode()).hexdigest()
    )
    who = (reading, int(seq), kind, int(step), int(attempt), actor, reader, AT, request)
    assert event_hash(Event(*who, "{}", sealed, previous, "", nonce, payload)) == BLOCKS["event"][1]


def test_an_act_of_the_study_is_hashed_as_documented() -> None:
    _, study, seq, kind, actor, _, body_digest, previous = BLOCKS["study"][0].split("\n")
    body = next(text for text in re.findall(r"`(\{[^`]*\})`", TEXT) if digest(text) == body_digest)
    act = StudyEvent(study=study, seq=int(seq), kind=kind, actor=actor, at=AT, body=body, previous=previous, hash="")
    assert study_event_hash(act) == BLOCKS["study"][1]


def test_grades_and_canonical_json_are_hashed_as_documented() -> None:
    seq, case, line, scale, version, grade, grader, source, note, _ = BLOCKS["grade"][0].split("\n")
    assert (line, source, note) == (digest("Flu"), digest("human"), digest(""))
    row = {"seq": int(seq), "case_key": case, "line": "Flu", "scale": scale, "version": version, "grade": int(grade)}
    row |= {"grader": grader, "source": "human", "note": None, "at": AT}
    assert grade_digest(row) == BLOCKS["grade"][1]
    assert grades_digest([row]) == BLOCKS["grades"][1]
    text = BLOCKS["canonical"][0]
    assert canonical(json.loads(text)) == text


def test_the_times_in_the_blocks_are_written_as_the_document_says() -> None:
    times = re.findall(r"^\d{4}-\d\d-\d\dT\S+$", "\n".join(body for body, _ in BLOCKS.values()), re.M)
    assert times
    assert set(times) == {"2026-11-22T09:01:00.000001Z"}
    assert AT.utcoffset() == timedelta(0)
