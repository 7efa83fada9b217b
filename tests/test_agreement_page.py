"""The analyst's page says who graded, by which rule, and how far they agree, in every language."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page(language: str) -> None:
    import streamlit as st

    from scoring.adjudication import source_of
    from streamlit_app.pages import analyst_judging
    from study.agreement import judging
    from tests.test_agreement import SCALE, both, grade
    from tests.test_results import row

    st.session_state["interface_language"] = language
    grades = [*both("Marsh fever", 4, 3), *both("Gout", 0, 5), grade("Gout", 0, source_of("north", 2))]
    analyst_judging.section(judging([row("R", lines=("Marsh fever", "Gout"))], grades, SCALE), "s")
    analyst_judging.section(judging([], grades[:0], SCALE), "s")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_sentences_and_tables_of_those_who_graded_are_shown_and_nothing_where_nobody_did(language: str) -> None:
    shown = AppTest.from_function(page, args=(language,)).run(timeout=90)
    assert not shown.exception
    words = " ".join(one.value for one in shown.markdown)
    title = {"en": "Agreement of those who graded", "zh": "评分者之间的一致性"}[language]
    assert title in words
    assert "Judges: north (north, kanjee2023.1), south (south, kanjee2023.1)." in words
    assert "1 lines wait for a human" in words
    tables = [one.proto.body for one in shown.get("html")]
    assert sum("<table" in body for body in tables) == 3
    files = [one.proto.id for one in shown.get("download_button")]
    assert [any(f"file-s-{name}.csv" in one for one in files) for name in ("graders", "judges-repeats")] == [True, True]
