"""A recording is read whole, or refused with file, line, column and what would be right."""

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

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
