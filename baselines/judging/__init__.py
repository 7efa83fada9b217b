"""Models as judges: distinct diagnoses held against the truth by a rubric, without a word of who wrote them."""
