"""What was observed: series of one market, oldest first, read-only."""
