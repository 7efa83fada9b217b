"""AgentClinic's JSON lines become bundles."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from study import bundle
from study.importing import ImportRefused, agentclinic, vocabulary, write

REAL = Path(__file__).parents[1] / "../shared/data/agentclinic/agentclinic_medqa_extended.jsonl"


def record(**changes: Any) -> dict[str, Any]:
    osce = {
        "Objective_for_Doctor": "Diagnose gout.",
        "Patient_Actor": {
            "Demographics": "50-year-old man",
            "History": "A hot toe since last night.",
            "Symptoms": {"Primary_Symptom": "Pain", "Secondary_Symptoms": ["Swelling", "Redness"]},
            "Past_Medical_History": "None.",
            "Social_History": {"Alcohol": "Beer daily"},
            "Review_of_Systems": "No fever.",
        },
        "Physical_Examination_Findings": {"Vital_Signs": {"Temperature": "37.1 °C"}, "Foot": "Red first toe"},
        "Test_Results": {
            "Serum_Chemistry": {"Uric_Acid": "9.1 mg/dL"},
            "Imaging": {
                "X-ray_Foot": {"Findings": "No fracture."},
                "Chest_CT": {"Findings": "Normal."},
                "Findings": "",
            },
            "Mystery_Test": "Positive",
        },
        "Correct_Diagnosis": "Gouty arthritis (GA)",
    }
    return {"OSCE_Examination": osce | changes}


def write_lines(folder: Path, *records: Any) -> Path:
    file = folder / "records.jsonl"
    lines = [one if isinstance(one, str) else json.dumps(one) for one in records]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def test_a_record_becomes_ordered_typed_blocks(tmp_path: Path) -> None:
    write(agentclinic.parse(write_lines(tmp_path, record())), tmp_path / "out")
    case = bundle.read(tmp_path / "out").cases[0]
    assert [(block.id, block.type) for block in case.evidence] == [
        ("demographics-and-history", "history"),
        ("symptoms", "history"),
        ("past-and-social-history", "history"),
        ("review-of-systems", "history"),
        ("examination", "examination"),
        ("serum-chemistry", "laboratory"),
        ("x-ray-foot", "x-ray"),
        ("chest-ct", "ct"),
        ("mystery-test", "other"),
    ]
    assert case.evidence[1].text == "Primary Symptom: Pain\nSecondary Symptoms: Swelling; Redness"
    assert case.evidence[4].text == "Vital Signs:\n  Temperature: 37.1 °C\nFoot: Red first toe"
    assert (case.evidence[7].finding, case.evidence[7].text) == ("Normal.", None)


def test_source_permission_and_a_synonym_in_parentheses_are_filled(tmp_path: Path) -> None:
    write(agentclinic.parse(write_lines(tmp_path, record())), tmp_path / "out")
    case = bundle.read(tmp_path / "out").cases[0]
    assert (case.diagnosis.name, case.diagnosis.synonyms) == ("Gouty arthritis", ("GA",))
    assert (case.source.licence, case.external_models, case.specialty) == ("MIT", True, "unspecified")
    assert "line 1" in (case.source.citation or "")


def test_unknown_names_and_fields_not_taken_over_are_counted(tmp_path: Path) -> None:
    parsed = agentclinic.parse(write_lines(tmp_path, record(Management_and_Follow_Up="Colchicine")))
    assert dict(parsed.unknown) == {"Mystery_Test": 1}
    assert dict(parsed.left_out) == {"Objective_for_Doctor": 1, "Management_and_Follow_Up": 1}


def test_a_leak_is_reported_and_masked_only_on_request(tmp_path: Path) -> None:
    parsed = agentclinic.parse(write_lines(tmp_path, record(Test_Results={"Joint_Aspirate": "Gouty arthritis."})))
    told = write(parsed, tmp_path / "open")
    assert told.leaks == {"agentclinic-001": ("joint-aspirate.text",)}
    assert bundle.check(tmp_path / "open").warning_counts() == {"leak": 1, "no-options": 1}
    assert write(parsed, tmp_path / "masked", mask=True).leaks == told.leaks
    assert bundle.read(tmp_path / "masked").cases[0].evidence[-1].text == "[masked]."


def test_every_malformed_record_is_named_with_its_line_and_nothing_is_written(tmp_path: Path) -> None:
    file = write_lines(tmp_path, record(), "{not JSON", record(Correct_Diagnosis=" "), record(), '{"OSCE": {}}')
    with pytest.raises(ImportRefused) as refused:
        write(agentclinic.parse(file), tmp_path / "out")
    assert [refusal.line for refusal in refused.value.refusals] == [2, 3, 4, 5]
    assert refused.value.refusals[2].message == "repeats the record of line 1"
    assert not (tmp_path / "out").exists()


def test_skipping_leaves_malformed_records_out_and_lists_them(tmp_path: Path) -> None:
    told = write(agentclinic.parse(write_lines(tmp_path, "[]", record())), tmp_path / "out", skip_invalid=True)
    assert (told.cases, [refusal.line for refusal in told.left_out]) == (1, [1])
    assert [case.key for case in bundle.read(tmp_path / "out").cases] == ["agentclinic-002"]


def test_a_folder_with_anything_in_it_is_not_written_to(tmp_path: Path) -> None:
    parsed = agentclinic.parse(write_lines(tmp_path, record()))
    with pytest.raises(ImportRefused, match="not an empty folder"):
        write(parsed, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["records.jsonl"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Complete_Blood_Count", "laboratory"),
        ("Direct_Antiglobulin_Test", "laboratory"),
        ("Corneal_Scraping_Culture", "laboratory"),
        ("Urine_β-hCG", "laboratory"),
        ("STI_Screening", "laboratory"),
        ("CT_Angiography_Abdomen", "ct"),
        ("PET-CT", "nuclear"),
        ("V/Q_Scan", "nuclear"),
        ("Brain_MRI", "mri"),
        ("Erect_Abdominal_X-ray", "x-ray"),
        ("Barium_Enema", "x-ray"),
        ("Doppler_Ultrasound_Lower_Limb", "ultrasound"),
        ("Transthoracic_Echocardiogram", "ultrasound"),
        ("ECG", "electrophysiology"),
        ("Electromyography", "electrophysiology"),
        ("Skin_Biopsy", "microscopy"),
        ("Peripheral_Blood_Smear", "microscopy"),
        ("Upper_Gastrointestinal_Endoscopy", "endoscopy"),
        ("Fundoscopy", "photography"),
        ("Genetic_Testing", "genomics"),
        ("Vital_Signs_Trend", "examination"),
        ("Occupational_History", "history"),
        ("Spirometry", "other"),
        ("Head_CT_or_MRI", "other"),
        ("Interventions", None),
    ],
)
def test_a_test_name_has_an_evidence_type(name: str, expected: str | None) -> None:
    assert vocabulary.evidence_type(name) == expected


@pytest.mark.skipif(not REAL.exists(), reason="the AgentClinic file is not on this machine")
def test_all_214_published_cases_import_without_fault_and_30_name_their_diagnosis(tmp_path: Path) -> None:
    parsed = agentclinic.parse(REAL)
    told = write(parsed, tmp_path / "out")
    assert (told.cases, len(told.left_out), len(told.leaks)) == (214, 0, 30)
    assert set(parsed.unknown) == {"Brain_Imaging", "Head_Imaging", "Additional_Tests", "Interventions", "Others"}
    report = bundle.check(tmp_path / "out")
    assert (report.faults, report.warning_counts()) == ((), {"leak": 33, "no-options": 214})
