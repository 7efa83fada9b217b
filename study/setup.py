"""From a checked bundle and a protocol to a study in the record, in calls that a broken set-up can repeat.

Each call's request id follows from the study's short name and the call's content: running the same set-up again goes on
where it broke. Nobody reads anything before the study is opened, so a half-made draft shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from study.advice import AdviceRefused, Answered, drawn
from study.allocation import Allocation, AllocationError, allocate
from study.bundle import Bundle
from study.canonical import canonical, digest
from study.case import Case
from study.conditions import is_textual, random_text
from study.database.media import MediaStore
from study.database.wire import StudyError
from study.desk import SetupDesk, request_id
from study.protocol import Protocol
from study.script import Outline, Script, ScriptError, applies, compile_script, outline_of
from study.texts import TextsError, study_texts

Json = dict[str, Any]
Progress = Callable[[int, int, str], None]
CHUNK_BYTES = 500_000
MAX_OPTIONS = 26
TEXTS = 200
ADVICE = 50
META = ("ethics", "controller", "contact", "purpose", "withdrawal", "retention", "telemetry", "pay")


class SetupRefused(StudyError):
    """The study cannot be made of this bundle and this protocol; nothing was written. The message says why."""


def case_content(case: Case, bundle: Bundle) -> Json:
    """The case as the record holds and hashes it: each image by its SHA-256, type and size instead of its file name."""
    content = case.model_dump(mode="json", exclude={"rejected"})
    for option in content["options"]:
        if option["reviewed"] is None:
            del option["reviewed"]
    for block in content["evidence"]:
        for image in block["images"]:
            file = bundle.images[case.key, image.pop("file")]
            image |= {"sha256": file.sha256, "mime": file.mime, "width": file.width, "height": file.height}
            image["bytes"] = file.size
    return content


def create_study(
    desk: SetupDesk,
    media: MediaStore,
    bundle: Bundle,
    protocol: Protocol,
    slug: str,
    seed: int,
    readers: int = 60,
    progress: Progress | None = None,
    answered: Sequence[Answered] = (),
) -> str:
    """A draft study with its cases, images, protocol, texts, scripts and ``readers`` places in each pool; its id.

    ``answered`` is what the model answered whose answers the protocol shows; it is needed where it shows any.
    Raises ``SetupRefused`` before anything is written where bundle and protocol do not fit. The same call again, after
    a break, completes what is missing; ``progress`` hears (done, all, what).
    """
    plan = _Plan(bundle, protocol, seed, readers, answered)
    hashes = [*(o.hash for o in plan.outlines), *(one.hash for one in plan.advice.values())]
    key = request_id(slug, "study", seed, protocol.hash, digest(plan.meta), *hashes)
    study = desk.create_study(
        slug, bundle.study.title, bundle.study.languages, bundle.study.synthetic, plan.meta, seed, key
    )
    steps = list(plan.steps(desk, media, study))
    for done, (what, step) in enumerate(steps):
        if progress:
            progress(done, len(steps), what)
        step()
    if progress:
        progress(len(steps), len(steps), "study")
    return study


class _Plan:
    """Everything that will be written, worked out and found sound before the first call."""

    def __init__(
        self, bundle: Bundle, protocol: Protocol, seed: int, readers: int, answered: Sequence[Answered]
    ) -> None:
        self.bundle, self.protocol, self.seed = bundle, protocol, seed
        self.meta: Json = {name: getattr(bundle.study, name) for name in META}
        # Counts alone: the warnings' sentences can name the diagnosis, and readers see this part.
        self.meta["warnings"] = bundle.report.warning_counts()
        self.contents = [case_content(case, bundle) for case in bundle.cases]
        self.outlines = [outline_of(content, digest(content)) for content in self.contents]
        faults = list(_faults(bundle, protocol, self.outlines))
        if faults:
            raise SetupRefused("This study cannot be made:\n" + "\n".join(f"- {fault}" for fault in faults))
        try:
            self.advice = drawn(protocol, self.contents, answered, seed)
            hashes = {case: one.hash for case, one in self.advice.items()}
            self.allocation = allocate(self.outlines, bundle.study.languages, readers, protocol, seed, hashes)
            self.scripts = list(_scripts(protocol, self.outlines, hashes))
            particulars = bundle.study.model_dump(mode="json")
            self.texts = study_texts(protocol, bundle.study.languages, particulars)
        except (AdviceRefused, AllocationError, ScriptError, TextsError) as error:
            raise SetupRefused(f"This study cannot be made: {error}.") from None

    def steps(self, desk: SetupDesk, media: MediaStore, study: str) -> Iterator[tuple[str, Callable[[], None]]]:
        """The calls in order, each with what it concerns."""
        yield from (("images", _image_step(desk, media, study, file)) for file in self._images())
        for content, outline in zip(self.contents, self.outlines, strict=True):
            yield "cases", _bound(desk.add_case, study, content, outline.hash, request_id(study, "case", outline.hash))
        for chunk in self._random_texts():
            yield (
                "random texts",
                _bound(desk.add_random_texts, study, chunk, request_id(study, "random", digest(chunk))),
            )
        advice = [{"case": one.case, "hash": one.hash, "content": one.content} for one in self.advice.values()]
        for chunk in (advice[start : start + ADVICE] for start in range(0, len(advice), ADVICE)):
            yield "advice", _bound(desk.add_advice, study, chunk, request_id(study, "advice", digest(chunk)))
        protocol = self.protocol.model_dump(mode="json")
        key = request_id(study, "protocol", self.protocol.hash, digest(self.texts))
        yield "protocol", _bound(desk.set_protocol, study, protocol, self.protocol.hash, self.texts, key)
        for script in self.scripts:
            key = request_id(study, "script", script.hash)
            yield "scripts", _bound(desk.add_script, study, script.hash, script.content, key)
        generator = {"name": self.allocation.generator, "seed": str(self.allocation.seed)}
        for pool, rows in allocation_chunks(self.allocation):
            key = request_id(study, "allocation", pool, digest(rows))
            yield "allocation", _bound(desk.add_allocation, study, pool, rows, generator, key)

    def _random_texts(self) -> Iterator[list[Json]]:
        """The random words of every text that a condition replaces, drawn from the other cases of its language."""
        if not any(rule.text == "random" for rule in self.protocol.conditions.values()):
            return
        found: list[Json] = []
        for content in self.contents:
            others = [
                str(block["text"])
                for other in self.contents
                if other["key"] != content["key"] and other["language"] == content["language"]
                for block in other["evidence"]
                if block["text"] and is_textual(block["type"])
            ]
            for block in content["evidence"]:
                if block["text"] and is_textual(block["type"]):
                    text = random_text(block["text"], others, self.seed, content["key"], block["id"])
                    found.append({"case": content["key"], "id": block["id"], "text": text})
        for start in range(0, len(found), TEXTS):
            yield found[start : start + TEXTS]

    def _images(self) -> list[Any]:
        return list({file.sha256: file for file in self.bundle.images.values()}.values())


def _bound(call: Callable[..., None], *arguments: Any) -> Callable[[], None]:
    return lambda: call(*arguments)


def _image_step(desk: SetupDesk, media: MediaStore, study: str, file: Any) -> Callable[[], None]:
    def put() -> None:
        sha256 = media.put(study, file.path.read_bytes(), file.mime)
        if sha256 != file.sha256:
            raise StudyError(f"{file.path} changed while the study was made: check the bundle and begin again.")
        key = request_id(study, "media", sha256)
        desk.add_media(study, sha256, file.mime, file.width, file.height, file.size, key)

    return put


def _faults(bundle: Bundle, protocol: Protocol, outlines: Sequence[Outline]) -> Iterator[str]:
    yield from protocol.refusals(bundle.study.synthetic)
    if bundle.study.synthetic:
        real = [case.key for case in bundle.cases if not case.synthetic]
        if real:
            yield f"study.yaml says synthetic, and these cases do not: {', '.join(real)}"
    crowded = [outline.key for outline in outlines if outline.n_options > MAX_OPTIONS]
    if crowded:
        yield f"more than {MAX_OPTIONS} options: {', '.join(crowded)}"
    known = {name for outline in outlines for block in outline.evidence for name in (block.id, block.type)}
    unknown = [name for name in protocol.ddx.after if name not in known]
    if unknown:
        yield f"the protocol asks for a DDx after blocks or types that no case has: {', '.join(unknown)}"


def _scripts(protocol: Protocol, outlines: Sequence[Outline], advice: Mapping[str, str]) -> Iterator[Script]:
    """Every script of the study: those that show advice beside those without, which models read."""
    for outline in outlines:
        for arm in protocol.arms:
            plain, advised = (compile_script(protocol, outline, arm, one) for one in (None, advice.get(outline.key)))
            yield from (plain,) if plain.hash == advised.hash else (plain, advised)
        for name in protocol.conditions:
            if not outline.practice and applies(protocol, outline, name):
                yield compile_script(protocol, outline, name)


def allocation_chunks(allocation: Allocation) -> Iterator[tuple[str, list[list[Json]]]]:
    """Rows of each pool as the record takes them, in chunks of about half a megabyte."""
    for pool, rows in allocation.pools.items():
        chunk: list[list[Json]] = []
        size = 0
        for row in rows:
            entries = [asdict(slot) | {"options": list(slot.options)} for slot in row]
            length = len(canonical(entries))
            if chunk and size + length > CHUNK_BYTES:
                yield pool, chunk
                chunk, size = [], 0
            chunk.append(entries)
            size += length
        yield pool, chunk
