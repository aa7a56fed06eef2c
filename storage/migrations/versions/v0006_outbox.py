"""Messages that go out by themselves: what is to be shown where, and how far that has come."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only where the key is declared with just this type.
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "watch_state",
        sa.Column("watch", sa.Text, primary_key=True),
        sa.Column("tick_ms", sa.BigInteger, nullable=False),  # a later one alone has an effect
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    _deliveries()
    op.create_table(
        "content",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),  # see storage/outbox_rows.py
        sa.Column("put_ms", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "follow_up",
        sa.Column("episode", sa.Text),
        sa.Column("after_ms", sa.BigInteger),
        sa.Column("due_ms", sa.BigInteger, nullable=False),
        sa.Column("done", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("episode", "after_ms"),
    )
    op.create_index("follow_up_due", "follow_up", ["done", "due_ms"])
    op.create_table(
        "lane",
        sa.Column("chat", sa.Text, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("opens_ms", sa.BigInteger, nullable=False),  # left alone until then
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("moved_to", sa.Text),
    )
    op.create_table(
        "chat_news",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("moved_to", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
    )


def _deliveries() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("episode", sa.Text, nullable=False),
        sa.Column("after_ms", sa.BigInteger, nullable=False),  # of a follow-up; 0: living message
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("urgency", sa.SmallInteger, nullable=False),
        sa.Column("ticket", sa.BigInteger, nullable=False),  # place in its chat's line
        sa.Column("state_ms", sa.BigInteger, nullable=False),  # of the episode as it is to be shown
        sa.Column("content", sa.Text, nullable=False),  # to be shown; "": to be taken back
        sa.Column("shown", sa.Text),  # is shown; NULL: nothing yet
        sa.Column("progress", sa.SmallInteger, nullable=False),  # see storage/outbox_rows.py
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("doubts", sa.Integer, nullable=False),
        sa.Column("put_ms", sa.BigInteger, nullable=False),
        sa.Column("tried_ms", sa.BigInteger),
        sa.Column("remote", sa.Text),  # what the chat calls it
        sa.Column("why", sa.Text),  # it was given up
        sa.UniqueConstraint("episode", "after_ms", "chat", "topic"),
    )
    # Only what is open is ever searched; what has been shown does not make that slower.
    still = sa.text("progress < 2")
    for name, columns in (
        ("delivery_next", ["platform", "urgency", "ticket"]),
        ("delivery_line", ["chat", "ticket"]),
    ):
        op.create_index(name, "delivery", columns, postgresql_where=still, sqlite_where=still)
    op.create_table(
        "outbox_ticket",
        sa.Column("next", sa.BigInteger, nullable=False),
    )
    # Whoever takes tickets holds this row until all is written, so writers go one after another.
    op.execute("INSERT INTO outbox_ticket (next) VALUES (1)")
