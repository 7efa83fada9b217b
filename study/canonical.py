"""One byte string for one value, so that a hash means the same wherever it is computed."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def canonical(value: Any) -> str:
    """The JSON text of ``value``: keys sorted, no spaces, characters kept. Raises ``ValueError`` on NaN, infinity."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(value: Any) -> str:
    """The SHA-256 of the canonical JSON, as 64 hex digits."""
    return hashlib.sha256(canonical(value).encode("utf-8")).hexdigest()
