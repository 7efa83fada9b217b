"""How the tests of adapters ask: one declared model at the tests' server, one question, one answer or its fault."""

from __future__ import annotations

import asyncio
import io
from typing import Any

from PIL import Image

from baselines.adapters import Ask, Message, Picture, Said
from baselines.adapters.faults import AdapterFault
from baselines.declared import Declared, adapter_of

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"lines": {"type": "array", "items": {"type": "string"}}, "confidence": {"type": "integer"}},
    "required": ["lines", "confidence"],
    "additionalProperties": False,
}
OPTIONS = "Which is it?\n\nA. Gout\nB. Malaria\nC. Pneumonia"


def declared(url: str, adapter: str = "responses", **more: Any) -> Declared:
    """A model of the tests' server, inside the institution."""
    told = {"name": "a model", "model": "small-2025-01-31", "base_url": url, "local": True, "timeout": 30.0}
    return Declared.model_validate(told | {"adapter": adapter} | more)


def question(*parts: str | Picture, **more: Any) -> Ask:
    """One question in a conversation of its own."""
    return Ask((Message("user", parts or ("What is it?",)),), **({"schema": SCHEMA} | more))


def asked(model: Declared, ask: Ask | None = None) -> Said | AdapterFault:
    """What the model says, or the fault that it ran into."""

    async def run() -> Said | AdapterFault:
        adapter = adapter_of(model)
        try:
            return await adapter.ask(ask or question())
        except AdapterFault as fault:
            return fault
        finally:
            await adapter.close()

    return asyncio.run(run())


def said(model: Declared, ask: Ask | None = None) -> Said:
    """What the model says; a fault is raised."""
    found = asked(model, ask)
    if isinstance(found, AdapterFault):
        raise found
    return found


def fault(model: Declared, ask: Ask | None = None) -> AdapterFault:
    """The fault that the model runs into."""
    found = asked(model, ask)
    assert isinstance(found, AdapterFault), found
    return found


def png(width: int = 4, height: int = 3, mode: str = "RGB", colour: Any = 0) -> bytes:
    """A PNG of one colour."""
    file = io.BytesIO()
    Image.new(mode, (width, height), colour).save(file, format="PNG")
    return file.getvalue()


def picture() -> Picture:
    """A small image as it is sent."""
    return Picture("ab" * 32, (4, 3), (4, 3), "image/png", png())
