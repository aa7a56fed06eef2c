"""One file for each question a person can ask: waits, decides, replies."""
