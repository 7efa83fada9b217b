"""The whole examination of a Supabase project, in the order in which one thing needs another."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace

from study.database import _http
from study.database.examination import Finding, mend, not_shown, ok
from study.database.examination_inside import inside
from study.database.examination_management import managed, management
from study.database.examination_outside import Reached, clock, described, exposed, reach
from study.database.examination_probe import Probe, answered
from study.database.examination_sign_in import mail, settings
from study.database.examination_visitors import bucket, functions
from study.database.project import Project, Settings, open_project
from study.database.sessions import KEY, Seal
from study.database.wire import StudyError


@dataclass(frozen=True)
class Wishes:
    """What is asked beyond the usual: readers behind one address, and an address to which a code is really sent."""

    readers: int = 50
    mail: str | None = None
    arrived: Callable[[str], str | None] = lambda _: None
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)


def examine_project(given: Settings, wishes: Wishes) -> Iterator[Finding]:
    """The findings, one by one; no question changes anything there but the mail that was wished for."""
    yield _session_key(given)
    # What is wrong with the session key was told; nothing here needs one.
    with open_project(replace(given, seal="")) as project, closing(_http.client()) as http:
        probe = Probe(given, http)
        findings, reached = reach(probe)
        yield from findings
        if reached is None:
            yield not_shown("the rest", "It can be asked once the project answers.", "Mend what is named first.")
        else:
            yield from _asked(probe, project, reached, wishes)
        try:
            api = management(given, wishes.environment, http)
        except StudyError as fault:
            yield not_shown("management", str(fault), "Mend this, and run this again.")
        else:
            yield from managed(api, wishes.readers)


def _asked(probe: Probe, project: Project, reached: Reached, wishes: Wishes) -> Iterator[Finding]:
    yield from answered("exposed schemas", lambda: exposed(probe))
    yield from answered("description", lambda: described(probe))
    if reached.migrated:
        yield from answered("visitors", lambda: functions(probe))
    yield from answered("images", lambda: bucket(probe))
    yield from answered("sign-in", lambda: settings(probe))
    yield from answered("mail", lambda: mail(project.accounts, wishes.mail, wishes.arrived))
    yield from answered("clock", lambda: clock(probe, reached))
    if reached.migrated:
        yield from answered("inside", lambda: _inside(project))


def _inside(project: Project) -> Iterator[Finding]:
    try:
        wire = project.owner
    except StudyError as fault:
        do = "Sign in as the project's owner with `readerstudy login`, then run this again."
        yield not_shown("inside", f"The database tells its owner alone about itself. {fault}", do)
        return
    yield from inside(wire)


def _session_key(given: Settings) -> Finding:
    try:
        Seal(given.seal)
    except StudyError as fault:
        return mend("session key", f"The app cannot keep sessions. {fault}", f"Set {KEY} for every replica of the app.")
    return ok("session key", f"{KEY} is there and long enough.")
