"""A real Supabase project as a home of tests: one that is kept for tests alone, since studies are never removed.

It has our migrations and config, and its only owner is the tests' own, whom they appoint. Named in the environment:

- SUPABASE_TEST_URL and SUPABASE_TEST_KEY: its address and its publishable key, as an app has them;
- SUPABASE_TEST_SECRET: its secret key, with which tests show that it opens nothing of ours, and spoil images;
- SUPABASE_TEST_DATABASE: how ``postgres`` connects to its database, with which tests look at what was written, and make
  people: nobody reads mail there, so that they sign in by a password that is marked as set by its owner.

Run them in one process, ``pytest -n 0 -k project``: some put functions of their own into the schema ``api``.
"""

from __future__ import annotations

import os
import time
from typing import NoReturn
from uuid import uuid4

import psycopg
import pytest

from study.database.accounts import Tokens
from study.database.project import Project as Record
from study.database.project import Settings
from tests.supabase.record import SEAL

URL, KEY, SECRET, DATABASE = (f"SUPABASE_TEST_{name}" for name in ("URL", "KEY", "SECRET", "DATABASE"))
# What Supabase Auth has of somebody who has signed up and confirmed their address; it reads no nulls in the tokens.
_USER = """
insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, created_at,
    updated_at, raw_app_meta_data, raw_user_meta_data, confirmation_token, recovery_token, email_change,
    email_change_token_new)
values ('00000000-0000-0000-0000-000000000000', gen_random_uuid(), 'authenticated', 'authenticated', %(email)s,
    extensions.crypt(%(password)s, extensions.gen_salt('bf', 4)), now(), now(), now(),
    '{"provider": "email", "providers": ["email"]}', '{}', '', '', '', '') returning id
"""
_IDENTITY = """
insert into auth.identities (id, user_id, provider_id, provider, identity_data, last_sign_in_at, created_at, updated_at)
values (gen_random_uuid(), %(id)s, %(id)s, 'email',
    jsonb_build_object('sub', %(id)s::text, 'email', %(email)s::text, 'email_verified', true), now(), now(), now())
"""
_OWN_PASSWORD = "insert into study.people (person, password_at) values (%(id)s, now())"


def wanted() -> bool:
    """Whether the environment names a project for tests."""
    return bool(os.environ.get(URL))


def named() -> Hosted:
    """The project that the environment names; raises ``LookupError`` where something of it is missing."""
    found = {name: os.environ.get(name, "").strip() for name in (URL, KEY, SECRET, DATABASE)}
    missing = [name for name, value in found.items() if not value]
    if missing:
        raise LookupError(
            f"{URL} is set, and these are not: {', '.join(missing)}. tests/supabase/hosted.py says what for."
        )
    return Hosted(found[URL].rstrip("/"), found[KEY], found[SECRET], found[DATABASE])


class Hosted:
    """A real project, with everything that tests need of it."""

    def __init__(self, url: str, key: str, secret_key: str, database: str) -> None:
        self.settings = Settings(url, key, SEAL)
        self.secret_key = secret_key
        self._database = database
        self._passwords: dict[str, str] = {}

    def tokens(self, record: Record, email: str) -> Tokens:
        """Signed in by their password; who was made by an earlier run gets another one."""
        if email not in self._passwords:
            self._make(email)
        return record.accounts.with_password(email, self._passwords[email])

    def conninfo(self, role: str) -> str:
        """There is one login, which owns our tables and may take the API's roles."""
        return self._database

    def reload(self) -> None:
        """Its triggers have told the data API, which takes a moment."""
        time.sleep(2)

    def losing_an_answer(self, function: str) -> NoReturn:
        """Nothing of ours stands between."""
        pytest.skip("No answer of a real project can be made to get lost; the stand-in loses them.")

    def _make(self, email: str) -> None:
        password = f"Aa1{uuid4().hex}"
        with psycopg.connect(self._database, autocommit=True) as conn, conn.transaction():
            known = conn.execute(
                "update auth.users set encrypted_password = extensions.crypt(%s, extensions.gen_salt('bf', 4)) "
                "where email = %s",
                [password, email],
            )
            if not known.rowcount:
                row = conn.execute(_USER, {"email": email, "password": password}).fetchone()
                assert row
                for statement in (_IDENTITY, _OWN_PASSWORD):
                    conn.execute(statement, {"id": row[0], "email": email})
        self._passwords[email] = password
