"""Options by a model: proposed, audited, reviewed."""
