"""What stands in for Storage: its paths, its errors, its bytes in memory. Who may do what, the database says.

Left out: signed and resumable uploads, signed addresses, image transformation, making and changing buckets (a migration
makes them). Errors are Storage's own: HTTP 400 for nearly all, with the real status in the body.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import jwt
import psycopg

from tests.supabase.exchange import Reply, Request, json_reply
from tests.supabase.form import upload_of
from tests.supabase.objects import SERVICE, Claims, Objects, Row

_KEY = re.compile(r"[\w/!\-.*'() &$@=;:+,?]+", re.ASCII)


class StorageError(Exception):
    """A refusal in Storage's words."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error = error
        self.message = message

    def reply(self) -> Reply:
        """How it comes over the wire."""
        content = {"statusCode": str(self.status), "error": self.error, "message": self.message}
        return json_reply(500 if self.status == 500 else 400, content)


NO_BUCKET = StorageError(404, "Bucket not found", "Bucket not found")
NO_OBJECT = StorageError(404, "not_found", "Object not found")
NO_ROUTE = StorageError(404, "Not Found", "Route not found")
TAKEN = StorageError(409, "Duplicate", "The resource already exists")
TOO_LARGE = StorageError(413, "Payload too large", "The object exceeded the maximum allowed size")


class Storage:
    """The service; called with a request under /storage/v1, it answers."""

    def __init__(self, objects: Objects, publishable_key: str, secret_key: str, jwt_secret: str) -> None:
        """Serve ``objects`` to whoever shows one of the keys or a token signed with the secret."""
        self.objects = objects
        self._keys: dict[str, Claims] = {publishable_key: {"role": "anon"}, secret_key: SERVICE}
        self._secret = jwt_secret
        self._bytes: dict[str, bytes] = {}
        self._routes: list[tuple[str, str, Callable[..., Reply]]] = [
            ("GET", r"/bucket/([^/]+)", self._get_bucket),
            ("POST", r"/object/list/([^/]+)", self._list),
            ("DELETE", r"/object/([^/]+)", self._remove),
            ("GET", r"/object/public/([^/]+)/(.+)", self._public),
            ("GET", r"/object/info/(?:authenticated/)?([^/]+)/(.+)", self._info),
            ("GET|HEAD", r"/object/(?:authenticated/)?([^/]+)/(.+)", self._download),
            ("POST|PUT", r"/object/([^/]+)/(.+)", self._upload),
        ]

    def __call__(self, request: Request) -> Reply:
        """The answer."""
        try:
            for methods, pattern, serve in self._routes:
                found = re.fullmatch("/storage/v1" + pattern, request.path)
                if found and request.method in methods.split("|"):
                    return serve(request, *(unquote(part) for part in found.groups()))
            raise NO_ROUTE
        except psycopg.Error as fault:
            return _of_database(fault).reply()
        except StorageError as fault:
            return fault.reply()

    def _caller(self, request: Request) -> Claims:
        """The claims of the token, or of the key where there is none or it is a key itself."""
        token = request.token or request.headers.get("apikey", "")
        if token in self._keys:
            return self._keys[token]
        try:
            claims: Claims = jwt.decode(token, self._secret, algorithms=["HS256"], options={"verify_aud": False})
        except jwt.InvalidTokenError as fault:
            expired = isinstance(fault, jwt.ExpiredSignatureError)
            words = '"exp" claim timestamp check failed' if expired else "signature verification failed"
            raise StorageError(403, "Unauthorized", words) from None
        return claims

    def _get_bucket(self, request: Request, bucket: str) -> Reply:
        row = self.objects.bucket(self._caller(request), bucket)
        if row is None:
            raise NO_BUCKET
        return json_reply(200, _plain(row))

    def _upload(self, request: Request, bucket: str, name: str) -> Reply:
        caller, new = self._caller(request), request.method == "POST"
        if not _KEY.fullmatch(name):
            raise StorageError(400, "InvalidKey", f"Invalid key: {name}")
        limits = self.objects.bucket(SERVICE, bucket)
        if limits is None:
            raise NO_BUCKET
        over = not new or request.headers.get("x-upsert") == "true"
        if not self.objects.may_write(caller, bucket, name, over, new):
            raise NO_OBJECT
        upload, version = upload_of(request), str(uuid4())
        _check(limits, upload.kind, len(upload.content))
        self._bytes[version] = upload.content
        tag = f'"{hashlib.md5(upload.content, usedforsecurity=False).hexdigest()}"'
        metadata = {"eTag": tag, "size": len(upload.content), "mimetype": upload.kind}
        metadata |= {"cacheControl": upload.cache_control, "contentLength": len(upload.content), "httpStatusCode": 200}
        row = self.objects.write(caller, bucket, name, version, metadata)
        return json_reply(200, {"Id": str(row["id"]), "Key": f"{bucket}/{name}"})

    def _download(self, request: Request, bucket: str, name: str) -> Reply:
        row = self._readable(request, bucket, name)
        return self._asset(row)

    def _info(self, request: Request, bucket: str, name: str) -> Reply:
        row, about = self._readable(request, bucket, name), {}
        for theirs, ours in (("size", "size"), ("content_type", "mimetype"), ("etag", "eTag")):
            about[theirs] = row["metadata"][ours]
        return json_reply(200, {**{key: _plain(row)[key] for key in ("id", "name", "version", "created_at")}, **about})

    def _public(self, request: Request, bucket: str, name: str) -> Reply:
        found = self.objects.bucket(SERVICE, bucket)
        if not found or not found["public"]:
            raise NO_BUCKET
        return self._asset(self.objects.find(SERVICE, bucket, name))

    def _list(self, request: Request, bucket: str) -> Reply:
        """One level below the prefix: folders, which have no id, and objects."""
        asked = request.json()
        prefix = asked.get("prefix", "").strip("/")
        prefix = f"{prefix}/" if prefix else ""
        entries: dict[str, Row] = {}
        for row in self.objects.below(self._caller(request), bucket, prefix + asked.get("search", "")):
            name, _, rest = row["name"].removeprefix(prefix).partition("/")
            if rest:
                entries.setdefault(name, {"name": name, "id": None, "metadata": None})
            else:
                entries[name] = {**_plain(row), "name": name}
        start = asked.get("offset", 0)
        backwards = asked.get("sortBy", {}).get("order") == "desc"
        names = sorted(entries, reverse=backwards)[start : start + asked.get("limit", 100)]
        return json_reply(200, [entries[name] for name in names])

    def _remove(self, request: Request, bucket: str) -> Reply:
        rows = self.objects.remove(self._caller(request), bucket, request.json()["prefixes"])
        for row in rows:
            self._bytes.pop(row["version"], None)
        return json_reply(200, [_plain(row) for row in rows])

    def _readable(self, request: Request, bucket: str, name: str) -> Row:
        """The row of an object that the caller may read."""
        found = self.objects.bucket(SERVICE, bucket)
        if found is None:
            raise NO_BUCKET
        if found["public"]:
            row = self.objects.find(SERVICE, bucket, name)
        else:
            try:
                caller = self._caller(request)
            except StorageError:
                raise NO_BUCKET from None  # who shows no valid token is not told that it exists
            row = self.objects.find(caller, bucket, name)
        if row is None:
            raise NO_OBJECT
        return row

    def _asset(self, row: Row | None) -> Reply:
        content = None if row is None else self._bytes.get(row["version"])
        if row is None or content is None:
            raise NO_OBJECT
        about = row["metadata"]
        headers = {"content-type": about["mimetype"], "cache-control": about["cacheControl"], "etag": about["eTag"]}
        return Reply(200, content, {**headers, "last-modified": format_datetime(row["updated_at"])})


def _check(bucket: Row, kind: str, size: int) -> None:
    """Raise ``StorageError`` for what the bucket does not take."""
    allowed = bucket["allowed_mime_types"] or [kind]
    if not any(kind == one or (one.endswith("/*") and kind.startswith(one[:-1])) for one in allowed):
        raise StorageError(415, "invalid_mime_type", f"mime type {kind} is not supported")
    if bucket["file_size_limit"] is not None and size > bucket["file_size_limit"]:
        raise TOO_LARGE


def _of_database(fault: psycopg.Error) -> StorageError:
    """Storage's words for what Postgres refused."""
    if fault.sqlstate == "42501":
        rule = "row-level security" in str(fault)
        words = "new row violates row-level security policy" if rule else fault.diag.message_primary or str(fault)
        return StorageError(403, "Unauthorized", words)
    if fault.sqlstate == "23505":
        return TAKEN
    if fault.sqlstate == "23503":
        return StorageError(404, "InvalidRequest", "The related resource does not exist")
    return StorageError(500, "DatabaseError", f"database error, code: {fault.sqlstate}")


def _plain(row: Row) -> dict[str, Any]:
    """A row as JSON takes it."""
    return {
        key: value if isinstance(value, bool | int | dict | list) or value is None else str(value)
        for key, value in row.items()
    }
