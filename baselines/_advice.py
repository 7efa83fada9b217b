"""What of a declared model is worth a warning: a run may go on, but somebody will ask."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from baselines._declaration import Declared

_PINNED = re.compile(
    r"(?<!\d)20\d\d-?[01]\d-?[0-3]\d(?!\d)"  # a day
    r"|-(?:0\d|1[0-2])[0-3]\d(?!\d)|-\d\d-20\d\d(?!\d)"  # month and day, month and year
    r"|-00\d(?!\d)"  # a numbered edition
    r"|(?:sha256:|@)[0-9a-f]{7,64}$"  # a digest, a commit
)
_INSIDE = (".local", ".lan", ".internal", ".intranet", ".home.arpa", ".localdomain")
# What these say themselves that they take and do not heed.
_UNHEEDED = {"api.anthropic.com": ("schema", "logprobs", "seed")}


def warnings(declared: Declared) -> list[str]:
    """What somebody should look at before this model reads, as sentences; empty where nothing is."""
    return [f"{declared.name}: {words}" for words in _warnings(declared)]


def _warnings(declared: Declared) -> Iterator[str]:
    if not is_pinned(declared):
        yield (
            f"{declared.model} names no date and no digest, so that what answers may change unseen; "
            "name a dated version, or give the weights' digest as `revision`"
        )
    if declared.cutoff is None:
        yield "no cut-off date: whether it has read the cases before cannot be told"
    if declared.family is None:
        yield "no family: no judge can be kept from grading a relative"
    if declared.adapter == "replay":
        return
    if declared.prices is None and not declared.local:
        yield "no prices: a run can neither tell its cost nor keep a budget"
    if declared.local and not _is_inside(declared.host):
        yield f"`local` is said of {declared.host}, which does not look like a host inside an institution"
    if declared.can.images and not (declared.limits.image_pixels or declared.limits.image_megapixels):
        yield "no limit of an image's pixels: where the endpoint makes images smaller by itself, nothing tells"
    for name in _UNHEEDED.get(declared.host, ()):
        if getattr(declared.can, name):
            yield f"{declared.host} says that it takes {name} without heeding it; declare `{name} = false` under can"


def is_pinned(declared: Declared) -> bool:
    """Whether the version names a day or a digest, or the weights' revision is given."""
    return bool(declared.revision or _PINNED.search(declared.model)) and not declared.model.endswith("latest")


def _is_inside(host: str) -> bool:
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith(_INSIDE)
