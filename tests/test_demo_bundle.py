"""The demo bundle: it builds, and the check finds nothing but what clinicians still have to sign."""

from __future__ import annotations

import re
from pathlib import Path
from typing import get_args

import pytest
from PIL import Image

from study import bundle, demo
from study.case import TEXTUAL_TYPES, Case, EvidenceType


@pytest.fixture(scope="session")
def cases(demo_bundle: Path) -> dict[str, Case]:
    return {case.key: case for case in bundle.read(demo_bundle).cases}


def _images(built: Path) -> list[Path]:
    return sorted(path for path in built.glob("cases/*/*") if path.suffix in (".png", ".jpg"))


def test_the_check_finds_only_options_that_nobody_reviewed(demo_bundle: Path) -> None:
    report = bundle.check(demo_bundle)
    assert report.faults == ()
    assert {notice.kind for notice in report.warnings} == {"unreviewed-options"}


def test_ten_cases_of_which_two_are_practice_and_two_more_in_chinese(cases: dict[str, Case]) -> None:
    english = [case for case in cases.values() if case.language == "en"]
    assert len(english) == 10
    assert sum(case.practice for case in english) == 2
    assert sum(case.language == "zh" for case in cases.values()) == 2


def test_every_case_says_that_it_is_synthetic(cases: dict[str, Case]) -> None:
    assert all(case.synthetic and case.external_models and case.permissions.redistribute for case in cases.values())


def test_every_evidence_type_is_used(cases: dict[str, Case]) -> None:
    used = {block.type for case in cases.values() for block in case.evidence}
    assert used == set(get_args(EvidenceType))


def test_one_case_has_seven_visual_types_each_with_image_and_finding(cases: dict[str, Case]) -> None:
    visual = [block for block in cases["case-1"].evidence if block.type not in TEXTUAL_TYPES]
    assert len({block.type for block in visual}) == 7
    assert all(block.images and block.finding for case in cases.values() for block in case.evidence if not block.text)


def test_some_blocks_are_stacks(cases: dict[str, Case]) -> None:
    assert max(len(block.images) for case in cases.values() for block in case.evidence) >= 5


def test_every_image_decodes_at_1600_pixels_or_more_without_metadata(demo_bundle: Path) -> None:
    for path in _images(demo_bundle):
        with Image.open(path) as image:
            image.load()
            assert max(image.size) >= 1600, path
            assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, path
            assert not image.getexif(), path


def test_every_drawn_image_is_named_by_its_case(demo_bundle: Path, cases: dict[str, Case]) -> None:
    for key, case in cases.items():
        named = {image.file for block in case.evidence for image in block.images}
        assert {path.name for path in _images(demo_bundle) if path.parent.name == key} == named


def test_the_bundle_is_small_enough_to_carry(demo_bundle: Path) -> None:
    assert sum(path.stat().st_size for path in demo_bundle.rglob("*") if path.is_file()) < 40e6


def test_a_case_key_tells_nothing(cases: dict[str, Case]) -> None:
    assert all(re.fullmatch(r"(case|practice)-\d(-zh)?", key) for key in cases)


def test_a_case_drawn_again_has_the_same_bytes(demo_bundle: Path, tmp_path: Path) -> None:
    for key in ("practice-1", "case-8"):
        (tmp_path / key).mkdir()
        demo.drawing.draw(key, tmp_path / key)
        for path in sorted((tmp_path / key).iterdir()):
            assert path.read_bytes() == (demo_bundle / "cases" / key / path.name).read_bytes(), path.name


def test_a_finished_build_is_used_again(demo_bundle: Path) -> None:
    before = (demo_bundle / "study.yaml").stat().st_mtime_ns
    assert demo.build(demo_bundle) == demo_bundle
    assert (demo_bundle / "study.yaml").stat().st_mtime_ns == before


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(demo.NotADemo, match="name an empty or a new folder"):
        demo.build(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_four_options_and_each_distractor_is_ruled_out_by_a_block(cases: dict[str, Case]) -> None:
    for case in cases.values():
        blocks = {block.id for block in case.evidence}
        wrong = [option for option in case.options if not option.right]
        assert (len(case.options), len(wrong)) == (4, 3), case.key
        assert all(option.reason and option.ruled_out_by and set(option.ruled_out_by) <= blocks for option in wrong)


def test_a_translation_has_the_blocks_and_options_of_its_original(cases: dict[str, Case]) -> None:
    translated = [case for case in cases.values() if case.translation_of]
    assert len(translated) == 2
    for case in translated:
        original = cases[str(case.translation_of)]
        assert [(b.id, b.type) for b in case.evidence] == [(b.id, b.type) for b in original.evidence]
        assert [o.ruled_out_by for o in case.options] == [o.ruled_out_by for o in original.options]
