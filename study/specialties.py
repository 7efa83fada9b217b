"""The seventeen specialties of clinical cases and the eight groups that MEDSYN puts them in."""

from __future__ import annotations

from collections.abc import Mapping

GROUPS: Mapping[str, tuple[str, ...]] = {
    "General & Emergency": ("general", "internal", "emergency"),
    "Infectious & Tropical": ("infectious", "infection", "tropical"),
    "Haemato-Oncology": ("haematology", "hematology", "oncology"),
    "Endocrinology, Rheumatology & Clinical Genetics": ("endocrinology", "rheumatology", "genetics"),
    "Neurology & Psychiatry": ("neurology", "psychiatry"),
    "Cardiology & Respiratory": ("cardiology", "cardiovascular", "respiratory", "pulmonology", "pulmonary"),
    "Renal & Gastrointestinal": ("renal", "nephrology", "gastroenterology", "gastrointestinal", "hepatology"),
    "Obstetrics, Gynaecology & Paediatrics": ("obstetrics", "gynaecology", "gynecology", "paediatrics", "pediatrics"),
}
OTHER = "Other"


def group_of(specialty: str) -> str:
    """The group of a specialty by its key, such as ``infectious-diseases``; ``Other`` where it has none."""
    words = set(specialty.lower().split("-"))
    return next((group for group, stems in GROUPS.items() if words & set(stems)), OTHER)
