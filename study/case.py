"""The case bundle's format: what authors write in ``study.yaml`` and ``cases/<key>/case.yaml``.

A bundle is data that people exchange, so every model here refuses unknown keys. What a reader may see and what must
stay hidden is decided by the database, not by this module: a ``Case`` holds both.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

EvidenceType = Literal[
    "history",
    "examination",
    "laboratory",
    "ct",
    "mri",
    "x-ray",
    "ultrasound",
    "nuclear",
    "microscopy",
    "photography",
    "endoscopy",
    "electrophysiology",
    "genomics",
    "other",
]
TEXTUAL_TYPES: frozenset[str] = frozenset({"history", "examination"})

Key = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]
ReviewState = Literal["proposed", "unreviewed", "reviewed", "accepted", "edited", "rejected"]
APPROVED: frozenset[str] = frozenset({"reviewed", "accepted", "edited"})
"""Review states of a distractor that a clinician holds good."""


class Part(BaseModel):
    """A piece of a bundle: unknown keys are faults."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Deidentification(Part):
    """Who removed what identified the patient, when, and how."""

    by: Text
    on: date
    how: Text


class Image(Part):
    """One image of a block; ``alt`` names modality, view and n of m, never the finding."""

    file: Text
    alt: Text
    caption: str | None = None
    pixel_spacing_mm: float | None = Field(default=None, gt=0)
    deidentified: Deidentification | None = None


class Evidence(Part):
    """One block, shown as a whole: text, or a stack of images with the expert finding, or the finding alone."""

    id: Key
    type: EvidenceType
    title: Text | None = None
    time: Text | None = None
    text: Text | None = None
    images: tuple[Image, ...] = ()
    finding: Text | None = None

    @model_validator(mode="after")
    def _has_one_content(self) -> Evidence:
        if self.text and (self.images or self.finding):
            raise ValueError("a block is either text, or images with their finding, not both")
        if self.images and not self.finding:
            raise ValueError("visual evidence needs the expert finding beside its images")
        if not (self.text or self.images or self.finding):
            raise ValueError("the block is empty: give text, or images with a finding, or a finding")
        return self


class Code(Part):
    """A code of the diagnosis in a named vocabulary, such as ICD-10-CM."""

    system: Text
    code: Text


class Diagnosis(Part):
    """The truth of a case, with the wordings that mean the same."""

    name: Text
    synonyms: tuple[Text, ...] = ()
    codes: tuple[Code, ...] = ()


class Reviewed(Part):
    """Who reviewed a distractor, and when; ``was`` is its wording before it was edited."""

    by: Text
    on: date
    was: Text | None = None


class Option(Part):
    """One choice of the selection; a distractor says where it came from and which block rules it out."""

    text: Text
    right: bool = False
    origin: Text | None = None
    review: ReviewState = "unreviewed"
    ruled_out_by: tuple[Key, ...] = ()
    reason: Text | None = None
    reviewed: Reviewed | None = None


class Source(Part):
    """Where the case came from and since when it has been public."""

    licence: Text
    url: Text | None = None
    published: date | None = None
    citation: Text | None = None


class Permissions(Part):
    """What may be done with the case; ``external_models`` defaults to the case's ``synthetic``."""

    external_models: bool | None = None
    redistribute: bool = False


class SignOff(Part):
    """A clinician's word that the evidence confirms the diagnosis and rules each distractor out."""

    by: Text
    on: date
    remarks: str | None = None


class Case(Part):
    """One clinical case: evidence in reveal order, the diagnosis, the options; ``rejected`` are options no more."""

    key: Key
    language: Language
    translation_of: Key | None = None
    title: Text | None = None
    specialty: Key
    synthetic: bool = False
    practice: bool = False
    version: Text = "1"
    source: Source
    permissions: Permissions = Permissions()
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    diagnosis: Diagnosis
    options: tuple[Option, ...] = ()
    rejected: tuple[Option, ...] = ()
    sign_off: SignOff | None = None

    @property
    def distractors(self) -> tuple[Option, ...]:
        """The options that are not right."""
        return tuple(option for option in self.options if not option.right)

    @property
    def external_models(self) -> bool:
        """Whether a model outside the institution may be shown this case."""
        allowed = self.permissions.external_models
        return self.synthetic if allowed is None else allowed


class StudyFile(Part):
    """``study.yaml``; a study of real cases does not open without the fields about ethics and data protection."""

    title: Text
    languages: tuple[Language, ...] = Field(min_length=1)
    synthetic: bool = False
    protocol: Text = "medsyn-staged"
    ethics: Text | None = None
    controller: Text | None = None
    contact: Text | None = None
    purpose: Text | None = None
    withdrawal: Text | None = None
    retention: Text | None = None
    telemetry: Text | None = None
    pay: Text | None = None
