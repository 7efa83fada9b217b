"""Clients of a project as the supabase library makes them, for tests that need no app."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import httpx
from supabase import Client, create_client
from supabase.lib.client_options import SyncClientOptions

from tests.supabase.project import Project, User


@contextmanager
def new_client(project: Project) -> Iterator[Client]:
    """A visitor's client, whose connections are closed at the end."""
    with httpx.Client(timeout=20) as pool:
        options = SyncClientOptions(httpx_client=pool, auto_refresh_token=False)
        yield create_client(project.url, project.key, options)


def sign_in(client: Client, user: User) -> None:
    """Sign the client in as ``user``."""
    client.auth.sign_in_with_password({"email": user.email, "password": user.password})
