"""A recording is read whole, or refused with file, line, column and what would be right."""

import gzip
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MalformedData
from bot.core.instruments import Contract
from bot.exchanges.replay import read_market
from tests.support.recordings import CARD, START, TABLES, recording, spoilt


def refused(folder: Path, card: dict[str, Any] | None = None, /, **tables: list[str]) -> str:
    with pytest.raises(MalformedData) as error:
        read_market(recording(folder / "btc", card, **tables))
    return str(error.value)


def test_everything_a_folder_holds_is_read(tmp_path: Path) -> None:
    tiers = [
        {"maxNotional": 50000, "maintenanceMarginRate": 0.004, "maxLeverage": 125},
        {"maxNotional": None, "maintenanceMarginRate": 0.005, "maxLeverage": 100},
    ]
    market = read_market(recording(tmp_path, {"tiers": tiers}, **TABLES))
    assert market.instrument.key == "binance BTC/USDT:USDT"
    assert market.candles.interval == 15 * MINUTE
    assert market.candles.open_time[0] == START
    assert market.candles.low.tolist() == [99, 101, 98]
    assert market.candles.taker_buy_volume is not None
    assert market.candles.taker_buy_volume.tolist() == [6, 6.5, 9]
    assert market.open_interest is not None
    assert market.open_interest.quantity.tolist() == [89832.175, 89353.369, 89353]
    assert market.funding is not None
    assert market.funding.rate.tolist() == [0.0001, -3.153e-05]
    assert market.long_short_ratio is not None
    assert market.long_short_ratio.ratio.tolist() == [2.4977, 0.8]
    assert market.liquidations is not None
    assert market.liquidations.side.tolist() == [1, -1, 1]
    assert market.liquidation_totals is not None
    assert market.liquidation_totals.interval == HOUR
    assert market.positions is not None
    assert market.positions.isolated.tolist() == [True, False]
    assert market.positions.liquidation_price[0] == 91.2
    assert np.isnan(market.positions.liquidation_price[1])
    assert market.brackets is not None
    assert market.brackets.deduction.tolist() == pytest.approx([0, 50])
    assert market.brackets.value_cap[-1] == np.inf
    assert market.liquidation_feed == "lossy: at most one order a second"
    assert not market.simulated


def test_a_market_and_its_candles_are_enough(tmp_path: Path) -> None:
    market = read_market(recording(tmp_path))
    assert market.missing == ("open interest", "funding")
    assert market.liquidations is None
    assert market.liquidation_totals is None
    assert market.positions is None
    assert market.brackets is None


def test_what_is_gzipped_is_read_as_what_is_not(tmp_path: Path) -> None:
    folder = recording(tmp_path)
    plain = folder / "candles.csv"
    (folder / "candles.csv.gz").write_bytes(gzip.compress(plain.read_bytes()))
    plain.unlink()
    assert read_market(folder).candles.close.tolist() == [102, 103.5, 99]


def test_columns_may_stand_in_another_order_among_others(tmp_path: Path) -> None:
    lines = ["trades,volume,close,low,high,open,ts", "9,1,2,1,3,2,1764547200000"]
    candles = read_market(recording(tmp_path, candles=lines)).candles
    assert (candles.high[0], candles.volume[0], candles.taker_buy_volume) == (3, 1, None)


def test_windows_line_ends_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    folder = recording(tmp_path)
    text = "\ufeff" + "\r\n".join(TABLES["candles"]) + "\r\n\r\n"
    (folder / "candles.csv").write_bytes(text.encode())
    assert len(read_market(folder).candles) == 3


def test_a_table_without_rows_says_that_nothing_happened(tmp_path: Path) -> None:
    market = read_market(recording(tmp_path, liquidations=["ts,side,price,quantity"]))
    assert market.liquidations is not None
    assert len(market.liquidations) == 0


def test_a_simulated_market_says_so(tmp_path: Path) -> None:
    assert read_market(recording(tmp_path / "a", {"origin": "Simulated market, seed 4"})).simulated
    assert read_market(recording(tmp_path / "b", {"simulated": True})).simulated


@pytest.mark.parametrize("said", ["", "nan", "0", "-198.8", "inf"])
def test_a_position_that_cannot_be_liquidated_has_no_price(said: str, tmp_path: Path) -> None:
    rows = spoilt("positions", 2, f"1764547200000,long,1.5,100,10,{said},isolated")
    positions = read_market(recording(tmp_path, **rows)).positions
    assert positions is not None
    assert np.isnan(positions.liquidation_price[0])


def test_an_inverse_contract_is_read_as_one(tmp_path: Path) -> None:
    card = {"symbol": "BTC/USD:BTC", "contract": "inverse"}
    assert read_market(recording(tmp_path, card)).instrument.contract is Contract.INVERSE


ROWS: dict[str, tuple[dict[str, list[str]], str]] = {
    "a word for a price": (
        spoilt("candles", 3, "1764548100000,102.0,104.0,abc,103.5,12.0,6.5"),
        "btc/candles.csv, line 3, column low: “abc” is not a price in quote currency above zero",
    ),
    "a price of nothing": (
        spoilt("candles", 2, "1764547200000,0,103.0,99.0,102.0,10.0,6.0"),
        "btc/candles.csv, line 2, column open: “0” is not a price in quote currency above zero",
    ),
    "an empty field": (
        spoilt("candles", 4, "1764549000000,103.5,103.5,98.0,99.0,,9.0"),
        (
            "btc/candles.csv, line 4, column volume: is empty and should be "
            "a quantity in base coin, zero or more"
        ),
    ),
    "no number": (
        spoilt("candles", 3, "1764548100000,102.0,104.0,101.0,nan,12.0,6.5"),
        "btc/candles.csv, line 3, column close: “nan” is not a price in quote currency above zero",
    ),
    "an infinite price": (
        spoilt("candles", 3, "1764548100000,102.0,inf,101.0,103,12.0,6.5"),
        "btc/candles.csv, line 3, column high: “inf” is not a price in quote currency above zero",
    ),
    "digits with underscores": (
        spoilt("candles", 3, "1764548100000,1_02.0,104.0,101.0,103,12.0,6.5"),
        (
            "btc/candles.csv, line 3, column open: “1_02.0” is not a price in quote currency above "
            "zero"
        ),
    ),
    "a field too few": (
        spoilt("candles", 3, "1764548100000,102.0,104.0"),
        "btc/candles.csv, line 3: has 3 fields where the header names 7",
    ),
    "a line cut off before a later fault": (
        spoilt("candles", 3, "1764548100000")
        | {"candles": [*spoilt("candles", 3, "1764548100000")["candles"][:3], "x,1,1,1,1,1,1"]},
        "btc/candles.csv, line 3: has 1 field where the header names 7",
    ),
    "an empty line": (
        spoilt("candles", 3, ""),
        "btc/candles.csv, line 3: has 0 fields where the header names 7",
    ),
    "the first of two faults": (
        {"candles": [TABLES["candles"][0], "x,1,1,1,1,1,1", "1764548100000,x,1,1,1,1,1"]},
        (
            "btc/candles.csv, line 2, column ts: “x” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a fraction of a millisecond": (
        spoilt("open_interest", 3, "1764547800000.5,9"),
        (
            "btc/open_interest.csv, line 3, column ts: “1764547800000.5” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a time beyond all calendars": (
        spoilt("open_interest", 3, "1e300,9"),
        (
            "btc/open_interest.csv, line 3, column ts: “1e300” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a date in words": (
        spoilt("funding", 2, "2025-12-01,0.0001"),
        (
            "btc/funding.csv, line 2, column ts: “2025-12-01” is not "
            "a time in whole milliseconds UTC such as 1718830800000"
        ),
    ),
    "a time said twice": (
        spoilt("open_interest", 3, "1764547500000,9"),
        (
            "btc/open_interest.csv, line 3, column ts: "
            "1764547500000 repeats the line before (1764547500000); time must rise"
        ),
    ),
    "time running backwards": (
        spoilt("funding", 3, "1764547199999,0.0001"),
        (
            "btc/funding.csv, line 3, column ts: "
            "1764547199999 goes backwards from the line before (1764547200000); time must rise"
        ),
    ),
    "liquidations out of order": (
        spoilt("liquidations", 4, "1764547299999,long,98.25,2"),
        (
            "btc/liquidations.csv, line 4, column ts: "
            "1764547299999 goes backwards from the line before (1764547300000); time must rise"
        ),
    ),
    "times in seconds": (
        {
            "candles": [
                TABLES["candles"][0],
                "1764547200,100.0,103.0,99.0,102.0,10.0,6.0",
                "1764548100,102.0,104.0,101.0,103.5,12.0,6.5",
            ]
        },
        (
            "btc/candles.csv, line 3, column ts: 1764548100 is 900 ms after the line before, "
            "while market.json says candle_interval 15m, which is 900000 ms"
        ),
    ),
    "a low above the open": (
        spoilt("candles", 3, "1764548100000,102.0,104.0,102.5,103.5,12.0,6.5"),
        (
            "btc/candles.csv, line 3, column low: "
            "102.5 is above the bar's open or close; it should be the lowest price"
        ),
    ),
    "a high below the close": (
        spoilt("candles", 4, "1764549000000,99,98.5,98.0,99.0,30.0,9.0"),
        (
            "btc/candles.csv, line 4, column high: "
            "98.5 is below the bar's open or close; it should be the highest price"
        ),
    ),
    "more bought than traded": (
        spoilt("candles", 2, "1764547200000,100.0,103.0,99.0,102.0,10.0,11.0"),
        (
            "btc/candles.csv, line 2, column taker_buy_volume: "
            "11.0 is more than the bar's volume, 10.0"
        ),
    ),
    "negative volume": (
        spoilt("candles", 2, "1764547200000,100.0,103.0,99.0,102.0,-10.0,0"),
        (
            "btc/candles.csv, line 2, column volume: "
            "“-10.0” is not a quantity in base coin, zero or more"
        ),
    ),
    "negative open interest": (
        spoilt("open_interest", 2, "1764547500000,-1"),
        (
            "btc/open_interest.csv, line 2, column open_interest: "
            "“-1” is not a quantity in base coin, zero or more"
        ),
    ),
    "funding in percent": (
        spoilt("funding", 2, "1764547200000,1.5"),
        (
            "btc/funding.csv, line 2, column rate: "
            "“1.5” is not a fraction such as 0.0001, which is 0.01 %"
        ),
    ),
    "a ratio of nothing": (
        spoilt("long_short_ratio", 2, "1764547200000,0"),
        (
            "btc/long_short_ratio.csv, line 2, column ratio: "
            "“0” is not accounts long / accounts short, above zero"
        ),
    ),
    "an order's side": (
        spoilt("liquidations", 3, "1764547300000,SELL,103.5,1.5"),
        "btc/liquidations.csv, line 3, column side: “SELL” is not “long” or “short”",
    ),
    "a position of nothing": (
        spoilt("positions", 2, "1764547200000,long,0,100,10,91.2,isolated"),
        "btc/positions.csv, line 2, column quantity: “0” is not a quantity in base coin above zero",
    ),
    "an unknown margin mode": (
        spoilt("positions", 3, "1764547200000,short,0.5,101,3,,portfolio"),
        "btc/positions.csv, line 3, column margin_mode: “portfolio” is not “isolated” or “cross”",
    ),
    "a liquidation price in words": (
        spoilt("positions", 3, "1764547200000,short,0.5,101,3,never,cross"),
        (
            "btc/positions.csv, line 3, column liquidation_price: "
            "“never” is not a price in quote currency, or empty"
        ),
    ),
    "negative totals": (
        spoilt("liquidation_totals", 2, "1764547200000,221.375,-1"),
        (
            "btc/liquidation_totals.csv, line 2, column short_usd: "
            "“-1” is not a sum in USD, zero or more"
        ),
    ),
    "a column missing": (
        {"candles": ["ts,open,high,low,close", "1764547200000,1,1,1,1"]},
        (
            "btc/candles.csv, line 1, column volume: the header lacks it; "
            "the header should name at least ts,open,high,low,close,volume"
        ),
    ),
    "a column misspelt": (
        spoilt("candles", 1, "ts,open,high,low,close,volume,taker_buy_volum"),
        (
            "btc/candles.csv, line 1, column taker_buy_volum: is not known; "
            "should it be taker_buy_volume?"
        ),
    ),
    "a column twice": (
        spoilt("candles", 1, "ts,open,high,low,close,volume,volume"),
        "btc/candles.csv, line 1, column volume: is named twice in the header",
    ),
    "no header": (
        {"funding": ["1764547200000,0.0001"]},
        (
            "btc/funding.csv, line 1, column ts: the header lacks it; "
            "the header should name at least ts,rate"
        ),
    ),
    "no bars": (
        {"candles": TABLES["candles"][:1]},
        "btc/candles.csv, line 2: has a header but no bars; one at least is needed",
    ),
    "nothing at all": (
        {"candles": []},
        "btc/candles.csv, line 1: is empty; its header should name ts,open,high,low,close,volume",
    ),
    "an unclosed quote": (
        spoilt("liquidations", 4, '1764549500000,"long,98.25,2'),
        "btc/liquidations.csv: is not CSV: unexpected end of data",
    ),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_malformed_row_is_named_with_what_would_be_right(case: str, tmp_path: Path) -> None:
    tables, sentence = ROWS[case]
    assert refused(tmp_path, **tables) == sentence


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


cells = st.sampled_from(
    ["", "1", "0", "-1", "1764547200000", "1764548100000", "nan", "inf", "1e999", "long", "cross"]
) | st.text(max_size=4)
lines = st.lists(st.lists(cells, max_size=8).map(",".join), max_size=4)


@given(
    st.sampled_from(sorted(TABLES)),
    st.binary(max_size=60) | lines.map(lambda found: "\n".join(found).encode(errors="replace")),
    st.booleans(),
)
def test_whatever_a_table_holds_is_read_or_refused(stem: str, content: bytes, headed: bool) -> None:  # noqa: FBT001 - drawn
    header = TABLES[stem][0].encode() + b"\n" if headed else b""
    with TemporaryDirectory() as folder:
        market = recording(Path(folder) / "btc")
        (market / f"{stem}.csv").write_bytes(header + content)
        said = f"btc/{stem}.csv"
        try:
            read_market(market)
        except MalformedData as refused:
            said = str(refused)
        assert said.startswith(f"btc/{stem}.csv")


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


def test_candles_that_are_not_there_are_missed_by_name(tmp_path: Path) -> None:
    folder = recording(tmp_path / "btc")
    (folder / "candles.csv").unlink()
    with pytest.raises(MalformedData) as error:
        read_market(folder)
    assert str(error.value) == "btc/candles.csv: is missing, plain or as candles.csv.gz"


def test_two_versions_of_one_table_are_refused(tmp_path: Path) -> None:
    folder = recording(tmp_path / "btc")
    (folder / "candles.csv.gz").write_bytes(gzip.compress(b"ts"))
    with pytest.raises(MalformedData) as error:
        read_market(folder)
    assert str(error.value) == "btc/candles.csv: candles.csv.gz stands beside it; keep one"


def test_a_misspelt_file_is_not_passed_over(tmp_path: Path) -> None:
    sentence = refused(tmp_path, open_intrest=TABLES["open_interest"])
    assert sentence == "btc/open_intrest.csv: is not known; should it be open_interest.csv?"


def test_a_file_of_another_kind_is_passed_over(tmp_path: Path) -> None:
    assert len(read_market(recording(tmp_path, notes=["whatever"])).candles) == 3


def test_a_gzip_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    folder = recording(tmp_path / "btc")
    (folder / "candles.csv").unlink()
    whole = gzip.compress("\n".join(TABLES["candles"]).encode())
    for broken in (whole[:-9], b"plain text", whole[:20] + b"\x00" + whole[21:]):
        (folder / "candles.csv.gz").write_bytes(broken)
        with pytest.raises(MalformedData) as error:
            read_market(folder)
        assert str(error.value) == "btc/candles.csv.gz: is not a whole gzip file"


def test_bytes_that_are_no_text_are_refused_with_their_line(tmp_path: Path) -> None:
    folder = recording(tmp_path / "btc")
    (folder / "funding.csv").write_bytes(b"ts,rate\n1764547200000,\xff\n")
    with pytest.raises(MalformedData) as error:
        read_market(folder)
    assert str(error.value) == "btc/funding.csv, line 2: is not UTF-8 text"


@pytest.mark.parametrize(
    "name", ["binance-btc-2024-06", "binance-btc-2025-12", "binance-eth-2024-06"]
)
def test_real_recordings_are_read_to_the_last_row(name: str, shared: Path) -> None:
    folder = shared / "data/replay" / name
    market = read_market(folder)
    card = json.loads((folder / "market.json").read_text())
    assert market.instrument.symbol == card["symbol"]
    with gzip.open(folder / "candles.csv.gz", "rt") as file:
        last = file.read().strip().splitlines()
    assert len(market.candles) == len(last) - 1
    assert market.candles.close[-1] == float(last[-1].split(",")[4])
    assert market.open_interest is not None
    assert market.liquidation_totals is not None
    assert (CARD["exchange"], market.simulated) == ("binance", False)
