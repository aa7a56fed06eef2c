"""A folder of recordings is a source of markets whose time stands at the recording's end."""

from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import MINUTE
from bot.core.errors import BadSetting, MalformedData, MarketUnavailable
from bot.core.instruments import Instrument
from bot.exchanges.replay import ReplaySource, read_markets
from bot.exchanges.replay_writer import write_market
from tests.support.histories import history
from tests.support.recordings import START, TABLES, recording

BTC = Instrument("binance", "BTC", "USDT", "USDT")
QUARTER = 15 * MINUTE


async def test_one_folder_is_one_market(tmp_path: Path) -> None:
    source = ReplaySource(recording(tmp_path))
    assert await source.instruments() == [BTC]
    assert (source.name, source.simulated, source.failures()) == ("replay", False, {})


async def test_a_folder_of_folders_is_several_markets(tmp_path: Path) -> None:
    recording(tmp_path / "btc")
    recording(tmp_path / "eth", {"symbol": "ETH/USDT:USDT", "exchange": "bybit"})
    (tmp_path / "notes").mkdir()
    source = ReplaySource(tmp_path)
    keys = [instrument.key for instrument in await source.instruments()]
    assert sorted(keys) == ["binance BTC/USDT:USDT", "bybit ETH/USDT:USDT"]


def test_now_is_when_the_newest_bar_ends(tmp_path: Path) -> None:
    assert ReplaySource(recording(tmp_path)).now() == START + 3 * QUARTER


def test_now_is_the_newest_instant_where_that_is_later(tmp_path: Path) -> None:
    later = START + 50 * MINUTE
    interest = [*TABLES["open_interest"], f"{later},89000"]
    assert ReplaySource(recording(tmp_path / "a", open_interest=interest)).now() == later
    totals = TABLES["liquidation_totals"]  # one interval of an hour
    source = ReplaySource(recording(tmp_path / "b", liquidation_totals=totals))
    assert source.now() == START + 60 * MINUTE


async def test_history_begins_where_it_is_asked_to(tmp_path: Path) -> None:
    source = ReplaySource(recording(tmp_path, **TABLES))
    history = await source.history(BTC, START + QUARTER)
    assert history.candles.open_time.tolist() == [START + QUARTER, START + 2 * QUARTER]
    assert history.open_interest is not None
    assert history.open_interest.time.tolist() == [START + QUARTER]
    assert history.liquidations is not None
    assert history.liquidations.price.tolist() == [98.25]
    assert history.liquidation_totals is not None
    assert (len(history.liquidation_totals.time), history.liquidation_totals.interval) == (
        0,
        60 * MINUTE,
    )
    assert history.positions is not None
    assert len(history.positions.time) == 2  # still open, whenever they were seen


async def test_history_of_what_was_not_recorded_is_not_made_up(tmp_path: Path) -> None:
    source = ReplaySource(recording(tmp_path))
    with pytest.raises(MarketUnavailable) as refused:
        await source.history(Instrument("okx", "BTC", "USDT", "USDT"), 0)
    assert str(refused.value) == (
        "replay is not answering: okx BTC/USDT:USDT was not recorded, only binance BTC/USDT:USDT."
    )


async def test_a_recording_has_no_live_feed(tmp_path: Path) -> None:
    source = ReplaySource(recording(tmp_path, **TABLES))
    assert [heard async for heard in source.liquidations([BTC])] == []
    await source.close()


def test_holes_are_reported_and_not_filled(tmp_path: Path) -> None:
    candles = [
        TABLES["candles"][0],
        *(f"{START + at * QUARTER},1,1,1,1,0,0" for at in (0, 1, 4, 6)),
    ]
    interest = ["ts,open_interest", *(f"{START + at * MINUTE},1" for at in (0, 5, 10, 15, 35))]
    source = ReplaySource(recording(tmp_path, candles=candles, open_interest=interest))
    assert [str(gap) for gap in source.gaps] == [
        (
            "binance BTC/USDT:USDT: 2 rows are missing in candles "
            "from 2025-12-01 00:30 to 2025-12-01 01:00 UTC"
        ),
        (
            "binance BTC/USDT:USDT: 1 row is missing in candles "
            "from 2025-12-01 01:15 to 2025-12-01 01:30 UTC"
        ),
        (
            "binance BTC/USDT:USDT: 3 rows are missing in open interest "
            "from 2025-12-01 00:20 to 2025-12-01 00:35 UTC"
        ),
    ]
    assert len(read_markets(tmp_path)[0].candles) == 4


async def test_of_one_market_recorded_twice_the_newest_is_used(tmp_path: Path) -> None:
    recording(tmp_path / "a")
    old = [TABLES["candles"][0], "1700000000000,1,1,1,1,0,0"]
    recording(tmp_path / "b", candles=old)
    source = ReplaySource(tmp_path)
    assert len((await source.history(BTC, 0)).candles) == 3
    assert source.left_out == 1
    assert len(read_markets(tmp_path)) == 2


def test_one_fault_anywhere_refuses_the_whole_folder(tmp_path: Path) -> None:
    recording(tmp_path / "a")
    recording(tmp_path / "b", funding=["ts,rate", "1764547200000,none"])
    with pytest.raises(MalformedData, match=r"^b/funding\.csv, line 2, column rate: "):
        ReplaySource(tmp_path)


def test_simulated_and_real_markets_are_not_mixed(tmp_path: Path) -> None:
    recording(tmp_path / "a")
    recording(tmp_path / "b", {"symbol": "ETH/USDT:USDT", "simulated": True})
    with pytest.raises(
        BadSetting, match="simulated and real markets lie together; keep them apart"
    ):
        ReplaySource(tmp_path)


def test_simulated_markets_alone_are_a_simulated_source(tmp_path: Path) -> None:
    assert ReplaySource(recording(tmp_path, {"simulated": True})).simulated


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none", "there is no such folder. A recording is a folder with a market.json in it."),
        ("file", "is a file, not a folder. A recording is a folder with a market.json in it."),
        ("empty", "no market.json in the folder, nor in the folders in it."),
    ],
)
def test_a_folder_that_is_none_is_said_to_be_none(name: str, sentence: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("text")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadSetting) as refused:
        ReplaySource(tmp_path / name)
    assert str(refused.value) == f"replay:{tmp_path / name}: {sentence}"


async def test_real_recordings_together_are_one_source(shared: Path) -> None:
    source = ReplaySource(shared / "data/replay")
    keys = {instrument.key for instrument in await source.instruments()}
    assert keys == {"binance BTC/USDT:USDT", "binance ETH/USDT:USDT"}
    assert source.now() == 1_767_225_600_000  # 2026-01-01 00:00 UTC
    history = await source.history(BTC, source.now() - 24 * 60 * MINUTE)
    assert len(history.candles) == 96
    assert history.open_interest is not None
    assert np.all(history.open_interest.quantity > 0)


def test_recordings_that_end_at_different_times_each_have_their_own(tmp_path: Path) -> None:
    early = history(bars=20)
    late = history(Instrument("bybit", "BTC", "USDT", "USDT"), bars=50)
    for name, market in (("early", early), ("late", late)):
        write_market(tmp_path / name, market)
    source = ReplaySource(tmp_path)
    assert source.now(early.instrument) < source.now(late.instrument) == source.now()
