"""A case in the terminal as a reader will meet it: nothing here may tell the diagnosis or the right option."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from study.bundle import Bundle
from study.case import Case, Evidence


def show(console: Console, case: Case, bundle: Bundle) -> None:
    """Print the case block by block, then the options, in the alphabet's order and without a key."""
    console.rule(Text(f"{case.key} ({case.language})" + (" - practice" if case.practice else "")))
    if case.synthetic:
        console.print(Text("SYNTHETIC: no patient; written for this platform.", style="bold magenta"))
    if case.title:
        console.print(Text(case.title, style="bold"))
    for number, block in enumerate(case.evidence, start=1):
        console.print(
            Panel(_content(case, block, bundle), title=Text(_heading(case, block, number)), title_align="left")
        )
    if case.options:
        listed = "\n".join(f"( ) {text}" for text in sorted(option.text for option in case.options))
        title = Text("Options, after the open final diagnosis; the order is drawn for each reading")
        console.print(Panel(Text(listed), title=title, title_align="left"))
    else:
        console.print(Text("No options: no selection can be asked.", style="yellow"))


def _heading(case: Case, block: Evidence, number: int) -> str:
    time = f", {block.time}" if block.time else ""
    return f"Block {number} of {len(case.evidence)}: {block.title or block.id} ({block.type}{time})"


def _content(case: Case, block: Evidence, bundle: Bundle) -> RenderableType:
    if block.text:
        return Text(block.text)
    parts: list[RenderableType] = []
    for place, image in enumerate(block.images, start=1):
        file = bundle.images[(case.key, image.file)]
        parts.append(Text(f"Image {place} of {len(block.images)}: {image.file}, {file.width} x {file.height} pixels"))
        parts.append(Text(f"  alt: {image.alt}"))
        if image.caption:
            parts.append(Text(f"  caption: {image.caption}"))
    label = "Expert finding, shown instead of the images where an arm says so:" if block.images else "Expert finding:"
    return Group(*parts, Text(label, style="italic"), Text(block.finding or ""))
