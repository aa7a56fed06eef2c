"""When: one tick of APScheduler, on which everything that is done again and again depends."""
