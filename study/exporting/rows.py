"""The rows of the exported tables, made from the record's tables and one reading's events at a time. Pure.

A row is a mapping from a column's name to a plain value; lists and objects stand as JSON text. A column that is not
named is empty.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from study.answers import task_of
from study.case import APPROVED
from study.chain import Event, StudyEvent
from study.exporting.source import Calls, CaseRow, Grade, Member, Tables
from study.projection import Projection, StoredReading, rebuild
from study.times import StageTimes, stage_times

Row = Mapping[str, Any]
LOCKS = ("locked", "timed_out")


@dataclass(frozen=True)
class Reading:
    """A reading with its events up to the head taken, and what they add up to at that head."""

    stored: StoredReading
    events: Sequence[Event]
    projection: Projection
    member: Member
    case: CaseRow
    steps: Sequence[Mapping[str, Any]]
    times: Mapping[tuple[int, int], StageTimes]

    @property
    def counted_attempt(self) -> int:
        """The attempt that is analysed: the first completed one, or the present one until there is one."""
        return self.projection.completed_attempt or self.projection.attempt


def reading(
    tables: Tables, stored: StoredReading, events: Sequence[Event], telemetry: Sequence[Mapping[str, Any]] = ()
) -> Reading:
    """The reading as of its events, whatever its stored row has come to since."""
    member, case = tables.member_of[stored.member], tables.case_of[stored.case_key]
    told = [{"kind": e.kind, "step": e.step, "attempt": e.attempt, "at": e.at, "client": e.client} for e in events]
    staged = stage_times(told, telemetry)
    times = {(stage.attempt, stage.step): stage for stage in staged}
    return Reading(stored, events, rebuild(events), member, case, tables.scripts[stored.script]["steps"], times)


def answer_rows(tables: Tables, one: Reading, cap: int, software: str) -> Iterator[Row]:
    """A row for each question of each attempt: the locked answer, or why there is none."""
    who = _who(tables, one)
    options = _options(one)
    for attempt in range(1, one.projection.attempt + 1):
        for step, asked in enumerate(one.steps):
            if asked["kind"] in ("show", "advice"):
                continue
            lock = _of(one, attempt, step, *LOCKS)
            row = {
                **who,
                **_place(one, attempt, step),
                "options": options,
                "cap": asked.get("cap"),
                "software": software,
            }
            row |= _times(one, attempt, step)
            row |= _answer(one, asked, lock, cap) if lock else {"missing": _missing(one, attempt)}
            yield row | {
                "late": _of(one, attempt, step, "late") is not None,
                "timed_out": lock is not None and lock.kind == "timed_out",
            }


def stage_rows(tables: Tables, one: Reading) -> Iterator[Row]:
    """A row for each step that was released, questions included, with its times."""
    for event in one.events:
        if event.kind == "shown":
            evidence = one.steps[event.step].get("evidence")
            yield {
                **_who(tables, one),
                **_place(one, event.attempt, event.step),
                "evidence": _json(evidence) if evidence else None,
                **_times(one, event.attempt, event.step),
            }


def advice_rows(tables: Tables, one: Reading, cap: int) -> Iterator[Row]:
    """A row for each time that a model's answer was shown, with what was shown; an erased one keeps its hash alone."""
    for event in one.events:
        step = one.steps[event.step] if event.kind == "shown" else {}
        if step.get("kind") != "advice":
            continue
        said = json.loads(event.payload) if event.payload is not None else {"advice": {}}
        advice = said["advice"]
        ddx, own, chosen = (advice.get(task) or {} for task in ("ddx", "open", "selection"))
        lines = ddx.get("lines") or []
        yield {
            **_who(tables, one),
            **_place(one, event.attempt, event.step),
            "shown_at": event.at,
            "advisor": advice.get("model"),
            "advisor_sample": advice.get("sample"),
            "named": step.get("named"),
            "hash": step["advice"],
            "lines": _json(lines) if ddx else None,
            **{f"rank_{n}": line for n, line in enumerate(lines[:cap], start=1)},
            "open": own.get("diagnosis"),
            "choice": said.get("label"),
            "choice_text": chosen.get("option"),
            "confidence_ddx": ddx.get("confidence"),
            "confidence_open": own.get("confidence"),
            "confidence_selection": chosen.get("confidence"),
        }


def event_rows(one: Reading) -> Iterator[Row]:
    """A row for each event, with all that its hash is recomputed from."""
    for event in one.events:
        yield {**event._asdict(), "erased": event.erased}


def reading_row(tables: Tables, one: Reading, unblinded: bool) -> Row:
    """The reading as a whole."""
    flags = [
        {"step": event.step, **json.loads(event.payload)}
        for event in one.events
        if event.kind == "flagged" and event.payload is not None
    ]
    now = one.projection
    return {
        **_who(tables, one),
        "state": now.state,
        "step": now.step,
        "steps": one.stored.steps,
        "attempt": now.attempt,
        "completed_attempt": now.completed_attempt,
        "begun_at": now.begun_at,
        "locked_at": now.locked_at,
        "flags": _json(flags) if flags else None,
        "seed": one.stored.seed if unblinded else None,
        "events": now.count,
        "head": now.head,
    }


def reader_rows(tables: Tables) -> Iterator[Row]:
    """A row for each reader, human or model."""
    for member in tables.members:
        yield {
            **_member(tables, member),
            "condition": member.condition,
            "state": member.state,
            "languages": _json(member.languages),
            "profile": _json(member.profile),
            "details": _json(member.details) if member.kind == "model" else None,
            "consented_at": member.consented_at,
        }


def case_rows(tables: Tables) -> Iterator[Row]:
    """A row for each case; there are none before unblinding."""
    for case in tables.cases:
        if case.content is not None:
            source, options = case.content.get("source") or {}, case.content.get("options") or ()
            wrong = [option for option in options if not option.get("right")]
            yield {
                "study": tables.study.slug,
                "case": case.key,
                **case.model_dump(include={"version", "hash", "language", "translation_of", "specialty"}),
                **case.model_dump(include={"synthetic", "practice"}),
                "published": source.get("published"),
                "licence": source.get("licence"),
                "evidence": _json([_outline(one) for one in case.content.get("evidence") or ()]),
                "options": len(options),
                "reviewed": sum(option.get("review") in APPROVED for option in wrong),
                "signed_off": bool(case.content.get("sign_off")),
            }


def _outline(evidence: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": evidence["id"],
        "type": evidence["type"],
        "images": len(evidence.get("images") or ()),
        "finding": bool(evidence.get("finding")),
    }


def truth_rows(tables: Tables) -> Iterator[Row]:
    """A row for each case; there are none before unblinding."""
    for case in tables.cases:
        content = case.content
        if content is not None:
            diagnosis = content["diagnosis"]
            yield {
                "study": tables.study.slug,
                "case": case.key,
                "diagnosis": diagnosis["name"],
                "synonyms": _json(diagnosis.get("synonyms") or []),
                "codes": _json(diagnosis.get("codes") or []),
                "right_option": next((o["text"] for o in content.get("options") or () if o.get("right")), None),
            }


def telemetry_rows(telemetry: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    """A row for each measurement of a browser, from which the times of the stages are made."""
    for row in telemetry:
        names = ("reading", "step", "attempt", "tab", "number")
        at = datetime.fromisoformat(str(row["at"])).astimezone(UTC)
        yield {**{name: row[name] for name in names}, "at": at, "body": _json(row["body"])}


def grade_rows(tables: Tables, grades: Iterable[Grade]) -> Iterator[Row]:
    """A row for each grade that was given."""
    for grade in grades:
        names = {"study": tables.study.slug, "case": grade.case_key, "scale_version": grade.version}
        yield {**grade.model_dump(exclude={"case_key", "version"}), **names}


def call_rows(tables: Tables, calls: Iterable[Calls]) -> Iterator[Row]:
    """A row for each model, condition, purpose and outcome."""
    for one in calls:
        yield {"study": tables.study.slug, **one.model_dump()}


def chain_rows(acts: Iterable[StudyEvent]) -> Iterator[Row]:
    """A row for each act of the study's own chain."""
    for act in acts:
        yield act.model_dump()


def _who(tables: Tables, one: Reading) -> dict[str, Any]:
    return {
        **_member(tables, one.member),
        "reading": one.stored.reading,
        "case": one.case.key,
        "case_version": one.case.version,
        "case_hash": one.case.hash,
        "language": one.case.language,
        "specialty": one.case.specialty,
        "practice": one.stored.practice,
        "position": one.stored.position,
        "arm": one.stored.arm,
        "script": one.stored.script,
        "protocol": tables.study.protocol_hash,
    }


def _member(tables: Tables, member: Member) -> dict[str, Any]:
    return {
        "study": tables.study.slug,
        "reader": member.result_id,
        "group": member.kind,
        "model": member.model,
        "sample": member.sample,
        "trial": member.trial,
    }


def _place(one: Reading, attempt: int, step: int) -> dict[str, Any]:
    counts = attempt == one.counted_attempt
    return {"attempt": attempt, "counts": counts, "step": step, "kind": one.steps[step]["kind"]}


def _of(one: Reading, attempt: int, step: int, *kinds: str) -> Event | None:
    """The first event of these kinds at a step of an attempt."""
    found = (e for e in one.events if e.attempt == attempt and e.step == step and e.kind in kinds)
    return next(found, None)


def _answer(one: Reading, asked: Mapping[str, Any], lock: Event, cap: int) -> dict[str, Any]:
    """What was answered, each part in its column; nothing of an erased payload is left."""
    if lock.payload is None:
        return {"missing": "excluded"}
    given, task = json.loads(lock.payload), task_of(asked["kind"])
    written = _written(task, given)
    if lock.kind == "timed_out" and not (
        written or given.get("none") or given.get("choice") or given.get("seen_before")
    ):
        return {"missing": "timed out empty"}
    row: dict[str, Any] = {
        "missing": "",
        "none": bool(given.get("none")) if task in ("ddx", "open") else None,
        "unchanged": bool(given.get("unchanged")) if task == "ddx" else None,
        "confidence": given.get("confidence"),
        "seen_before": given.get("seen_before"),
        "looked_up": given.get("looked_up"),
        "comment": given.get("comment"),
    }
    if task in ("ddx", "open"):
        row |= {"lines": _json(written), "lines_n": len(written)}
        row |= {f"rank_{n}": line for n, line in enumerate(written[:cap], start=1)}
    if task == "selection" and given.get("choice"):
        row |= {"choice": given["choice"], "choice_text": _option(one, given["choice"])}
    return row


def _written(kind: str, given: Mapping[str, Any]) -> list[str]:
    lines = [given.get("diagnosis")] if kind == "open" else given.get("lines") or []
    return [str(line) for line in lines if line and str(line).strip()]


def _missing(one: Reading, attempt: int) -> str:
    """Why a question has no answer, from how the reading ended; an earlier attempt's gaps were closed by reopening."""
    state = one.projection.state
    if attempt < one.projection.attempt:
        skipped = any(event.kind == "skipped" and event.attempt == attempt for event in one.events)
        state = "skipped" if skipped else "technical"
    codes = {"skipped": "skipped", "withdrawn": "withdrew", "excluded": "excluded", "technical": "technical"}
    return codes.get(state, "not reached")


def _options(one: Reading) -> str | None:
    """The options' texts in the order shown; their order as written would tell the right one, so it is never given."""
    texts = one.case.options or ()
    return _json([texts[index] for index in one.stored.option_order]) if texts else None


def _option(one: Reading, label: str) -> str | None:
    texts, place = one.case.options or (), ord(label[0]) - ord("A")
    order = one.stored.option_order
    return texts[order[place]] if place < len(order) else None


def _times(one: Reading, attempt: int, step: int) -> dict[str, Any]:
    """The times of one step; none where it was not released."""
    times = one.times.get((attempt, step))
    if times is None:
        return {}
    return {
        "opened_at": times.t_open,
        "ready_at": times.t_ready,
        "first_input_at": times.t_first,
        "locked_at": times.t_lock,
        "open_s": (times.t_lock - times.t_open).total_seconds() if times.t_lock else None,
        "elapsed_s": times.elapsed,
        "visible_s": times.visible,
        "active_s": times.active,
        "hidden_s": times.hidden,
        "unfocused_s": times.unfocused,
        "idle_s": times.idle,
        "paused_s": times.paused,
        "writing_s": times.writing,
        "revisits": times.visits,
    }


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
