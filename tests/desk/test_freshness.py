"""Every picture says of when and from where it is: who is missing, and whose data are old."""

from dataclasses import replace

import pytest

from bot.chats.hears import Asker, Listener
from bot.core.arrays import MINUTE
from bot.core.estimate.market import MarketEstimate
from bot.core.estimate.read import read
from bot.core.instruments import Instrument, venue_name
from bot.core.market.history import MarketHistory
from bot.core.windows import window
from bot.desk import caption
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from tests.support.histories import START, history
from tests.support.markets import Market

WHO = Asker("test:1", "test:2")
VENUES = (
    *("binance", "bybit", "okx", "bitget", "gate", "kucoin"),
    *("htx", "mexc", "kraken", "hyperliquid", "dydx", "deribit"),
)


def of(venue: str, *, bars: int = 400, interval: int = 5 * MINUTE) -> MarketHistory:
    market = Instrument(venue, "BTC", "USDT", "USDT")
    return history(market, bars=bars, interval=interval)


async def answer(source: Market) -> str:
    markets, snapshots = Markets(source), Snapshots(source, None)
    scoring = Scoring(source, snapshots)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None)
    front = Front(
        source, markets, snapshots, heatmaps, AccuracyDesk(markets, snapshots, scoring), Running()
    )
    try:
        return (await Listener(front).answer("heatmap btc", WHO)).text()
    finally:
        await scoring.close()
        await front.close()


async def test_a_merge_without_some_venues_says_how_many_and_why() -> None:
    down = {"kraken": "HTTP 503", "htx": "it took too long", "dydx": "it cannot be reached"}
    source = Market(*(of(venue) for venue in VENUES), down=down)
    text = await answer(source)
    assert "9 of 12 venues (Binance, Bybit, OKX, " in text
    for venue, why in down.items():
        assert f"{venue_name(venue)} is not answering: {why}." in text


async def test_a_venue_that_answers_with_old_data_is_called_stale_and_since_when() -> None:
    whole = of("binance")
    late = of("okx")
    late = replace(
        late,
        candles=late.candles.sliced(slice(0, 392)),
        open_interest=late.open_interest and late.open_interest.until(START + 392 * 5 * MINUTE),
    )
    text = await answer(Market(whole, late))
    assert "2 of 2 venues (Binance, OKX)" in text
    assert "OKX stale since 08:40" in text
    assert "Binance stale" not in text


@pytest.mark.parametrize(("bars", "stale"), [(3, False), (4, True)])
def test_three_bars_are_late_and_four_are_stale(bars: int, *, stale: bool) -> None:
    whole, other = of("binance"), of("okx").known_at(START + (400 - bars) * 5 * MINUTE)
    now = START + 400 * 5 * MINUTE
    reading = read(
        [MarketEstimate.of(each, as_of=now) for each in (whole, other)],
        [whole, other],
        window("24h"),
        now,
        ("binance", "okx"),
        (),
    )
    assert [venue.exchange for venue in reading.stale] == (["okx"] if stale else [])
    said = "\n".join(caption.lines(reading, profile=False))
    assert ("OKX stale since 09:00" in said) is stale
