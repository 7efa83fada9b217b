"""The log-probabilities of labels at the first token of an answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any


def by_label(tokens: Sequence[Mapping[str, Any]], text: str, labels: Sequence[str]) -> dict[str, float] | None:
    """The log-probability of each label that is among the likeliest first tokens; None where there are no tokens.

    Blank tokens before the first word are passed over. A label counts with and without a blank before it, and its
    shares are added up. None too where the tokens do not begin the text: then they are those of a reasoning before it.
    """
    spoken = [token for token in tokens if str(token.get("token", "")).strip()]
    if not spoken or not text.strip().startswith(str(spoken[0]["token"]).strip()):
        return None
    shares: dict[str, float] = {}
    for entry in spoken[0].get("top_logprobs") or [spoken[0]]:
        label = str(entry["token"]).strip()
        if label in labels:
            shares[label] = shares.get(label, 0.0) + math.exp(min(0.0, entry["logprob"]))
    return {label: math.log(share) for label, share in shares.items() if share > 0}
