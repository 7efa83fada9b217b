"""A bundle that bots may read: checked, and synthetic throughout."""

from __future__ import annotations

from pathlib import Path

from study.bundle import Bundle, BundleRefused, read
from study.database import StudyError


def synthetic(path: Path) -> Bundle:
    """The bundle at ``path``; raises ``StudyError`` where it has faults or is not marked synthetic."""
    try:
        bundle = read(path)
    except BundleRefused as refused:
        raise StudyError(str(refused)) from None
    if not bundle.study.synthetic:
        raise StudyError(
            f"{path} is not marked synthetic. Bots read synthetic cases only: no record of real cases may hold "
            "made-up readings."
        )
    return bundle
