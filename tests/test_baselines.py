"""The retrieval and chance baselines: what they look up, what they leave out, and what they answer to odd pages."""

from __future__ import annotations

import csv
from collections import Counter
from importlib import resources
from typing import Any

import pytest
import yaml

from baselines.chance import Chance
from baselines.collection import Labelled, LeaveOut, presentations, shingles, terms
from baselines.offline import offline
from baselines.retrieval import Retrieval
from study import demo
from study.answers import parse_answer
from study.database import StudyError
from study.desk import Page

GOUT = "Sudden severe pain, redness and swelling of one big toe at night after a heavy meal with beer."
STONE = "Colicky loin pain that comes in waves down to the groin, with vomiting and blood in the urine."
MALARIA = "Fever with rigors and sweats some days after a journey through the tropics without tablets."
SMALL = [
    Labelled(GOUT, "Gout", "en", "gout"),
    Labelled(STONE, "Ureteric stone", "en", "stone"),
    Labelled("腰部阵发性绞痛，向腹股沟放射，伴呕吐及血尿。", "输尿管结石", "zh", "stone"),
    Labelled(MALARIA, "Malaria", "en", "malaria"),
]


def page(*texts: str, kind: str = "ddx", language: str = "en", options: tuple[str, ...] = (), **step: Any) -> Page:
    """A page on which these texts are shown and this is asked."""
    blocks = [
        {"id": f"b{n}", "type": "history", "form": "text", "step": n, "shown_at": None, "text": words}
        for n, words in enumerate(texts)
    ]
    case = {"position": 1, "of": 3, "language": language, "synthetic": True, "practice": False}
    return Page.model_validate(
        {
            "reading": "00000000-0000-0000-0000-000000000001",
            "study": "00000000-0000-0000-0000-000000000002",
            "case": case,
            "state": "reading",
            "step": 3,
            "steps": 6,
            "attempt": 1,
            "script": "s",
            "blocks": blocks,
            "current": {"kind": kind, "cap": 5, **step},
            "options": [{"label": chr(65 + n), "text": text} for n, text in enumerate(options)] or None,
            "now": "2026-11-22T12:00:00Z",
            "answers": (),
            "flags": (),
            "kinds": (),
            "paused": False,
            "remaining": 1,
        }
        | dict.fromkeys(["opened_at", "deadline", "limit_kind", "draft", "previous"])
    )


def test_nearest_diagnosis_comes_first_and_the_scores_are_noted_beside_the_answer() -> None:
    given = Retrieval(SMALL, "small").ddx(page("Fever with rigors, back from the tropics, and some pain of the toe"))
    assert given.answer["lines"][0] == "Malaria"
    assert [line for line, _ in given.notes["ranked"]] == given.answer["lines"]
    scores = [score for _, score in given.notes["ranked"]]
    assert scores == sorted(scores, reverse=True)
    assert 0 < min(scores) <= max(scores) <= 1


@pytest.mark.parametrize("shown", [GOUT, GOUT[:60], GOUT.upper().replace(",", " -"), GOUT.replace("beer", "wine")])
def test_the_case_being_read_is_left_out_from_its_first_words_on(shown: str) -> None:
    assert "Gout" not in Retrieval(SMALL, "small").ddx(page(shown, "No fever, no pain of the loin.")).answer["lines"]


def test_a_case_takes_its_translations_and_twins_with_it() -> None:
    twin = Labelled(STONE.replace("vomiting", "nausea"), "Renal colic", "en", "another")
    out = LeaveOut([*SMALL, twin])
    assert out.of(STONE) == {1, 2, 4}  # itself, its translation, its near twin
    assert out.of(SMALL[2].text) == {1, 2, 4}  # from the Chinese page too, through the family
    assert out.of("A different story altogether, with a cough.") == frozenset()
    assert out.of("") == frozenset()


def test_chinese_pages_are_answered_in_chinese() -> None:
    given = Retrieval(presentations(), "own").ddx(
        page("清晨起床时手臂抽动、掉东西，闪光可诱发，多棘慢波。", language="zh")
    )
    assert given.answer["lines"][0] == "青少年肌阵挛癫痫"
    assert not any(line.isascii() for line in given.answer["lines"])


@pytest.mark.parametrize("texts", [(), ("",), ("Zzz qqq.",)])
def test_a_page_that_says_nothing_known_gets_no_diagnosis_and_a_drawn_option(texts: tuple[str, ...]) -> None:
    model = Retrieval(SMALL, "small")
    assert model.ddx(page(*texts)).answer == {"lines": [], "none": True, "confidence": 100}
    assert model.open(page(*texts, kind="open")).answer["none"] is True
    chosen = model.selection(page(*texts, kind="selection", options=("Gout", "Malaria")))
    assert chosen.answer["choice"] in ("A", "B")
    assert chosen.notes["drawn"] is True


def test_where_none_is_not_allowed_a_diagnosis_is_drawn() -> None:
    asked = page(cannot_name=False, min_lines=2)
    assert len(Retrieval(SMALL, "small").ddx(asked).answer["lines"]) == 2
    assert Retrieval(SMALL, "small").open(page(kind="open", cannot_name=False)).answer["diagnosis"]


def test_the_option_nearest_to_the_list_is_chosen_and_no_unknown_word_counts_for_it() -> None:
    asked = page(
        "Rigors and fever from the tropics", kind="selection", options=("Xyz disease", "Falciparum malaria", "Gout")
    )
    given = Retrieval(SMALL, "small").selection(asked)
    assert given.answer["choice"] == "B"
    assert given.notes["options"]["B"] > given.notes["options"]["A"]


def test_a_collection_of_one_works_and_an_empty_one_is_refused_in_a_sentence() -> None:
    one = Retrieval(SMALL[:1], "one")
    assert one.ddx(page("A toe in pain")).answer["lines"] == ["Gout"]
    assert one.ddx(page(GOUT)).answer["none"] is True
    with pytest.raises(StudyError, match="holds no case with words"):
        Retrieval([Labelled("the of and", "Gout")], "none")
    with pytest.raises(StudyError, match="no diagnosis"):
        Chance({})


@pytest.mark.parametrize("kind", ["ddx", "open", "selection"])
def test_every_answer_is_one_that_the_record_takes(kind: str) -> None:
    asked = page("Pain of the loin in waves", kind=kind, options=("Gout", "Ureteric stone"), confidence=True)
    for model in offline(SMALL, "small"):
        answer = getattr(model, kind)(asked).answer
        step = asked.current.model_dump() if asked.current else {}
        parse_answer(step, answer, asked.labels)


def test_chance_chooses_each_option_equally_often_and_draws_names_of_the_language() -> None:
    options = ("a", "b", "c", "d")
    chosen = Counter(
        Chance({"en": ["x"]}, seed).selection(page(kind="selection", options=options)).answer["choice"]
        for seed in range(2000)
    )
    assert set(chosen) == set("ABCD")
    assert all(abs(count - 500) < 90 for count in chosen.values())  # 4.6 standard deviations of 19.4
    lines = Chance({"en": ["x", "y"], "zh": ["甲", "乙"]}).ddx(page(language="zh")).answer["lines"]
    assert sorted(lines) == ["乙", "甲"]


def test_terms_are_words_pairs_and_chinese_pairs_and_threes() -> None:
    assert terms("The Left knee") == ["left", "knee", "left knee"]
    assert terms("晨起抽") == ["晨起", "起抽", "晨起抽"]
    assert shingles("Ab, c") == frozenset()
    assert len(shingles("abcdefghijklmno")) == 2  # 15 letters, 14 in a row


def test_the_collection_has_one_presentation_a_diagnosis_and_names_none_in_its_words() -> None:
    text = (resources.files("baselines") / "collections" / "presentations.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) >= 100
    assert len({row["diagnosis"] for row in rows}) == len(rows)
    assert [row["diagnosis"] for row in rows if row["diagnosis"].lower() in row["presentation"].lower()] == []


def test_every_truth_and_distractor_of_the_demo_is_in_the_collection() -> None:
    known = {case.diagnosis for case in presentations()}
    for path in demo.SOURCE.glob("cases/*/case.yaml"):
        assert {o["text"] for o in yaml.safe_load(path.read_text(encoding="utf-8"))["options"]} <= known
