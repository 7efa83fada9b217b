"""What those who run, grade and analyse a study are told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from study.desk._base import Reply
from study.desk.pages import ReadingRow, StudyText


class StudyRow(Reply):
    """A study in the list of one's own."""

    study: str
    slug: str
    title: str
    state: str
    synthetic: bool
    languages: tuple[str, ...]
    created_at: datetime
    opened_at: datetime | None


class StudyStatus(Reply):
    """Where a study stands: counts by state, and nothing about correctness.

    ``head`` is where the study's own chain ends: whoever grades, withdraws or changes its state moves it.
    ``results_head`` is where it ended last by what results can depend on: an export or an invitation leaves it.
    """

    study: str
    slug: str
    title: str
    state: str
    synthetic: bool
    languages: tuple[str, ...]
    protocol: dict[str, Any] | None
    protocol_hash: str | None
    head: str
    results_head: str
    texts: dict[str, dict[str, StudyText]]
    frozen_hash: str | None
    undeclared: str | None
    meta: dict[str, Any]
    cases: int
    practice_cases: int
    readers: dict[str, int]
    models: int
    readings: dict[str, int]
    places: dict[str, int]
    opened_at: datetime | None
    closed_at: datetime | None
    unblinded_at: datetime | None
    moved_to: str | None = None
    now: datetime


class MatrixCase(Reply):
    """A column of the matrix."""

    key: str
    practice: bool
    language: str | None = None


class Cell(Reply):
    """One reading in the matrix; how far it is, and the day it was last touched, where it is open now."""

    case: str
    state: str
    step: int | None = None
    steps: int | None = None
    last: datetime | None = None


class CellDetail(Reply):
    """One reading of one reader; ``reading`` is the handle that reopening takes, ``last`` a day."""

    reading: str
    case: str
    state: str
    step: int
    steps: int
    last: datetime | None
    attempt: int


class MatrixReader(Reply):
    """A row of the matrix, human or model, by pseudonym."""

    member: str
    pseudonym: str
    kind: str
    state: str
    trial: bool
    cells: tuple[Cell, ...]


class Matrix(Reply):
    """Readers by cases."""

    cases: tuple[MatrixCase, ...]
    readers: tuple[MatrixReader, ...]


class Person(Reply):
    """A member with their name, if any, and the invitation that holds now."""

    member: str
    pseudonym: str
    role: str
    kind: str
    state: str
    trial: bool
    languages: tuple[str, ...]
    name: str | None
    email: str | None
    invitation: str | None
    invited_at: datetime | None
    redeemed_at: datetime | None


class Invited(Reply):
    """A new invitation; ``pseudonym`` is absent where an old one was replaced."""

    member: str
    invitation: str
    pseudonym: str | None = None


class ModelReader(Reply):
    """One sample of a model as a reader, with its readings."""

    member: str
    name: str
    sample: int
    condition: str = "main"
    details: dict[str, Any]
    readings: tuple[ReadingRow, ...]


class ModelEntry(Reply):
    """A model in one condition, as the analyst is told of it: how many samples, and what was declared of it."""

    model: str
    condition: str
    samples: int
    details: dict[str, Any]


class ModelCase(Reply):
    """The case of a model's reading; ``external`` is whether a model outside the institution may be shown it."""

    reading: str | None
    case: str
    practice: bool
    external: bool


class GradingLine(Reply):
    """A distinct line that somebody wrote for a case; it does not say who."""

    case: str
    line: str


class Grade(Reply):
    """A grade of a line on a scale; ``grader`` tells two people apart.

    ``note`` is a judge's terms or a remark, ``guess`` who the grader thinks wrote the line.
    """

    case: str
    line: str
    scale: str
    version: str
    grade: int
    source: str
    at: datetime
    grader: str | None = None
    note: str | None = None
    guess: str | None = None


class GradingQueue(Reply):
    """The diagnosis of each case, the lines, and the grades so far."""

    cases: dict[str, dict[str, Any]]
    lines: tuple[GradingLine, ...]
    grades: tuple[Grade, ...]


class Linked(Reply):
    """A reader under both their ids: the coordinator's pseudonym and the one that results carry."""

    pseudonym: str
    result_id: str


class Withdrawn(Reply):
    """What a withdrawal did."""

    mode: str
    payloads_erased: int
