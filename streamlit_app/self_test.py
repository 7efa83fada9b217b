"""The page ``/self-test``: whether a hospital's network carries what reading needs, tried from the reader's browser.

It is plain HTML with a script of its own: where WebSockets are blocked, Streamlit's pages stay empty. No account is
needed, nothing of a study is told, and nothing is kept.
"""

from __future__ import annotations

import html
import io
import json
import os
import time
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from streamlit_app.catalogue import FALLBACK, LANGUAGES, catalogue
from streamlit_app.routes import LIMIT_BYTES

PATH = "/self-test"  # Within the page addresses are relative: a host may serve the app below a path of its own.
COOKIE = "readerstudy-test"
FRESH = {"Cache-Control": "no-store"}
SIDE = 2200
"""Pixels of a side of the picture that is sent: 4.8 MB, as a large image or a small stack has."""
MESSAGES, LONGEST, PATIENCE = 200, 100, 60.0
_HERE = Path(__file__).parent
_FILES = {"self_test.js": "text/javascript", "self_test.css": "text/css"}
_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="stylesheet" href="self-test/self_test.css">
<script src="self-test/self_test.js" defer></script>
</head>
<body>
<header><strong>readerstudy</strong><nav>{languages}<a href="./">{back}</a></nav></header>
<main data-texts="{texts}">
<h1>{title}</h1>
<p>{intro}</p>
<noscript><p class="bad">{no_script}</p></noscript>
<p id="summary" role="status"></p>
<ol id="checks"></ol>
<p class="acts"><button type="button" id="again">{again}</button><button type="button" id="copy">{copy}</button>
<span id="told" role="status"></span></p>
<label for="report">{report}</label>
<textarea id="report" readonly rows="14" spellcheck="false"></textarea>
</main>
</body>
</html>
"""


async def page(request: Request) -> Response:
    """The page, in the language asked for, else the browser's, else English."""
    language = _language(request)
    texts = catalogue(language)["self_test"]
    words = {name: html.escape(text) for name, text in texts.items() if isinstance(text, str)}
    others = [(code, name) for code, name in LANGUAGES.items() if code != language]
    links = "".join(f'<a href="?lang={code}" lang="{code}" hreflang="{code}">{name}</a>' for code, name in others)
    return HTMLResponse(_PAGE.format(**words, language=language, languages=links, texts=html.escape(json.dumps(texts))))


def _language(request: Request) -> str:
    accepted = request.headers.get("accept-language", "").split(",")
    wanted = [request.query_params.get("lang", ""), *(one.split(";")[0].split("-")[0].strip() for one in accepted)]
    return next((language for language in wanted if language in LANGUAGES), FALLBACK)


async def file(request: Request) -> Response:
    """The page's script or its style."""
    name = request.path_params["file"]
    if name not in _FILES:
        return Response(status_code=404)
    return FileResponse(_HERE / name, media_type=_FILES[name], headers={"Cache-Control": "no-cache"})


async def clock(request: Request) -> Response:
    """The server's time, and whether the cookie came that this answer sets for the next."""
    told = JSONResponse({"ms": time.time() * 1000, "cookie": COOKIE in request.cookies}, headers=FRESH)
    told.set_cookie(COOKIE, "1", max_age=60, path=None, httponly=True, samesite="lax")
    return told


async def post(request: Request) -> Response:
    """How many bytes arrived."""
    arrived = 0
    async for chunk in request.stream():
        arrived += len(chunk)
        if arrived > LIMIT_BYTES:
            return JSONResponse({"bytes": arrived}, status_code=413, headers=FRESH)
    return JSONResponse({"bytes": arrived}, headers=FRESH)


def picture(_: Request) -> Response:
    """A picture of noise, which nothing on the way can make smaller."""
    return Response(_noise(), media_type="image/png", headers=FRESH)


@cache
def _noise() -> bytes:
    from PIL import Image

    written = io.BytesIO()
    Image.frombytes("L", (SIDE, SIDE), os.urandom(SIDE * SIDE)).save(written, "PNG", compress_level=0)
    return written.getvalue()


async def echo(websocket: WebSocket) -> None:
    """Send each short message back, for a while."""
    await websocket.accept()
    until = time.monotonic() + PATIENCE
    try:
        for _ in range(MESSAGES):
            said = await websocket.receive_text()
            if len(said) > LONGEST or time.monotonic() > until:
                break
            await websocket.send_text(said)
        await websocket.close()
    except (WebSocketDisconnect, KeyError):  # Gone, or bytes came.
        return


SELF_TEST = [
    Route(PATH, page, methods=["GET"]),
    Route(f"{PATH}/clock", clock, methods=["GET"]),
    Route(f"{PATH}/post", post, methods=["POST"]),
    Route(f"{PATH}/picture", picture, methods=["GET"]),
    Route(f"{PATH}/{{file}}", file, methods=["GET"]),
    WebSocketRoute(f"{PATH}/echo", echo),
]
