"""The domain of a reader study and its record."""
