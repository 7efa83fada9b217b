"""Bots that read whole studies as clinicians do, through the same calls: for trials, never for analysis."""
