"""The analyst's rows, rebuilt from the tables of an export: the same as the record itself gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from study.canonical import digest

Row = Mapping[str, Any]
LOCKS = ("locked", "late", "timed_out")
Place = tuple[str, int, int]


def analysts_rows(tables: Mapping[str, Sequence[Row]]) -> list[dict[str, Any]]:
    """Every counted reading of a reader who is neither on trial nor excluded, practice left out, in order of its id."""
    readers = {row["reader"]: row for row in tables["readers"]}
    cases = {row["case"]: row for row in tables["cases"]}
    truth = {row["case"]: row for row in tables["truth"]}
    events = _by_reading(tables["events"])
    asked = {(row["reading"], row["attempt"], row["step"]): row for row in tables["answers"]}
    options = {row["reading"]: json.loads(row["options"]) for row in tables["answers"] if row["options"]}
    return [
        _row(one, readers[one["reader"]], cases[one["case"]], truth[one["case"]], events, asked, options)
        for one in _counted(tables)
    ]


def analysts_stages(tables: Mapping[str, Sequence[Row]], scripts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of the same readings what each step released, of which type, and, of people, what times are made from."""
    types = {row["case"]: {one["id"]: one["type"] for one in json.loads(row["evidence"])} for row in tables["cases"]}
    events, measured = _by_reading(tables["events"]), _measured(tables["telemetry"])
    found = []
    for one in _counted(tables):
        attempt, human = _attempt(one), one["group"] == "human"
        own = [event for event in events.get(one["reading"], ()) if human and event["attempt"] == attempt]
        told = [row for row in measured.get(one["reading"], ()) if human and row["attempt"] == attempt]
        found.append(
            {
                "reading": one["reading"],
                "steps": [
                    {"kind": step["kind"], "evidence": step.get("evidence") or []}
                    for step in scripts[one["script"]]["steps"]
                ],
                "types": types[one["case"]],
                "events": [{**_of(event, "kind", "step", "attempt", "client"), "at": _time(event)} for event in own],
                "telemetry": [
                    {**_of(row, "step", "attempt", "tab", "number"), "at": _time(row), "body": json.loads(row["body"])}
                    for row in told
                ],
            }
        )
    return found


def _of(row: Row, *names: str) -> dict[str, Any]:
    return {name: row[name] for name in names}


def _time(row: Row) -> str:
    return str(row["at"].isoformat())


def _counted(tables: Mapping[str, Sequence[Row]]) -> list[Row]:
    """The readings that are analysed, in order of their ids."""
    excluded = {row["reader"] for row in tables["readers"] if row["state"] == "excluded"}
    kept = [
        row for row in tables["readings"] if not row["trial"] and not row["practice"] and row["reader"] not in excluded
    ]
    return sorted(kept, key=lambda row: str(row["reading"]))


def _attempt(one: Row) -> int:
    return int(one["completed_attempt"] or one["attempt"])


def _by_reading(events: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for event in sorted(events, key=lambda row: (row["reading"], row["seq"])):
        found.setdefault(event["reading"], []).append(event)
    return found


def _measured(telemetry: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in sorted(telemetry, key=lambda row: (row["reading"], row["step"], row["tab"], row["number"])):
        found.setdefault(row["reading"], []).append(row)
    return found


def _row(
    one: Row,
    reader: Row,
    case: Row,
    truth: Row,
    events: Mapping[str, Sequence[Row]],
    asked: Mapping[Place, Row],
    options: Mapping[str, Sequence[str]],
) -> dict[str, Any]:
    attempt = _attempt(one)
    own = [event for event in events.get(one["reading"], ()) if event["attempt"] == attempt]
    model = one["group"] == "model"
    return {
        "reading": one["reading"],
        "reader": one["reader"],
        "kind": one["group"],
        "model": one["model"],
        "sample": one["sample"],
        "condition": reader["condition"],
        "case": one["case"],
        "translation_of": case["translation_of"],
        "specialty": case["specialty"],
        "language": case["language"],
        "position": one["position"],
        "arm": one["arm"],
        "published": case["published"],
        "state": one["state"],
        "attempt": attempt,
        "answers": _answers(own, asked),
        "advice": None if model else _advice(own),
        "distribution": _distribution(own, asked) if model else None,
        "outcome": _outcome(own) if one["state"] == "failed" else None,
        "options": _options(options.get(one["reading"], ()), truth["right_option"]),
        "diagnosis": _diagnosis(truth),
    }


def _answers(events: Sequence[Row], asked: Mapping[Place, Row]) -> list[dict[str, Any]]:
    found = []
    for event in events:
        question = asked.get((event["reading"], event["attempt"], event["step"]))
        if event["kind"] in LOCKS and event["payload"] is not None and question is not None:
            answer = {name: value for name, value in json.loads(event["payload"]).items() if name != "deadline"}
            late, timed_out = event["kind"] == "late", event["kind"] == "timed_out"
            found.append(
                {
                    "step": event["step"],
                    "kind": question["kind"],
                    "answer": answer,
                    "at": event["at"].isoformat(),
                    "late": late,
                    "timed_out": timed_out,
                }
            )
    return found


def _advice(events: Sequence[Row]) -> dict[str, Any] | None:
    """The model's answer that the attempt has shown, as the record holds it, its option under the reading's label."""
    for event in events:
        said = json.loads(event["payload"] or "{}") if event["kind"] == "shown" else {}
        if advice := said.get("advice"):
            found = _of(advice, "model", "sample") | {"hash": digest(advice), "at": _time(event)}
            found |= {task: advice[task] for task in ("ddx", "open") if task in advice}
            if "selection" in advice:
                found["selection"] = {"choice": said["label"], "confidence": advice["selection"]["confidence"]}
            return found
    return None


def _distribution(events: Sequence[Row], asked: Mapping[Place, Row]) -> Any:
    """What was kept beside the lock of the selection: how likely the model held each option."""
    for event in reversed(events):
        question = asked.get((event["reading"], event["attempt"], event["step"]))
        if event["kind"] == "locked" and question is not None and question["kind"] == "selection":
            return json.loads(event["client"] or "{}").get("distribution")
    return None


def _outcome(events: Sequence[Row]) -> str | None:
    failed = [event for event in events if event["kind"] == "failed" and event["payload"] is not None]
    return json.loads(failed[-1]["payload"]).get("outcome") if failed else None


def _options(texts: Sequence[str], right: str | None) -> list[dict[str, Any]]:
    return [{"label": chr(ord("A") + place), "text": text, "right": text == right} for place, text in enumerate(texts)]


def _diagnosis(truth: Row) -> dict[str, Any]:
    return {
        "name": truth["diagnosis"],
        "synonyms": json.loads(truth["synonyms"]),
        "codes": json.loads(truth["codes"]),
    }
