"""Files and batches: lines are answered when a batch is looked at often enough, each by the server's script."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.model_server import replies
from tests.model_server.acts import Act, Asked, Fail, Say

Json = dict[str, Any]
Log = Callable[..., Asked]


class Batches:
    """The files and batches of a server. ``looks`` is how often one must be looked at until it is done.

    ``ending`` is the status with which batches end; ``listed`` whether they can be listed at all; ``broken`` is sent,
    whole, to whoever looks at one.
    """

    def __init__(self, log: Log, act: Callable[[Asked], Act]) -> None:
        """Answer lines by ``act``, and note them in ``log``."""
        self.looks, self.ending, self.listed = 2, "completed", True
        self.broken: str | None = None
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, Json] = {}
        self._log, self._act = log, act
        self._looked: dict[str, int] = {}
        self.routes = [
            Route("/v1/files", self._upload, methods=["POST"]),
            Route("/v1/files/{file}/content", self._content),
            Route("/v1/batches", self._create, methods=["POST"]),
            Route("/v1/batches", self._list),
            Route("/v1/batches/{batch}", self._look),
        ]

    async def _upload(self, request: Request) -> Response:
        async with request.form() as form:
            file = form["file"]
            assert isinstance(file, UploadFile)
            assert form["purpose"] == "batch"
            return JSONResponse(self._kept(await file.read(), str(file.filename)))

    def _kept(self, content: bytes, name: str) -> Json:
        file = f"file-{len(self.files) + 1}"
        self.files[file] = content
        return {"id": file, "object": "file", "bytes": len(content), "created_at": int(time.time()), "filename": name,
                "purpose": "batch", "status": "processed"}  # fmt: skip

    async def _content(self, request: Request) -> Response:
        return Response(self.files[request.path_params["file"]])

    async def _create(self, request: Request) -> Response:
        told = await request.json()
        batch = f"batch_{len(self.batches) + 1}"
        self.batches[batch] = {
            "id": batch,
            "object": "batch",
            "created_at": int(time.time()),
            "status": "validating",
            **{name: told.get(name) for name in ("input_file_id", "endpoint", "completion_window", "metadata")},
            "request_counts": {"total": 0, "completed": 0, "failed": 0},
        }
        return JSONResponse(self.batches[batch])

    async def _list(self, request: Request) -> Response:
        if not self.listed:
            return JSONResponse({"error": {"message": "Method Not Allowed"}}, 405)
        newest = list(self.batches.values())[::-1]
        after, limit = request.query_params.get("after"), int(request.query_params.get("limit", 20))
        start = next((n + 1 for n, one in enumerate(newest) if one["id"] == after), 0)
        page = newest[start : start + limit]
        return JSONResponse({"object": "list", "data": page, "has_more": len(newest) > start + limit})

    async def _look(self, request: Request) -> Response:
        if self.broken is not None:
            return Response(self.broken, media_type="application/json")
        name = request.path_params["batch"]
        batch = self.batches.get(name)
        if batch is None:
            return JSONResponse({"error": {"message": "no such batch", "code": "not_found"}}, 404)
        self._looked[name] = self._looked.get(name, 0) + 1
        if batch["status"] in ("validating", "in_progress"):
            batch["status"] = "in_progress"
            if self._looked[name] >= self.looks:
                self._end(batch)
        return JSONResponse(batch)

    def _end(self, batch: Json) -> None:
        """Answer the lines; those that the script does not answer are errors of their own."""
        if self.ending == "failed":
            told = {"code": "invalid_json_line", "line": 1, "message": "This line is not parseable.", "param": None}
            batch |= {"status": "failed", "errors": {"object": "list", "data": [told]}, "failed_at": int(time.time())}
            return
        lines = [json.loads(line) for line in self.files[batch["input_file_id"]].decode().splitlines()]
        results = [self._result(line) for line in lines]
        answered = [one for one in results if (one["response"] or {}).get("status_code") == 200]
        errors = [one for one in results if one not in answered]
        for field, some in (("output_file_id", answered[::-1]), ("error_file_id", errors)):
            content = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in some)
            batch[field] = self._kept(content.encode(), field)["id"] if some else None
        batch["request_counts"] = {"total": len(lines), "completed": len(answered), "failed": len(errors)}
        batch |= {"status": self.ending, f"{self.ending}_at": batch["created_at"] + 3600}

    def _result(self, line: Json) -> Json:
        asked = self._log(line["url"], line["body"], {}, True)
        act = self._act(asked)
        found: Json = {"id": f"batch_req_{asked.number}", "custom_id": line["custom_id"], "error": None}
        if isinstance(act, Say):
            return found | {"response": {"status_code": 200, "request_id": "r", "body": replies.body(asked, act)}}
        if isinstance(act, Fail):
            return found | {"response": {"status_code": act.status, "request_id": "r", "body": replies.error(act)}}
        expired = {"code": "batch_expired", "message": "This request could not be executed in time."}
        return found | {"response": None, "error": expired}
