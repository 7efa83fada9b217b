"""Which lines name alternatives, and how lists are held against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.matching import match, split_line


@dataclass(frozen=True)
class Truth:
    name: str
    synonyms: tuple[str, ...] = ()


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("gout or pseudogout", ("gout", "pseudogout")),
        ("either gout or pseudogout", ("gout", "pseudogout")),
        ("Sarcoidosis/lymphoma", ("Sarcoidosis", "lymphoma")),
        ("gout, sepsis, and lupus", ("gout", "sepsis", "lupus")),
        ("PE vs MI", ("PE", "MI")),
        ("pneumonia, sarcoidosis, TB", ("pneumonia", "sarcoidosis", "TB")),
        ("1. gout; 2) sepsis", ("gout", "sepsis")),
        ("acute or chronic pancreatitis", ("acute pancreatitis", "chronic pancreatitis")),
        ("type 1 or type 2 diabetes", ("type 1 diabetes", "type 2 diabetes")),
        ("甲亢或甲减", ("甲亢", "甲减")),
        ("肺炎、肺结核", ("肺炎", "肺结核")),
    ],
)
def test_alternatives_are_split(line: str, parts: tuple[str, ...]) -> None:
    assert split_line(line) == parts


@pytest.mark.parametrize(
    "line",
    [
        "cardiomyopathy, dilated",
        "leukemia, myeloid, acute",
        "lymphoma, non-Hodgkin",
        "stroke, due to embolism",
        "Disease, Crohn",
        "HIV/AIDS",
        "Acute graft versus host disease",
        "Attention-deficit/hyperactivity disorder",
        "Hand, foot, and mouth disease",
        "Atrioventricular block, Mobitz Type II",
        "Autism spectrum disorder, level 1",
        "hepatitis A/B",
        "Fabry disease (GLA or other variant)",
        "pneumonia and empyema",
        "1,25-dihydroxyvitamin D deficiency",
    ],
)
def test_one_diagnosis_stays_one_line(line: str) -> None:
    assert split_line(line) == (line,)


def test_a_comma_between_two_adjectives_names_one_illness() -> None:
    assert split_line("Chronic, non-bacterial prostatitis") == ("Chronic non-bacterial prostatitis",)


def test_a_line_of_any_blank_names_nothing() -> None:
    assert [split_line(blank) for blank in ("\x0c", "\x1f.", "\u3000", "\x85")] == [()] * 4


@settings(deadline=None)
@given(st.text(max_size=40))
def test_splitting_any_text_gives_lines_that_stay_whole(text: str) -> None:
    assert all(part.strip() for part in split_line(text))


def test_a_line_with_alternatives_takes_a_rank_for_each() -> None:
    found = match(["gout or sepsis", "lupus"], Truth("sepsis"))
    assert [(line.text, line.answer, line.grade) for line in found.lines] == [
        ("gout", 0, None),
        ("sepsis", 0, 5),
        ("lupus", 1, None),
    ]


def test_a_name_with_a_comma_matches_as_a_whole() -> None:
    truth = Truth("Hypercalcaemia, milk, alkali")
    assert [line.grade for line in match(["Hypercalcemia, milk, alkali"], truth).lines] == [5]


def test_synonyms_and_the_bracketed_abbreviation_of_the_name_match() -> None:
    truth = Truth("Progressive multifocal leukoencephalopathy (PML)", ("JC virus encephalopathy",))
    answers = ["PML", "progressive multifocal leucoencephalopathy", "JC virus encephalopathy"]
    assert [line.grade for line in match(answers, truth).lines] == [5, 5, 5]


def test_a_bracket_that_is_no_abbreviation_keeps_its_meaning() -> None:
    assert match(["Vasculitis (ANCA)"], Truth("Vasculitis")).lines[0].grade is None


@pytest.mark.parametrize("line", ["", "  ", "I can name no diagnosis", "No diagnosis.", "unknown", "?", "无", "不知道"])
def test_naming_nothing_is_an_answer_with_grade_0(line: str) -> None:
    assert match([line], Truth("sepsis")).lines[0].grade == 0


def test_a_near_spelling_is_queued_and_never_accepted() -> None:
    found = match(["sarcoidsis", "gout"], Truth("sarcoidosis"))
    assert [line.grade for line in found.lines] == [None, None]
    assert found.lines[0].near > 0.9 > found.lines[1].near
    assert len(found.ungraded) == 2
