"""Large markets, simulated, show what recorded ones show.

Beside each figure stands what 40 days of hourly BTC and ETH bars and 30 days of quarter-hourly BTC
bars of one venue showed (2024 and 2025-26).
"""

import numpy as np
import pytest

from bot.core.arrays import HOUR, Floats
from bot.core.simulation.market import START
from bot.core.simulation.simulate import SimulatedMarket, simulate

_BARS = 3456  # of five minutes: 12 days
_DAYS = 12


@pytest.fixture(scope="module")
def markets() -> list[SimulatedMarket]:
    return [simulate("major", seed, _BARS) for seed in (1, 2, 3)]


def hourly(market: SimulatedMarket, name: str) -> Floats:
    column: Floats = getattr(market.history.candles, name).reshape(-1, 12)
    return column


def returns(market: SimulatedMarket) -> Floats:
    moves: Floats = np.log(hourly(market, "close")[:, -1] / hourly(market, "open")[:, 0])
    return moves


def interest(market: SimulatedMarket) -> Floats:
    assert market.history.open_interest is not None
    return market.history.open_interest.quantity


def test_returns_have_fat_tails_and_the_size_of_a_large_coins(
    markets: list[SimulatedMarket],
) -> None:
    moves = [returns(market) for market in markets]
    daily = np.median([move.std() * 24**0.5 for move in moves])
    kurtosis = np.median([np.mean(m**4) / np.mean(m**2) ** 2 for m in moves])
    assert 0.015 < daily < 0.035  # 0.024, 0.025, 0.028
    assert kurtosis > 4  # 9, 14, 17; 3 would be a random walk


def test_large_moves_come_together(markets: list[SimulatedMarket]) -> None:
    sizes = [np.abs(returns(market)) for market in markets]
    after = np.median([np.corrcoef(size[:-1], size[1:])[0, 1] for size in sizes])
    assert 0.05 < after < 0.6  # 0.16, 0.34, 0.12


def test_wicks_are_as_long_as_a_candles_usually_are(markets: list[SimulatedMarket]) -> None:
    for market in markets:
        width = np.log(hourly(market, "high").max(axis=1) / hourly(market, "low").min(axis=1))
        ratio = width.mean() / np.abs(returns(market)).mean()
        assert 1.7 < ratio < 2.4  # 2.1, 2.0, 2.2


def test_volume_follows_range_and_takers_follow_the_move(markets: list[SimulatedMarket]) -> None:
    for market in markets:
        volume = hourly(market, "volume").sum(axis=1)
        bought = hourly(market, "taker_buy_volume").sum(axis=1) / volume
        width = np.log(hourly(market, "high").max(axis=1) / hourly(market, "low").min(axis=1))
        turnover = volume.sum() / _DAYS / interest(market).mean()
        assert 1.0 < turnover < 5.0  # 3.0, 1.5, 2.3 times the open interest a day
        assert np.corrcoef(np.log(volume), np.log(width))[0, 1] > 0.7  # 0.92, 0.91, 0.90
        assert 0.02 < bought.std() < 0.08  # 0.049, 0.044
        assert 0.3 < np.corrcoef(bought, returns(market))[0, 1] < 0.9  # 0.59, 0.54


def test_open_interest_breathes_and_is_lost_where_much_is_liquidated(
    markets: list[SimulatedMarket],
) -> None:
    for market in markets:
        held = interest(market)
        change = np.diff(np.log(held[11::12]))
        assert 0.002 < change.std() < 0.02  # 0.0069, 0.0052 an hour
        liquidated = market.liquidations.totals(HOUR)
        usd = np.zeros(len(change) + 1)
        usd[(liquidated.time - START) // HOUR] = liquidated.long_usd + liquidated.short_usd
        worst = np.argsort(usd[1:])[-5:]
        assert change[worst].mean() < -0.004
        assert change[worst].mean() < change.mean()


def test_half_a_percent_to_a_few_percent_of_open_interest_are_liquidated_a_day(
    markets: list[SimulatedMarket],
) -> None:
    shares = []
    for market in markets:
        worth = (interest(market) * market.history.candles.close).mean()
        shares.append(market.liquidations.value.sum() / _DAYS / worth)
        by_hour = market.liquidations.totals(HOUR)
        usd = by_hour.long_usd + by_hour.short_usd
        assert np.sort(usd)[-len(usd) // 50 :].sum() > 0.1 * usd.sum()  # bursts, not a drizzle
    assert 0.004 < np.median(shares) < 0.035  # 0.5-2 % in ordinary weeks


def test_accounts_are_long_more_often_than_dollars_are(markets: list[SimulatedMarket]) -> None:
    for market in markets:
        assert market.history.long_short_ratio is not None
        assert market.history.long_short_ratio.ratio.min() > 0.6
        assert 1.0 < market.history.long_short_ratio.ratio.mean() < 3.5  # 1.9, 2.8
