"""What a reader's desk is told: the page of a reading, verdicts, the readings, the study's home."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import field_validator

from study.desk._base import Reply

ReadingState = Literal[
    "assigned", "reading", "paused", "completed", "skipped", "withdrawn", "excluded", "technical", "failed"
]
VerdictKind = Literal["begun", "locked", "late", "stale", "skipped", "flagged", "paused", "resumed", "failed"]


class PageImage(Reply):
    """An image that may be fetched: its bytes lie under ``sha256``; width and height in pixels."""

    sha256: str
    mime: str
    width: int
    height: int
    alt: str
    caption: str | None = None
    pixel_spacing_mm: float | None = None


class PageBlock(Reply):
    """A released block, in the one form in which it was shown."""

    id: str
    type: str
    form: Literal["text", "image", "finding", "random"]
    step: int
    shown_at: datetime | None
    title: str | None = None
    time: str | None = None
    text: str | None = None
    finding: str | None = None
    images: tuple[PageImage, ...] = ()


class TextRef(Reply):
    """Which task text a step asks with."""

    id: str
    version: str
    hash: str


class StepLimit(Reply):
    """A time limit in seconds."""

    seconds: int
    kind: Literal["soft", "hard"]


class PageStep(Reply):
    """The step that is released now, as the script has it."""

    kind: Literal[
        "show",
        "ddx",
        "open",
        "selection",
        "advice",
        "assisted-ddx",
        "assisted-open",
        "assisted-selection",
        "closing",
    ]
    evidence: tuple[dict[str, str], ...] = ()
    text: TextRef | None = None
    cap: int | None = None
    min_lines: int = 1
    cannot_name: bool = True
    cannot_tell: bool = False
    probabilities: bool = False
    confidence: bool = False
    limit: StepLimit | None = None


class PageCase(Reply):
    """What a reader may know of the case beside its evidence."""

    position: int
    of: int
    language: str
    synthetic: bool
    practice: bool
    specialty: str | None = None


class PageAnswer(Reply):
    """An answer of the reader's own that is in the record."""

    step: int
    kind: str
    answer: dict[str, Any]
    at: datetime
    late: bool = False
    timed_out: bool = False


class PageOption(Reply):
    """An option under the label that this reading drew for it."""

    label: str
    text: str


class PageDraft(Reply):
    """The newest draft that the record keeps, and the tab that sent it."""

    step: int
    body: dict[str, Any]
    saved_at: datetime
    tab: str
    number: int


class PageAdvice(Reply):
    """The model's answer that this reading has shown; what the protocol does not show of it is None."""

    step: int
    at: datetime
    model: str | None = None
    ddx: dict[str, Any] | None = None
    open: dict[str, Any] | None = None
    selection: dict[str, Any] | None = None
    label: str | None = None


class PageFlag(Reply):
    """A flag that the reader has set."""

    kind: str
    step: int


class Page(Reply):
    """Everything that the reading's screen shows now, and nothing that has not been released."""

    reading: str
    study: str
    case: PageCase
    state: ReadingState
    step: int
    steps: int
    attempt: int
    script: str
    blocks: tuple[PageBlock, ...]
    current: PageStep | None
    opened_at: datetime | None
    deadline: datetime | None
    limit_kind: Literal["soft", "hard"] | None
    paused: bool
    answers: tuple[PageAnswer, ...]
    options: tuple[PageOption, ...] | None
    advice: PageAdvice | None = None
    draft: PageDraft | None
    previous: dict[str, Any] | None
    remaining: int
    kinds: tuple[str, ...]
    flags: tuple[PageFlag, ...]
    now: datetime

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the options that are shown."""
        return tuple(option.label for option in self.options or ())


class Verdict(Reply):
    """What became of a write. ``ok`` is true for what now stands in the record as asked."""

    ok: bool
    kind: VerdictKind
    at: datetime | None
    step: int | None = None
    state: ReadingState | None = None

    @field_validator("at", mode="before")
    @classmethod
    def _never(cls, value: Any) -> Any:
        """A reading to which nothing has happened yet has its last time at minus infinity."""
        return None if value == "-infinity" else value


class Turned(Reply):
    """A verdict and the page as it is after it."""

    verdict: Verdict
    page: Page


class Failure(Reply):
    """Why one item of many was refused."""

    code: str
    message: str


class ReadingRow(Reply):
    """One of a reader's readings, without content."""

    reading: str
    position: int
    practice: bool
    language: str
    state: ReadingState
    step: int
    steps: int
    attempt: int
    begun_at: datetime | None
    locked_at: datetime | None


class StudyText(Reply):
    """A task text in one language."""

    version: str
    hash: str
    text: str


class HomeStudy(Reply):
    """The study as its readers see it."""

    slug: str
    title: str
    state: str
    languages: tuple[str, ...]
    synthetic: bool
    meta: dict[str, Any]


class HomeMember(Reply):
    """The reader's own standing in the study."""

    member: str
    pseudonym: str
    state: str
    languages: tuple[str, ...]
    profile: dict[str, Any]
    consented_at: datetime | None
    instructed_at: datetime | None
    trial: bool = False


class Home(Reply):
    """A reader's home in a study; ``readings`` has practice first, each in reading order."""

    study: HomeStudy
    protocol: dict[str, Any] | None
    member: HomeMember
    texts: dict[str, dict[str, StudyText]]
    readings: tuple[ReadingRow, ...]
    now: datetime

    def text(self, text_id: str, language: str) -> StudyText:
        """The text in this language, else in the study's first."""
        tongues = self.texts[text_id]
        return tongues.get(language) or tongues[self.study.languages[0]]


class DraftSaved(Reply):
    """What became of a draft, and when by the server's clock; ``paused``: it waits until the reader goes on."""

    state: Literal["saved", "stale", "locked", "paused", "other-tab"]
    saved_at: datetime


class Ready(Reply):
    """When the step was first on screen, by the server's clock."""

    at: datetime
    first: bool = True


class ShownImage(Reply):
    """An evidence image that a reading has shown."""

    study: str
    mime: str
    bytes: int


class Feedback(Reply):
    """The truth of one's own finished reading, where the protocol gives it."""

    diagnosis: dict[str, Any]
    options: tuple[dict[str, Any], ...]
    own: tuple[PageAnswer, ...]
    models: tuple[dict[str, Any], ...]
    watermark: bool


class Membership(Reply):
    """One role of the person who is signed in."""

    member: str
    role: Literal["reader", "coordinator", "grader", "analyst", "runner"]
    state: str
    study: str
    slug: str
    title: str
    study_state: str
    synthetic: bool
    feedback: str | None = None
    pseudonym: str | None = None


class Me(Reply):
    """Who is signed in, and where they belong."""

    person: str
    owner: bool
    memberships: tuple[Membership, ...]
    now: datetime


class SignIn(Reply):
    """What became of a try to sign in."""

    ok: bool
    person: str | None = None
    reason: Literal["unknown", "paused"] | None = None
    retry_at: datetime | None = None
    tries_left: int | None = None
