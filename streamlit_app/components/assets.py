"""How a component's files reach the browser: once from an own route, or inside every message.

Streamlit sends a component's whole script with each change of its data: about 100 kB a page turn for the desk. With
`component_routes()` among the app's routes a message holds one line that imports the file, which the browser keeps.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

Mount = Callable[..., Any]

_FOLDER = Path(__file__).parent
_PREFIX = "/parts"
_HTML = '<div class="rs"></div>'


@dataclass
class _Delivery:
    """The modules by file name, and whether a route serves them."""

    modules: dict[str, str] = field(default_factory=dict)
    routed: bool = False


_DELIVERY = _Delivery()


def component_routes() -> list[Route]:
    """Returns the route that serves the components' modules, for `st.App(routes=...)`; from then on it is used."""
    _DELIVERY.routed = True
    return [Route(f"{_PREFIX}/{{file}}", _serve, methods=["GET"])]


def component(name: str, *scripts: str, styles: tuple[str, ...] = ()) -> Mount:
    """Returns the mounting function of component `name`, whose module is base.js and the named scripts.

    Streamlit loads a component as a single module, so parts that several share are joined here, not imported.
    """
    style = "\n".join(_read(f"{each}.css") for each in ("base", *styles))
    module = "\n".join([f"const STYLE = {json.dumps(style)};", *(_read(f"{each}.js") for each in ("base", *scripts))])
    file = f"{name}.{hashlib.sha256(module.encode()).hexdigest()[:16]}.js"
    _DELIVERY.modules[file] = module

    @cache
    def registered(routed: bool) -> Mount:
        js = _importing(file) if routed else module
        return st.components.v2.component(f"readerstudy_{name}", html=_HTML, js=js)

    def mount(data: Mapping[str, Any], **arguments: Any) -> Any:
        # In any value of `data` but text Streamlit looks for a table, and loads pandas and pyarrow to do so.
        return registered(_DELIVERY.routed)(data={"json": json.dumps(data)}, **arguments)

    return mount


def _importing(file: str) -> str:
    """The line in a message that loads a module from where the app begins, as base.js finds it too."""
    return (
        "const own = document.querySelector('script[src*=\"static/js/\"]')?.src ?? `${location.origin}/static/js/`;\n"
        f"const file = new URL({json.dumps(f'../..{_PREFIX}/{file}')}, own);\n"
        "export default async (component) => (await import(file)).default(component);\n"
    )


async def _serve(request: Request) -> Response:
    module = _DELIVERY.modules.get(request.path_params["file"])
    if module is None:
        return Response(status_code=404)
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    return Response(module, media_type="text/javascript", headers=headers)


def _read(file: str) -> str:
    return (_FOLDER / file).read_text(encoding="utf-8")
