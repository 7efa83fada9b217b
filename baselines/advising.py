"""What a model answered, as advice for a study to come: from a file, or from a study that it has read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from baselines.adapters.faults import Rejected
from baselines.adapters.replay import Place, Replay
from baselines.answers import one_object, parse
from study.advice import Answered
from study.answers import AnswerError
from study.bundle import Bundle
from study.canonical import digest
from study.case import Case
from study.conditions import MAIN
from study.database import StudyError
from study.desk import Page
from study.desk.work import WorkDesk
from study.protocol import TASKS, Protocol, Task
from study.script import question
from study.setup import case_content

Json = dict[str, Any]


@dataclass(frozen=True)
class ReadStudy:
    """A study on the record that models have read, at the desk of one of its runners."""

    desk: WorkDesk
    study: str

    @property
    def models(self) -> list[str]:
        """The models that have read it in the main condition."""
        return sorted({one.name for one in self.desk.models(self.study) if one.condition == MAIN})


def advised(
    protocol: Protocol, source: Replay | ReadStudy | None, model: str | None, bundle: Bundle
) -> tuple[Protocol, list[Answered]]:
    """The protocol with its model named, and what that model answered; both as they are where no advice is shown.

    Raises ``StudyError`` where advice is shown and there is no source, or a source and no advice.
    """
    if source is None:
        if protocol.advice is not None:
            raise StudyError(
                "The protocol shows a model's answer: give the file of its answers, or a study that it has read."
            )
        return protocol, []
    rules = named(protocol, model, source.models)
    name = rules.advice.model if rules.advice else None
    assert name is not None
    if isinstance(source, Replay):
        return rules, from_file(source, name, protocol, bundle)
    return rules, from_study(source.desk, source.study, name, bundle)


def named(protocol: Protocol, model: str | None, there: Sequence[str]) -> Protocol:
    """The protocol with the model whose answers it shows: the one named, else the only one that is there.

    Raises ``StudyError`` where the protocol shows no advice, or nobody says which of several models it is.
    """
    rule = protocol.advice
    if rule is None:
        raise StudyError("The protocol shows no model's answer: choose the preset assisted, or leave the answers out.")
    found = model or rule.model or (there[0] if len(there) == 1 else None)
    if found is None or found not in there:
        whose = f"no answers of {found!r}" if found else "the answers of several models, or of none"
        raise StudyError(f"There are {whose} there; it has those of: {', '.join(there) or 'nobody'}. Name one of them.")
    return protocol.model_copy(update={"advice": rule.model_copy(update={"model": found})})


def from_file(replay: Replay, model: str, protocol: Protocol, bundle: Bundle) -> list[Answered]:
    """The model's answers in the main condition of the file, the last list of a case; what cannot be read is none."""
    cases = {case.key: case for case in bundle.cases}
    last: dict[tuple[str, int], dict[Task, Place]] = {}
    for place in replay.places(model):
        condition, key, sample, kind, number = place
        if condition == MAIN and key in cases and kind in TASKS:
            own = last.setdefault((key, sample), {})
            if kind not in own or own[kind][4] < number:
                own[kind] = place
    return [
        Answered(model, key, sample, dict(_read(replay, model, places, protocol, cases[key])))
        for (key, sample), places in last.items()
    ]


def _read(
    replay: Replay, model: str, places: Mapping[Task, Place], protocol: Protocol, case: Case
) -> Iterator[tuple[Task, Json]]:
    options = {chr(65 + place): option.text for place, option in enumerate(case.options)}
    for task, place in places.items():
        step = question(protocol, task, case.language)
        try:
            said = replay.said(model, place, options)
            if said.outcome == "ok":
                step["confidence"] = "confidence" in one_object(said.text)
                yield task, _worded(parse(step, said.text, tuple(options)), options)
        except (Rejected, AnswerError):
            continue


def _worded(answer: Json, options: Mapping[str, str]) -> Json:
    """The answer with its option named by its words in place of a label."""
    if "choice" not in answer:
        return answer
    return {"option": options.get(answer["choice"] or ""), "confidence": answer.get("confidence")}


def from_study(desk: WorkDesk, study: str, model: str, bundle: Bundle) -> list[Answered]:
    """What the model answered in its completed readings of a study, of cases that are the same there and here."""
    hashes = {case.key: digest(case_content(case, bundle)) for case in bundle.cases}
    same = {one.key for one in desk.outlines(study) if one.hash == hashes.get(one.key)}
    samples = {
        row.reading: one.sample
        for one in desk.models(study, model)
        if one.condition == MAIN
        for row in one.readings
        if row.state == "completed"
    }
    return [
        Answered(model, read.case, samples[read.reading], _answers(desk.open_reading(read.reading)))
        for read in desk.cases(study, list(samples))
        if read.reading and read.case in same
    ]


def _answers(page: Page) -> dict[Task, Json]:
    options = {option.label: option.text for option in page.options or ()}
    counted = {one.kind: one.answer for one in page.answers if not one.late}
    return {task: _worded(dict(counted[task]), options) for task in TASKS if task in counted}
