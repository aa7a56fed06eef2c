"""Trades as a table that any spreadsheet reads."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

from bot.core.journal.trade import Trade
from bot.core.market.liquidations import PositionSide

COLUMNS = (
    "id",
    "coin",
    "side",
    "opened_utc",
    "entry",
    "stop",
    "target",
    "size_usd",
    "leverage",
    "signal",
    "source",
    "closed_utc",
    "exit",
    "result_fraction",  # of its value, after usual costs
    "result_r",  # in units of what was at risk
    "mistakes",
    "note",
)
# A cell that begins so is run as a formula by spreadsheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def journal_csv(trades: Sequence[Trade]) -> bytes:
    """Write trades as CSV in UTF-8, a row each, oldest first."""
    page = io.StringIO(newline="")
    write = csv.writer(page)
    write.writerow(COLUMNS)
    for trade in sorted(trades, key=lambda each: each.opened):
        write.writerow(_row(trade))
    return page.getvalue().encode()


def _row(trade: Trade) -> tuple[str, ...]:
    return (
        trade.id,
        _text(trade.base),
        "long" if trade.side is PositionSide.LONG else "short",
        _time(trade.opened),
        _number(trade.entry),
        _number(trade.stop),
        _number(trade.target),
        _number(trade.usd),
        _number(trade.leverage),
        _text(trade.signal),
        _text(trade.source),
        _time(trade.closed),
        _number(trade.exit),
        _number(trade.result),
        _number(trade.multiple),
        "; ".join(trade.found_out),
        _text(trade.note),
    )


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _time(at: int | None) -> str:
    if at is None:
        return ""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _text(words: str) -> str:
    """Return words as a cell that nothing runs."""
    return f"'{words}" if words.startswith(_FORMULA) else words
