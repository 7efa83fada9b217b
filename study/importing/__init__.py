"""Case collections made elsewhere become bundles: one file a source, each a function from a file to ``Parsed``."""

from .parsed import ImportRefused, Parsed, Refusal
from .writing import Imported, write

__all__ = ["ImportRefused", "Imported", "Parsed", "Refusal", "write"]
