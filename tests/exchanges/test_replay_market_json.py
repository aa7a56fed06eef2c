"""A wrong market.json is told which of its words, and what would be right."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.errors import MalformedData
from bot.exchanges.replay import read_market
from tests.support.recordings import CARD, TABLES, recording


def refused(folder: Path, card: dict[str, Any] | None = None, /, **tables: list[str]) -> str:
    with pytest.raises(MalformedData) as error:
        read_market(recording(folder / "btc", card, **tables))
    return str(error.value)


CARDS: dict[str, tuple[dict[str, Any], str]] = {
    "no exchange": (
        {"exchange": None},
        "exchange is missing; it should be a text such as “binance”",
    ),
    "a number for a venue": (
        {"exchange": 7},
        "exchange 7 is not a text such as “binance”",
    ),
    "no symbol": (
        {"symbol": None},
        "symbol is missing; it should be a text such as “BTC/USDT:USDT”",
    ),
    "a venue's own symbol": (
        {"symbol": "BTCUSDT"},
        "symbol “BTCUSDT” is not a perpetual's symbol such as BTC/USDT:USDT",
    ),
    "a strange contract": (
        {"contract": "quanto"},
        "contract “quanto” is not “linear” or “inverse”",
    ),
    "no interval": (
        {"candle_interval": None},
        "candle_interval is missing; it should be an interval such as 15m",
    ),
    "an interval in words": (
        {"candle_interval": "quarter"},
        "candle_interval “quarter” is not an interval such as 15m, 1h or 1d",
    ),
    "an interval of nothing": (
        {"candle_interval": "0m"},
        "candle_interval “0m” is not an interval such as 15m, 1h or 1d",
    ),
    "a number for an interval": (
        {"candle_interval": 900},
        "candle_interval 900 is not a text such as “15m”",
    ),
    "tiers in words": (
        {"tiers": "all"},
        ("tiers should be a list such as [{maxNotional, maintenanceMarginRate, maxLeverage}]"),
    ),
    "no tiers": (
        {"tiers": []},
        "tiers should be a list such as [{maxNotional, maintenanceMarginRate, maxLeverage}]",
    ),
    "a tier without leverage": (
        {"tiers": [{"maxNotional": 1000, "maintenanceMarginRate": 0.01}]},
        "tiers[0].maxLeverage is missing; it should be a leverage such as 125",
    ),
    "a first tier without end": (
        {
            "tiers": [
                {"maxNotional": None, "maintenanceMarginRate": 0.01, "maxLeverage": 50},
                {"maxNotional": 9000, "maintenanceMarginRate": 0.02, "maxLeverage": 25},
            ]
        },
        "tiers[0].maxNotional is missing; it should be a value such as 50000",
    ),
    "a rate in percent": (
        {"tiers": [{"maxNotional": 1000, "maintenanceMarginRate": 1, "maxLeverage": 50}]},
        "tiers: brackets: maintenance margin rates must lie between 0 and 1",
    ),
    "a position that is lost when it is opened": (
        {"tiers": [{"maxNotional": 1000, "maintenanceMarginRate": 0.5, "maxLeverage": 50}]},
        "tiers[0]: at 50x the margin is 0.02 of the value, below the maintenance margin of 0.5",
    ),
    "a leverage without end": (
        {"tiers": [{"maxNotional": 9, "maintenanceMarginRate": 0.1, "maxLeverage": float("inf")}]},
        "tiers[0].maxLeverage inf is not a leverage such as 125",
    ),
    "a rate in words": (
        {"tiers": [{"maxNotional": 1000, "maintenanceMarginRate": "1%", "maxLeverage": 50}]},
        "tiers[0].maintenanceMarginRate '1%' is not a fraction such as 0.004",
    ),
    "a feed that is no text": (
        {"liquidation_feed": ["x"]},
        "liquidation_feed ['x'] is not a text such as “lossy: at most one order a second”",
    ),
}


@pytest.mark.parametrize("case", CARDS)
def test_a_wrong_market_json_is_told_which_of_its_words(case: str, tmp_path: Path) -> None:
    card, sentence = CARDS[case]
    assert refused(tmp_path, card) == f"btc/market.json: {sentence}"


def test_totals_without_their_interval_are_refused(tmp_path: Path) -> None:
    card = {"liquidation_totals_interval": None}
    tables = {"liquidation_totals": TABLES["liquidation_totals"]}
    assert refused(tmp_path, card, **tables) == (
        "btc/market.json: "
        "liquidation_totals.csv needs liquidation_totals_interval, an interval such as 1h"
    )


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"{\n 'a': 1}", "line 2: is not JSON: Expecting property name enclosed in double quotes"),
        (b"[]", "market.json: should be one object, in braces"),
        (b"\xff\xfe", "market.json: is not UTF-8 text"),
    ],
)
def test_a_market_json_that_is_none_is_refused(
    content: bytes, sentence: str, tmp_path: Path
) -> None:
    folder = recording(tmp_path / "btc")
    (folder / "market.json").write_bytes(content)
    with pytest.raises(MalformedData) as error:
        read_market(folder)
    assert sentence in str(error.value)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@given(st.dictionaries(st.sampled_from([*CARD, "tiers", "simulated"]), json_values))
def test_whatever_market_json_says_is_read_or_refused(card: dict[str, Any]) -> None:
    with TemporaryDirectory() as folder:
        said = "btc/market.json: "
        try:
            read_market(recording(Path(folder) / "btc", card))
        except MalformedData as refused:
            said = str(refused)
        # An interval that reads well may be longer than the candles are apart.
        assert said.startswith(("btc/market.json: ", "btc/candles.csv, line 3, column ts: "))
