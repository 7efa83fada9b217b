"""A small synthetic study made and read over the plain wire: three cases and one for practice, image and text."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from study.advice import Advice, Answered, drawn
from study.allocation import allocate
from study.canonical import canonical, digest
from study.codes import Code
from study.database import Box, Wire
from study.desk import CoordinatorDesk
from study.desk.staff import Invited
from study.protocol import Protocol, preset
from study.script import applies, compile_script, outline_of
from study.texts import study_texts
from tests.home import BoxHome, Home

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c6360606060000000050001a5f645400000000049454e44ae426082"
)
IMAGE = hashlib.sha256(PNG).hexdigest()
TRUTHS = {"warm-up": "Appendicitis", "alpha": "Pneumonia", "beta": "Gout", "gamma": "Otosclerosis"}


def case(key: str) -> dict[str, Any]:
    """The content of one case as the record holds it; the right option is always written first."""
    image = {"sha256": IMAGE, "mime": "image/png", "width": 1, "height": 1, "bytes": len(PNG), "alt": "x-ray, 1 of 1"}
    return {
        "key": key,
        "language": "en",
        "version": "1",
        "translation_of": None,
        "specialty": "general",
        "synthetic": True,
        "practice": key == "warm-up",
        "evidence": [
            {"id": "history", "type": "history", "text": f"A patient of {key}.", "images": []},
            {"id": "picture", "type": "x-ray", "text": None, "images": [image], "finding": "A shadow."},
        ],
        "diagnosis": {"name": TRUTHS[key], "synonyms": [], "codes": []},
        "options": [{"text": TRUTHS[key], "right": True}]
        + [{"text": f"Not {TRUTHS[key]} {n}", "right": False} for n in (1, 2, 3)],
    }


def advice_item(key: str, option: str | None = None) -> dict[str, str]:
    """A piece of advice on a case as ``add_advice`` takes it, which chooses ``option``."""
    content = canonical({"case": key, "model": "m", "selection": {"option": option}})
    return {"case": key, "hash": hashlib.sha256(content.encode()).hexdigest(), "content": content}


@dataclass
class SmallStudy:
    """A study that a test set up: its id, its readers' wires and tokens, and how to act in it."""

    home: Home
    study: str = ""
    slug: str = ""
    readers: list[Wire] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    members: list[str] = field(default_factory=list)

    def act(self, function: str, wire: Wire | None = None, **arguments: Any) -> Any:
        """One writing call with a request id of its own; the owner's where no wire is given."""
        return (wire or self.home.owner).call(function, **arguments, request_id=str(uuid4()))

    def invite(self, role: str = "reader", name: str | None = None, email: str | None = None) -> tuple[Invited, Code]:
        """Invite somebody as the owner's desk does, which draws again where a code's beginning is in use."""
        return CoordinatorDesk(self.home.owner).invite(self.study, role, name, email)

    def add_reader(self) -> Wire:
        """Invite somebody, sign them in, consent, declare English: their readings are allotted."""
        (made, code), guest = self.invite(name="Dr. Somebody"), self.home.guest()
        assert guest.enter(code.text)["ok"]
        wire = self.home.wire(guest.token)
        self.act("consent", wire, study=self.study, decision="given", version="1")
        self.act("save_profile", wire, study=self.study, profile={"years": "5-9"}, languages=["en"])
        self.readers.append(wire)
        self.tokens.append(guest.token)
        self.members.append(made.member)
        return wire

    def readings(self, wire: Wire) -> list[dict[str, Any]]:
        """The readings of a reader, practice first."""
        home: Any = wire.call("study_home", study=self.study)
        found: list[dict[str, Any]] = home["readings"]
        return found

    def turn(self, wire: Wire, page: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
        """Lock the page's step with an answer; returns the next page."""
        where = {"reading": page["reading"], "step": page["step"], "attempt": page["attempt"]}
        reply = self.act("turn", wire, **where, answer=answer, client={"ms": 5})
        next_page: dict[str, Any] = reply["page"]
        return next_page

    def read(self, wire: Wire, reading: str, lines: list[str], upto: int | None = None, **parts: Any) -> dict[str, Any]:
        """Read one case to its end, or until step ``upto`` stands open."""
        page: Any = wire.call("open_reading", reading=reading, visit=str(uuid4()))
        answers = {
            "show": {},
            "ddx": {"lines": lines, "confidence": 70},
            "open": {"diagnosis": lines[0], "confidence": 60},
            "selection": {"choice": "B", "confidence": 50},
            "closing": {"seen_before": "no", "looked_up": False, "comment": ""},
        } | parts
        while page["state"] in ("assigned", "reading") and (upto is None or page["step"] < upto):
            kind = page["current"]["kind"] if page["current"] else "show"
            page = self.turn(wire, page, answers[kind])
        return dict(page)

    def read_all(self, wire: Wire, lines: list[str]) -> None:
        """Read every case in order."""
        for row in self.readings(wire):
            self.read(wire, row["reading"], lines)

    def add_model(self, name: str, lines: list[str]) -> None:
        """A model joins and reads every case, its pages turned by the owner as runner."""
        self.act("enrol_model", study=self.study, name=name, details={"kind": "test"}, samples=1)
        found: Any = self.home.owner.call("model_readings", study=self.study, name=name)
        for row in found[0]["readings"]:
            self.read(self.home.owner, row["reading"], lines)

    def reopen(self, reading: str, reason: str = "again") -> Any:
        """Reopen a reading, named by its own id: coordinators know it by a handle alone."""
        with self.home.database() as conn:
            row = conn.execute("select handle::text from study.readings where reading = %s", [reading]).fetchone()
        assert row is not None
        return self.act("reopen_reading", reading=row[0], reason=reason)

    def close(self, unblind: bool = False) -> None:
        """Close the study, and unblind it where asked."""
        self.act("close_study", study=self.study, reason="done")
        if unblind:
            self.act("unblind", study=self.study, reason="done")


def small_study(
    home: Home | Box,
    protocol: Protocol | None = None,
    places: int = 4,
    contents: list[dict[str, Any]] | None = None,
    opened: bool = True,
    answered: Sequence[Answered] = (),
) -> SmallStudy:
    """A study with its image where images are kept, open unless asked otherwise; nobody has joined yet.

    ``answered`` is what the model answered whose answers the protocol shows.
    """
    made = SmallStudy(home if isinstance(home, Home) else BoxHome(home), slug=f"small-{uuid4().hex[:8]}")
    protocol = protocol or preset("medsyn-staged")
    reply = made.act(
        "create_study", slug=made.slug, title="A small study", languages=["en"], synthetic=True, meta={}, seed="7"
    )
    made.study = reply["study"]
    contents = contents or [case(key) for key in TRUTHS]
    for content in contents:
        made.act("add_case", study=made.study, content=content, hash=digest(content))
    made.home.images.put(made.study, PNG, "image/png")
    made.act("add_media", study=made.study, sha256=IMAGE, mime="image/png", width=1, height=1, bytes=len(PNG))
    _plan(made, protocol, contents, places, drawn(protocol, contents, answered, 7))
    if opened:
        made.act("open_study", study=made.study, warnings={}, reasons={})
    return made


def _plan(
    made: SmallStudy, protocol: Protocol, contents: list[dict[str, Any]], places: int, advice: Mapping[str, Advice]
) -> None:
    texts = study_texts(protocol, ["en"], {"title": "A small study"})
    plain = {
        name: {language: text if isinstance(text, dict) else vars(text) for language, text in languages.items()}
        for name, languages in texts.items()
    }
    made.act(
        "set_protocol",
        study=made.study,
        protocol=protocol.model_dump(mode="json"),
        hash=protocol.hash,
        texts=plain,
    )
    told = {key: one.hash for key, one in advice.items()}
    if advice:
        items = [{"case": one.case, "hash": one.hash, "content": one.content} for one in advice.values()]
        made.act("add_advice", study=made.study, items=items)
    outlines = [outline_of(content, digest(content)) for content in contents]
    for outline in outlines:
        for arm in protocol.arms:
            for hash_ in {None, told.get(outline.key)}:
                script = compile_script(protocol, outline, arm, hash_)
                made.act("add_script", study=made.study, hash=script.hash, content=script.content)
        for name in protocol.conditions:
            if not outline.practice and applies(protocol, outline, name):
                script = compile_script(protocol, outline, name)
                made.act("add_script", study=made.study, hash=script.hash, content=script.content)
        for name in protocol.conditions:
            if not outline.practice and applies(protocol, outline, name):
                script = compile_script(protocol, outline, name)
                made.act("add_script", study=made.study, hash=script.hash, content=script.content)
    plan = allocate(outlines, ["en"], places, protocol, 7, told)
    for pool, rows in plan.pools.items():
        slots = [[{**vars(slot), "options": list(slot.options), "seed": slot.seed} for slot in row] for row in rows]
        generator = {"name": plan.generator, "seed": str(plan.seed)}
        made.act("add_allocation", study=made.study, pool=pool, rows=slots, generator=generator)
