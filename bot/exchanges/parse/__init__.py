"""One pure function for each payload of each venue."""
