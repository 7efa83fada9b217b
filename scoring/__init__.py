"""Grades and statistics of diagnoses: pure functions, arrays and frames in, results out."""
