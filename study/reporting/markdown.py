"""A report as Markdown, with its drawings in files beside it."""

from __future__ import annotations

import re

from study.reporting.parts import Block, Bullets, Figure, Heading, Number, Paragraph, Report, Table, Text

FIGURES = "figures"
Line = tuple[str, tuple[Number, ...]]


def markdown(report: Report) -> str:
    """The whole file."""
    return "\n".join(line for line, _ in lines(report)) + "\n"


def lines(report: Report) -> list[Line]:
    """Each line with the numbers that it shows, so that a changed line can name them."""
    found: list[Line] = [(f"# {_escaped(report.title)}", ()), ("", ())]
    for mark in report.marks:
        found += [(f"**{_escaped(mark)}**", ()), ("", ())]
    for section in report.sections:
        found += [(f"## {_escaped(section.title)}", ()), ("", ())]
        for block in section.blocks:
            found += [*_block(block), ("", ())]
    return found[:-1]


def _block(block: Block) -> list[Line]:
    match block:
        case Heading(words):
            return [(f"### {_escaped(words)}", ())]
        case Paragraph(text):
            return [_line(text)]
        case Bullets(items):
            return [(f"- {line}", numbers) for line, numbers in map(_line, items)]
        case Table():
            return _table(block)
        case Figure():
            return [(f"![{_escaped(block.said)}]({FIGURES}/{block.name}.svg)", ()), ("", ()), (block.caption, ())]


def _table(table: Table) -> list[Line]:
    head = "| " + " | ".join(map(_escaped, table.head)) + " |"
    rows = []
    for row in table.rows:
        cells = [_line(cell) for cell in row]
        numbers = tuple(number for _, own in cells for number in own)
        rows.append(("| " + " | ".join(cell for cell, _ in cells) + " |", numbers))
    return [(f"**{_escaped(table.caption)}**", ()), ("", ()), (head, ()), ("|" + " --- |" * len(table.head), ()), *rows]


def _line(text: Text) -> Line:
    words = "".join(_escaped(part) if isinstance(part, str) else _escaped(part.shown) for part in text)
    return words, tuple(part for part in text if isinstance(part, Number))


def _escaped(words: str) -> str:
    r"""The words with the signs that Markdown would take for its own set after a backslash, on one line."""
    return re.sub(r"([\\`*_|<>\[\]])", r"\\\1", " ".join(words.split("\n")))
