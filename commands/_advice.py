"""The model's answers that an assisted reading shows: from a file, or from a study that the model has read."""

from __future__ import annotations

from pathlib import Path

from commands._study import find_study
from study.advice import Answered
from study.bundle import Bundle
from study.database import Record, StudyError
from study.protocol import Protocol


def with_advice(
    record: Record, protocol: Protocol, source: str | None, model: str | None, bundle: Bundle
) -> tuple[Protocol, list[Answered]]:
    """The protocol with the model named, and its answers; without a source both are needed by no protocol but assisted.

    Raises ``StudyError`` where the file or the study is refused, or is not needed.
    """
    if source is None and protocol.advice is None and model is None:
        return protocol, []
    from baselines.adapters.replay import read_answers
    from baselines.advising import ReadStudy, advised
    from study.desk.work import WorkDesk

    if source is None:
        raise StudyError(
            "Say where the model's answers are: --advice FILE.jsonl, or --advice STUDY for one that the model has read."
        )
    if Path(source).is_file():
        return advised(protocol, read_answers(source), model, bundle)
    return advised(protocol, ReadStudy(WorkDesk(record.owner), find_study(record.owner, source)), model, bundle)
