"""The stand-in for Storage: the database's own policies decide, and refusals come in Storage's words."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest
from storage3.exceptions import StorageApiError
from supabase import Client

from tests.supabase import faults
from tests.supabase.clients import new_client, sign_in
from tests.supabase.project import Project

POLICIES = """
insert into storage.buckets (id, name, file_size_limit) values ('{0}', '{0}', 1000);
create policy "{0} write" on storage.objects for insert to authenticated
    with check (bucket_id = '{0}' and (storage.foldername(name))[1] = (select auth.uid())::text);
create policy "{0} read" on storage.objects for select to authenticated
    using (bucket_id = '{0}' and owner_id = (select auth.uid())::text);
"""


@pytest.fixture(scope="module")
def bucket(supabase_project: Project) -> Iterator[str]:
    """A private bucket in which everybody has a folder of their own, made as a migration would."""
    name = f"test-{uuid4().hex[:8]}"
    with psycopg.connect(supabase_project.server.connection_string("postgres"), autocommit=True) as conn:
        conn.execute(POLICIES.format(name).encode())
        yield name
        conn.execute(f'drop policy "{name} write" on storage.objects'.encode())
        conn.execute(f'drop policy "{name} read" on storage.objects'.encode())


@pytest.fixture
def somebody(supabase_project: Project) -> Iterator[tuple[Client, str]]:
    """Somebody's client, signed in, and their folder."""
    user = supabase_project.new_user()
    with new_client(supabase_project) as client:
        sign_in(client, user)
        yield client, user.id


def refusal(error: pytest.ExceptionInfo[StorageApiError]) -> tuple[str, str, str]:
    """A refusal as the client tells it."""
    return str(error.value.status), error.value.code, error.value.message


def test_what_was_uploaded_is_downloaded_by_its_owner_alone(
    supabase_project: Project, somebody: tuple[Client, str], bucket: str
) -> None:
    client, folder = somebody
    content = bytes(range(256)) + b"\r\n--\r\n"
    client.storage.from_(bucket).upload(f"{folder}/a b.png", content, {"content-type": "image/png"})
    assert client.storage.from_(bucket).download(f"{folder}/a b.png") == content
    with new_client(supabase_project) as other:
        sign_in(other, supabase_project.new_user())
        with pytest.raises(StorageApiError) as refused:
            other.storage.from_(bucket).download(f"{folder}/a b.png")
    assert refusal(refused) == ("404", "not_found", "Object not found")


def test_a_policy_refuses_in_the_words_of_storage(somebody: tuple[Client, str], bucket: str) -> None:
    with pytest.raises(StorageApiError) as refused:
        somebody[0].storage.from_(bucket).upload(f"{uuid4()}/x.png", b"x")
    assert refusal(refused) == ("403", "Unauthorized", "new row violates row-level security policy")


def test_a_name_is_written_once_unless_the_policies_let_it_be_replaced(
    somebody: tuple[Client, str], bucket: str
) -> None:
    files, path = somebody[0].storage.from_(bucket), f"{somebody[1]}/once.png"
    files.upload(path, b"1")
    with pytest.raises(StorageApiError) as refused:
        files.upload(path, b"2")
    assert refusal(refused) == ("409", "Duplicate", "The resource already exists")
    with pytest.raises(StorageApiError) as refused:
        files.upload(path, b"2", {"upsert": "true"})
    assert refusal(refused)[0] == "403"
    assert files.download(path) == b"1"


def test_a_lost_reply_to_an_upload_left_the_file_there(
    supabase_project: Project, somebody: tuple[Client, str], bucket: str
) -> None:
    files, path = somebody[0].storage.from_(bucket), f"{somebody[1]}/lost.png"
    with (
        supabase_project.front.faulty("POST /storage/v1/object/", faults.LOST_REPLY),
        pytest.raises(httpx.TransportError),
    ):
        files.upload(path, b"x")
    assert files.download(path) == b"x"


def test_a_bucket_has_its_limits(somebody: tuple[Client, str], bucket: str) -> None:
    files = somebody[0].storage.from_(bucket)
    with pytest.raises(StorageApiError) as refused:
        files.upload(f"{somebody[1]}/large.png", b"x" * 1001)
    assert refusal(refused)[0] == "413"
    with pytest.raises(StorageApiError) as refused:
        somebody[0].storage.from_("none").upload("x.png", b"x")
    assert refusal(refused) == ("404", "Bucket not found", "Bucket not found")


def test_a_list_names_what_the_caller_may_see_one_level_down(somebody: tuple[Client, str], bucket: str) -> None:
    files = somebody[0].storage.from_(bucket)
    files.upload(f"{somebody[1]}/in/b.png", b"x")
    files.upload(f"{somebody[1]}/a.png", b"x")
    assert [entry["name"] for entry in files.list(somebody[1])] == ["a.png", "in"]
    assert [entry["name"] for entry in files.list()] == [somebody[1]]
    assert files.remove([f"{somebody[1]}/a.png"]) == []


def test_a_private_bucket_has_no_public_address(
    supabase_project: Project, somebody: tuple[Client, str], bucket: str
) -> None:
    files, path = somebody[0].storage.from_(bucket), f"{somebody[1]}/public.png"
    files.upload(path, b"x")
    reply = httpx.get(files.get_public_url(path))
    assert (reply.status_code, reply.json()["error"]) == (400, "Bucket not found")
    assert httpx.get(f"{supabase_project.url}/storage/v1/object/{bucket}/{path}").json()["error"] == "Bucket not found"


def test_rows_of_storage_are_not_deleted_by_sql(supabase_project: Project) -> None:
    with (
        psycopg.connect(supabase_project.server.connection_string("postgres")) as conn,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        conn.execute("delete from storage.objects")
