"""The words that options of several commands take."""

from __future__ import annotations

from enum import StrEnum


class Estimator(StrEnum):
    """How a distribution over the options is taken from a model's answers."""

    logprobs = "logprobs"
    elicited = "elicited"
    frequencies = "frequencies"


class Distribution(StrEnum):
    """What is asked beside a model's choice, so that its distribution over the options is known."""

    none = "none"
    elicited = "elicited"
    logprobs = "logprobs"


class OtherForm(StrEnum):
    """How all other evidence is shown while one type is shown as finding."""

    image = "image"
    finding = "finding"


class Deficit(StrEnum):
    """How far a type of evidence is under-used."""

    difference = "difference"
    nmse = "nmse"


class ProbeKind(StrEnum):
    """What a model is asked to find out what it may have read."""

    title_completion = "title-completion"
    which_source = "which-source"
    image_removed = "image-removed"
    original = "original"
    paraphrase = "paraphrase"
