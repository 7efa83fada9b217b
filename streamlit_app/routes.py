"""The app's own routes: the cookie, the evidence images, and the posts of the components.

Each of them asks the database as the person whose cookie came along. A post counts only from our own pages (Origin).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from streamlit_app import record, session
from streamlit_app.keeping import keeper
from study.database import Refused, StudyError
from study.desk import ReadingDesk

PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
LIMIT_BYTES = 64_000
DESK = "/desk"
USED = "This link was used before, or is too old. Start the app anew for another link, or sign in with your code.\n"
_MONTH = 30 * 24 * 3600
_STATUS = {"RS400": 400, "RS401": 401, "RS403": 403, "RS404": 404, "RS409": 409, "RS423": 423, "RS429": 429}


class Post(BaseModel):
    """What a component posts: a draft, that all is on the screen, or what it measured."""

    model_config = ConfigDict(extra="forbid")

    reading: UUID
    step: int
    attempt: int
    tab: str = Field(max_length=64)
    kind: Literal["draft", "ready", "telemetry"]
    number: int = Field(ge=0, lt=2**53)
    body: dict[str, Any]
    client_ms: float


def same_origin(request: Request) -> bool:
    """Whether a post comes from a page of this very app: browsers send Origin with every post."""
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc == request.headers.get("host")


async def set_cookie(request: Request) -> Response:
    """Trade a ticket for the session's cookie."""
    if not same_origin(request):
        return _refusal(403, "This request did not come from a page of this app.")
    ticket = (await _json(request)).get("ticket")
    token = session.tickets.redeem(ticket) if isinstance(ticket, str) else None
    if token is None:
        return _refusal(403, "The ticket is used or too old. Sign in again.")
    return _with_cookie(JSONResponse({"ok": True}), token, request)


async def enter(request: Request) -> Response:
    """A one-time link, as the terminal prints it: sets the cookie and goes to the first page; once used, a sentence."""
    token = session.tickets.redeem(request.query_params.get("ticket", ""))
    if token is None:
        return PlainTextResponse(USED, status_code=404, headers=PRIVATE)
    return _with_cookie(RedirectResponse("/", status_code=303, headers=PRIVATE), token, request)


async def clear_cookie(request: Request) -> Response:
    """Forget the cookie."""
    if not same_origin(request):
        return _refusal(403, "This request did not come from a page of this app.")
    answer = JSONResponse({"ok": True}, headers=PRIVATE)
    answer.delete_cookie(session.COOKIE, path="/", httponly=True, samesite="lax")
    return answer


async def evidence(request: Request) -> Response:
    """An evidence image in its original bytes, if this reader has been shown it; else one and the same 404."""
    token = request.cookies.get(session.COOKIE)
    reading, sha256 = str(request.path_params["reading"]), request.path_params["sha256"]
    try:
        content, mime = await run_in_threadpool(_image, token, reading, sha256)
    except (Refused, FileNotFoundError):
        return _refusal(404, "There is no such image for you.")
    except StudyError as fault:
        return _refusal(503, str(fault))
    return Response(content, media_type=mime, headers=PRIVATE)


def _image(token: str | None, reading: str, sha256: str) -> tuple[bytes, str]:
    """The image and its type; the record is asked first, whatever the image store itself would allow."""
    shown = ReadingDesk(record.wire(token)).evidence_image(reading, sha256)
    return record.images(token).read(shown.study, sha256), shown.mime


async def desk(request: Request) -> Response:
    """Keep a draft, a sign that a step is on the screen, or a measurement; answers with the server's time."""
    if not same_origin(request):
        return _refusal(403, "This request did not come from a page of this app.")
    try:
        post = Post.model_validate(await _json(request))
    except ValidationError as fault:
        return _refusal(400, f"This post is not understood: {fault.error_count()} fields are wrong.")
    try:
        return JSONResponse({"ok": True, "state": "saved", **await _kept(request, post)}, headers=PRIVATE)
    except Refused as fault:
        return _refusal(_STATUS.get(fault.code, 400), str(fault))
    except StudyError as fault:
        return _refusal(503, str(fault))


async def _kept(request: Request, post: Post) -> dict[str, Any]:
    token, measured = request.cookies.get(session.COOKIE), {"client_ms": post.client_ms, **post.body}
    if post.kind == "ready":
        reader = ReadingDesk(record.wire(token))
        ready = await run_in_threadpool(reader.mark_ready, str(post.reading), post.step, post.attempt, measured)
        return {"saved_at": ready.at.isoformat()}
    item = post.model_dump(mode="json", exclude={"client_ms"}) | {"token": token}
    return await keeper.keep(item if post.kind == "draft" else item | {"body": measured})


class DeskPosts:
    """Answers the components' posts before Streamlit's own layers, none of which they need: there are many of them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a post to the desk; pass on everything else."""
        if scope["type"] == "http" and scope["path"] == DESK and scope["method"] == "POST":
            answer = await desk(Request(scope, receive, send))
            await answer(scope, receive, send)
        else:
            await self.app(scope, receive, send)


async def icon(_: Request) -> Response:
    """The app's icon, in the place of Streamlit's own; given to Streamlit it would be read anew, by numpy, each run."""
    return FileResponse(Path(__file__).with_name("icon.svg"), media_type="image/svg+xml")


async def _json(request: Request) -> dict[str, Any]:
    """The body as an object; empty where it is none, or too long to be one of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LIMIT_BYTES:
            return {}
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _with_cookie(answer: Response, token: str, request: Request) -> Response:
    secure = request.url.scheme == "https"
    answer.set_cookie(session.COOKIE, token, max_age=_MONTH, path="/", httponly=True, samesite="lax", secure=secure)
    answer.headers.update(PRIVATE)
    return answer


def _refusal(status: int, sentence: str) -> JSONResponse:
    return JSONResponse({"ok": False, "message": sentence}, status_code=status, headers=PRIVATE)


ROUTES = [
    Route("/session", set_cookie, methods=["POST"]),
    Route("/session/end", clear_cookie, methods=["POST"]),
    Route("/enter", enter, methods=["GET"]),
    Route("/evidence/{reading:uuid}/{sha256}", evidence, methods=["GET"]),
    Route("/favicon.png", icon, methods=["GET"]),
    Route(DESK, desk, methods=["POST"]),
]
