"""The replies to one reading's questions that the record has, by what was asked: none of them is asked for again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from baselines.adapters import Said
from study.desk.calls import CallRow, Outcome


@dataclass(frozen=True)
class Reply:
    """What came of a call: the raw reply where one came, and what it says where that was read already."""

    call: str
    outcome: Outcome
    raw: str = ""
    milliseconds: float = 0.0
    said: Said | None = None
    reason: str = ""


class Stored:
    """Replies in the order in which they were kept; the first that can be read is the answer."""

    def __init__(self, rows: Iterable[CallRow] = ()) -> None:
        """Begin with the calls of the record."""
        self._by_digest: dict[str, list[Reply]] = {}
        self.flying: dict[str, set[str]] = {}
        kept = [(row, row.told or row.results[-1]) for row in rows if row.results]
        for row, told in sorted(kept, key=lambda one: (one[1].at, one[0].seq)):
            outcome = row.outcome or "lost"
            took = float(told.details.get("milliseconds") or 0.0)
            reason = str(row.results[-1].details.get("error") or "")
            self.add(row.digest, Reply(row.call, outcome, told.response or "", took, reason=reason))
        for row in rows:
            if row.outcome in (None, "lost"):
                self.flying.setdefault(row.digest, set()).add(row.call)

    def add(self, digest: str, reply: Reply) -> None:
        """A further reply to this question."""
        self._by_digest.setdefault(digest, []).append(reply)

    def tries(self, digest: str) -> int:
        """How often the question has come to an end, whichever."""
        return len(self._by_digest.get(digest, ()))

    def judge(self, digest: str, call: str, outcome: Outcome, reason: str) -> None:
        """What was taken for an answer is none."""
        found = self._by_digest[digest]
        found[:] = [replace(one, outcome=outcome, reason=reason) if one.call == call else one for one in found]

    def answer(self, digest: str) -> Reply | None:
        """The answer that was kept first."""
        return next((one for one in self._by_digest.get(digest, ()) if one.outcome == "ok"), None)

    def final(self, digest: str) -> Reply | None:
        """A refusal, or a failure that asking again cannot mend, where one was kept."""
        for one in self._by_digest.get(digest, ()):
            if one.outcome == "refused" or (one.outcome == "failed" and one.said is not None):
                return one
        return None

    def unreadable(self, digest: str) -> list[Reply]:
        """The replies that were cut short or cannot be read."""
        return [one for one in self._by_digest.get(digest, ()) if one.outcome in ("truncated", "invalid")]
