"""A market whose every position is known. Nothing of the estimate is imported here."""
