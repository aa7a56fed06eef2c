"""Cascades of the market as a whole: grouped from coins, and what followed them on the mean."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.evidence.base import FEWEST
from bot.core.evidence.occurrences import Occurrence, summed
from bot.core.evidence.outcomes import NAMES
from bot.core.evidence.wide import wide_joined, wide_occurrences, wide_settled
from bot.core.evidence.words import before, verdict
from bot.core.market.series import Candles
from bot.core.signals.cascade import ALL
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.wide import MARKET, coins_of

BAR = 5 * MINUTE
START = 20_000 * DAY
COINS = ("AAA", "BBB", "CCC")


def cascade(coin: str, at: int, way: Way = Way.DOWN, *, lasts: int = 10 * MINUTE) -> Occurrence:
    """A coin's cascade that was confirmed at `at` [ms]."""
    key = f"binance {coin}/USDT:USDT"
    facts = (Fact(ALL, 1e6, "USD"),)
    began = at - MINUTE
    moment = Episode(Kind.CASCADE, key, "cascade", began, at, 100.0, 101.0, way, facts=facts)
    over = replace(moment, phase="over", time=at + lasts, ended=at + lasts)
    return Occurrence(over, moment)


def market(times: Sequence[int], coins: Sequence[str] = COINS) -> list[Occurrence]:
    return [
        cascade(coin, time + place * 20_000) for time in times for place, coin in enumerate(coins)
    ]


def candles(days: int, seed: int, falls: Sequence[int] = (), by: float = 0.0) -> Candles:
    """A price that wanders, and falls by so much in the four hours after some times."""
    steps = np.random.default_rng(seed).normal(0, 0.001, days * 288)
    for at in falls:
        first = (at - START) // BAR + 1
        steps[first : first + 48] -= by / 48
    path = 100 * np.exp(np.concatenate(([0.0], np.cumsum(steps))))
    opened, close = path[:-1], path[1:]
    time = START + np.arange(len(close), dtype=np.int64) * BAR
    low, high = np.minimum(opened, close), np.maximum(opened, close)
    return Candles(time, opened, high, low, close, np.ones(len(close)), None, BAR)


def test_coins_that_cascade_together_are_one_cascade_of_the_market() -> None:
    alone = market([START + DAY])
    [found] = wide_occurrences(alone)
    assert found.moment is not None
    assert (found.episode.market, found.episode.phase) == (MARKET, "over")
    assert found.moment.time == START + DAY + 40_000  # when the third joined
    assert coins_of(found.moment) == COINS
    assert wide_occurrences(market([START + DAY], COINS[:2])) == ()
    # It is none of itself, and a coin on two venues is one coin.
    assert len(wide_occurrences([*alone, found])) == 1
    twice = replace(alone[0].episode, market="okx AAA/USDT:USDT")
    moment = replace(twice, phase="cascade", ended=None, time=START + DAY)
    assert wide_occurrences([Occurrence(twice, moment), *alone[:2]]) == ()


def test_what_followed_is_the_mean_over_its_coins_beside_random_times() -> None:
    times = [START + day * DAY + 7 * HOUR for day in range(3, 60, 2)]
    found = wide_occurrences(market(times))
    falls = (0.01, 0.02, 0.06)
    held = {
        coin: candles(65, seed, times, by)
        for seed, (coin, by) in enumerate(zip(COINS, falls, strict=True))
    }
    settled = wide_settled(held, found)
    assert [each.horizon for each in settled[0].after] == list(NAMES)
    rows = summed(settled)
    four = rows[NAMES.index("4h")]
    assert four.count == len(times) >= FEWEST
    assert four.move == pytest.approx(0.03, abs=0.006)  # the way that was said: down
    assert four.base == pytest.approx(0, abs=0.004)
    assert verdict(rows) == "more than chance"
    said = before(Kind.CASCADE, rows, wide=True)
    assert said.startswith(f"After {len(times)} of these its coins went that way by +")
    assert "90 % for all four horizons" in said


def test_what_followed_a_market_that_wanders_is_no_more_than_chance_and_few_are_too_few() -> None:
    times = [START + day * DAY for day in range(3, 60, 3)]
    held = {coin: candles(65, 10 + seed) for seed, coin in enumerate(COINS)}
    settled = wide_settled(held, wide_occurrences(market(times)))
    assert verdict(summed(settled)) == "no more than chance"
    few = summed(settled[: FEWEST - 1])
    assert before(Kind.CASCADE, few, wide=True) == (
        "What follows a market-wide cascade: too few to say (9 seen, 10 needed)."
    )
    assert before(Kind.CASCADE, (), wide=True).endswith("(none seen, 10 needed).")


def test_what_was_known_of_more_horizons_stands_and_a_coin_without_candles_is_left_out() -> None:
    at = START + 5 * DAY
    found = wide_occurrences(market([at]))
    held = {coin: candles(8, seed) for seed, coin in enumerate(COINS)}
    [whole] = wide_settled(held, found)
    assert len(whole.after) == 4
    early = {coin: each.closed(at + 2 * HOUR) for coin, each in held.items()}
    [soon] = wide_settled(early, found)
    assert [each.horizon for each in soon.after] == ["15m", "1h"]
    assert wide_settled(early, [whole]) == (whole,)
    assert wide_settled({}, [whole]) == (whole,)
    two = {coin: held[coin] for coin in COINS[:2]}
    [part] = wide_settled(two, found)
    assert part.after[0].move != whole.after[0].move


def test_of_one_cascade_that_was_seen_twice_the_wider_one_is_kept() -> None:
    at = START + DAY
    narrow = wide_occurrences(market([at, at + 3 * DAY]))
    wide = wide_occurrences(market([at], (*COINS, "DDD")))
    joined = wide_joined(narrow, wide)
    assert [len(coins_of(each.episode)) for each in joined] == [4, 3]
    assert wide_joined(joined, narrow) == joined
    up = [replace(each, episode=replace(each.episode, way=Way.UP)) for each in narrow]
    assert len(wide_joined(narrow, up)) == 4
