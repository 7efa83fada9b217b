"""A report as one HTML file that fetches nothing: style and drawings are in it, and each number carries its id."""

from __future__ import annotations

from html import escape
from importlib import resources

from study.reporting.parts import Block, Bullets, Figure, Heading, Number, Paragraph, Report, Section, Table, Text


def page(report: Report) -> str:
    """The whole file."""
    style = (resources.files("study") / "reporting" / "report.css").read_text("utf-8")
    marks = "".join(f"<p><strong>{escape(mark)}</strong></p>\n" for mark in report.marks)
    listed = "".join(f'<li><a href="#{one.id}">{escape(one.title)}</a></li>\n' for one in report.sections)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(report.title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(report.title)}</h1>\n"
        + (f'<div class="marks">\n{marks}</div>\n' if marks else "")
        + f'<nav aria-label="Sections">\n<ol>\n{listed}</ol>\n</nav>\n'
        + "".join(_section(one) for one in report.sections)
        + "</main>\n</body>\n</html>\n"
    )


def _section(section: Section) -> str:
    blocks = "".join(_block(block) for block in section.blocks)
    title = f'<h2 id="{section.id}">{escape(section.title)}</h2>'
    return f'<section aria-labelledby="{section.id}">\n{title}\n{blocks}</section>\n'


def _block(block: Block) -> str:
    match block:
        case Heading(words):
            return f"<h3>{escape(words)}</h3>\n"
        case Paragraph(text):
            return f"<p>{_text(text)}</p>\n"
        case Bullets(items):
            return "<ul>\n" + "".join(f"<li>{_text(item)}</li>\n" for item in items) + "</ul>\n"
        case Table():
            return _table(block)
        case Figure():
            return _figure(block)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = "".join(f"<tr>{_cells(row)}</tr>\n" for row in table.rows)
    # A wide table scrolls by itself, so that the page does not; the keyboard must reach it.
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(table.caption)}">\n<table>\n'
        f"<caption>{escape(table.caption)}</caption>\n<thead>\n<tr>{head}</tr>\n</thead>\n"
        f"<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
    )


def _cells(row: tuple[Text, ...]) -> str:
    first, *others = row
    return f'<th scope="row">{_text(first)}</th>' + "".join(f"<td>{_text(cell)}</td>" for cell in others)


def _figure(figure: Figure) -> str:
    words = f"<details><summary>The figure in words</summary>\n<p>{escape(figure.said)}</p>\n</details>"
    return f"<figure>\n{figure.svg}<figcaption>{escape(figure.caption)}\n{words}</figcaption>\n</figure>\n"


def _text(text: Text) -> str:
    return "".join(_number(part) if isinstance(part, Number) else escape(part) for part in text)


def _number(number: Number) -> str:
    return f'<data data-number="{escape(number.id)}" value="{number.value!r}">{escape(number.shown)}</data>'
