"""When liquidations were listened to, and how maps were scored by what came."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    # A stretch in which a market's feed was heard without a break; it grows as time passes.
    op.create_table(
        "heard",
        sa.Column("market_id", _NUMBER, sa.ForeignKey("market.id", ondelete="CASCADE")),
        sa.Column("start_ms", sa.BigInteger),
        sa.Column("end_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("market_id", "start_ms"),
    )
    # One market's map and its rival over one interval that is over; see bot/core/judge/scored.py.
    op.create_table(
        "score",
        sa.Column("market", sa.Text),
        sa.Column("interval_ms", sa.BigInteger),
        sa.Column("time_ms", sa.BigInteger),
        sa.Column("model", sa.Text, nullable=False),
        *(sa.Column(name, sa.Double, nullable=False) for name in _FIGURES),
        sa.PrimaryKeyConstraint("market", "interval_ms", "time_ms"),
        sqlite_with_rowid=False,
    )


_FIGURES = tuple(
    f"{side}_{what}"
    for what in ("expected", "told", "prices", "move", "reported")
    for side in ("long", "short")
)
