"""The schema. It changes only by a new numbered file in versions/."""

# The newest revision, said here so that opening a database that has it imports no Alembic.
HEAD = "0009"
