"""Which markets are collected, and what of their past the venues have been asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "collected",
        sa.Column("exchange", sa.Text),
        sa.Column("symbol", sa.Text),
        sa.Column("contract", sa.Text),
        sa.Column("asked_ms", sa.BigInteger, nullable=False),  # when somebody last asked for it
        sa.PrimaryKeyConstraint("exchange", "symbol", "contract"),
    )
    # A stretch of which a venue has told of one series all that it has; what is missing there
    # is not to be had.
    op.create_table(
        "sought",
        sa.Column("market", sa.Text),
        sa.Column("series", sa.Text),
        sa.Column("start_ms", sa.BigInteger),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("market", "series", "start_ms"),
    )
