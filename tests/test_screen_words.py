"""The screens' words: each key stands in one file of its language, and both languages have the same keys."""

from __future__ import annotations

from collections import Counter
from importlib import resources

import pytest
import yaml

from streamlit_app.catalogue import FALLBACK, LANGUAGES, PARTS


def keys(language: str) -> Counter[str]:
    folder = resources.files("streamlit_app") / "text"
    files = (folder / f"{part}{language}.yaml" for part in PARTS)
    return Counter(key for file in files if file.is_file() for key in yaml.safe_load(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_of_one_page_takes_the_place_of_another_pages(language: str) -> None:
    # The files become one catalogue: a key in two of them would have the words of the later one everywhere.
    assert [key for key, times in keys(language).items() if times > 1] == []


def test_both_languages_say_the_same_things() -> None:
    # What findings and components say in English stands in the code itself.
    assert set(keys("zh")) - set(keys(FALLBACK)) == {"found", "components"}
    assert set(keys(FALLBACK)) - set(keys("zh")) == set()
