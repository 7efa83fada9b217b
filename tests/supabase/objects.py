"""The rows of Storage: ``storage.buckets`` and ``storage.objects``, read and written as the caller.

Each operation is one transaction of ``authenticator`` that takes the caller's role and claims, so row-level security
decides, by whatever policies the migrations have made.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Jsonb
from psycopg_pool import ConnectionPool

Claims = Mapping[str, Any]
Row = dict[str, Any]
SERVICE: Claims = {"role": "service_role"}
_ASSUME = """
select set_config('role', %(role)s, true), set_config('request.jwt.claims', %(claims)s, true),
       set_config('request.jwt.claim.sub', %(sub)s, true), set_config('request.jwt.claim.role', %(role)s, true),
       set_config('storage.operation', %(operation)s, true), set_config('storage.allow_delete_query', 'true', true)
"""
_INSERT = """
insert into storage.objects (bucket_id, name, owner, owner_id, version, metadata)
values (%(bucket)s, %(name)s, %(owner)s::uuid, %(owner)s::text, %(version)s, %(metadata)s)
"""
_UPSERT = f"""{_INSERT} on conflict (bucket_id, name) do update
set owner = excluded.owner, owner_id = excluded.owner_id, version = excluded.version, metadata = excluded.metadata,
    updated_at = now()
returning *
"""
_UPDATE = """
update storage.objects set owner = %(owner)s::uuid, owner_id = %(owner)s::text, version = %(version)s
where bucket_id = %(bucket)s and name = %(name)s returning *
"""


class Objects:
    """The tables of one project's Storage."""

    def __init__(self, conninfo: str) -> None:
        """Connect by ``conninfo`` as ``authenticator``."""
        self._pool: ConnectionPool[psycopg.Connection[DictRow]] = ConnectionPool(
            conninfo,
            connection_class=psycopg.Connection[DictRow],
            kwargs={"row_factory": dict_row, "autocommit": True},
            min_size=1,
            max_size=6,
            open=True,
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def bucket(self, caller: Claims, bucket: str) -> Row | None:
        """The bucket's row, where the caller may see it."""
        with self._as(caller, "storage.bucket.get") as conn:
            return conn.execute("select * from storage.buckets where id = %s", [bucket]).fetchone()

    def find(self, caller: Claims, bucket: str, name: str) -> Row | None:
        """The object's row, where the caller may see it."""
        query = "select * from storage.objects where bucket_id = %s and name = %s"
        with self._as(caller, "storage.object.get_authenticated") as conn:
            return conn.execute(query, [bucket, name]).fetchone()

    def below(self, caller: Claims, bucket: str, prefix: str) -> list[Row]:
        """The rows that the caller may see and whose names start with ``prefix``, by name."""
        query = "select * from storage.objects where bucket_id = %s and starts_with(name, %s) order by name"
        with self._as(caller, "storage.object.list") as conn:
            return conn.execute(query, [bucket, prefix]).fetchall()

    def may_write(self, caller: Claims, bucket: str, name: str, over: bool, new: bool) -> bool:
        """Whether the caller may write that object; tried and taken back. False where there is none to be replaced.

        Raises what Postgres raises where row-level security refuses, or the name is taken and ``over`` is false.
        """
        query = _INSERT if not over else _UPSERT if new else _UPDATE
        values = {"bucket": bucket, "name": name, "owner": caller.get("sub"), "version": "1", "metadata": None}
        operation = "storage.object.upload" if new else "storage.object.upload_update"
        with self._as(caller, operation, keep=False) as conn:
            return conn.execute(query, values).rowcount == 1

    def write(self, caller: Claims, bucket: str, name: str, version: str, metadata: Row) -> Row:
        """Note the written object, as Storage itself."""
        values = {"bucket": bucket, "name": name, "owner": caller.get("sub"), "version": version}
        with self._as(SERVICE, "storage.object.upload") as conn:
            row = conn.execute(_UPSERT, {**values, "metadata": Jsonb(metadata)}).fetchone()
        assert row
        return row

    def remove(self, caller: Claims, bucket: str, names: list[str]) -> list[Row]:
        """Delete those that the caller may; their rows."""
        query = "delete from storage.objects where bucket_id = %s and name = any (%s) returning *"
        with self._as(caller, "storage.object.delete_many") as conn:
            return conn.execute(query, [bucket, names]).fetchall()

    @contextmanager
    def _as(self, caller: Claims, operation: str, keep: bool = True) -> Iterator[psycopg.Connection[DictRow]]:
        """One transaction in the caller's name."""
        values = {
            "role": caller["role"],
            "claims": json.dumps(caller),
            "sub": caller.get("sub", ""),
            "operation": operation,
        }
        with self._pool.connection() as conn, conn.transaction(force_rollback=not keep):
            conn.execute(_ASSUME, values)
            yield conn
