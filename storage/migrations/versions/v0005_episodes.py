"""Episodes of signals with what followed, and hourly looks at maps."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "episode",
        sa.Column("market", sa.Text),
        sa.Column("model", sa.Text),  # by which rules it was found
        sa.Column("name", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("began_ms", sa.BigInteger, nullable=False),
        sa.Column("body", sa.Text, nullable=False),  # JSON
        sa.PrimaryKeyConstraint("market", "model", "name"),
    )
    op.create_index("episode_kind", "episode", ["model", "kind", "began_ms"])
    # Stretches in which episodes of a market have been looked for; what began in them is known.
    op.create_table(
        "gone_through",
        sa.Column("market", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("since_ms", sa.BigInteger),
        sa.Column("until_ms", sa.BigInteger, nullable=False),
        sa.Column("data_hash", sa.Text, nullable=False),  # of the history; "" if followed live
        sa.PrimaryKeyConstraint("market", "model", "since_ms"),
    )
    op.create_table(
        "look",
        sa.Column("market", sa.Text),
        sa.Column("model", sa.Text),
        sa.Column("time_ms", sa.BigInteger),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("market", "model", "time_ms"),
    )
