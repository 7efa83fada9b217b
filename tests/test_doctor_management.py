"""What the doctor is told by Supabase's Management API, in a stand-in that has a hosted project's settings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from study.database.examination import Finding
from study.database.examination_auth import auth
from study.database.examination_limits import LIMITS, enough_for, needed
from study.database.examination_management import managed
from study.database.examination_management import management as reached
from study.database.project import Settings
from study.database.wire import StudyError
from tests.supabase.cli import needed as command_line_needed
from tests.supabase.management import REF, Management, management
from tests.test_supabase_config import NAMES, push

GIVEN = Settings(f"https://{REF}.supabase.co", "sb_publishable_x")
TOKEN = {"SUPABASE_ACCESS_TOKEN": f"sbp_{'0' * 40}"}
CODE = "<p>Your code: {{ .Token }}</p>"
GOOD = {
    "smtp_host": "smtp.example.org",
    "smtp_admin_email": "study@example.org",
    "mailer_templates_magic_link_content": CODE,
    "mailer_templates_confirmation_content": CODE,
    **{limit.name: 600 for limit in LIMITS},
    "mailer_otp_length": 8,
    "mailer_otp_exp": 600,
}


@pytest.fixture
def service() -> Iterator[Management]:
    """A hosted project that was set up."""
    with management() as running:
        running.settings["auth"] |= GOOD
        running.settings["api"]["db_schema"] = "api"
        yield running


def told(service: Management, readers: int = 50) -> dict[str, Finding]:
    """The findings by what they are about."""
    with httpx.Client() as http:
        api = reached(GIVEN, TOKEN | {"SUPABASE_MANAGEMENT_URL": service.url}, http)
        return {finding.check: finding for finding in managed(api, readers)}


def states(findings: dict[str, Finding]) -> set[str]:
    return {finding.state for finding in findings.values()}


def test_a_project_that_was_set_up_has_nothing_to_mend_and_nothing_is_written(service: Management) -> None:
    found = told(service)
    assert (states(found), len(found), service.writes) == ({"ok"}, 10, [])


def test_what_config_push_sets_is_what_the_doctor_wants(tmp_path: Path) -> None:
    command_line_needed()
    with management() as service:
        before = told(service)
        assert push(service, tmp_path, **NAMES).returncode == 0
        after = told(service, readers=500)
    assert {name for name, finding in before.items() if finding.state == "mend"} == {
        "mail server",
        "mail to who is known",
        "mail to who is new",
        "rate limits",
        "codes",
        "data API",
    }
    assert states(after) == {"ok"}


@pytest.mark.parametrize(
    ("setting", "check", "words"),
    [
        ({"smtp_host": None}, "mail server", "two an hour"),
        ({"mailer_templates_magic_link_content": None}, "mail to who is known", "a link"),
        ({"mailer_templates_magic_link_content": "<p>Hello</p>"}, "mail to who is known", "carries no code"),
        ({"mailer_templates_confirmation_content": CODE + "{{ .ConfirmationURL }}"}, "mail to who is new", "a link"),
        ({"mailer_templates_confirmation_content": "{{.Token}} {{ .TokenHash }}"}, "mail to who is new", "a link"),
        ({"rate_limit_verify": 15}, "rate limits", "15 codes tried in five minutes"),
        ({"rate_limit_email_sent": 2}, "rate limits", "enough for 1 readers"),
        ({"jwt_exp": 604_800}, "tokens", "lasts 604800 s"),
        ({"refresh_token_rotation_enabled": False}, "tokens", "good for ever"),
        ({"security_refresh_token_reuse_interval": 0}, "tokens", "ends the session after 0 s"),
        ({"mailer_otp_length": 6}, "codes", "6 digits"),
        ({"mailer_otp_exp": 86_400}, "codes", "86400 s"),
    ],
)
def test_each_setting_of_auth_that_is_not_fit_is_told(
    service: Management, setting: dict[str, Any], check: str, words: str
) -> None:
    service.settings["auth"] |= setting
    found = told(service)
    assert {name for name, finding in found.items() if finding.state == "mend"} == {check}
    assert words in found[check].seen
    assert "config push" in found[check].do


def test_rate_limits_are_told_by_the_number_of_readers_that_they_fit(service: Management) -> None:
    assert (needed(500), enough_for(LIMITS[0], 600), enough_for(LIMITS[1], 600)) == (600, 500, 525)
    service.settings["auth"] |= {"rate_limit_otp": 30, "rate_limit_verify": 30, "rate_limit_token_refresh": 150}
    assert told(service, readers=50)["rate limits"].state == "ok"
    found = told(service, readers=51)["rate limits"]
    assert (found.state, "enough for 50 readers" in found.seen, "51 need 62" in found.do) == ("mend", True, True)


@pytest.mark.parametrize("spaces", ["{{.Token}}", "{{ .Token }}", "{{-  .Token -}}"])
def test_a_code_is_found_however_a_template_writes_it(spaces: str) -> None:
    found = {one.check: one for one in auth(GOOD | {"mailer_templates_magic_link_content": spaces}, 1)}
    assert found["mail to who is known"].state == "ok"


@pytest.mark.parametrize(
    ("setting", "words"), [({"db_schema": "public, api"}, "public, api"), ({"max_rows": 0}, "0 rows")]
)
def test_a_data_api_that_is_set_otherwise_is_told(service: Management, setting: dict[str, Any], words: str) -> None:
    service.settings["api"] |= setting
    found = told(service)["data API"]
    assert (found.state, words in found.seen) == ("mend", True)


def test_a_project_that_is_not_well_is_told(service: Management) -> None:
    service.status = "PAUSING"
    assert "state is PAUSING" in told(service)["project"].seen


def lint(name: str, level: str) -> dict[str, Any]:
    """A finding of an advisor, as the API documents it."""
    return {
        "name": name,
        "title": name.replace("_", " "),
        "level": level,
        "facing": "EXTERNAL",
        "categories": ["SECURITY"],
        "description": "what it is about",
        "detail": f"detail of {name}",
        "remediation": "https://supabase.com/docs/guides/database/database-linter",
        "metadata": {},
        "cache_key": name,
    }


@pytest.mark.parametrize("advisor", ["security", "performance"])
def test_warnings_of_an_advisor_are_told_with_where_to_read_more(service: Management, advisor: str) -> None:
    service.lints[advisor] = [lint("rls_enabled_no_policy", "INFO"), lint("auth_leaked_password_protection", "WARN")]
    assert told(service)[f"{advisor} advisor"].state == "ok"
    service.lints[advisor].append(lint("function_search_path_mutable", "WARN"))
    found = told(service)[f"{advisor} advisor"]
    assert (found.state, "detail of function_search_path_mutable" in found.seen) == ("mend", True)
    assert "database-linter" in found.do


@pytest.mark.parametrize("end", ["/config/auth", "/postgrest", "/advisors/security"])
def test_what_a_token_may_not_read_is_not_shown_and_the_rest_is(service: Management, end: str) -> None:
    service.refuses.add(end)
    found = told(service)
    assert states(found) == {"ok", "not shown"}
    assert any("403 Forbidden resource" in finding.seen for finding in found.values())


def test_an_answer_of_another_form_is_not_shown(service: Management) -> None:
    service.settings["api"] = {"other": "names"}
    assert told(service)["data API"].state == "not shown"


def test_an_api_that_does_not_answer_shows_nothing() -> None:
    with httpx.Client() as http:
        api = reached(GIVEN, TOKEN | {"SUPABASE_MANAGEMENT_URL": "http://127.0.0.1:1"}, http)
        assert {finding.state for finding in managed(api, 1)} == {"not shown"}


def test_without_a_token_it_is_said_what_would_show_more() -> None:
    with httpx.Client() as http:
        (found,) = managed(reached(GIVEN, {}, http), 1)
    assert (found.state, "SUPABASE_ACCESS_TOKEN" in found.do) == ("not shown", True)


def test_the_token_goes_over_no_open_line_and_to_no_project_that_is_not_known() -> None:
    with httpx.Client() as http:
        with pytest.raises(StudyError, match="open line"):
            reached(GIVEN, TOKEN | {"SUPABASE_MANAGEMENT_URL": "http://example.org"}, http)
        with pytest.raises(StudyError, match="SUPABASE_PROJECT_REF"):
            reached(Settings("https://data.hospital.org", "k"), TOKEN, http)
        named = reached(Settings("https://data.hospital.org", "k"), TOKEN | {"SUPABASE_PROJECT_REF": REF}, http)
    assert named is not None
    assert (named.base, named.ref) == ("https://api.supabase.com", REF)
