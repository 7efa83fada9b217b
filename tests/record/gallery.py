"""A study whose every case has an image of its own, with its readers at different places, and others beside it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from tests.home import Home
from tests.record.world import STAFF, World
from tests.small_study import IMAGE, PNG, TRUTHS, case, small_study

PICTURES = {key: PNG + key.encode() for key in TRUTHS}
HASHES = {key: hashlib.sha256(content).hexdigest() for key, content in PICTURES.items()}
ORDER = list(TRUTHS)  # practice first, as every reader of the gallery meets them


def pictured(key: str) -> dict[str, Any]:
    """The case with its own image."""
    content = case(key)
    content["evidence"][1]["images"][0] |= {"sha256": HASHES[key], "bytes": len(PICTURES[key])}
    return content


@dataclass(frozen=True)
class Gallery:
    """The world, a draft of the owner's, and the case that the reader has begun and whose image they have not seen."""

    world: World
    draft: str
    next_case: str

    def name(self, key: str) -> str:
        """The object of a case's image."""
        return f"{self.world.study}/{HASHES[key]}"

    @property
    def objects(self) -> dict[str, str]:
        """What lies in the bucket of these studies: what it is, by its object's name."""
        mine = {self.name(key): f"image of {key}" for key in ORDER}
        mine[f"{self.world.study}/{IMAGE}"] = "image of no case"
        return mine | {f"{self.world.other.study}/{IMAGE}": "foreign image", f"{self.draft}/{IMAGE}": "draft's image"}

    def readable(self, persona: str) -> set[str]:
        """The objects that this persona may read, as long as the reader goes no further."""
        foreign = f"{self.world.other.study}/{IMAGE}"
        mine = {name for name in self.objects if name.startswith(self.world.study)}
        return {
            "owner": set(self.objects),
            "coordinator": mine,
            "foreign coordinator": {foreign},
            "foreign reader": {foreign},
            "reader": {self.name(ORDER[0])},
            "runner": {self.name(ORDER[0])},
        }.get(persona, set())


def gallery(home: Home) -> Gallery:
    """A reader has practised and begun their next case, a model has practised, one who left had practised too."""
    made = small_study(home, contents=[pictured(key) for key in TRUTHS], opened=False)
    for content in PICTURES.values():
        sha256 = home.images.put(made.study, content, "image/png")
        made.act("add_media", study=made.study, sha256=sha256, mime="image/png", width=1, height=1, bytes=len(content))
    made.act("open_study", study=made.study, warnings={}, reasons={})
    world = World(made, small_study(home))
    world.tokens |= {"visitor": None, "newcomer": None, "owner": home.owner_token, "mailed": home.mailed()}
    for role in STAFF:
        world.join(role, role, made)
    world.join("foreign coordinator", "coordinator", world.other)
    for persona, study in (("reader", made), ("fellow", made), ("left", made), ("foreign reader", world.other)):
        wire = world.read_in(persona, study)
        if persona != "fellow":
            study.read(wire, world.readings[persona][0], ["Gout"])
    made.act("leave_study", world.wire("left"), study=made.study, mode="keep", reason="no time")
    begun: Any = made.read(world.wire("reader"), world.readings["reader"][1], ["Gout"], upto=0)
    _read_by_model(world)
    return Gallery(world, small_study(home, opened=False).study, case_of(world, begun["reading"]))


def _read_by_model(world: World) -> None:
    world.made.act("enrol_model", study=world.study, name="a model", details={}, samples=1)
    found: Any = world.home.owner.call("model_readings", study=world.study, name="a model")
    world.made.read(world.home.owner, found[0]["readings"][0]["reading"], ["Gout"])


def case_of(world: World, reading: str) -> str:
    """The case of a reading, which nobody is told while they read it."""
    with world.home.database() as conn:
        row = conn.execute("select case_key from study.readings where reading = %s", [reading]).fetchone()
    assert row
    return str(row[0])
