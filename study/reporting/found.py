"""What is said of every finding: its status, method, n, and what was left out; and its values as text."""

from __future__ import annotations

from collections.abc import Iterator

from study.findings import Finding, Value
from study.reporting.parts import NONE, Block, Bullets, Number, Paragraph, Text, between, count, number, p_value

ABSENT = "This version computes nothing of the kind, so nothing is said of it."


def said(name: str, finding: Finding | None) -> Iterator[Block]:
    """Paragraphs that stand before a finding's tables; a sentence alone where there is no finding."""
    if finding is None:
        yield Paragraph((ABSENT,))
        return
    yield Paragraph((f"{finding.status.capitalize()}. ", *count(f"{name}.n", finding.n), f" {finding.counted}."))
    if finding.why:
        yield Paragraph((f"Nothing can be told: {finding.why}.",))
    yield Paragraph((finding.method if finding.method.endswith(".") else f"{finding.method}.",))
    notes: list[Text] = [
        (f"Left out: {one.what} ", *count(f"{name}.left_out.{place}", one.n), f", {one.why}.")
        for place, one in enumerate(finding.left_out)
    ]
    notes += [(note if note.endswith(".") else f"{note}.",) for note in finding.notes]
    if notes:
        yield Bullets(tuple(notes))


def share_of(name: str, value: Value | None) -> Text:
    """A value as per cent with its interval; the reason where it cannot be told."""
    return _shown(name, value, 100, 1)


def plain_of(name: str, value: Value | None, digits: int = 3) -> Text:
    """A value in its own units with its interval; the reason where it cannot be told."""
    return _shown(name, value, 1, digits)


def test_of(name: str, value: Value | None) -> Text:
    """The p-value of a value; a dash without one."""
    return NONE if value is None else p_value(f"{name}.p", value.p)


def n_of(name: str, value: Value | None) -> Text:
    """The n of a value."""
    return NONE if value is None else count(f"{name}.n", value.n)


def _shown(name: str, value: Value | None, scale: float, digits: int) -> Text:
    if value is None:
        return NONE
    if value.estimate is None:
        return (value.why or "cannot be told",)
    shown = number(name, scale * value.estimate, digits)
    estimate = shown[0]
    assert isinstance(estimate, Number)
    ends = between(name, value.ci, scale, digits)
    return (Number(name, value.estimate, estimate.shown), *((" ", *ends) if ends else ()))
