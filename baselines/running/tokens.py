"""How many tokens a question has, before anybody has counted them: what is likely, and what it cannot exceed.

Nobody's tokeniser is known here. English text has about four bytes a token, Chinese three; two are a bound that holds
for both. Of an image providers count its pixels, by rules that differ: 750 pixels a token are usual, 350 are the most.
"""

from __future__ import annotations

from baselines._declaration import Declared
from baselines.adapters import Ask, Picture

BYTES, LEAST_BYTES = 3.5, 2.0
PIXELS, LEAST_PIXELS = 750.0, 350.0
A_MESSAGE, AN_IMAGE = 10, 100


def likely(text_bytes: int, pixels: int = 0) -> int:
    """The tokens that so much text and so many pixels are likely to be."""
    return round(text_bytes / BYTES + pixels / PIXELS)


def at_most(ask: Ask) -> int:
    """The input tokens that a question cannot exceed."""
    found = 0.0
    for message in ask.messages:
        found += A_MESSAGE
        for part in message.parts:
            if isinstance(part, Picture):
                found += part.sent[0] * part.sent[1] / LEAST_PIXELS + AN_IMAGE
            else:
                found += len(part.encode()) / LEAST_BYTES + 1
    schema = len(str(dict(ask.schema))) if ask.schema else 0
    return round(found + schema / LEAST_BYTES) + 100


def most_dollars(declared: Declared, ask: Ask) -> float | None:
    """What a question cannot cost more than; None where that is not known, for want of prices or of a limit."""
    most = declared.limits.max_output_tokens
    return None if most is None else declared.cost(at_most(ask), most)
