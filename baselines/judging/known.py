"""What the record has of a judge's calls, so that no stored reply is asked for again."""

from __future__ import annotations

from collections.abc import Iterable

from baselines.conversation import Question
from baselines.running import content
from baselines.running.stored import Reply, Stored
from baselines.running.workplace import Workplace
from study.desk.acts import Finish
from study.desk.calls import CallRow


class Known:
    """The calls of one judge in one study by the key of what was asked: those of earlier runs."""

    def __init__(self, rows: Iterable[CallRow], judge: str) -> None:
        """Take the judge's own calls from the study's."""
        self._by_key: dict[str, list[CallRow]] = {}
        for row in rows:
            if row.purpose == "judge" and row.model == judge:
                self._by_key.setdefault(row.key, []).append(row)

    @property
    def in_flight(self) -> list[Finish]:
        """The calls that nobody waits for any more, entered as lost; a reply that comes yet is kept all the same."""
        waiting = [row for own in self._by_key.values() for row in own if row.outcome is None]
        return [Finish(row.call, "lost", None, {"paid": "perhaps"}) for row in waiting]

    async def stored(self, at: Workplace, question: Question, number: int) -> Stored:
        """The replies to this question that are on record."""
        digest = content.question_digest(at.declared, question, at.images.record)
        key = content.key(digest, number, 1)
        rows = self._by_key.get(key, [])
        stored = Stored([row for row in rows if row.outcome != "ok"])
        answered = {row.call for row in rows if row.outcome == "ok"}
        if answered and at.kept is not None:
            (kept,) = await at.kept.ask(key)
            if kept is not None and kept.call in answered:
                took = float(kept.details.get("milliseconds") or 0.0)
                stored.add(digest, Reply(kept.call, "ok", kept.response, took))
        return stored
