"""The app as a process of its own on a test project, and the readers who come in by the mail that it sends."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast
from uuid import uuid4

from study.database import Box
from study.database.project import KEY_NAME, URL_NAME
from study.database.project import Project as Record
from study.database.sessions import KEY
from tests.browser.app_process import AppProcess, free_port, open_study
from tests.browser.reading import Reader
from tests.supabase.project import Project
from tests.supabase.record import SEAL, join, owned


@dataclass
class HostedApp(AppProcess):
    """The running app; ``project`` is what it runs on, ``record`` the owner's view of it."""

    project: Project = field(kw_only=True)

    @property
    def record(self) -> Record:
        """The project as its owner has it: in the place of a box, of which no more is asked than of any record."""
        return cast(Record, self.box)

    def new_reader(self, study: str | None = None) -> Reader:
        """A reader who came in without the screen, brought to their list of readings."""
        study = study or self.study
        code = self.invite(study=study)
        reader = Reader(self, code, join(self.record, self.project, code), study)
        reader.desk.consent(study, "given", "1")
        reader.desk.save_profile(study, {}, ["en"])
        reader.desk.instructed(study)
        return reader


@contextmanager
def hosted_app(project: Project) -> Iterator[HostedApp]:
    """The app, not yet started, with an open study whose images lie in the project's bucket."""
    folder = Path(tempfile.mkdtemp(prefix="readerstudy-test-", dir="/tmp"))
    try:
        with owned(project) as record:
            box = cast(Box, record)
            study = open_study(box, folder / "bundle", f"reading-{uuid4().hex[:6]}")
            given = {URL_NAME: project.url, KEY_NAME: project.key, KEY: SEAL, "READERSTUDY_DATA": ""}
            app = HostedApp(folder, free_port(), box, study, given, project=project)
            try:
                yield app
            finally:
                app.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
