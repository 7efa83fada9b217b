"""Distractors are proposed from pools, and case files keep what their authors wrote."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from study import bundle, bundle_write, pools
from study.case import Case
from study.distractors import propose
from study.pools import Term
from tests.small_bundle import MALARIA, write_bundle


def case(key: str, name: str, *synonyms: str) -> Case:
    return Case.model_validate(
        {
            "key": key,
            "language": "en",
            "specialty": "surgery",
            "source": {"licence": "CC0-1.0"},
            "evidence": [{"id": "history", "type": "history", "text": "Pain."}],
            "diagnosis": {"name": name, "synonyms": synonyms},
        }
    )


def texts(cases: list[Case], names: list[str], count: int = 3) -> list[str]:
    proposal = propose(cases, [Term(name, "pool") for name in names], count)[0]
    return [option["text"] for option in proposal.options]


def test_the_right_option_stands_first_and_distractors_follow_by_likeness() -> None:
    names = ["Gastric ulcer", "Acute cholangitis", "Acute cholecystitis with fever", "Acute pancreatitis", "Rhinitis"]
    assert texts([case("a", "Acute cholecystitis")], names, 2) == [
        "Acute cholecystitis",
        "Acute cholangitis",
        "Acute pancreatitis",
    ]


def test_synonyms_variants_and_the_truth_of_another_case_are_never_proposed() -> None:
    cases = [case("a", "Acute appendicitis", "Typhlitis"), case("b", "Acute diverticulitis")]
    names = ["appendicitis", "Perforated acute appendicitis", "Typhlitis", "Acute apendicitis", "Acute diverticulitis"]
    assert texts(cases, names) == []
    assert texts(cases, [*names, "Acute ileitis"]) == ["Acute appendicitis", "Acute ileitis"]


def test_two_distractors_are_never_variants_of_one_another() -> None:
    names = ["Acute pancreatitis", "Severe acute pancreatitis", "Acute colitis"]
    assert texts([case("a", "Acute cholecystitis")], names)[1:].count("Severe acute pancreatitis") == 0


def test_a_pool_term_whose_own_synonym_is_the_diagnosis_is_not_proposed() -> None:
    terms = [Term("Vermiform process inflammation", "pool", ("Acute appendicitis",)), Term("Acute ileitis", "pool")]
    options = propose([case("a", "Acute appendicitis")], terms)[0].options
    assert [option["text"] for option in options] == ["Acute appendicitis", "Acute ileitis"]


def test_codes_above_and_below_the_diagnosis_are_not_proposed() -> None:
    terms = [
        Term("Acute abdomen inflammation", "icd", codes=("K35",)),
        Term("Acute appendicitis", "icd", codes=("K35", "K35.8")),
        Term("Acute peritoneal abscess", "icd", codes=("K35", "K35.8", "K35.89")),
        Term("Acute ileitis", "icd", codes=("K52",)),
    ]
    options = propose([case("a", "Acute appendicitis")], terms)[0].options
    assert [option["text"] for option in options] == ["Acute appendicitis", "Acute ileitis"]


def test_each_proposal_is_marked_with_its_origin_and_missing_ones_are_counted() -> None:
    proposal = propose([case("a", "Acute cholecystitis")], [Term("Acute cholangitis", "list.csv")], 3)[0]
    assert (proposal.options[1]["review"], proposal.missing) == ("proposed", 2)
    assert proposal.options[1]["origin"].startswith("tf-idf:list.csv:1/0.")


def test_proposals_are_the_same_every_time() -> None:
    terms = [Term(f"Acute {word}itis", "pool") for word in ("col", "col", "gastr", "nephr", "ile", "prostat")]
    cases = [case("a", "Acute hepatitis"), case("b", "Acute cystitis")]
    assert propose(cases, terms, seed=4) == propose(cases, terms[::-1], seed=4)


def test_adding_options_keeps_comments_and_layout_to_the_letter() -> None:
    before = "# my case\n" + MALARIA[: MALARIA.index("options:")] + "# end"
    after = bundle_write.with_options(before, [{"text": "Malaria", "right": True}, {"text": "Dengue"}])
    assert after.startswith(before + "\n")
    assert yaml.safe_load(after)["options"] == [{"text": "Malaria", "right": True}, {"text": "Dengue"}]
    replaced = bundle_write.with_options(before.replace("# my case", "options: []"), [{"text": "Malaria"}])
    assert replaced.count("options:") == 1


def test_options_that_are_there_are_never_written_over() -> None:
    with pytest.raises(ValueError, match="already has options"):
        bundle_write.with_options(MALARIA, [{"text": "Gout"}])


def test_a_pool_is_a_bundle_or_a_table_of_terms(tmp_path: Path) -> None:
    found = pools.read(str(write_bundle(tmp_path / "pool")))
    assert [(term.text, term.pool) for term in found] == [
        ("Malaria", "pool"),
        ("Acute pericarditis", "pool"),
        ("Dengue", "pool"),
        ("Myocardial infarction", "pool"),
    ]
    (tmp_path / "terms.csv").write_text("Term,synonyms\nGout,podagra; urate arthritis\n,\n", encoding="utf-8")
    assert pools.read(str(tmp_path / "terms.csv")) == [Term("Gout", "terms.csv", ("podagra", "urate arthritis"))]


def test_a_pool_that_cannot_be_read_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "words.csv").write_text("word\nGout\n", encoding="utf-8")
    with pytest.raises(pools.PoolRefused, match="names none of the columns term, diagnosis"):
        pools.read(str(tmp_path / "words.csv"))
    with pytest.raises(pools.PoolRefused, match="no folder and no file"):
        pools.read("nowhere")


def test_icd_10_cm_gives_diagnoses_with_their_inclusion_terms_and_lineage() -> None:
    pytest.importorskip("simple_icd_10_cm", reason="the extra `vocabularies` is not installed")
    found = {term.codes[-1]: term for term in pools.read("icd10cm")}
    assert found["A81.2"] == Term(
        "Progressive multifocal leukoencephalopathy",
        "icd10cm",
        ("Multifocal leukoencephalopathy NOS",),
        ("A81", "A81.2"),
    )
    assert not [term for term in found.values() if "unspecified" in term.text.lower()]


def test_a_completed_bundle_has_no_fault_and_no_truth_of_another_case(tmp_path: Path) -> None:
    bare = {key: text[: text.index("options:")] for key, text in {"fever": MALARIA}.items()}
    folder = write_bundle(tmp_path, **bare)
    proposal = propose(bundle.read(folder).cases, [Term("Cerebral malaria", "p"), Term("Babesia infection", "p")])[0]
    file = folder / "cases" / "fever" / "case.yaml"
    file.write_text(bundle_write.with_options(file.read_text(encoding="utf-8"), proposal.options), encoding="utf-8")
    assert bundle.check(folder).warning_counts() == {"unreviewed-options": 1}
    assert [option.text for option in bundle.read(folder).cases[0].options] == ["Malaria", "Babesia infection"]
