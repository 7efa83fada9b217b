"""The ASGI entry: Streamlit's app with our own routes, over one open box."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import streamlit as st

from streamlit_app.box import opened
from streamlit_app.routes import ROUTES


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """Open the data folder while the app runs."""
    with opened():
        # What is loaded by now stays for good: leave it out of every later garbage collection.
        gc.collect()
        gc.freeze()
        yield


app = st.App(Path(__file__).with_name("script.py"), routes=ROUTES, lifespan=lifespan)
