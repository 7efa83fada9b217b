"""Probes for what a model may have read: the question of each, whom it fits, and how a reply is graded."""

from __future__ import annotations

from typing import Any

import pytest

from baselines.probe_grades import RULES, grade, rates
from baselines.probes import KINDS, Probe, build, faults_of_paraphrase, paraphrase_request
from scoring.accuracy import wilson

HISTORY = "A 76-year-old bricklayer has been short of breath for 14 months. Ramipril was stopped."
CASE: dict[str, Any] = {
    "key": "heart",
    "language": "en",
    "title": "A man of 76 who no longer climbs to the second floor",
    "synthetic": False,
    "source": {"citation": "Journal of Imagined Medicine 2021;12:3456, Stiff Hearts", "url": "https://doi.org/10.1234/jim.5678"},
    "evidence": [
        {"id": "history", "type": "history", "text": HISTORY, "images": []},
        {"id": "ecg", "type": "electrophysiology", "finding": "Low voltage in the limb leads.", "images": [{}]},
    ],
    "options": [
        {"text": "ATTR amyloidosis", "right": True},
        {"text": "Constrictive pericarditis", "right": False},
        {"text": "Hypertensive heart disease", "right": False},
    ],
}  # fmt: skip


def probe(kind: Any, **more: Any) -> Probe:
    made = build(kind, CASE | more.pop("case", {}), **more)
    assert made is not None
    return made


def test_half_of_the_title_is_given_and_the_rest_is_expected() -> None:
    made = probe("title-completion")
    assert made.prompt.endswith("A man of 76 who no")
    assert made.expected == "longer climbs to the second floor"
    assert "longer climbs" not in made.prompt
    assert build("title-completion", CASE | {"title": "An old man"}) is None
    chinese = probe("title-completion", case={"title": "一名不再爬上二楼的七十六岁男性", "language": "zh"})
    assert (chinese.expected, "请逐字补全标题" in chinese.prompt) == ("的七十六岁男性", True)


@pytest.mark.parametrize(
    ("reply", "hit"),
    [
        ("longer climbs to the second floor", True),
        ('"A man of 76 who no longer climbs to the second floor."', True),
        ("<think>Hm.</think>\nlonger climbs to the 2nd floor\nI am quite sure.", True),
        ("longer tolerates metoprolol", False),
        ("  ", None),
    ],
)
def test_a_title_is_completed_word_for_word_or_it_is_not(reply: str, hit: bool | None) -> None:
    assert grade(probe("title-completion"), reply).hit is hit


@pytest.mark.parametrize(
    ("reply", "hit"),
    [
        ("doi:10.1234/JIM.5678", True),
        ("Stiff Hearts, J. Imagined Medicine, 2021", True),
        ("The New England Journal of Medicine, 2021", False),
        ("unknown", False),
        ("", None),
    ],
)
def test_a_source_is_named_by_its_doi_or_by_most_of_its_words(reply: str, hit: bool | None) -> None:
    assert grade(probe("which-source"), reply).hit is hit


def test_a_source_is_asked_for_with_history_and_examination_alone_and_never_of_a_synthetic_case() -> None:
    assert HISTORY in probe("which-source").prompt
    assert "Low voltage" not in probe("which-source").prompt
    assert build("which-source", CASE | {"synthetic": True}) is None
    assert build("which-source", CASE | {"source": {"licence": "x"}}) is None


def test_words_that_the_question_gives_away_name_no_source() -> None:
    source = {"citation": "bricklayer months ramipril Zeitschrift"}
    made = probe("which-source", case={"source": source})
    assert grade(made, "A bricklayer, 14 months, ramipril.").hit is False
    assert grade(made, "Zeitschrift").hit is True


def test_without_images_the_text_alone_stands_over_the_options() -> None:
    made = probe("image-removed")
    assert HISTORY in made.prompt
    assert "Low voltage" not in made.prompt
    assert made.options[ord(made.expected) - 65] == "ATTR amyloidosis"
    assert made.chance == pytest.approx(1 / 3)
    assert build("image-removed", CASE | {"options": []}) is None
    assert build("image-removed", CASE | {"evidence": CASE["evidence"][:1]}) is None, "there is no image to remove"


def test_the_paraphrase_differs_from_the_original_by_its_words_alone() -> None:
    words = {"history": "For 14 months a mason of 76 has panted.", "ecg": "Small QRS complexes."}
    first, other = probe("original"), probe("paraphrase", words=words)
    assert (first.options, first.expected) == (other.options, other.expected)
    assert "Low voltage" in first.prompt
    assert other.prompt == first.prompt.replace(HISTORY, words["history"]).replace(
        "Low voltage in the limb leads.", words["ecg"]
    )
    orders = {probe("original", sample=sample).options for sample in range(12)}
    assert len(orders) > 1, "another sample, another order"
    with pytest.raises(ValueError, match="no words for ecg"):
        build("paraphrase", CASE, words={"history": "x"})


@pytest.mark.parametrize(
    "form", ["{}", "{}.", "**{}**", "({})", "Answer: {}", "The answer is {}.", "{}) because", "答案：{}"]
)
def test_a_letter_is_read_in_its_usual_dress(form: str) -> None:
    made = probe("original")
    assert grade(made, form.format(made.expected)).hit is True
    wrong = next(letter for letter in "ABC" if letter != made.expected)
    assert grade(made, form.format(wrong)).hit is False


def test_words_of_an_option_count_and_what_names_none_is_not_read() -> None:
    made = probe("original")
    assert grade(made, "ATTR amyloidosis.").hit is True
    assert grade(made, "Constrictive pericarditis").hit is False
    for unread in ("A man of 76 with amyloidosis", "D", "", "I cannot tell."):
        assert grade(made, unread).hit is None, unread


def test_a_paraphrase_keeps_the_numbers_and_not_the_wording() -> None:
    good = "For 14 months the builder, who is 76, has panted on exertion. His ACE inhibitor ended."
    assert faults_of_paraphrase(HISTORY, good) == []
    assert faults_of_paraphrase(HISTORY, HISTORY) == ["100 % of the wording is kept, and less than 50 % may be"]
    assert "the numbers 14, 76 are gone" in faults_of_paraphrase(HISTORY, "An old builder pants.")
    assert HISTORY in paraphrase_request(HISTORY, "en")


def test_rates_carry_their_n_interval_rule_and_chance() -> None:
    made = [probe("image-removed", case={"key": f"case-{n}"}) for n in range(4)]
    replies = [made[0].expected, made[1].expected, "ABC"["ABC".index(made[2].expected) - 1], "no idea"]
    (rate,) = rates(grade(one, reply) for one, reply in zip(made, replies, strict=True))
    assert rate.hits is not None
    assert (rate.hits.estimate, rate.hits.n, rate.unread) == (2 / 3, 3, 1)
    assert rate.hits.ci == pytest.approx(wilson(2, 3))
    assert rate.chance == pytest.approx(1 / 3)
    assert "text alone" in rate.rule
    assert rates([grade(made[0], "no idea")])[0].hits is None
    assert set(RULES) == set(KINDS)
