"""OpenAI's Batch API: many questions in a file, answered within a day, at another price.

A batch is found again by the digest of its file, which it carries: who submits the same questions after a crash comes
back to the same batch, whether its id was kept or not.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from types import ModuleType

from openai import AsyncOpenAI
from openai.pagination import AsyncCursorPage
from openai.types import Batch as Sent

from baselines._declaration import Declared
from baselines.adapters import chat, responses
from baselines.adapters._asked import check
from baselines.adapters._endpoint import Endpoint, HasHttp
from baselines.adapters._heard import count, parsed, replies_of, strange
from baselines.adapters._mapping import error_in, of_status
from baselines.adapters._parcels import Parcel, parcels
from baselines.adapters._types import Ask, Said
from baselines.adapters.faults import AdapterFault, Away, Declined, Rejected

MARK = "readerstudy"
REMEMBERED_SECONDS = 7 * 86_400
PAGE = 100
_OVER = {"completed", "failed", "expired", "cancelled"}
_WORTHLESS = {"failed", "expired", "cancelling", "cancelled"}


@dataclass(frozen=True)
class Handle:
    """What to keep of a submission: the ids of its batches. They are all that it takes to come back."""

    batches: tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far the batches are; ``done`` when nothing more will come of any."""

    done: bool
    asked: int
    answered: int
    failed: int


@dataclass(frozen=True)
class Collected:
    """What came back, by the question's id: an answer or its fault. ``faults`` are those of whole batches."""

    results: Mapping[str, Said | AdapterFault] = field(default_factory=dict)
    faults: tuple[AdapterFault, ...] = ()


class Batch:
    """A model that is asked in batches."""

    def __init__(self, declared: Declared, key: str | None) -> None:
        """Make it ready; nothing is sent yet."""
        self.declared, self.can = declared, declared.can
        self._endpoint = Endpoint(declared, key)

    async def submit(self, asks: Mapping[str, Ask]) -> Handle:
        """Send the questions, each under an id of its own; the same questions again are the same batches.

        Raises ``Rejected`` where one of them needs what the model cannot do, and any other fault.
        """
        for ask in asks.values():
            check(self.declared, ask)
        with replies_of(self.declared):
            known = await self._known()
            return Handle(tuple([await self._sent(one, known) for one in parcels(_lines(self.declared, asks))]))

    async def progress(self, handle: Handle) -> Progress:
        """How far the batches are."""
        with replies_of(self.declared):
            found = [await self._batch(batch) for batch in handle.batches]
            counts = [batch.request_counts for batch in found if batch.request_counts]
        done = all(batch.status in _OVER for batch in found)
        asked, answered = sum(one.total for one in counts), sum(one.completed for one in counts)
        return Progress(done, asked, answered, sum(one.failed for one in counts))

    async def collect(self, handle: Handle, labels: Mapping[str, tuple[str, ...]] | None = None) -> Collected:
        """What came back; a question that is not among it was not answered.

        ``labels`` are those whose log-probabilities were asked for, by id. Raises ``Away`` while a batch goes on.
        """
        with replies_of(self.declared):
            batches = [await self._batch(batch) for batch in handle.batches]
            going = [batch for batch in batches if batch.status not in _OVER]
        if going:
            raise Away(f"{self.declared.name} has not finished the batch {going[0].id}: it is {going[0].status}.")
        results: dict[str, Said | AdapterFault] = {}
        for batch in batches:
            async for name, line in self._results(batch):
                results[name] = _result(self.declared, line, _took(batch), (labels or {}).get(name, ()))
        return Collected(results, tuple(_fault(self.declared, one) for one in batches if one.status in _WORTHLESS))

    async def close(self) -> None:
        """Give the connections back."""
        await self._endpoint.close()

    async def _known(self) -> dict[str, str]:
        """The batches of late that carry our mark, by the digest of their file; none where nobody lists them."""
        found: dict[str, str] = {}
        with suppress(Rejected):
            async for batch in self._recent():
                if batch.status not in _WORTHLESS:
                    found.setdefault((batch.metadata or {}).get(MARK, ""), batch.id)
        return found

    async def _recent(self) -> AsyncIterator[Sent]:
        """The batches of late, newest first."""
        page = await self._endpoint.call(_first)
        while True:
            for batch in page.data:
                yield batch
            if len(page.data) < PAGE or page.data[-1].created_at < time.time() - REMEMBERED_SECONDS:
                return
            page = await self._endpoint.call(partial(_after, page))

    async def _sent(self, parcel: Parcel, known: Mapping[str, str]) -> str:
        if parcel.digest in known:
            return known[parcel.digest]
        parcel.file.seek(0)
        named = (f"{parcel.digest}.jsonl", parcel.file, "application/jsonl")
        file = await self._endpoint.call(lambda client: client.files.create(file=named, purpose="batch"))
        batch = await self._endpoint.call(
            lambda client: client.batches.create(
                input_file_id=file.id,
                endpoint=_api(self.declared).PATH,
                completion_window="24h",
                metadata={MARK: parcel.digest},
            )
        )
        return batch.id

    async def _batch(self, batch: str) -> Sent:
        found = await self._endpoint.call(lambda client: client.batches.retrieve(batch))
        if not isinstance(found.status, str):  # the SDK takes any object for a batch
            raise Away(strange(self.declared))
        return found

    async def _results(self, batch: Sent) -> AsyncIterator[tuple[str, str]]:
        """Each line of the batch's files of answers and of errors, with the question's id."""
        for file in filter(None, (batch.output_file_id, batch.error_file_id)):
            raw = await self._endpoint.ask(partial(_content, file))
            for line in filter(str.strip, raw.text.split("\n")):
                yield str((parsed(line) or {}).get("custom_id")), line


async def _first(client: AsyncOpenAI) -> AsyncCursorPage[Sent]:
    return await client.batches.list(limit=PAGE)


async def _after(page: AsyncCursorPage[Sent], _: AsyncOpenAI) -> AsyncCursorPage[Sent]:
    return await page.get_next_page()


async def _content(file: str, client: AsyncOpenAI) -> HasHttp:
    return await client.files.with_raw_response.content(file)


def _api(declared: Declared) -> ModuleType:
    return chat if declared.api == "chat" else responses


def _lines(declared: Declared, asks: Mapping[str, Ask]) -> Iterator[bytes]:
    api = _api(declared)
    for name, ask in asks.items():
        body = api.request(declared, ask)
        body |= body.pop("extra", {})
        line = {"custom_id": name, "method": "POST", "url": api.PATH, "body": body}
        yield json.dumps(line, separators=(",", ":")).encode() + b"\n"


def hear(declared: Declared, ask: Ask, raw: str, milliseconds: float) -> Said:
    """What a line of a batch's results says; raises a fault where it is no answer."""
    line = parsed(raw)
    if not isinstance(line, dict) or not isinstance(line.get("response") or line.get("error"), dict):
        raise Away(f"{declared.name} left a line in its batch's results that cannot be read.", raw=raw)
    response = line.get("response") or {}
    body, status = response.get("body"), count(response.get("status_code")) or 0
    if status < 400 and not line.get("error"):
        said: Said = _api(declared).hear_body(declared, ask, body, raw, milliseconds)
        return said
    fault = of_status(status or 500, error_in({"error": line.get("error")}) or error_in(body), declared.name, raw)
    if isinstance(fault, Declined):
        return Said("refused", str(fault), raw, declared.model, None, None, milliseconds)
    raise fault


def _result(declared: Declared, line: str, milliseconds: float, labels: tuple[str, ...]) -> Said | AdapterFault:
    try:
        return hear(declared, Ask((), distribution=labels), line, milliseconds)
    except AdapterFault as fault:
        return fault


def _took(batch: Sent) -> float:
    """How long the whole batch took: of its single questions nobody tells."""
    over = batch.completed_at or batch.expired_at or batch.cancelled_at or batch.created_at
    return float(over - batch.created_at) * 1000


def _fault(declared: Declared, batch: Sent) -> AdapterFault:
    told = "; ".join(str(one.message) for one in (batch.errors.data if batch.errors else None) or [])
    words = f"The batch {batch.id} of {declared.name} ended as {batch.status}{f' ({told[:300]})' if told else ''}."
    return Rejected(words) if batch.status == "failed" else Away(words)
