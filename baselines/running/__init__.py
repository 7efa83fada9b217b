"""The run: models read a study through the record of calls, many readings at once, and nothing asked twice unsaid."""
