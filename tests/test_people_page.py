"""The page of a study's people where the record is a Supabase project: an e-mail address is an invitation."""

from __future__ import annotations

from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from streamlit_app import record
from study.desk import SetupDesk
from tests.supabase.project import Project
from tests.supabase.record import owned


def people() -> None:
    """The section, for the only study of whoever is signed in on this machine."""
    from streamlit_app import record
    from streamlit_app.pages import coordinator_people
    from study.desk import CoordinatorDesk

    desk = CoordinatorDesk(record.current().owner)
    coordinator_people.section(desk, desk.status(desk.studies()[0].study))


def test_an_invitation_by_email_says_that_no_code_is_needed(
    supabase_project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with owned(supabase_project) as project:
        slug = f"people-{uuid4().hex[:6]}"
        SetupDesk(project.owner).create_study(slug, "People", ["en"], True, {}, 1, str(uuid4()))
        monkeypatch.setattr(record, "_open", [project])
        page = AppTest.from_function(people, default_timeout=90).run()
        assert any("needs no code" in caption.value for caption in page.caption)
        page.text_input[1].input("grace@example.org")
        page.button[0].click().run()
    assert not page.exception
    assert page.code[0].value.count("-") == 3
    assert "signs in with grace@example.org" in page.info[0].value.replace("\\", "")
