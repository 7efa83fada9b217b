"""Probes for what a model may have read, asked of declared models and kept as calls of the study's record."""
