"""A small app around the components: serves drawn images, takes the POSTs, can be told to fail."""

import asyncio
import io
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image, ImageDraw
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_app.components import component_routes

SAVED_AT = "2026-11-22T10:11:12Z"
posts: list[dict[str, Any]] = []
behaviour: dict[str, Any] = {"mode": "ok"}


def drawn(name: str) -> bytes:
    """Returns a 1600 x 1200 PNG whose grey and grid differ by name."""
    shade = 40 + 25 * (sum(name.encode()) % 6)
    image = Image.new("RGB", (1600, 1200), (shade, shade, shade))
    pen = ImageDraw.Draw(image)
    for at in range(0, 1600, 100):
        pen.line([(at, 0), (at, 1200)], fill=(shade + 60,) * 3, width=2)
        pen.line([(0, at), (1600, at)], fill=(shade + 60,) * 3, width=2)
    for ring in range(6):
        pen.ellipse([620 + 40 * ring, 420 + 40 * ring, 980 - 20 * ring, 780 - 20 * ring], fill=(70 + 30 * ring,) * 3)
    pen.text((60, 60), name, fill=(255, 255, 255), font_size=90)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


async def image(request: Request) -> Response:
    name = request.path_params["name"]
    if name.startswith("broken") and behaviour.get("broken", True):
        return Response(status_code=404)
    return Response(drawn(name), media_type="image/png", headers={"Cache-Control": "private, no-store"})


async def desk(request: Request) -> Response:
    message = await request.json()
    mode = behaviour["mode"]
    posts.append({**message, "mode": mode})
    if mode == "hang":
        await asyncio.sleep(30)
    if mode == "fail":
        return Response("out of order", status_code=500)
    return JSONResponse({"ok": True, "saved_at": SAVED_AT, "state": behaviour.get("state", "saved")})


async def session(request: Request) -> Response:
    message = await request.json()
    posts.append({"kind": "session", "body": message})
    if message.get("ticket") == "bad":
        return Response(status_code=403)
    response = Response(status_code=204)
    response.set_cookie("desk", message.get("ticket", ""), httponly=True, samesite="lax")
    return response


async def told(request: Request) -> Response:
    """Gives the POSTs so far (GET) or sets the behaviour and forgets them (POST)."""
    if request.method == "POST":
        behaviour.clear()
        behaviour.update({"mode": "ok"} | await request.json())
        posts.clear()
    return JSONResponse(posts)


app = st.App(
    Path(__file__).parent / "component_page.py",
    routes=[
        *component_routes(),
        Route("/img/{name}", image),
        Route("/desk", desk, methods=["POST"]),
        Route("/session", session, methods=["POST"]),
        Route("/told", told, methods=["GET", "POST"]),
    ],
)
