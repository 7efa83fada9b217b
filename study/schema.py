"""The published JSON Schema of ``case.yaml`` and ``study.yaml``, for editors and other programs."""

from __future__ import annotations

from typing import Any

from .case import Case, StudyFile

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def bundle_schemas() -> dict[str, dict[str, Any]]:
    """One JSON Schema (draft 2020-12) for each file of a bundle, by the file's name."""
    return {
        "case.yaml": {"$schema": DIALECT, **Case.model_json_schema()},
        "study.yaml": {"$schema": DIALECT, **StudyFile.model_json_schema()},
    }
