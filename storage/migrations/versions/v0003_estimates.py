"""Estimates to go on from after a restart, and what was learnt of markets, day by day."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "estimate",
        sa.Column("market", sa.Text, primary_key=True),
        sa.Column("time_ms", sa.BigInteger, nullable=False),  # close of its newest bar
        sa.Column("body", sa.LargeBinary, nullable=False),  # see bot/core/estimate/saved.py
    )
    op.create_table(
        "calibration",
        sa.Column("venue", sa.Text),
        sa.Column("symbol", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("day_ms", sa.BigInteger),  # begin of the day that was last learnt from
        sa.Column("body", sa.Text, nullable=False),  # JSON of bot/core/estimate/calibration.py
        sa.PrimaryKeyConstraint("venue", "symbol", "day_ms", "model"),
    )
    if op.get_context().dialect.name == "postgresql":
        # It is compressed already.
        op.execute("ALTER TABLE estimate ALTER COLUMN body SET STORAGE EXTERNAL")
