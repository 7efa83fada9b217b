"""Leaks in a text, and how two wordings of a diagnosis relate."""

from __future__ import annotations

import pytest

from study import leaks, wording
from study.case import Diagnosis


def test_a_leak_is_found_whatever_its_case_accent_or_spelling() -> None:
    text = "Suggests WALDENSTRÖM MACROGLOBULINEMIA."
    found = leaks.find(text, ["Waldenstrom macroglobulinaemia"])
    assert [text[leak.start : leak.end] for leak in found] == ["WALDENSTRÖM MACROGLOBULINEMIA"]


def test_a_leak_stops_at_word_bounds() -> None:
    assert leaks.find("Gouty tophi; bigout.", ["Gout"]) == []


def test_a_short_acronym_leaks_in_capitals_only() -> None:
    assert leaks.find("All joints hurt, all night.", ["ALL"]) == []
    assert len(leaks.find("Blasts suggest ALL.", ["ALL"])) == 1


def test_a_chinese_diagnosis_leaks_without_spaces_around_it() -> None:
    assert leaks.mask("考虑疟疾可能", ["疟疾"]) == "考虑[masked]可能"


def test_masking_takes_every_wording_and_of_overlaps_the_longest() -> None:
    masked = leaks.mask("Acute gout. Gout crystals.", ["Gout", "Acute gout"])
    assert masked == "[masked]. [masked] crystals."


@pytest.mark.parametrize(
    ("key", "names", "given_away"),
    [
        ("waldenstrom-2", ["Waldenström macroglobulinaemia"], True),
        ("attr-cardiomyopathy", ["Wild-type ATTR cardiomyopathy"], True),
        ("hyperparathyroidism", ["Primary hyperparathyroidism"], True),
        ("jme-zh", ["Juvenile myoclonic epilepsy", "JME"], True),
        ("chest-pain", ["Acute pericarditis"], False),
        ("acute-heart-3", ["Acute heart failure"], False),
        ("case-3-zh", ["Type 3 disease", "青少年肌阵挛癫痫"], False),
        ("agentclinic-0042", ["Common variable immune deficiency"], False),
    ],
)
def test_a_key_leaks_by_half_of_a_wordings_telling_words(key: str, names: list[str], given_away: bool) -> None:
    assert (leaks.in_key(key, names) is not None) is given_away


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("COPD", "chronic obstructive pulmonary disease", "same"),
        ("Hirschsprung's disease", "Hirschprung disease", "near"),
        ("acute appendicitis", "appendicitis", "contained"),
        ("interstitial cystitis", "interstitial cystitis without haematuria", "contained"),
        ("hypothyroidism", "hyperthyroidism", None),
        ("nephritic syndrome", "nephrotic syndrome", None),
        ("small cell lung cancer", "non-small cell lung cancer", None),
        ("type 1 diabetes", "type 2 diabetes", None),
        ("primary hyperparathyroidism", "tertiary hyperparathyroidism", None),
        ("Cortisol: ↑", "Cortisol: ↓", None),
        ("原发性甲状旁腺功能亢进症", "三发性甲状旁腺功能亢进症", None),
    ],
)
def test_two_wordings_relate(a: str, b: str, expected: str | None) -> None:
    assert wording.relation(a, b) == expected
    assert wording.relation(b, a) == expected


def test_the_closest_relation_to_any_wording_counts() -> None:
    gout = Diagnosis(name="Gout", synonyms=("Urate arthropathy",))
    assert wording.variant("urate arthropathies", gout) == "same"
    assert wording.variant("chronic urate arthropathy", gout) == "contained"
    assert wording.variant("Septic arthritis", gout) is None
