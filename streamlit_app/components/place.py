"""Where in the record a component writes, and in which words it speaks."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """The step that drafts, readiness and telemetry are filed under, and the route that takes them."""

    reading: str
    step: int
    attempt: int
    post_url: str = "/desk"


def worded(defaults: Mapping[str, str], texts: Mapping[str, str] | None) -> dict[str, str]:
    """Returns the English defaults overlaid with `texts`; a key that the component does not know is a KeyError."""
    unknown = set(texts or ()) - set(defaults)
    if unknown:
        raise KeyError(f"texts {sorted(unknown)} are not shown by this component; it knows {sorted(defaults)}")
    return {**defaults, **(texts or {})}


def heard() -> None:
    """Declares a state or trigger to Streamlit; the value is read from the result, nothing is to be done."""
