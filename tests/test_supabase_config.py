"""What ``supabase config push`` makes of a hosted project, by Supabase's own command line and a service on loopback."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.supabase.cli import Cli, needed
from tests.supabase.management import REF, Management, management

pytestmark = pytest.mark.supabase

NAMES = {
    "SITE_URL": "https://readings.example.org",
    "SMTP_HOST": "smtp.example.org",
    "SMTP_USER": "study",
    "SMTP_PASSWORD": "open sesame",
    "SMTP_SENDER": "study@example.org",
}
MAILS = ("magic_link", "confirmation", "recovery", "email_change", "invite")
# What a project might have been left at; none of it may stay.
LAX = {
    "mailer_autoconfirm": True,
    "external_anonymous_users_enabled": True,
    "external_phone_enabled": True,
    "refresh_token_rotation_enabled": False,
    "mailer_secure_email_change_enabled": False,
    "disable_signup": True,
    "jwt_exp": 604_800,
}
STRICT = {
    "mailer_autoconfirm": False,
    "external_anonymous_users_enabled": False,
    "external_phone_enabled": False,
    "external_email_enabled": True,
    "refresh_token_rotation_enabled": True,
    "mailer_secure_email_change_enabled": True,
    "security_update_password_require_reauthentication": True,
    "disable_signup": False,
    "jwt_exp": 3600,
    "mailer_otp_exp": 600,
    "mailer_otp_length": 8,
    "password_min_length": 10,
    "smtp_host": "smtp.example.org",
    "smtp_admin_email": "study@example.org",
    "site_url": "https://readings.example.org",
}


@pytest.fixture
def project() -> Iterator[Management]:
    """A new hosted project."""
    needed()
    with management() as service:
        yield service


def push(project: Management, folder: Path, **names: str) -> subprocess.CompletedProcess[str]:
    """Push the settings."""
    command = (project.profile(folder), "config", "push", f"--remote={REF}", "--yes")
    return Cli(folder).run(*command, SUPABASE_ACCESS_TOKEN=f"sbp_{'0' * 40}", **names)


def test_a_push_exposes_the_api_schema_alone(project: Management, tmp_path: Path) -> None:
    assert push(project, tmp_path, **NAMES).returncode == 0
    assert project.settings["api"] == {"db_schema": "api", "db_extra_search_path": "", "max_rows": 1000}
    assert all(feature == {"enabled": False} for feature in project.settings["storage"]["features"].values())


def test_a_push_makes_sign_in_strict_whatever_it_was(project: Management, tmp_path: Path) -> None:
    project.settings["auth"] |= LAX
    assert push(project, tmp_path, **NAMES).returncode == 0
    auth = project.settings["auth"]
    assert {name: auth[name] for name in STRICT} == STRICT


def test_limits_let_a_hospital_behind_one_address_sign_in(project: Management, tmp_path: Path) -> None:
    assert push(project, tmp_path, **NAMES).returncode == 0
    limits = ("rate_limit_email_sent", "rate_limit_otp", "rate_limit_verify", "rate_limit_token_refresh")
    assert [project.settings["auth"][limit] for limit in limits] == [600] * 4


def test_mails_carry_a_code_and_no_link(project: Management, tmp_path: Path) -> None:
    assert push(project, tmp_path, **NAMES).returncode == 0
    contents = [project.settings["auth"][f"mailer_templates_{mail}_content"] for mail in MAILS]
    assert all("{{ .Token }}" in content for content in contents)
    assert not re.search(r"href|src=|://|ConfirmationURL|TokenHash|SiteURL|RedirectTo", "".join(contents))


def test_a_second_push_changes_nothing(project: Management, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    push(project, first, **NAMES)
    assert project.writes == ["postgrest", "config/auth", "config/storage"]
    said = push(project, second, **NAMES).stderr
    assert len(project.writes) == 3
    assert said.count("config is up to date") == 4


def test_a_push_without_a_sender_leaves_sign_in_as_it_was(project: Management, tmp_path: Path) -> None:
    done = push(project, tmp_path, **{name: value for name, value in NAMES.items() if name != "SMTP_SENDER"})
    assert done.returncode == 1
    assert "smtp_admin_email" in done.stderr
    assert "config/auth" not in project.writes
