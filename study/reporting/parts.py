"""What a report is made of: sections of paragraphs, tables and figures, in which every number has an id."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

Value = float | int


@dataclass(frozen=True)
class Number:
    """A number with the name by which it is checked, its full value, and how it is shown."""

    id: str
    value: Value
    shown: str


Inline = str | Number
Text = tuple[Inline, ...]
NONE: Text = ("–",)


@dataclass(frozen=True)
class Heading:
    """A heading within a section."""

    words: str


@dataclass(frozen=True)
class Paragraph:
    """Running text."""

    text: Text


@dataclass(frozen=True)
class Bullets:
    """A list of sentences."""

    items: tuple[Text, ...]


@dataclass(frozen=True)
class Table:
    """A table; the first column names its rows."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Text, ...], ...]


@dataclass(frozen=True)
class Figure:
    """A drawing that stands in a file of its own too; ``said`` tells it in words, for whoever does not see it."""

    name: str
    caption: str
    said: str
    svg: str


Block = Heading | Paragraph | Bullets | Table | Figure


@dataclass(frozen=True)
class Section:
    """A part of the report under its heading; ``id`` begins the ids of its numbers."""

    id: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Report:
    """A whole report; ``marks`` are sentences that must be read before any number."""

    title: str
    marks: tuple[str, ...]
    sections: tuple[Section, ...]

    def numbers(self) -> list[Number]:
        """Every number in the order in which it is shown; raises ``ValueError`` where one id stands for two."""
        found: dict[str, Number] = {}
        for number in _numbers(self.sections):
            if found.setdefault(number.id, number) != number:
                raise ValueError(f"the report names two numbers {number.id}")
        return list(found.values())

    def figures(self) -> list[Figure]:
        """Every figure."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Figure)]


def _numbers(sections: Sequence[Section]) -> Iterator[Number]:
    for section in sections:
        for block in section.blocks:
            for text in texts(block):
                yield from (part for part in text if isinstance(part, Number))


def texts(block: Block) -> Iterator[Text]:
    """The texts of a block, in order."""
    match block:
        case Paragraph(text):
            yield text
        case Bullets(items):
            yield from items
        case Table(rows=rows):
            yield from (cell for row in rows for cell in row)


def percent(name: str, value: float | None, digits: int = 1) -> Text:
    """A share as per cent; a dash where there is none."""
    return NONE if value is None else (Number(name, value, _plain(100 * value, digits)),)


def number(name: str, value: Value | None, digits: int = 3) -> Text:
    """A number with this many decimals; a dash where there is none."""
    return NONE if value is None else (Number(name, value, _plain(value, digits)),)


def count(name: str, value: int) -> Text:
    """A whole number."""
    return (Number(name, value, f"{value:,}"),)


def p_value(name: str, value: float | None) -> Text:
    """A p-value; below one in ten thousand that alone is said."""
    if value is None:
        return NONE
    return (Number(name, value, "<.0001" if value < 1e-4 else f"{value:.4f}"),)


def between(name: str, ends: tuple[float, float] | None, scale: float = 100, digits: int = 1) -> Text:
    """The two ends of an interval in brackets, in per cent where ``scale`` is 100; nothing where there is none."""
    if ends is None:
        return ()
    low, high = (
        Number(f"{name}.{side}", end, _plain(scale * end, digits))
        for side, end in zip(("low", "high"), ends, strict=True)
    )
    return ("[", low, ", ", high, "]")


def share(name: str, value: float | None, ends: tuple[float, float] | None) -> Text:
    """A share in per cent with its interval."""
    if value is None:
        return NONE
    interval = between(name, ends)
    return (*percent(name, value), *((" ", *interval) if interval else ()))


def join(parts: Sequence[Text], by: str) -> Text:
    """Texts one after the other, with ``by`` between them."""
    found: list[Inline] = []
    for place, part in enumerate(parts):
        found += [*([by] if place else []), *part]
    return tuple(found)


def plain(text: Text) -> str:
    """The text as it reads."""
    return "".join(part if isinstance(part, str) else part.shown for part in text)


def _plain(value: float, digits: int) -> str:
    """The value with this many decimals; nothing is shown as a negative nought."""
    shown = f"{value:,.{digits}f}"
    return shown.removeprefix("-") if not any(sign in shown for sign in "123456789") else shown
