"""Small valid recordings, which a test spoils in one place."""

import json
from pathlib import Path
from typing import Any

CARD: dict[str, Any] = {
    "exchange": "binance",
    "symbol": "BTC/USDT:USDT",
    "contract": "linear",
    "candle_interval": "15m",
    "liquidation_totals_interval": "1h",
    "liquidation_feed": "lossy: at most one order a second",
    "origin": "real market, 2025",
}
START = 1_764_547_200_000  # 2025-12-01 00:00 UTC

TABLES = {
    "candles": [
        "ts,open,high,low,close,volume,taker_buy_volume",
        "1764547200000,100.0,103.0,99.0,102.0,10.0,6.0",
        "1764548100000,102.0,104.0,101.0,103.5,12.0,6.5",
        "1764549000000,103.5,103.5,98.0,99.0,30.0,9.0",
    ],
    "open_interest": [
        "ts,open_interest",
        "1764547500000,89832.175",
        "1764547800000,89353.369",
        "1764548100000,89353.0",
    ],
    "funding": ["ts,rate", "1764547200000,0.0001", "1764576000000,-3.153e-05"],
    "long_short_ratio": ["ts,ratio", "1764547200000,2.4977", "1764550800000,0.8"],
    "liquidations": [
        "ts,side,price,quantity",
        "1764547300000,long,99.5,0.25",
        "1764547300000,short,103.5,1.5",
        "1764549500000,long,98.25,2",
    ],
    "liquidation_totals": ["ts,long_usd,short_usd", "1764547200000,221.375,155.25"],
    "positions": [
        "ts,side,quantity,entry_price,leverage,liquidation_price,margin_mode",
        "1764547200000,long,1.5,100,10,91.2,isolated",
        "1764547200000,short,0.5,101,3,,cross",
    ],
}


def recording(folder: Path, card: dict[str, Any] | None = None, /, **tables: list[str]) -> Path:
    """Write a recording of candles alone and whatever tables are named; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "market.json").write_text(json.dumps(CARD | (card or {})))
    for stem, lines in ({"candles": TABLES["candles"]} | tables).items():
        (folder / f"{stem}.csv").write_text("\n".join(lines) + "\n")
    return folder


def spoilt(stem: str, line: int, text: str) -> dict[str, list[str]]:
    """One table with one of its lines (1 is the header) replaced."""
    lines = list(TABLES[stem])
    lines[line - 1] = text
    return {stem: lines}
