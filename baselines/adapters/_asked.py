"""What all requests share: parameters by our own names, images as data, and what may not be asked of a model."""

from __future__ import annotations

import base64
from typing import Any

from baselines._declaration import Declared, Parameters
from baselines.adapters._types import Ask, Picture
from baselines.adapters.faults import Rejected

KNOWN = {*Parameters.model_fields, "max_output_tokens"}


def settings_of(declared: Declared, ask: Ask) -> dict[str, Any]:
    """The parameters of this question: those declared, then its own. A seed differs from sample to sample."""
    settings = declared.settings | dict(ask.parameters)
    if settings.get("seed") is not None:
        settings["seed"] += ask.sample - 1
    return settings


def check(declared: Declared, ask: Ask) -> None:
    """Raises ``Rejected`` where the question needs what the model cannot do; nothing is left out of it unsaid."""
    pictures = sum(isinstance(part, Picture) for message in ask.messages for part in message.parts)
    limit = declared.limits.images
    if pictures and not declared.can.images:
        raise Rejected(f"{declared.name} cannot be shown images, and it was to be shown {pictures}.")
    if limit is not None and pictures > limit:
        raise Rejected(f"{declared.name} takes {limit} images in a request, and it was to be shown {pictures}.")
    if ask.distribution and not declared.can.logprobs:
        raise Rejected(f"{declared.name} gives no log-probabilities, and it was to give some.")
    unknown = sorted(set(ask.parameters) - KNOWN)
    if unknown:
        raise Rejected(f"{declared.name} was to be asked with {', '.join(unknown)}, which no adapter knows.")
    if ask.parameters.get("seed") is not None and not declared.can.seed:
        raise Rejected(f"{declared.name} takes no seed, and it was to be given one.")


def data_url(picture: Picture) -> str:
    """The image's bytes as an address that holds them."""
    return f"data:{picture.mime};base64,{base64.b64encode(picture.content).decode('ascii')}"
