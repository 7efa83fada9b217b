"""Fifty people signed in at once over one process's shared connections: nobody gets anybody else's answer."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import pytest

from study.database import Refused
from study.database.project import Project as Record
from study.database.project import open_project
from tests.supabase.project import Project
from tests.supabase.readers import Person, reader, rows, study_on
from tests.supabase.record import owned, settings

PEOPLE, READS = 50, 10_000


@dataclass
class Talk:
    """What one person asks over the shared pool, and what they were answered."""

    record: Record
    person: Person
    own: str
    draws: random.Random
    counts: Counter[str] = field(default_factory=Counter)
    foreign: list[Any] = field(default_factory=list)

    def go(self, reads: int) -> None:
        """Read so often, with a write or a visitor's call between now and then."""
        page, number = self.person.at_differential(), 0
        while self.counts["reads"] < reads:
            draw = self.draws.random()
            if draw < 0.04:
                number += 1
                self._write(page, number)
            elif draw < 0.08:
                self._visit()
            elif draw < 0.12:
                self._look(page["reading"], number)
            else:
                self._read()

    def _read(self) -> None:
        me: Any = self.record.wire(self.person.cookie).call("me")
        self.counts["reads"] += 1
        if me["person"] != self.own:
            self.foreign.append(me)

    def _look(self, reading: str, number: int) -> None:
        page: Any = self.record.wire(self.person.cookie).call("open_reading", reading=reading, visit=None)
        self.counts["reads"] += 1
        draft = (page["draft"] or {"body": {"lines": [self.own, 0]}})["body"]["lines"]
        if page["reading"] != reading or draft != [self.own, number]:
            self.foreign.append(page)

    def _write(self, page: dict[str, Any], number: int) -> None:
        place = {"reading": page["reading"], "step": page["step"], "attempt": 1, "tab": "t", "number": number}
        self.record.wire(self.person.cookie).call("save_draft", **place, body={"lines": [self.own, number]})
        self.counts["writes"] += 1

    def _visit(self) -> None:
        """A visitor, who is nobody though the last answer on this connection was somebody's."""
        self.counts["visits"] += 1
        try:
            self.foreign.append(self.record.wire(None).call("me"))
        except Refused as refusal:
            if refusal.code != "RS401":
                self.foreign.append(refusal)


@pytest.fixture
def people(supabase_project: Project) -> Iterator[list[Person]]:
    """Fifty readers of one study, each in a session of their own."""
    with owned(supabase_project) as record, ThreadPoolExecutor(8) as threads:
        study = study_on(record, supabase_project, places=PEOPLE)
        yield list(threads.map(lambda _: reader(study, record, supabase_project), range(PEOPLE)))


def test_ten_thousand_reads_of_fifty_people_at_once_are_each_ones_own(
    supabase_project: Project, people: list[Person]
) -> None:
    with open_project(settings(supabase_project)) as shared:
        me: list[Any] = [shared.wire(one.cookie).call("me") for one in people]
        owns = [found["person"] for found in me]
        assert len(set(owns)) == PEOPLE
        talks = [
            Talk(shared, one, own, random.Random(number))
            for number, (one, own) in enumerate(zip(people, owns, strict=True))
        ]
        began = time.monotonic()
        with ThreadPoolExecutor(PEOPLE) as threads:
            list(threads.map(lambda talk: talk.go(READS // PEOPLE), talks))
        took = time.monotonic() - began
    counts = sum((talk.counts for talk in talks), Counter[str]())
    print(f"{dict(counts)} in {took:.0f} s: {counts.total() / took:.0f} calls/s")
    assert [talk.foreign for talk in talks if talk.foreign] == []
    assert counts["reads"] >= READS
    drafts = "select count(*) from study.drafts where body -> 'lines' ->> 0 = any (%s)"
    assert rows(supabase_project, drafts, owns) == [(PEOPLE,)]
    acts = "select count(*), count(*) filter (where m.person = e.actor) from study.events e"
    acts += " join study.members m on m.member = e.reader where m.person = any (%s)"
    ((total, own),) = rows(supabase_project, acts, owns)
    assert total == own > 0
