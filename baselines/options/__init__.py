"""Options by a model, as MEDSYN made them: its differential for a case, and whether options give themselves away."""
