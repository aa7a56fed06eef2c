"""What became of a market after it was told of: no look ahead, and only what was heard."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import HOUR, MINUTE
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, LiquidationTotals
from bot.core.market.series import Candles
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.followed import after, liquidated, of_group, since, worst
from bot.core.watches.ledger import Entry, Told
from tests.support.histories import BTC, START, history

BAR = 5 * MINUTE
TOLD = START + 4 * HOUR
BELOW = About(Side.BELOW, 95.0, 96.0)
ABOVE = About(Side.ABOVE, 104.0, 105.0)


def market(*rows: tuple[float, float, float]) -> MarketHistory:
    """Bars of low, high and close from the time of telling on; before it all is at 100."""
    quiet = [(100.0, 100.0, 100.0)] * 48
    low, high, close = (np.array(column) for column in zip(*quiet, *rows, strict=True))
    time = START + BAR * np.arange(len(low), dtype=np.int64)
    opened = np.clip(np.concatenate(([100.0], close[:-1])), low, high)
    candles = Candles(time, opened, high, low, close, np.full(len(low), 10.0), None, BAR)
    return MarketHistory(BTC, candles)


def forced(*rows: tuple[int, int, float, float]) -> Liquidations:
    """Liquidations as (ms after it was told, side, price, USD)."""
    time, side, price, usd = (np.array(column) for column in zip(*rows, strict=True))
    return Liquidations((TOLD + time).astype(np.int64), side.astype(np.int8), price, usd / price)


def entry(**changes: object) -> Entry:
    given_ = {"told": TOLD, "price": 100.0, "way": "down", "about": BELOW, "usd": 6e7, **changes}
    return Entry("w12/BTC/3", "w12", "BTC", TOLD, **given_)  # type: ignore[arg-type]


def test_the_move_the_worst_and_whether_the_cluster_was_reached() -> None:
    bars = market((98, 101, 99), (95.5, 99, 96.5), (96, 98, 97))
    found = since([bars], TOLD, TOLD + 3 * BAR, BELOW)
    assert found is not None
    assert (found.price, found.low, found.high) == (97.0, 95.5, 101.0)
    came = after(entry(), found, 15 * MINUTE)
    assert came is not None
    assert came.move == pytest.approx(-0.03)
    assert came.worst == pytest.approx(0.01)
    assert came.reached is True


def test_a_cluster_that_price_did_not_come_to_was_not_reached() -> None:
    found = since([market((97, 101, 99))], TOLD, TOLD + BAR, BELOW)
    assert found is not None
    came = after(entry(), found, BAR)
    assert came is not None
    assert came.reached is False


@pytest.mark.parametrize(
    "about", [None, About(Side.BELOW, 99.0, 100.5), About(Side.ABOVE, 90.0, 95.0)]
)
def test_a_cluster_that_price_was_in_already_says_nothing(about: About | None) -> None:
    found = since([market((90, 110, 99))], TOLD, TOLD + BAR, about)
    assert found is not None
    came = after(entry(about=about), found, BAR)
    assert came is not None
    assert came.reached is None


def test_nothing_is_known_before_the_last_bar_has_closed() -> None:
    bars = market((97, 101, 99))
    assert since([bars], TOLD, TOLD + BAR - 1) is None
    assert since([bars], TOLD, TOLD + 2 * BAR) is None
    assert since([], TOLD, TOLD + BAR) is None


def test_of_the_bar_that_was_under_way_only_the_close_counts() -> None:
    bars = market((80, 120, 99), (98, 100, 99))
    found = since([bars], TOLD + MINUTE, TOLD + 2 * BAR)
    assert found is not None
    assert (found.low, found.high) == (98.0, 100.0)


@given(st.integers(1, 40), st.integers(0, 60))
def test_what_comes_later_changes_nothing(bars: int, more: int) -> None:
    whole = history(bars=200 + bars + more)
    start = int(whole.candles.close_time[100])
    end = int(whole.candles.close_time[100 + bars])
    known = whole.known_at(end)
    about = About(Side.BELOW, 80_000.0, 89_000.0)
    assert since([whole], start, end, about) == since([known], start, end, about)


@given(st.floats(0.5, 1.0), st.floats(1.0, 2.0), st.sampled_from(["up", "down", ""]))
def test_the_worst_is_never_on_the_way_it_was_headed(low: float, high: float, way: str) -> None:
    found = worst(low, high, 1.0, way)
    assert found <= 0 if way == "up" else found >= 0
    if not way:
        assert found == 0


def test_liquidations_are_summed_by_side_and_within_the_cluster() -> None:
    events = forced(
        (0, 1, 95.5, 9e9),  # at the moment itself: known when it was told
        (1, 1, 95.5, 4e6),
        (60_000, 1, 98.0, 2e6),
        (60_000, -1, 95.5, 1e6),
        (BAR + 1, 1, 95.5, 9e9),  # later
    )
    found = liquidated([replace(market(), liquidations=events)], TOLD, TOLD + BAR, BELOW)
    assert found is not None
    assert (found.long_usd, found.short_usd) == pytest.approx((6e6, 1e6))
    assert found.inside_usd == pytest.approx(4e6)
    assert found.usd == pytest.approx(7e6)
    assert found.heard == ("binance",)


def test_who_listened_to_nothing_does_not_say_that_nothing_was_liquidated() -> None:
    bars = market((97, 101, 99))
    assert liquidated([bars], TOLD, TOLD + BAR) is None
    deaf = replace(bars, liquidations=forced((1, 1, 95.0, 1e6)), heard=Heard(((0, TOLD - 1),)))
    assert liquidated([deaf], TOLD, TOLD + BAR) is None
    found = since([deaf], TOLD, TOLD + BAR)
    assert found is not None
    came = after(entry(), found, BAR)
    assert came is not None
    assert came.liquidated is None


def test_a_venue_heard_for_a_part_is_said_to_be() -> None:
    events = forced((1, 1, 95.0, 1e6))
    half = replace(market(), liquidations=events, heard=Heard(((TOLD, TOLD + BAR // 2),)))
    okx = replace(BTC, exchange="okx")
    whole = replace(market(), instrument=okx, liquidations=events)
    found = liquidated([half, whole], TOLD, TOLD + BAR)
    assert found is not None
    assert (found.heard, found.partly) == (("okx",), ("binance",))
    assert found.usd == pytest.approx(2e6)


def test_totals_count_where_single_events_are_not_told() -> None:
    time = TOLD + BAR * np.arange(-1, 3, dtype=np.int64)
    totals = LiquidationTotals(time, np.full(4, 1e6), np.full(4, 2e6), BAR)
    bars = replace(market(), liquidation_totals=totals)
    found = liquidated([bars], TOLD, TOLD + 2 * BAR, BELOW)
    assert found is not None
    assert (found.long_usd, found.short_usd, found.inside_usd) == (2e6, 4e6, None)


def test_an_episode_without_a_price_has_nothing_to_compare_with() -> None:
    found = since([market((97, 101, 99))], TOLD, TOLD + BAR)
    assert found is not None
    assert after(entry(price=None), found, BAR) is None


def test_coins_of_one_cascade_are_those_that_joined_soon_and_the_same_way() -> None:
    def one(market_: str, minutes: int, way: str = "down") -> Told:
        at = TOLD + minutes * MINUTE
        return Told(Entry(f"w12/{market_}/1", "w12", market_, at, told=at, way=way))

    ledger = [
        one("BTC", 0),
        one("SOL", 17),
        one("ETH", 8),
        one("XRP", 9, "up"),
        one("DOGE", 40),
        one("ETH", 9),
        Told(Entry("w12/ADA/1", "w12", "ADA", TOLD, way="down", held="muted")),
    ]
    found = of_group(ledger[0].entry, ledger)
    assert [each.market for each in found] == ["BTC", "ETH", "SOL"]
