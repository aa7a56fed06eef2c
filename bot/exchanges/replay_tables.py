"""The tables of a recording, as replay files name and bound them."""

from bot.exchanges import csv_rows as rows

SIDES = {"long": 1.0, "short": -1.0}
MODES = {"isolated": 1.0, "cross": 0.0}

_PRICE = "a price in quote currency"
_BASE = "a quantity in base coin"
_USD = "a sum in USD"
TABLES: dict[str, tuple[rows.Column, ...]] = {
    "candles": (
        rows.time(),
        *(rows.positive(name, _PRICE) for name in ("open", "high", "low", "close")),
        rows.amount("volume", _BASE),
        rows.amount("taker_buy_volume", _BASE, optional=True),
    ),
    "open_interest": (rows.time(), rows.amount("open_interest", _BASE)),
    "funding": (rows.time(), rows.fraction("rate", "a fraction such as 0.0001, which is 0.01 %")),
    "long_short_ratio": (rows.time(), rows.positive("ratio", "accounts long / accounts short,")),
    "liquidations": (
        rows.time(),
        rows.word("side", SIDES),
        rows.positive("price", _PRICE),
        rows.positive("quantity", _BASE),
    ),
    "liquidation_totals": (
        rows.time(),
        rows.amount("long_usd", _USD),
        rows.amount("short_usd", _USD),
    ),
    "positions": (
        rows.time(),
        rows.word("side", SIDES),
        rows.positive("quantity", _BASE),
        rows.positive("entry_price", _PRICE),
        rows.positive("leverage", "a leverage"),
        rows.or_blank("liquidation_price", _PRICE),  # some venues say 0 or less for "never"
        rows.word("margin_mode", MODES),
    ),
    # When liquidations were listened to: an hour that nobody heard is not one without any.
    "heard": (rows.time(), rows.time("until")),
}
