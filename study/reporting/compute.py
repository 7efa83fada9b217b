"""What models took: calls and how they ended, tokens, cost and time, as providers reported and the record kept them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from study.reporting.facts import Facts
from study.reporting.parts import NONE, Block, Bullets, Paragraph, Section, Table, Text, count, number, percent

Row = Mapping[str, Any]
HEAD = ("model", "condition", "for", "calls", "from the cache", "tokens in", "tokens out", "cost, US dollars")
TIMES = ("model", "condition", "for", "median, seconds", "95th percentile", "replies timed")
ENDED = ("model", "condition", "for", "outcome", "calls", "per cent", "perhaps paid unheard")
WORDS = (
    "Every call is written before it is sent, and its reply before it is read. Tokens and times are those of the "
    "provider's replies, the cost is by the prices at the time of asking; replies from the record's own cache took "
    "nothing and are in no sum. Only ok is an answer: no other outcome is ever scored as one."
)


def compute(facts: Facts) -> Section:
    """Calls, tokens and cost; times of answers; every outcome with its count; who was not called at all."""
    rows: Sequence[Row] = sorted(facts.source.tables["calls"], key=lambda row: (*_key(row), row["outcome"]))
    blocks: list[Block] = [Paragraph((WORDS,))]
    if rows:
        groups = [(key, list(own)) for key, own in groupby(rows, _key)]
        blocks.append(Table("Calls, tokens and cost", HEAD, tuple(_sums(key, own) for key, own in groups)))
        times = tuple(row for key, own in groups for row in _times(key, own))
        if times:
            blocks.append(Table("Time of answers that a provider gave", TIMES, times))
        blocks.append(Table("How calls ended", ENDED, tuple(row for key, own in groups for row in _ends(key, own))))
    called = {row["model"] for row in rows}
    silent = [name for name in facts.names("model") if name not in called]
    if silent:
        told = f"No call is in the record of {', '.join(silent)}: they run offline, or their answers were imported."
        blocks.append(Bullets(((told,),)))
    if not rows and not silent:
        blocks.append(Bullets((("No model took part, and none was called.",),)))
    return Section("compute", "Compute of models", tuple(blocks))


def _key(row: Row) -> tuple[str, str, str]:
    return row["model"], row["condition"], row["purpose"]


def _named(key: tuple[str, str, str]) -> tuple[tuple[Text, ...], str]:
    """The first cells of a row, and how the ids of its numbers begin."""
    model, condition, purpose = key
    return ((model,), (condition or "–",), (purpose,)), f"compute.{model}.{condition}.{purpose}"


def _sums(key: tuple[str, str, str], own: Sequence[Row]) -> tuple[Text, ...]:
    first, name = _named(key)
    told = [count(f"{name}.{what}", sum(row[what] for row in own)) for what in ("calls", "cached")]
    tokens = [_sum(f"{name}.{what}", own, what, 0) for what in ("input_tokens", "output_tokens")]
    return (*first, *told, *tokens, _sum(f"{name}.cost", own, "cost", 4))


def _sum(name: str, own: Sequence[Row], what: str, digits: int) -> Text:
    """The sum of what was reported; a dash where nothing was."""
    told = [row[what] for row in own if row[what] is not None]
    return number(name, sum(told), digits) if told else NONE


def _times(key: tuple[str, str, str], own: Sequence[Row]) -> Iterator[tuple[Text, ...]]:
    first, name = _named(key)
    for row in own:
        if row["outcome"] == "ok" and row["median_ms"] is not None:
            seconds = [number(f"{name}.{what}", row[f"{what}_ms"] / 1000, 2) for what in ("median", "p95")]
            yield (*first, *seconds, count(f"{name}.timed", row["timed"]))


def _ends(key: tuple[str, str, str], own: Sequence[Row]) -> Iterator[tuple[Text, ...]]:
    first, name = _named(key)
    whole = sum(row["calls"] for row in own)
    for row in own:
        part = f"{name}.{row['outcome']}"
        share = percent(f"{part}.share", row["calls"] / whole)
        yield (
            *first,
            (row["outcome"],),
            count(f"{part}.calls", row["calls"]),
            share,
            count(f"{part}.uncertain", row["uncertain"]),
        )
