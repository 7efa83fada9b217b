"""A study with somebody in every role, at any stage of its life, and strangers from a second study."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from study.advice import Answered
from study.codes import token_hash
from study.database import Wire
from study.protocol import protocol_from
from tests.home import Guest, Home
from tests.small_study import TRUTHS, SmallStudy, case, small_study

STAFF = ("coordinator", "runner", "grader", "analyst")
RULES = {"feedback": "practice", "advice": {"model": "an adviser"}}
LEASE = str(uuid4())
# Before its time nobody but graders who do not run the study, and the owner who checks or moves it, are told these.
TRUTH = ("Hidden ", "Concealed ", "Secret ", "Because ")
# What a model answered, which readers are shown after their own answers: nobody has come so far.
ADVICE = "Advised of "
# Nor these, but to the reader who has them before them.
HIDDEN = (*TRUTH, "Finding of ", "First block of ", "Answer of the ")


def hidden_case(key: str) -> dict[str, Any]:
    """A case whose diagnosis is worded unlike any option, so that its words in a reply are a leak."""
    content = case(key)
    content["diagnosis"] = {"name": f"Hidden {key}", "synonyms": [f"Concealed {key}"], "codes": [f"Secret {key}"]}
    content["evidence"][0]["text"] = f"First block of {key}."
    content["evidence"][1]["finding"] = f"Finding of {key}."
    for number, option in enumerate(content["options"]):
        option |= {"text": f"Option {number} {key}", "reason": f"Because {key}"}
    return content


def advised(key: str) -> Answered:
    """What a model answers to a hidden case: no reader comes to it in any stage."""
    said = f"{ADVICE}{key}"
    answers = {"ddx": {"lines": [said]}, "open": {"diagnosis": said}, "selection": {"option": f"Option 1 {key}"}}
    return Answered("an adviser", key, 1, answers)  # type: ignore[arg-type]


@dataclass(eq=False)
class World:
    """One study at one stage; ``tokens`` are the session tokens of each persona."""

    made: SmallStudy
    other: SmallStudy
    tokens: dict[str, str | None] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)
    invitations: dict[str, str] = field(default_factory=dict)
    readings: dict[str, list[str]] = field(default_factory=dict)
    sealed_token: str = ""
    gone: str = ""
    arriving: str = ""
    form: str = ""
    extent: dict[str, Any] = field(default_factory=dict)

    @property
    def study(self) -> str:
        return self.made.study

    @property
    def home(self) -> Home:
        return self.made.home

    def wire(self, persona: str) -> Wire:
        """The wire of a persona."""
        return self.home.wire(self.tokens[persona])

    def join(self, persona: str, role: str, study: SmallStudy) -> Wire:
        """Invite a persona and sign them in."""
        (made, code), guest = study.invite(role), self.home.guest()
        assert guest.enter(code.text)["ok"]
        self.guests[persona] = guest
        self.tokens[persona], self.members[persona] = guest.token, made.member
        self.invitations[persona] = made.invitation
        return self.home.wire(guest.token)

    def read_in(self, persona: str, study: SmallStudy) -> Wire:
        """A reader with consent and profile; their readings are allotted where the study is open."""
        wire = self.join(persona, "reader", study)
        study.act("consent", wire, study=study.study, decision="given", version="1")
        study.act("save_profile", wire, study=study.study, profile={}, languages=["en"])
        self.readings[persona] = [row["reading"] for row in study.readings(wire)]
        return wire


def make_world(home: Home, stage: str) -> World:
    """A study that is draft, open, paused, closed or unblinded, with readers half way where there can be any."""
    contents = [hidden_case(key) for key in TRUTHS]
    advice = [advised(key) for key in TRUTHS]
    made = small_study(home, protocol_from(RULES), contents=contents, opened=stage != "draft", answered=advice)
    world = World(made, small_study(home))
    world.tokens |= {"visitor": None, "newcomer": None, "owner": home.owner_token}
    world.sealed_token = world.tokens["mailed"] = _sealed_session(home)
    _move_others(world)
    for role in STAFF:
        world.join(role, role, made)
    world.join("foreign coordinator", "coordinator", world.other)
    world.read_in("foreign reader", world.other)
    if stage == "draft":
        world.join("reader", "reader", made)
    else:
        _read(world)
    _move(world, stage)
    return world


def _move_others(world: World) -> None:
    """A draft that has left for elsewhere, and as much of a study as can arrive, whose arrival has not ended."""
    owner, form = world.home.owner, owner_call(world, "moving_manifest", study=world.other.study)["form"]
    world.form, world.gone = form, small_study(world.home, opened=False).study
    owner.call("depart", study=world.gone, destination="elsewhere", arrival=str(uuid4()))
    world.arriving, slug, link = str(uuid4()), f"coming-{uuid4().hex[:8]}", "a" * 64
    begun = owner_call(world, "arrive_begin", coming=world.arriving, slug=slug, origin="elsewhere", form=form)
    row = json.loads(
        owner_call(world, "moving_rows", study=world.gone, part="studies", after=None, amount=1)["rows"][0]
    )
    row |= {"study": world.arriving, "slug": slug, "head": link, "count": 1}
    act = {"study": world.arriving, "seq": 1, "kind": "moved", "actor": world.gone, "at": row["last_at"], "hash": link}
    act |= {"body": json.dumps({"arrival": begun["arrival"]}), "previous": "0" * 64}
    for part, one in (("studies", row), ("study_events", act)):
        owner.call("arrive_rows", study=world.arriving, part=part, rows=[json.dumps(one)])
    world.extent = owner_call(world, "moving_manifest", study=world.arriving)["extent"]


def _sealed_session(home: Home) -> str:
    """A session as Supabase's people have them, whose renewal is leased to ``LEASE``; its cookie."""
    token = home.mailed()
    with home.database() as conn:
        conn.execute(
            "update study.sessions set lease = %s, leased_until = 'infinity' where token_hash = decode(%s, 'hex')",
            [LEASE, token_hash(token)],
        )
    return token


def _read(world: World) -> None:
    """The reader has the practice case behind them and the x-ray of the next before them; others are elsewhere."""
    made = world.made
    for persona in ("reader", "fellow", "left"):
        wire = world.read_in(persona, made)
        made.read(wire, world.readings[persona][0], [f"Answer of the {persona}"])
        made.read(wire, world.readings[persona][1], [f"Answer of the {persona}"], upto=1)
    made.act("pause", world.wire("fellow"), reading=world.readings["fellow"][1])
    made.act("leave_study", world.wire("left"), study=made.study, mode="keep", reason="no time")
    made.act("enrol_model", study=made.study, name="a model", details={}, samples=1)
    found: Any = owner_call(world, "model_readings", study=made.study, name="a model")
    world.readings["model"] = [row["reading"] for row in found[0]["readings"]]
    made.read(made.home.owner, world.readings["model"][0], ["Answer of the model"])


def owner_call(world: World, function: str, **arguments: Any) -> Any:
    """A call of the owner's."""
    return world.home.owner.call(function, **arguments)


def _move(world: World, stage: str) -> None:
    acts = {
        "paused": ["pause_study"],
        "closed": ["close_study"],
        "unblinded": ["close_study", "unblind"],
    }
    for act in acts.get(stage, []):
        world.made.act(act, study=world.study, reason="as planned")
