"""Markets and their series, liquidations, maps that were shown, settings and uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers rows by itself only where the key is declared with just this type.
_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _markets()
    _maps()
    _chats()


def _markets() -> None:
    op.create_table(
        "market",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("exchange", sa.Text, nullable=False),
        sa.Column("symbol", sa.Text, nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("candle_interval_ms", sa.BigInteger),  # of the candles saved last
        sa.Column("totals_interval_ms", sa.BigInteger),  # of the liquidation totals saved last
        sa.Column("follows_liquidations", sa.Boolean, nullable=False),  # there is a feed of them
        sa.Column("liquidation_feed", sa.Text, nullable=False),  # in words, how complete it is
        sa.UniqueConstraint("exchange", "symbol", "contract"),
    )
    # A stretch of one series, see storage/series.py. The key is in the order of questions: one
    # market, from a time on, all its series.
    op.create_table(
        "stretch",
        sa.Column("market_id", _NUMBER, sa.ForeignKey("market.id", ondelete="CASCADE")),
        sa.Column("end_ms", sa.BigInteger),
        sa.Column("series", sa.Text),
        sa.Column("interval_ms", sa.BigInteger),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("market_id", "end_ms", "series", "interval_ms"),
    )
    # No foreign key: checking it for each row would cost a third of a burst's time, and a row is
    # only ever written in the transaction that has just written its market's.
    op.create_table(
        "liquidation",
        sa.Column("market_id", _NUMBER),
        sa.Column("time_ms", sa.BigInteger),
        sa.Column("side", sa.SmallInteger),  # +1 a long was liquidated, -1 a short
        sa.Column("price", sa.Double),
        sa.Column("quantity", sa.Double),
        sa.Column("repeat", sa.Integer),  # how many equal ones came before it in its batch
        sa.PrimaryKeyConstraint("market_id", "time_ms", "side", "price", "quantity", "repeat"),
        sqlite_with_rowid=False,
    )
    if op.get_context().dialect.name == "postgresql":
        # Prices do not compress; trying costs more than writing them.
        op.execute("ALTER TABLE stretch ALTER COLUMN body SET STORAGE EXTERNAL")


def _maps() -> None:
    op.create_table(
        "map",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("market", sa.Text, nullable=False),
        sa.Column("time_ms", sa.BigInteger, nullable=False),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("data_hash", sa.Text, nullable=False),
        sa.Column("price", sa.Double, nullable=False),
        sa.Column("first_bin", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),  # see storage/maps.py
        sa.UniqueConstraint("market", "time_ms", "model"),
    )


def _chats() -> None:
    op.create_table(
        "chat",
        sa.Column("chat", sa.Text, primary_key=True),
        sa.Column("theme", sa.Text),
        sa.Column("window_name", sa.Text),
        sa.Column("venues", sa.Text),  # names joined by commas; NULL: the bot's default
    )
    op.create_table(
        "upload",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("platform", sa.Text, nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("file_id", sa.Text, nullable=False),
        sa.UniqueConstraint("platform", "key"),
    )
