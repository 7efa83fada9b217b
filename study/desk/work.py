"""What a worker that reads for models does in the record: claims under leases, calls as they are sent, turns.

Several workers share a study. Each holds readings under leases that run out, and every act but the keeping of a reply
is refused to whoever does not hold the reading any more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from study.desk._base import read
from study.desk.acts import Act, Done
from study.desk.calls import CallCount, CallRow, CaseOutline, Claims, Held, KeptReply, Purpose
from study.desk.others import RunnerDesk
from study.desk.pages import Failure

MANY = 200
LEASES = 500
PAGE = 500


class WorkDesk(RunnerDesk):
    """A runner's calls for many readings at once."""

    def claim(self, study: str, names: Sequence[str], condition: str, worker: str, amount: int, seconds: int) -> Claims:
        """Up to ``amount`` unfinished readings of these models, held for some seconds from now on."""
        asked = {"names": list(names), "condition": condition, "worker": worker, "amount": amount, "seconds": seconds}
        return self._read(Claims, "claim_readings", study=study, **asked)

    def renew(self, study: str, held: Sequence[Held], worker: str, seconds: int) -> set[str]:
        """Hold these for some seconds from now on; the readings still held. Seconds 0 gives them back."""
        still: set[str] = set()
        for chunk in _chunks(held, LEASES):
            items = [{"reading": one.reading, "lease": one.lease} for one in chunk]
            still |= set(self._call("renew_leases", study=study, items=items, worker=worker, seconds=seconds))
        return still

    def work(self, study: str, acts: Sequence[Act]) -> list[Done]:
        """What became of each act, in the order given; a refusal is that act's alone. At most 200 go in a call."""
        done: list[Done] = []
        for chunk in _chunks(acts, MANY):
            replies = self._call("work", study=study, items=[act.item() for act in chunk])
            for act, reply in zip(chunk, replies, strict=True):
                failed = reply.get("error")
                done.append(read(Failure, failed, "work") if failed else read(act.answer, reply, "work"))
        return done

    def calls(self, study: str, reading: str) -> list[CallRow]:
        """The calls of one reading's present attempt, oldest first."""
        return self._list(CallRow, "reading_calls", study=study, reading=reading)

    def kept(self, keys: Sequence[str]) -> dict[str, KeptReply]:
        """The newest answers to requests with these keys, wherever the caller runs models."""
        found: dict[str, KeptReply] = {}
        for chunk in _chunks(keys, MANY):
            reply = self._call("kept_replies", keys=list(chunk))
            found |= {key: read(KeptReply, kept, "kept_replies") for key, kept in reply.items()}
        return found

    def all_calls(self, study: str, brief: bool = True) -> Iterator[CallRow]:
        """Every call of the study in order; requests and replies are left out where ``brief``."""
        after: str | None = None
        while True:
            reply = self._call("calls_page", study=study, after=int(after) if after else None, amount=PAGE, brief=brief)
            for row in reply["rows"]:
                yield read(CallRow, row, "calls_page")
            after = reply["next"]
            if after is None:
                return

    def calls_for(self, study: str, purpose: Purpose) -> Iterator[CallRow]:
        """The calls for one purpose with what was asked and answered, in order; others are passed over unread."""
        first, number = 0, 0
        for row in (*self.all_calls(study), None):
            if row is not None and row.purpose == purpose and number < PAGE:
                first, number = first if number else row.seq, number + 1
                continue
            if number:
                asked = {"after": first - 1, "amount": number, "brief": False}
                for told in self._call("calls_page", study=study, **asked)["rows"]:
                    yield read(CallRow, told, "calls_page")
            wanted = row is not None and row.purpose == purpose
            first, number = (row.seq if row is not None and wanted else 0), int(wanted)

    def outlines(self, study: str) -> list[CaseOutline]:
        """The cases of the study without their content, by key."""
        found: list[CaseOutline] = []
        after: str | None = None
        while True:
            reply = self._call("case_outlines", study=study, after=after)
            found += [read(CaseOutline, row, "case_outlines") for row in reply["rows"]]
            after = reply["next"]
            if after is None:
                return found

    def summary(self, study: str) -> list[CallCount]:
        """How the calls of each model stand."""
        return self._list(CallCount, "calls_summary", study=study)


def _chunks(items: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    yield from (items[start : start + size] for start in range(0, len(items), size))
