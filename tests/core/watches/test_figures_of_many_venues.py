"""A coin on several venues: one price, sums, means, and nothing that is too old to be true."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE, times
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles
from bot.core.watches.columns import Key
from bot.core.watches.figures import Figure, Measure, Side
from bot.core.watches.gathered import figures_of
from bot.core.watches.together import figures_together, priced
from tests.support.histories import BTC, history

_BYBIT = Instrument("bybit", "BTC", "USDT", "USDT")
_KEYS: list[Key] = [
    Figure(Measure.PRICE),
    Figure(Measure.PRICE_CHANGE, window=HOUR),
    Figure(Measure.FUNDING),
    Figure(Measure.INTEREST),
    Figure(Measure.INTEREST_CHANGE, window=4 * HOUR),
    Figure(Measure.RATIO),
    Figure(Measure.LIQUIDATED, Side.LONGS, window=HOUR),
    Figure(Measure.LIQUIDATED_TIMES, window=HOUR),
]


@pytest.fixture(scope="module")
def first() -> MarketHistory:
    return history(bars=3000, seed=1)


@pytest.fixture(scope="module")
def second() -> MarketHistory:
    made = history(_BYBIT, bars=3000, seed=2)
    assert made.open_interest is not None
    half = replace(made.open_interest, quantity=made.open_interest.quantity / 2)
    return replace(made, open_interest=half)


def _now(one: MarketHistory) -> int:
    return int(one.candles.close_time[-1])


def test_one_venue_alone_is_itself(first: MarketHistory) -> None:
    at = times([_now(first) - HOUR, _now(first)])
    alone, together = figures_of(first, _KEYS, at), figures_together([first], _KEYS, at)
    for key in _KEYS:
        assert np.array_equal(alone[key].value, together[key].value, equal_nan=True)


def test_the_price_is_the_larger_venues_and_interest_and_liquidations_are_summed(
    first: MarketHistory, second: MarketHistory
) -> None:
    at = times([_now(first)])
    a, b = (figures_of(each, _KEYS, at) for each in (first, second))
    both = figures_together([second, first], _KEYS, at)
    price, change, funding, interest, rise, ratio, liquidated, normal = _KEYS
    held = np.array([one[interest].value[0] for one in (a, b)])
    assert both[price].value == a[price].value
    assert both[change].value == a[change].value
    assert both[interest].value == pytest.approx(held.sum())
    weight = held / held.sum()
    for key in (funding, ratio):
        mean = weight @ [a[key].value[0], b[key].value[0]]
        assert both[key].value == pytest.approx(mean)
    then = held / (1 + np.array([a[rise].value[0], b[rise].value[0]]))
    assert both[rise].value == pytest.approx(held.sum() / then.sum() - 1)
    assert both[liquidated].value == pytest.approx(a[liquidated].value + b[liquidated].value)
    assert np.isfinite(both[normal].value[0])


def test_the_price_of_a_venue_that_is_silent_is_anothers(
    first: MarketHistory, second: MarketHistory
) -> None:
    now = _now(second)
    silent = first.known_at(now - HOUR)
    both = figures_together([silent, second], [_KEYS[0]], times([now]))
    assert both[_KEYS[0]].value == second.candles.close[-1]
    assert both[_KEYS[0]].known_at == now


def test_a_sum_is_as_old_as_the_oldest_that_matters(
    first: MarketHistory, second: MarketHistory
) -> None:
    now = _now(second)
    silent = first.known_at(now - 2 * HOUR)
    (found,) = figures_together([silent, second], [_KEYS[3]], times([now])).values()
    assert found.known_at[0] <= now - 2 * HOUR  # so that it is not taken for what holds now
    assert silent.open_interest is not None
    small = replace(
        silent,
        open_interest=replace(silent.open_interest, quantity=silent.open_interest.quantity / 1e4),
    )
    (found,) = figures_together([small, second], [_KEYS[3]], times([now])).values()
    assert found.known_at[0] >= now - 10 * MINUTE


def test_liquidations_are_unknown_where_the_larger_part_was_not_heard(
    first: MarketHistory, second: MarketHistory
) -> None:
    now, key = _now(first), _KEYS[6]
    deaf = Heard(((now - 30 * DAY, now - HOUR),))
    told = figures_together([first, replace(second, heard=deaf)], [key], times([now]))
    assert told[key].value == figures_of(first, [key], times([now]))[key].value
    told = figures_together([replace(first, heard=deaf), second], [key], times([now]))
    assert np.isnan(told[key].value[0])


def test_what_nobody_tells_is_not_known(first: MarketHistory, second: MarketHistory) -> None:
    mute = [
        replace(
            each,
            open_interest=None,
            funding=None,
            long_short_ratio=None,
            liquidations=None,
        )
        for each in (first, second)
    ]
    found = figures_together(mute, _KEYS, times([_now(first)]))
    assert [bool(np.isnan(found[key].value[0])) for key in _KEYS] == [False, False, *6 * [True]]


def test_between_two_bars_the_newest_price_is_what_was_told_last(first: MarketHistory) -> None:
    now, key, hour = _now(first), Figure(Measure.PRICE), Figure(Measure.PRICE_CHANGE, window=HOUR)
    at = times([now + 2 * MINUTE])
    told = priced(first, now - 2 * HOUR, now + 2 * MINUTE, (now + MINUTE, 1.0))
    found = figures_of(told, [key, hour], at)
    assert found[key].value[0] == 1.0
    assert found[key].known_at[0] == now + MINUTE
    before = figures_of(first, [key], at - HOUR)[key].value
    assert found[hour].value == pytest.approx(1 / before - 1)
    for newest in ((now - MINUTE, 1.0), (now + 3 * MINUTE, 1.0), (now + MINUTE, 0.0)):
        same = priced(first, 0, now + 2 * MINUTE, newest)  # old, of later, or no price
        assert figures_of(same, [key], at)[key].value == first.candles.close[-1]


def test_a_market_without_bars_is_not_known() -> None:
    none = np.empty(0)
    empty = Candles(times([]), none, none, none, none, none, None, MINUTE)
    told = priced(MarketHistory(BTC, empty), 0, 5 * MINUTE, (4 * MINUTE, 7.0))
    found = figures_of(told, [Figure(Measure.PRICE)], times([5 * MINUTE]))
    assert found[Figure(Measure.PRICE)].value == 7.0
