"""The chains are recomputed from rows alone, and the first row that does not hold is named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from study.chain import START, Event, event_hash, head_fault, payload_digest, reading_fault, stamp, study_fault
from tests.record_rows import reading_events, resealed, study_events


def test_an_event_hash_is_the_sha256_of_the_documented_lines() -> None:
    event = reading_events("begun")[0]
    lines = ["readerstudy-event-1", event.reading, "1", "begun", "-1", "1", event.actor, event.reader]
    lines += ["2026-11-22T09:00:00.000001Z", event.request_id or "", hashlib.sha256(b"{}").hexdigest()]
    lines += [event.payload_digest, "0" * 64]
    assert event_hash(event) == hashlib.sha256("\n".join(lines).encode()).hexdigest()


def test_a_payload_digest_is_the_sha256_of_nonce_bytes_and_utf8_text() -> None:
    assert payload_digest("00ff", "é") == hashlib.sha256(b"\x00\xff\xc3\xa9").hexdigest()


def test_a_time_is_stamped_in_utc_with_six_digits_whatever_its_zone() -> None:
    assert stamp(datetime(2026, 11, 22, 10, 0, 0, 50, timezone(timedelta(hours=1)))) == "2026-11-22T09:00:00.000050Z"
    assert stamp(datetime(2026, 11, 22, 9, tzinfo=UTC)) == "2026-11-22T09:00:00.000000Z"


def test_an_untouched_chain_holds() -> None:
    assert reading_fault(reading_events("begun", "shown", "locked", "completed")) is None
    assert reading_fault([]) is None


def test_an_erased_payload_leaves_the_chain_whole() -> None:
    events = list(reading_events("begun", "shown", "locked"))
    events[2] = events[2]._replace(payload=None, nonce=None)
    assert reading_fault(events) is None


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"payload": '{"lines": ["flu"]}'}, "payload is not the one that was sealed"),
        ({"payload": None}, "erased by half"),
        ({"nonce": "zz"}, "payload is not the one that was sealed"),
        ({"step": 4}, "hash does not follow"),
        ({"client": '{"x": 1}'}, "hash does not follow"),
        ({"at": datetime(2026, 11, 22, 10, tzinfo=UTC)}, "hash does not follow"),
        ({"at": datetime(2026, 11, 22, 8, tzinfo=UTC)}, "time is before"),
        ({"previous": START}, "does not name the hash"),
        ({"reader": "somebody"}, "another reading or reader"),
    ],
)
def test_a_changed_row_is_named(change: dict[str, Any], what: str) -> None:
    events = list(reading_events("begun", "shown", "locked", "completed"))
    events[2] = events[2]._replace(**change)
    fault = reading_fault(events)
    assert fault is not None
    assert fault.where == f"reading {events[0].reading}, row 3"
    assert what in fault.what


def test_a_row_that_was_cut_out_is_missed_where_it_stood() -> None:
    events = reading_events("begun", "shown", "locked")
    fault = reading_fault([events[0], events[2]])
    assert fault is not None
    assert "row 2 was expected here" in fault.what


def test_a_row_resealed_by_a_forger_breaks_the_link_of_the_next() -> None:
    events = list(reading_events("begun", "shown", "locked"))
    events[1] = resealed(events[1], step=7)
    fault = reading_fault(events)
    assert fault is not None
    assert fault.where.endswith("row 3")
    assert "does not name the hash" in fault.what


def _heads(events: Sequence[Event], count: int) -> dict[int, str]:
    return {count: events[count - 1].hash if count else START}


def test_a_noted_head_shows_a_cut_tail_and_a_rewritten_chain() -> None:
    events = reading_events("begun", "shown", "locked")
    hashes = [event.hash for event in events]
    assert head_fault("reading r", hashes, _heads(events, 3) | _heads(events, 0), "the close") is None
    cut = head_fault("reading r", hashes[:2], _heads(events, 3), "the close")
    assert cut is not None
    assert "tail was cut" in cut.what
    assert "ends at row 2" in cut.what
    other = head_fault("reading r", hashes, {2: "f" * 64}, "the close")
    assert other is not None
    assert other.where == "reading r, row 2"


def test_the_study_chain_holds_and_names_its_first_bad_row() -> None:
    acts = list(study_events(("created", "{}"), ("opened", '{"heads": []}'), ("closed", "{}")))
    assert study_fault(acts, acts[0].study) is None
    acts[1] = acts[1].model_copy(update={"body": '{"heads": [1]}'})
    fault = study_fault(acts, acts[0].study)
    assert fault is not None
    assert fault.where == "study chain, row 2"
    assert "opened" in fault.what
