"""A browser tab without a browser: it speaks Streamlit's protocol over the websocket, as one signed-in reader."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect

COOKIE = "readerstudy"
EVENTS = {"readerstudy_release": "next"}
EDITORS = ("readerstudy_differential", "readerstudy_single", "readerstudy_choice")


class Lost(RuntimeError):
    """The app answered with something that a reader must not see."""


@dataclass
class Component:
    """A component on the page: its id, and the data that it was given."""

    id: str
    name: str
    data: dict[str, Any]


@dataclass
class Run:
    """What a request brought: how long to its last message, how much, in how many runs, and the components."""

    seconds: float
    bytes: int
    messages: int
    components: list[Component]
    runs: int = 0
    words: list[str] = field(default_factory=list)

    @property
    def asking(self) -> Component | None:
        """The component that takes the next click: the editor of the present step, else the release button."""
        editors = [c for c in self.components if c.name in EDITORS and c.data.get("lockable", True)]
        releases = [c for c in self.components if c.name in EVENTS]
        return next(iter([*editors, *releases]), None)


class Tab:
    """One tab; ``async with`` opens and closes its connection."""

    def __init__(self, port: int, token: str) -> None:
        """A tab on the app at ``port`` with the session's cookie."""
        self.port, self.token = port, token
        self.query, self.page = "", ""
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Tab:
        origin: Any = f"http://127.0.0.1:{self.port}"
        self._socket = await connect(
            f"ws://127.0.0.1:{self.port}/_stcore/stream",
            origin=origin,
            subprotocols=["streamlit", "PLACEHOLDER_AUTH_TOKEN"],  # type: ignore[list-item]
            additional_headers={"Cookie": f"{COOKIE}={self.token}"},
            max_size=None,
            open_timeout=60,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()

    async def go(self, query: str) -> Run:
        """Open the address with this query string."""
        self.query = query
        return await self._run(BackMsg())

    async def press(self, component: Component, answer: dict[str, Any]) -> Run:
        """Lock the present step through the component that asks for it."""
        place = component.data["place"]
        client = {"client_ms": 4000.0, "first_input_ms": 900.0, "tab": "bench", "inputs": 9, "pastes": 0}
        value = {"id": str(uuid4()), "step": place["step"], "attempt": place["attempt"], "answer": answer}
        event = EVENTS.get(component.name, "lock")
        message = BackMsg()
        state = message.rerun_script.widget_states.widgets.add()
        state.id = f"$$STREAMLIT_INTERNAL_KEY_{component.id}__events"
        state.json_trigger_value = json.dumps([{"event": event, "value": {**value, "client": client}}])
        return await self._run(message)

    async def _run(self, message: BackMsg) -> Run:
        """Ask for a run and read to its last message; a run that the script itself begins anew is part of it."""
        if self._socket is None:
            raise Lost("the tab is closed")
        message.rerun_script.query_string = self.query
        message.rerun_script.page_script_hash = self.page  # without it what the components told before is forgotten
        message.rerun_script.context_info.timezone = "UTC"
        message.rerun_script.context_info.locale = "en-GB"
        began = time.perf_counter()
        await self._socket.send(message.SerializeToString())
        run = Run(0.0, 0, 0, [])
        async with asyncio.timeout(120):
            while True:
                raw = await self._socket.recv(decode=False)
                run.bytes += len(raw)
                run.messages += 1
                if self._heard(run, ForwardMsg.FromString(raw)):
                    run.seconds = time.perf_counter() - began
                    return run

    def _heard(self, run: Run, message: ForwardMsg) -> bool:
        """Take one message in; whether it was the last."""
        kind = message.WhichOneof("type")
        if kind == "new_session":
            run.runs += 1
            run.components.clear()
            run.words.clear()
        elif kind == "page_info_changed":
            self.query = message.page_info_changed.query_string
        elif kind == "navigation":
            self.page = message.navigation.page_script_hash
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            self._element(run, message.delta.new_element)
        return kind == "script_finished" and message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY

    def _element(self, run: Run, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "bidi_component":
            found = element.bidi_component
            data = json.loads(json.loads(found.json)["json"]) if found.WhichOneof("data") == "json" else {}
            run.components.append(Component(found.id, found.component_name.rsplit(".", 1)[-1], data))
        elif kind in ("alert", "exception"):
            run.words.append(str(getattr(element, kind))[:300])
