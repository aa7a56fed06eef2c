"""People's own trades."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only where the key is declared with just this type.
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "trade",
        sa.Column("number", _NUMBER, primary_key=True),
        sa.Column("world", sa.Text, nullable=False),  # "live", "sim", "replay"
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),  # episode it came from; "": none
        sa.Column("opened_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),  # see storage/journal.py
        sqlite_autoincrement=True,  # a number is never given again
    )
    op.create_index("trade_owner", "trade", ["owner", "opened_ms"])
    named = sa.text("source <> ''")
    op.create_index(
        "trade_once",
        "trade",
        ["world", "owner", "source"],
        unique=True,
        sqlite_where=named,
        postgresql_where=named,
    )
