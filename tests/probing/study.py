"""A study to be probed about, and a server's model that has read some of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from study.database import Box
from tests.model_server import Act, Asked, Say
from tests.running.runs import contents, run
from tests.running.runs import model as declared_model
from tests.small_study import SmallStudy, small_study

TITLE = "Case {}, a patient who coughs at night and feels well by day"
REST = "at night and feels well by day"
WORDS = {
    "A patient of number {}, who has been ill for {} days.": "Illness of {1} days in somebody registered as {0}.",
    "A shadow.": "One opacity seen.",
}
RIGHT = re.compile(r"^([A-Z])\. Pneumonia$", re.MULTILINE)
WRONG = re.compile(r"^([A-Z])\. Not Pneumonia 1$", re.MULTILINE)
MODELS = """
[[model]]
name = "a model"
adapter = "chat"
model = "small-2025-01-31"
revision = "{slug}"
base_url = "{url}"
local = true
cutoff = "2025-01-31"
prices = {{ input = 1.0, output = 10.0 }}
limits = {{ concurrency = 4, max_output_tokens = 100 }}

[[model]]
name = "a writer"
adapter = "responses"
model = "writer-2025-01-31"
revision = "{slug}"
base_url = "{url}"
local = true
prices = {{ input = 1.0, output = 10.0 }}
limits = {{ concurrency = 4, max_output_tokens = 100 }}
"""


def probed_study(box: Box, url: str, cases: int = 4) -> SmallStudy:
    """An open study of cases with titles and images, which a model has read, and a file that declares models."""
    given: list[dict[str, Any]] = contents(cases, image=True)
    for number, content in enumerate(given):
        content |= {"title": TITLE.format(number), "source": {"published": "2024-01-01"}}
    made = small_study(box, contents=given)
    declared = declared_model(url, can={"images": True}, revision=made.slug)
    ended, _ = run(made, declared)
    assert ended.why is None
    (box.server.data / f"{made.slug}.toml").write_text(MODELS.format(slug=made.slug, url=url))
    return made


def file_of(made: SmallStudy, data: Path) -> Path:
    """The file of the study's models."""
    return data / f"{made.slug}.toml"


def has_read(asked: Asked) -> Act | None:
    """It completes titles, chooses rightly in the original words and wrongly in others, and refuses to guess."""
    text = asked.text
    if "Complete the title" in text:
        return Say(text=REST)
    if "in other words" in text:
        return Say(text=reworded(text.rsplit("\n\n", 1)[-1]))
    if "Write the letter" not in text:
        return None
    if "A shadow." not in text and "opacity" not in text:
        return Say(refusal="I would need the image.")
    found = (RIGHT if "A shadow." in text else WRONG).search(text)
    return Say(text=f"{found.group(1)}." if found else "?")


def reworded(text: str) -> str:
    """A block in other words."""
    for pattern, words in WORDS.items():
        found = re.fullmatch(re.escape(pattern).replace(r"\{\}", r"(\d+)"), text)
        if found:
            return words.format(*found.groups())
    raise AssertionError(text)
