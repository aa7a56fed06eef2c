"""Watches with their drafts and ledgers, and how chats want to be spoken to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only where the key is declared with just this type.
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "watch",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("world", sa.Text, nullable=False),  # "live", "sim", "replay"
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("topic", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("made_ms", sa.BigInteger, nullable=False),
        sa.Column("snoozed_ms", sa.BigInteger, nullable=False),
        sa.Column("retired", sa.Text, nullable=False),  # why; "": it speaks
        sa.Column("draft", sa.Text, nullable=False),  # that it was saved from; "": none
        sqlite_autoincrement=True,  # a number is never given again
    )
    speaks = sa.text("retired = ''")
    op.create_index(
        "watch_once",
        "watch",
        ["world", "chat", "topic", "words"],
        unique=True,
        sqlite_where=speaks,
        postgresql_where=speaks,
    )
    op.create_index("watch_owner", "watch", ["owner"])
    op.create_table(
        "watch_draft",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("world", sa.Text, nullable=False),
        sa.Column("chat", sa.Text, nullable=False),
        sa.Column("person", sa.Text, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("touched_ms", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("world", "chat", "person"),
        sqlite_autoincrement=True,
    )
    _ledger()
    for name, kind in (
        ("zone", sa.Text),
        ("quiet_from", sa.SmallInteger),  # [minute of the day]
        ("quiet_until", sa.SmallInteger),
        ("muted_ms", sa.BigInteger),
        ("language", sa.Text),
    ):
        op.add_column("chat", sa.Column(name, kind))  # NULL: the bot's default


def _ledger() -> None:
    op.create_table(
        "watch_episode",
        sa.Column("message", sa.Text, primary_key=True),
        sa.Column("watch", sa.Text, nullable=False),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("began_ms", sa.BigInteger, nullable=False),
        sa.Column("told_ms", sa.BigInteger),
        sa.Column("ended_ms", sa.BigInteger),
        sa.Column("held", sa.Text),
        sa.Column("price", sa.Double),
        sa.Column("side", sa.Text),  # of the cluster it was about
        sa.Column("low", sa.Double),
        sa.Column("high", sa.Double),
        sa.Column("usd", sa.Double),
        sa.Column("way", sa.Text),
        sa.Column("markets", sa.Text),  # keys of instruments, one a line
    )
    op.create_index("watch_episode_of", "watch_episode", ["watch", "began_ms"])
    op.create_table(
        "watch_outcome",
        sa.Column("message", sa.Text),
        sa.Column("after_ms", sa.BigInteger),
        sa.Column("price", sa.Double, nullable=False),
        sa.Column("move", sa.Double, nullable=False),
        sa.Column("worst", sa.Double, nullable=False),
        sa.Column("reached", sa.Boolean),
        sa.Column("liquidated", sa.Double),
        sa.PrimaryKeyConstraint("message", "after_ms"),
    )
    op.create_table(
        "watch_vote",
        sa.Column("message", sa.Text),
        sa.Column("person", sa.Text),
        sa.Column("useful", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("message", "person"),
    )
