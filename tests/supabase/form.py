"""A form with one file in it, as clients send an upload."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser

from tests.supabase.exchange import Request


@dataclass(frozen=True)
class Upload:
    """The file of an upload."""

    content: bytes
    kind: str
    cache_control: str


def upload_of(request: Request) -> Upload:
    """What a request uploads: the one file of its form, or its body as it is."""
    kind = request.headers.get("content-type", "application/octet-stream")
    found = re.match(r'multipart/form-data;.*boundary="?([^";]+)', kind)
    if not found:
        return Upload(request.body, kind, request.headers.get("cache-control", "no-cache"))
    upload, seconds = Upload(b"", "", ""), None
    for part in request.body.split(b"--" + found[1].encode())[1:-1]:
        head, _, content = part.partition(b"\r\n\r\n")
        headers, content = HeaderParser().parsestr(head.decode().strip()), content.removesuffix(b"\r\n")
        if headers.get_param("filename", header="content-disposition") is not None:
            upload = Upload(content, headers.get("content-type", "application/octet-stream"), "no-cache")
        elif _name(headers) == "cacheControl":
            seconds = content.decode()
    return Upload(upload.content, upload.kind, f"max-age={seconds}") if seconds else upload


def _name(headers: Message) -> object:
    return headers.get_param("name", header="content-disposition")
