"""Numbered changes of the schema, oldest first; one that has been released never changes."""
