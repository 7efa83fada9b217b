"""The ASGI entry: Streamlit's app with our own routes, over one open record."""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from starlette.middleware import Middleware

from streamlit_app import session
from streamlit_app.components import component_routes
from streamlit_app.headers import SecurityHeaders
from streamlit_app.https import SecureOnly
from streamlit_app.record import box, opened
from streamlit_app.routes import ROUTES, DeskPosts
from streamlit_app.self_test import SELF_TEST
from study.serving import Serving


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Open the record while the app runs."""
    with opened():
        if box() is not None:
            where, ticket = Serving.told(os.environ).base, session.owners_ticket()
            print(f"Owner's link (once, ten minutes): {where}/enter?ticket={ticket}", flush=True)
        # What is loaded by now stays for good: leave it out of every later garbage collection.
        gc.collect()
        gc.freeze()
        yield


app = st.App(
    Path(__file__).with_name("script.py"),
    routes=[*ROUTES, *SELF_TEST, *component_routes()],
    middleware=[Middleware(SecureOnly), Middleware(SecurityHeaders), Middleware(DeskPosts)],
    lifespan=lifespan,
)
