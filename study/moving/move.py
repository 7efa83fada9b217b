"""From one record to another, whole or not at all. The same move again goes on where it broke.

The study leaves first: its own chain notes for which arrival, and from then on it takes no acts at the source. Then its
rows and images are copied, compared letter by letter, and the arrival is ended: until that moment nobody can reach the
copy, and from it on nobody can change the original. So there are never two living copies, however it breaks.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any
from uuid import uuid4

from study.database import Record
from study.database.wire import StudyError
from study.moving.comparison import differences
from study.moving.side import Key, Manifest, Side
from study.verify import Verdict, verify

Tell = Callable[[str, int, int], None]
SHOWN = 5
FORGOTTEN = 5000


@dataclass(frozen=True)
class Moved:
    """What was moved, and what a check of all of it found at the target; ``before`` where it had been moved already."""

    slug: str
    rows: int
    images: int
    verdict: Verdict
    before: bool = False


@dataclass(frozen=True)
class _Begun:
    """An arrival at the target: its id, whether it has ended, and of each part the last key that is there."""

    arrival: str
    ended: bool
    latest: dict[str, Key]


def move(source: Record, target: Record, study: str, tell: Tell) -> Moved:
    """Move a study that is not open; returns once the target has been checked.

    Raises ``StudyError``, of which ``Refused`` is one, where it may not be moved, its record does not hold, the target
    has it, or what arrived differs. ``tell`` hears (what, done, all).
    """
    here, there = Side(source, study), Side(target, study)
    manifest = here.manifest()
    begun = _begin(there, manifest, source.name)
    if begun.ended:
        if manifest.moved_as != begun.arrival:
            raise StudyError(f"{target.name} has the study {manifest.slug} already. Nothing is overwritten.")
        return _checked(there, manifest, tell, before=True)
    if manifest.moved_as != begun.arrival:
        _leave(here, there, manifest, begun, tell)
        manifest = here.manifest()
    begun = _made_fresh(here, there, manifest, begun)
    _copy(here, there, manifest, begun, tell)
    _carry_images(here, there, tell)
    _compare(here, there, manifest, tell)
    there.wire.call("arrive_end", study=study, extent=manifest.extent.model_dump(mode="json"))
    return _checked(there, manifest, tell)


def give_up(source: Record, target: Record, study: str, reason: str) -> None:
    """Remove what has arrived at the target, and let the study go on at the source.

    Raises ``StudyError`` where it has arrived (then it goes on there), or was on its way to another place.
    """
    here, there = Side(source, study), Side(target, study)
    manifest = here.manifest()
    begun = _begin(there, manifest, source.name)
    if begun.ended:
        raise StudyError(f"The study {manifest.slug} has arrived: it goes on in {target.name}.")
    _forget(there, wholly=True)
    if manifest.moved_as not in (None, begun.arrival):
        raise StudyError(
            f"The study {manifest.slug} was moved to {manifest.moved_to}, and nothing of it is in {target.name}. Only "
            "where its copy is gone for good may it go on here: `readerstudy study stay` says so."
        )
    if manifest.moved_as is not None:
        stay(source, study, reason)


def stay(record: Record, study: str, reason: str) -> None:
    """Let a study that was moved go on here; only where its other copy is gone for good."""
    record.owner.call("stay", study=study, reason=reason, request_id=str(uuid4()))


def _begin(there: Side, manifest: Manifest, origin: str) -> _Begun:
    about: dict[str, Any] = {"coming": manifest.study, "slug": manifest.slug, "origin": origin, "form": manifest.form}
    reply: Any = there.wire.call("arrive_begin", **about)
    return _Begun(reply["arrival"], reply["ended"], reply.get("latest", {}))


def _leave(here: Side, there: Side, manifest: Manifest, begun: _Begun, tell: Tell) -> None:
    """Mark it as leaving, where it may go and its record holds; one that stays leaves no trace at the target."""
    try:
        _check_leaving(here, manifest, tell)
    except StudyError:
        _forget(there, wholly=True)
        raise
    here.wire.call("depart", study=here.study, destination=there.name, arrival=begun.arrival)


def _check_leaving(here: Side, manifest: Manifest, tell: Tell) -> None:
    if manifest.moved_to is not None:
        raise StudyError(f"The study {manifest.slug} was moved to {manifest.moved_to}: it goes on there.")
    if manifest.extent.state == "open":
        raise StudyError(f"The study {manifest.slug} is open: pause it first, so that nobody is reading.")
    verdict = verify(here.wire, here.study, here.record.images, lambda done, total: tell("checking here", done, total))
    if not verdict.holds:
        raise StudyError(
            f"The record of {manifest.slug} does not hold as it is ({verdict.faults[0]}), so it is not moved. "
            "`readerstudy verify` names everything."
        )


def _made_fresh(here: Side, there: Side, manifest: Manifest, begun: _Begun) -> _Begun:
    """Begin anew where acts were noted at the source since the copying began: a withdrawal may have changed any row."""
    if "studies" not in begun.latest or [*here.rows("studies")] == [*there.rows("studies")]:
        return begun
    _forget(there, wholly=False)
    return _begin(there, manifest, here.name)


def _forget(there: Side, wholly: bool) -> None:
    left: Any = {"left": True}
    while left["left"]:
        left = there.wire.call("arrive_forget", study=there.study, wholly=wholly, amount=FORGOTTEN)


def _copy(here: Side, there: Side, manifest: Manifest, begun: _Begun, tell: Tell) -> None:
    """Each part after the last key that is there: a chunk is written whole or not at all, in the order of its keys."""
    done = 0
    for part, rows in manifest.extent.parts:
        copied = 0
        for chunk in here.chunks(part, begun.latest.get(part)):
            if chunk.texts:
                there.write(part, chunk.texts)
            copied += len(chunk.texts)
            tell("copying rows", min(done + copied, done + rows), manifest.extent.rows)
        done += rows
    tell("copying rows", manifest.extent.rows, manifest.extent.rows)


def _carry_images(here: Side, there: Side, tell: Tell) -> None:
    images = [json.loads(row.text) for row in here.rows("media")]
    for done, image in enumerate(images):
        tell("copying images", done, len(images))
        try:
            content = there.record.images.read(there.study, image["sha256"])
        except FileNotFoundError:
            content = here.record.images.read(here.study, image["sha256"])
            there.record.images.put(there.study, content, image["mime"])
        if hashlib.sha256(content).hexdigest() != image["sha256"]:
            raise StudyError(
                f"The image {image['sha256']} is damaged in {there.name} or on its way there. Remove it there and "
                "run the command again."
            )
    tell("copying images", len(images), len(images))


def _compare(here: Side, there: Side, manifest: Manifest, tell: Tell) -> None:
    """Raise ``StudyError`` where a row differs, or the source has noted an act since."""
    seen = 0

    def tick(rows: int) -> None:
        nonlocal seen
        seen += rows
        tell("comparing rows", min(seen, manifest.extent.rows), manifest.extent.rows)

    parts = [part for part, _ in manifest.extent.parts]
    faults = [*islice(differences(here, there, parts, tick), SHOWN + 1)]
    if here.manifest().extent != manifest.extent:
        raise StudyError(
            f"The study {manifest.slug} was changed in {here.name} while it was copied. Run the command again: it "
            "copies anew what changed."
        )
    if faults:
        named = "\n".join(f"- {fault}" for fault in faults[:SHOWN]) + ("\n- and more" if len(faults) > SHOWN else "")
        raise StudyError(
            f"What arrived in {there.name} is not what left {here.name}; the arrival is not ended:\n{named}\n"
            "Somebody or something changed rows behind the record's back. `--give-up` removes what arrived."
        )


def _checked(there: Side, manifest: Manifest, tell: Tell, before: bool = False) -> Moved:
    verdict = verify(
        there.wire, there.study, there.record.images, lambda done, total: tell("checking there", done, total)
    )
    images = dict(manifest.extent.parts)["media"]
    return Moved(manifest.slug, manifest.extent.rows, images, verdict, before)
