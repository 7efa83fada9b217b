"""Models as they are declared in ``models.toml``: read, looked over, and made ready to be asked."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from baselines._advice import is_pinned, warnings
from baselines._declaration import Abilities, Declared, Limits, Parameters, Prices
from baselines._models_file import ModelsRefused, read
from study.database import StudyError
from study.schema import DIALECT

if TYPE_CHECKING:  # the SDK takes more than a second to import
    from baselines.adapters import Adapter, Ask, Said
    from baselines.adapters.batch import Batch
    from baselines.adapters.replay import Replay

__all__ = [
    "Abilities",
    "Declared",
    "Limits",
    "ModelsRefused",
    "Parameters",
    "Prices",
    "adapter_of",
    "batch_of",
    "check_keys",
    "details",
    "heard",
    "is_pinned",
    "json_schema",
    "lacking",
    "may_show",
    "read",
    "replay_of",
    "warnings",
]


def may_show(declared: Declared, external_allowed: bool) -> bool:
    """Whether the model may be shown a case; ``external_allowed`` is the case's permission.

    A model outside the institution needs it; an answer that was made elsewhere shows nobody anything.
    """
    return declared.local or external_allowed or declared.adapter == "replay"


def lacking(declared: Declared, images: int = 0, logprobs: bool = False, seed: bool = False) -> list[str]:
    """What a run would need and this model cannot do, as sentences; ``images`` is the most of them in one request."""
    can, limit, found = declared.can, declared.limits.images, []
    if images and not can.images:
        found.append(f"{declared.name} cannot be shown images: have it read a condition with findings in their place.")
    elif limit is not None and images > limit:
        found.append(f"{declared.name} takes {limit} images in a request, and a reading shows {images}.")
    if logprobs and not can.logprobs:
        found.append(f"{declared.name} gives no log-probabilities: use another estimator.")
    if seed and not can.seed:
        found.append(f"{declared.name} takes no seed.")
    return found


def details(declared: Declared) -> dict[str, Any]:
    """What the record keeps of a model that takes part: what its answers hang on.

    Neither its key nor a local address is kept, nor how fast and at what price it is asked.
    """
    pace = {"limits": {"concurrency", "rpm"}} | dict.fromkeys(("prices", "timeout", "connect_timeout"), True)
    hidden = dict.fromkeys(("key_env", "base_url", "answers", "abilities"), True)
    kept = declared.model_dump(mode="json", by_alias=True, exclude={**pace, **hidden})
    host = None if declared.local or declared.adapter == "replay" else declared.host
    return {"kind": "model", **kept, "can": vars(declared.can), "host": host, "pinned": is_pinned(declared)}


def key_of(declared: Declared) -> str | None:
    """The key in the variable that is declared, None where none is; raises ``StudyError`` where it holds no key."""
    if declared.key_env is None:
        return None
    key = os.environ.get(declared.key_env, "").strip()
    if not key:
        raise StudyError(f"The variable {declared.key_env} is not set: put the key of {declared.name} into it.")
    if not (key.isascii() and key.isprintable()) or " " in key:
        raise StudyError(f"What is in the variable {declared.key_env} is no key: it has blanks or other signs in it.")
    return key


def check_keys(models: Iterable[Declared]) -> None:
    """Raises ``StudyError`` with every variable that holds no key, before any of these models is asked."""
    faults: list[str] = []
    for model in models:
        try:
            key_of(model)
        except StudyError as fault:
            faults.append(str(fault))
    if faults:
        raise StudyError("\n".join(dict.fromkeys(faults)))


def adapter_of(declared: Declared) -> Adapter:
    """The adapter that asks this model question by question.

    Raises ``StudyError`` where the key's variable is not set, and for models that are not asked so: batch and replay.
    """
    from baselines.adapters.chat import Chat
    from baselines.adapters.responses import Responses

    if declared.adapter == "responses":
        return Responses(declared, key_of(declared))
    if declared.adapter == "chat":
        return Chat(declared, key_of(declared))
    raise StudyError(f"{declared.name} is a {declared.adapter}: it is not asked question by question.")


def batch_of(declared: Declared) -> Batch:
    """The adapter that asks this model in batches; raises ``StudyError`` for every other adapter, and without a key."""
    from baselines.adapters.batch import Batch

    if declared.adapter != "batch":
        raise StudyError(f"{declared.name} is asked by {declared.adapter}, not in batches.")
    return Batch(declared, key_of(declared))


def replay_of(declared: Declared) -> Replay:
    """The answers of this model that were made elsewhere.

    Raises ``StudyError`` for every other adapter, and ``ReplayRefused`` with every fault of the file.
    """
    from baselines.adapters.replay import read_answers

    if declared.adapter != "replay" or declared.answers is None:
        raise StudyError(f"{declared.name} is asked by {declared.adapter}; its answers are not in a file.")
    return read_answers(declared.answers)


def heard(declared: Declared, ask: Ask, raw: str, milliseconds: float) -> Said:
    """What a raw reply that was kept says, read as when it came; raises the fault that it was."""
    from baselines.adapters import batch, chat, replay, responses

    speak = {"responses": responses.hear, "chat": chat.hear, "batch": batch.hear, "replay": replay.hear}
    return speak[declared.adapter](declared, ask, raw, milliseconds)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of ``models.toml``, for editors and other programs."""
    model = Declared.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    parts = model.pop("$defs", {})
    listed = {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/Declared"}}
    whole = {"type": "object", "properties": {"model": listed}, "required": ["model"], "additionalProperties": False}
    return {"$schema": DIALECT, **whole, "$defs": {**parts, "Declared": model}}
