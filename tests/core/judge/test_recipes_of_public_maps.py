"""The recipes beside which the map is measured are what public maps do, no better and no worse."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.instruments import Contract
from bot.core.judge.recipes import RECIPES, Recipe, interest_map, turnover_map
from bot.core.market.history import MarketHistory
from bot.core.market.series import Candles, OpenInterest
from tests.support.walks import first_bars, scaled, wandering

recipes = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


def market(*closes: float, low: float | None = None, held: tuple[float, ...] = ()) -> MarketHistory:
    """A market of a few bars that each trade 10 coins; `low` is that of the last bar."""
    close = np.array(closes)
    opened = np.concatenate((close[:1], close[:-1]))
    lows = np.minimum(opened, close)
    lows[-1] = low or lows[-1]
    step = wandering(bars=3).candles.interval
    candles = Candles(
        step * np.arange(len(close), dtype=np.int64),
        opened,
        np.maximum(opened, close),
        lows,
        close,
        np.full(len(close), 10.0),
        None,
        step,
    )
    interest = OpenInterest(candles.close_time, np.array(held)) if held else None
    return MarketHistory(wandering(bars=3).instrument, candles, interest)


def end(history: MarketHistory) -> list[int]:
    return [int(history.candles.close_time[-1])]


def test_half_of_the_turnover_is_long_and_spread_over_four_leverages() -> None:
    found = turnover_map(market(100.0), end(market(100.0)))[0]
    filled = np.flatnonzero(found.long_usd)
    assert found.centres[filled] == pytest.approx([90, 96, 98, 99], rel=1e-3)
    shares = np.array([0.30, 0.35, 0.25, 0.10])
    assert found.long_usd[filled] == pytest.approx(5 * shares * [90, 96, 98, 99])
    above = np.flatnonzero(found.short_usd)
    assert found.centres[above] == pytest.approx([101, 102, 104, 110], rel=1e-3)
    assert found.short_usd[above] == pytest.approx(5 * shares[::-1] * [101, 102, 104, 110])


def test_what_takers_bought_is_long_where_the_venue_says_so() -> None:
    history = market(100.0)
    bought = replace(history, candles=replace(history.candles, taker_buy_volume=np.array([10.0])))
    found = turnover_map(bought, end(bought))[0]
    assert found.long_usd.sum() > 900
    assert found.short_usd.sum() == 0


def test_only_a_rise_of_open_interest_opens_anything() -> None:
    history = market(100.0, 100.0, 100.0, 100.0, held=(50.0, 54.0, 51.0, 51.0))
    found = interest_map(history, end(history))[0]
    assert found.long_usd.sum() == pytest.approx(2 * (27 + 0.35 * 96 + 24.5 + 9.9))


def test_a_market_without_open_interest_has_an_empty_map_by_that_recipe() -> None:
    history = market(100.0, 101.0)
    found = interest_map(history, end(history))[0]
    assert found.long_usd.sum() == found.short_usd.sum() == 0


def test_a_wick_removes_what_it_touches_and_nothing_comes_back() -> None:
    history = market(100.0, 100.0, 100.0, low=97.5)
    left = turnover_map(history, end(history))[0]
    # Of the last bar's own entries all stand, for it opened them at its close.
    near = left.edges[:-1] > 97.6
    assert left.long_usd[near].sum() == pytest.approx(5 * (0.25 * 98 + 0.10 * 99))
    assert left.long_usd[~near].sum() == pytest.approx(3 * 5 * (0.30 * 90 + 0.35 * 96))


@recipes
def test_nothing_is_ever_on_the_wrong_side_of_the_price(recipe: Recipe) -> None:
    history = wandering(bars=2000, volatility=0.004)
    for made in recipe(history, history.candles.close_time[200::450].tolist()):
        assert made.long_usd[made.edges[:-1] > made.price].sum() == 0
        assert made.short_usd[made.edges[1:] < made.price].sum() == 0
        assert made.long_usd.sum() > 0
        assert made.short_usd.sum() > 0


@recipes
def test_a_recipe_knows_nothing_of_what_came_later(recipe: Recipe) -> None:
    history = wandering(bars=600)
    known = first_bars(history, 400)
    late, then = recipe(history, end(known))[0], recipe(known, end(known))[0]
    assert late.time == then.time
    assert np.array_equal(late.long_usd, then.long_usd)
    assert np.array_equal(late.short_usd, then.short_usd)


@recipes
@pytest.mark.parametrize("contract", Contract)
def test_dollars_follow_the_size_of_the_market(recipe: Recipe, contract: Contract) -> None:
    history = wandering(bars=300, contract=contract)
    one = recipe(history, end(history))[0]
    ten = recipe(scaled(history, size=10.0), end(history))[0]
    assert ten.long_usd == pytest.approx(10 * one.long_usd)
    assert ten.short_usd == pytest.approx(10 * one.short_usd)


@recipes
def test_before_the_first_bar_there_is_no_map(recipe: Recipe) -> None:
    with pytest.raises(ValueError, match="closed candle"):
        recipe(wandering(bars=3), [0])
