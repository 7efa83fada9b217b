"""What counts as the same diagnosis, and what must never."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.matching import match, near, normalise, same


@dataclass(frozen=True)
class Truth:
    name: str
    synonyms: tuple[str, ...] = ()


SAME = [
    ("Sjögren's syndrome", "sjogren syndrome"),
    ("Oesophageal tumour", "esophageal tumor"),
    ("Haemolytic anaemia", "hemolytic anemia"),
    ("Acute leukaemia", "acute leukemia"),
    ("Localised scleroderma", "localized scleroderma"),
    ("Paediatric goitre", "pediatric goiter"),
    ("COPD", "chronic obstructive pulmonary disease"),
    ("Benign paroxysmal positional vertigo (BPPV)", "BPPV"),
    ("Hashimoto's thyroiditis", "Hashimoto thyroiditis"),
    ("Hashimoto’s disease", "Hashimoto thyroiditis"),
    ("Wegener's granulomatosis", "granulomatosis with polyangiitis"),
    ("Meigs' syndrome", "Meigs disease"),
    ("Cardiomyopathy, dilated", "dilated cardiomyopathy"),
    ("Leukemia, myeloid, acute", "acute myeloid leukaemia"),
    ("Carcinoma of the pancreas", "pancreatic carcinoma"),
    ("Type I diabetes", "diabetes mellitus type 1"),
    ("MEN IIa", "MEN 2A"),
    ("Multiple endocrine neoplasia (MEN) IIa", "MEN 2A"),
    ("GVHD", "graft vs. host disease"),
    ("Non small-cell lung cancer", "NSCLC"),
    ("Hyper-kalaemia", "hyperkalemia"),
    ("Meningiomas", "meningioma"),
    ("β-thalassaemia", "beta thalassemia"),
    ("Probable sarcoidosis", "sarcoidosis"),
    ("2. Sarcoidosis (60%)", "sarcoidosis"),
    ("Hypertension secondary to renal artery stenosis", "hypertension due to renal artery stenosis"),
    ("橋本氏甲狀腺炎", "桥本甲状腺炎"),
    ("糖尿病Ⅰ型", "1型糖尿病"),
    ("甲亢", "甲状腺功能亢进症"),
]
NEVER = [
    ("hypothyroidism", "hyperthyroidism"),
    ("hypo-thyroidism", "hyper thyroidism"),
    ("nephritic syndrome", "nephrotic syndrome"),
    ("small cell lung cancer", "non-small cell lung cancer"),
    ("lung cancer, small cell", "lung cancer, non small cell"),
    ("Hodgkin lymphoma", "non-Hodgkin lymphoma"),
    ("type 1 diabetes", "type 2 diabetes"),
    ("MEN I", "MEN II"),
    ("factor V deficiency", "factor VII deficiency"),
    ("acute pancreatitis", "chronic pancreatitis"),
    ("acute on chronic liver failure", "chronic on acute liver failure"),
    ("left hemiparesis, right ptosis", "right hemiparesis, left ptosis"),
    ("hypokalaemia", "hyperkalemia"),
    ("hyponatraemia", "hypernatraemia"),
    ("haemophilia A", "haemophilia B"),
    ("haemophilia A", "haemophilia"),
    ("hepatitis A", "hepatitis"),
    ("HER2+ breast cancer", "HER2- breast cancer"),
    ("ER-negative PR-positive carcinoma", "ER-positive PR-negative carcinoma"),
    ("Cortisol: ↑", "Cortisol: ↓"),
    ("Cortisol: ↓; insulin: ↑", "Cortisol: ↑; insulin: ↓"),
    ("Enveloped (+) RNA virus", "Enveloped (-) RNA virus"),
    ("Cushing's disease", "Cushing's syndrome"),
    ("Raynaud disease", "Raynaud syndrome"),
    ("pneumonia with effusion", "pneumonia without effusion"),
    ("carcinoma of the lung metastatic to the brain", "carcinoma of the brain metastatic to the lung"),
    ("aortic stenosis", "stenosis of the aorta"),
    ("MS", "multiple sclerosis"),
    ("MS", "mitral stenosis"),
    ("diabetes insipidus", "diabetes mellitus"),
    ("metabolic syndrome", "metabolic disease"),
    ("ileus", "ilium"),
    ("dysphagia", "dysphasia"),
    ("prostatitis", "prostatism"),
    ("primary hyperparathyroidism", "secondary hyperparathyroidism"),
    ("not sarcoidosis", "sarcoidosis"),
    ("no diagnosis", "none"),
    ("甲亢", "甲减"),
    ("1型糖尿病", "2型糖尿病"),
    ("急性胰腺炎", "慢性胰腺炎"),
    ("高钾血症", "低钾血症"),
]


@pytest.mark.parametrize(("a", "b"), SAME)
def test_wordings_of_one_diagnosis_are_the_same(a: str, b: str) -> None:
    assert same(a, b), (normalise(a), normalise(b))


@pytest.mark.parametrize(("a", "b"), NEVER)
def test_two_diagnoses_that_look_alike_are_never_the_same(a: str, b: str) -> None:
    assert not same(a, b), normalise(a)
    assert match([a], Truth(b)).lines[0].grade != 5
    assert match([b], Truth(a)).lines[0].grade != 5


WORDS = (
    "Hodgkin non- a A of the type I ii V 1 2a acute chronic, due to with MEN syndrome's disease or / "
    "anaemia (PML) hyper tumours ALL - + 糖尿病 1型 甲亢 all unspecified likely 12% wild renal -thyroidism men "
    "likely, (BPPV)"
)
MEDICAL = st.lists(st.sampled_from(WORDS.split()), max_size=7).map(" ".join)


@settings(deadline=None)
@given(st.one_of(MEDICAL, st.text(max_size=40)))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@settings(deadline=None)
@given(MEDICAL, MEDICAL)
def test_likeness_is_symmetric_and_whole_only_for_equal_names(a: str, b: str) -> None:
    assert near(a, b) == pytest.approx(near(b, a))
    assert (near(a, b) == 1.0) == (normalise(a) == normalise(b))


@settings(deadline=None)
@given(MEDICAL)
def test_case_never_matters(text: str) -> None:
    assert normalise(text.upper()) == normalise(text.lower())
