"""Training pools as tests write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

WORDS = ["swelling", "fever", "cough", "rash", "nausea", "tremor", "pallor", "oedema", "ataxia", "syncope", "vertigo"]


def sample(number: int, kind: str = "ct", **more: Any) -> dict[str, Any]:
    """A sample of its own wording."""
    story = " ".join(WORDS[(number * step + step) % len(WORDS)] + str(number * step) for step in range(1, 9))
    messages = [
        {"role": "user", "content": f"A patient has {story}. What is the diagnosis?"},
        {"role": "assistant", "content": f"Diagnosis number {number}."},
    ]
    return {"id": f"{kind}-{number}", "type": kind, "messages": messages} | more


def write(path: Path, *samples: dict[str, Any]) -> Path:
    """The samples as a JSONL file."""
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in samples), "utf-8")
    return path
