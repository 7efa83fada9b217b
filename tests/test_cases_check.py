"""What refuses a bundle, and what it is warned about."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from study import bundle
from study.bundle_report import FAULT_KINDS, WARNING_KINDS, Report
from tests.small_bundle import MALARIA, PERICARDITIS, write_bundle


def faults(report: Report) -> list[tuple[str, str, int | None]]:
    return [(fault.kind, fault.field, fault.line) for fault in report.faults]


def check(folder: Path, **cases: str) -> Report:
    return bundle.check(write_bundle(folder, **cases))


def test_the_small_bundle_has_neither_fault_nor_warning(tmp_path: Path) -> None:
    report = check(tmp_path)
    assert (report.notices, report.cases, report.images) == ((), 2, 1)


def test_reading_gives_cases_by_folder_and_images_with_size_and_hash(tmp_path: Path) -> None:
    found = bundle.read(write_bundle(tmp_path))
    assert [case.key for case in found.cases] == ["fever", "pain"]
    image = found.images[("pain", "ecg.png")]
    assert (image.mime, image.width, image.height) == ("image/png", 8, 6)
    assert (image.size, len(image.sha256)) == (image.path.stat().st_size, 64)


def test_a_bundle_with_a_fault_is_not_read(tmp_path: Path) -> None:
    write_bundle(tmp_path, fever=MALARIA.replace("key:", "kay:"))
    with pytest.raises(bundle.BundleRefused, match="unknown key") as refused:
        bundle.read(tmp_path)
    assert faults(refused.value.report) == [("field", "key", 1), ("field", "kay", 1)]


def test_every_fault_of_every_case_is_listed_at_once_with_its_line(tmp_path: Path) -> None:
    report = check(
        tmp_path,
        fever=MALARIA.replace("language: en", "language: English").replace("type: history", "type: rumour"),
        pain=PERICARDITIS.replace("ecg.png", "gone.png").replace("[ecg]", "[echo]"),
    )
    assert sorted(faults(report)) == [
        ("field", "evidence[0].type", 10),
        ("field", "language", 2),
        ("image", "evidence[1].images[0].file", 17),
        ("reference", "options[1].ruled_out_by[0]", 29),
    ]


@pytest.mark.parametrize(
    ("old", "new", "kind", "field"),
    [
        ("key: fever", "key: fever\nkey: ague", "yaml", "key"),
        ("name: Malaria", "name: *malaria", "yaml", "(file)"),
        ("name: Malaria", "name: [Malaria", "yaml", "(file)"),
        ("key: fever", "key: ague", "key", "key"),
        ("key: fever", "key: Fever!", "field", "key"),
        ("specialty:", "speciality:", "field", "speciality"),
        ("  redistribute: false", "  external_models: true", "permission", "permissions"),
        ("  licence: CC0-1.0", "  url: none", "field", "source.licence"),
        ("{text: Malaria, right: true}", "{text: Malaria}", "options", "options"),
        ("{text: Dengue,", "{text: Dengue, right: true,", "options", "options"),
        ("{text: Dengue,", "{text: plasmodium infections,", "options", "options[1].text"),
        ("{text: Dengue,", "{text: Dengue, ruled_out_by: [fog],", "reference", "options[1].ruled_out_by[0]"),
        ("language: en", "language: zh", "reference", "language"),
        ("language: en", "language: en\ntranslation_of: ague", "reference", "translation_of"),
    ],
)
def test_a_fault_is_named_by_kind_and_field(tmp_path: Path, old: str, new: str, kind: str, field: str) -> None:
    assert old in MALARIA
    found = {(fault.kind, fault.field) for fault in check(tmp_path, fever=MALARIA.replace(old, new)).faults}
    assert (kind, field) in found


@pytest.mark.parametrize("hostile", ["[" * 200_000, "a: " + "{a: " * 200_000, "- " * 2_000 + "x", "\x00", "? [a]\n: b"])
def test_hostile_yaml_is_a_fault_and_never_a_crash(tmp_path: Path, hostile: str) -> None:
    assert not check(tmp_path, fever=hostile).ok


def test_two_blocks_with_one_id_are_a_fault(tmp_path: Path) -> None:
    report = check(tmp_path, pain=PERICARDITIS.replace("id: ecg", "id: history").replace("[ecg]", "[history]"))
    assert faults(report) == [("key", "evidence[1].id", 13)]


def test_an_image_may_not_lie_outside_its_case(tmp_path: Path) -> None:
    report = check(tmp_path, pain=PERICARDITIS.replace("ecg.png", "../ecg.png"))
    assert [fault.kind for fault in report.faults] == ["image"]
    assert "leaves the case's folder" in report.faults[0].message


def test_a_symbolic_link_is_no_image(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "bundle") / "cases" / "pain"
    (folder / "ecg.png").rename(tmp_path / "secret.png")
    (folder / "ecg.png").symlink_to(tmp_path / "secret.png")
    assert "symbolic link" in bundle.check(tmp_path / "bundle").faults[0].message


def test_an_image_is_decoded_whole(tmp_path: Path) -> None:
    file = write_bundle(tmp_path) / "cases" / "pain" / "ecg.png"
    Image.effect_noise((64, 64), 50).save(file)
    file.write_bytes(file.read_bytes()[:-2000])
    assert [fault.kind for fault in bundle.check(tmp_path).faults] == ["image"]


def test_an_image_that_no_browser_shows_is_refused(tmp_path: Path) -> None:
    file = write_bundle(tmp_path) / "cases" / "pain" / "ecg.png"
    Image.new("L", (8, 6)).save(file, format="TIFF")
    assert "browsers do not show" in bundle.check(tmp_path).faults[0].message


def test_exif_of_person_and_place_is_refused_and_orientation_is_not(tmp_path: Path) -> None:
    file = write_bundle(tmp_path) / "cases" / "pain" / "ecg.png"
    exif = Image.Exif()
    exif[0x0112] = 1
    Image.new("L", (8, 6)).save(file, format="JPEG", exif=exif)
    assert bundle.check(tmp_path).ok
    exif[0x013B] = "Dr A. Name"
    exif.get_ifd(0x8825)[1] = "N"
    Image.new("L", (8, 6)).save(file, format="JPEG", exif=exif)
    fault = bundle.check(tmp_path).faults[0]
    assert fault.kind == "identifying"
    assert "EXIF Artist, EXIF GPSInfo" in fault.message


def test_png_text_may_name_the_software_and_nothing_of_a_patient(tmp_path: Path) -> None:
    file = write_bundle(tmp_path) / "cases" / "pain" / "ecg.png"
    text = PngInfo()
    text.add_text("Software", "a plotting library")
    Image.new("L", (8, 6)).save(file, pnginfo=text)
    assert bundle.check(tmp_path).ok
    text.add_text("PatientName", "Name^A")
    Image.new("L", (8, 6)).save(file, pnginfo=text)
    assert "PNG text 'PatientName'" in bundle.check(tmp_path).faults[0].message


def test_a_dicom_file_is_refused_under_any_name_even_where_no_block_names_it(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path) / "cases" / "pain"
    (folder / "notes.bin").write_bytes(b"\0" * 128 + b"DICM" + b"\0" * 20)
    fault = bundle.check(tmp_path).faults[0]
    assert (fault.kind, fault.file) == ("identifying", "cases/pain/notes.bin")


def test_only_synthetic_cases_need_no_word_on_deidentification_and_permission(tmp_path: Path) -> None:
    bare = PERICARDITIS.replace("        deidentified: {by: A. Clinician, on: 2026-01-01, how: drawn anew}\n", "")
    bare = bare.replace("permissions:\n  external_models: false\n  redistribute: true\n", "")
    found = [fault.kind for fault in check(tmp_path / "real", pain=bare).faults]
    assert sorted(found) == ["deidentification", "permission"]
    assert check(tmp_path / "synthetic", pain=bare.replace("specialty:", "synthetic: true\nspecialty:")).ok


@pytest.mark.parametrize(
    ("old", "new", "kind", "field"),
    [
        ("Fever after", "Malaria after", "leak", "evidence[0].text"),
        ("Fever after", "plasmodium infections after", "leak", "evidence[0].text"),
        ("specialty:", "title: A man with malaria\nspecialty:", "leak", "title"),
        ("{text: Dengue,", "{text: Malria,", "near-option", "options[1].text"),
        ("{text: Dengue,", "{text: Cerebral malaria,", "near-option", "options[1].text"),
        ("{text: Dengue,", "{text: acute pericarditis,", "truth-elsewhere", "options[1].text"),
        ("{text: Malaria, right", "{text: Typhoid fever, right", "right-option-wording", "options[0].text"),
        ("review: reviewed", "review: proposed", "unreviewed-options", "options"),
    ],
)
def test_a_warning_is_named_by_kind_and_field(tmp_path: Path, old: str, new: str, kind: str, field: str) -> None:
    assert old in MALARIA
    report = check(tmp_path, fever=MALARIA.replace(old, new), pain=PERICARDITIS)
    assert [(warning.kind, warning.field) for warning in report.warnings] == [(kind, field)]
    assert report.ok


def test_a_leak_in_alternative_text_and_caption_is_a_warning(tmp_path: Path) -> None:
    leaky = PERICARDITIS.replace("twelve leads,", "acute pericarditis,")
    leaky = leaky.replace("        deident", "        caption: Acute  Pericarditis\n        deident")
    found = [(warning.kind, warning.field) for warning in check(tmp_path, pain=leaky).warnings]
    assert found == [("leak", "evidence[1].images[0].alt"), ("leak", "evidence[1].images[0].caption")]


def test_a_key_that_gives_the_diagnosis_away_is_a_leak(tmp_path: Path) -> None:
    report = check(tmp_path, malaria=MALARIA.replace("key: fever", "key: malaria"))
    assert [(warning.kind, warning.field) for warning in report.warnings] == [("leak", "key")]


def test_a_case_without_options_is_a_warning(tmp_path: Path) -> None:
    report = check(tmp_path, fever=MALARIA[: MALARIA.index("options:")])
    assert report.warning_counts() == {"no-options": 1}


def test_a_missing_folder_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    report = bundle.check(tmp_path / "nowhere")
    assert [fault.kind for fault in report.faults] == ["folder"]


def test_every_kind_that_is_used_has_a_sentence() -> None:
    assert len(FAULT_KINDS) == 10
    assert set(WARNING_KINDS) >= {"leak", "near-option", "truth-elsewhere", "unreviewed-options", "no-options"}
