"""What is said hangs on a bounded past: walks from two beginnings agree once they are warm."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.cli.recordings import recordings
from bot.core.arrays import DAY, HOUR
from bot.core.instruments import instrument
from bot.core.market.history import MarketHistory
from bot.core.market.join import trimmed
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.events import Bar, Look
from bot.core.signals.regime import LONGEST, RegimeMachine
from bot.core.signals.weeks import LEAD, WARM_UP, WEEK, by_weeks, monday, weeks
from bot.core.signals.wide import WideMachine
from bot.core.simulation.simulate import simulate

DAYS = 42
MARKETS = [("alt", 12), ("major", 11)]


@cache
def market(style: str, seed: int) -> MarketHistory:
    return simulate(style, seed, DAYS * 288).history


def read(*histories: MarketHistory) -> tuple[Episode, ...]:
    found = by_weeks("m", histories)
    assert found is not None
    return found.told


@cache
def whole(style: str, seed: int) -> tuple[Episode, ...]:
    return read(market(style, seed))


def warm(said: Iterable[Episode], beginning: int) -> list[str]:
    """Every state, to the last bit, of what began when both walks were warm."""
    return [repr(state) for state in said if state.began >= beginning + WARM_UP]


@pytest.mark.parametrize("which", MARKETS)
@settings(max_examples=3)
@given(bars=st.integers(1, (DAYS - 22) * 288 - 1))
def test_walks_from_two_beginnings_agree_on_all_that_begins_after_the_warm_up(
    which: tuple[str, int], bars: int
) -> None:
    history = market(*which)
    beginning = int(history.candles.open_time[bars])
    later = read(trimmed(history, beginning))
    agreed = warm(later, beginning)
    assert agreed == warm(whole(*which), beginning)
    assert not any(state.early for state in later if state.began >= beginning + WARM_UP)


def test_every_machine_is_put_to_the_test() -> None:
    kinds = {
        state.kind
        for which in MARKETS
        for state in whole(*which)
        if state.began >= market(*which).candles.open_time[0] + WARM_UP
    }
    assert kinds == set(Kind)


@pytest.mark.parametrize("days", [0.3, 9.0])
def test_walks_through_recorded_markets_agree(days: float, shared: Path) -> None:
    seen = 0
    for history in recordings(f"replay:{shared / 'data' / 'replay'}").values():
        beginning = int(history.candles.open_time[0]) + int(days * DAY)
        agreed = warm(read(trimmed(history, beginning)), beginning)
        assert agreed == warm(read(history), beginning)
        seen += len(agreed)
    assert seen >= 5


def test_coins_on_several_venues_agree_too() -> None:
    first = market("alt", 12)
    other = replace(
        market("alt", 12), instrument=replace(first.instrument, exchange="other"), heard=None
    )
    beginning = int(first.candles.open_time[2000])
    agreed = warm(read(trimmed(first, beginning), trimmed(other, beginning)), beginning)
    assert agreed == warm(read(first, other), beginning)
    assert agreed


def test_the_market_as_a_whole_agrees_where_its_coins_do() -> None:
    """A cascade of the market is grouped from its coins', which come to rest between."""
    beginning = int(market("alt", 12).candles.open_time[1700])

    def wide(since: int) -> list[str]:
        machine, said = WideMachine(), list[Episode]()
        coins = {
            coin: read(
                trimmed(replace(market("alt", 12), instrument=instrument("sim", coin)), since)
            )
            for coin in ("A/USDT:USDT", "B/USDT:USDT", "C/USDT:USDT")
        }
        states = [
            (state.time, state.ended is not None, coin, state)
            for coin, told in coins.items()
            for state in told
            if state.kind is Kind.CASCADE
        ]
        for *_, coin, state in sorted(states, key=lambda each: each[:3]):
            said += machine.take(coin, replace(state, market=coin))
        return warm(said, beginning)

    agreed = wide(beginning)
    assert agreed == wide(0)
    assert agreed


def test_what_begins_before_is_said_to_be_early_and_is_told_once() -> None:
    history, said = market("alt", 12), whole("alt", 12)
    begins = int(history.candles.open_time[0])
    first = weeks(begins, begins + DAYS * DAY)[0]
    assert begins + LEAD <= first.until <= begins + WARM_UP
    assert {state.began < first.until for state in said if state.early} == {True}
    assert {state.began >= first.until for state in said if not state.early} == {True}
    ended = [state.name for state in said if state.ended is not None]
    assert len(ended) == len(set(ended))


def test_what_was_said_does_not_depend_on_what_came_after() -> None:
    history = market("major", 11)
    said = list(map(repr, whole("major", 11)))
    for part in (0.4, 0.9):
        until = int(history.candles.close_time[int(part * len(history.candles))])
        before = list(map(repr, read(history.known_at(until))))
        assert before == said[: len(before)]
        assert before


@given(st.integers(0, 2**41), st.integers(0, 200 * DAY))
def test_weeks_follow_one_another_and_begin_on_mondays(begins: int, length: int) -> None:
    found = weeks(begins, begins + length)
    assert (found[0].since, found[0].anchor, found[0].early) == (begins, begins, True)
    assert found[-1].until >= begins + length
    for one, other in pairwise(found):
        assert (one.until, other.until - other.since, other.early) == (other.since, WEEK, False)
        assert other.since == monday(other.since)
        assert begins <= other.anchor == other.since - LEAD


def test_a_regime_that_lasts_for_a_week_is_usual_and_must_begin_anew() -> None:
    """Funding, open interest and clusters that only ever rise hold any rank for ever."""
    machine, said, coins = RegimeMachine("m"), list[Episode](), 1e5
    for hour in range(30 * 24):
        time, up = hour * HOUR, max(hour - 10 * 24, 0)
        coins *= 1 + (2e-3 + 1e-5 * up) * bool(up)
        usd, near = coins * 100, 3e-4 * (100 + up) * coins * 100
        bar = Bar(time, 100, 100, 100, 100, 1e9, usd, 1e-4 + 2e-6 * up, HOUR)
        for event in (bar, Look(time, 100, (), near, near, usd)):
            said += machine.take(event)
    lasted = [state for state in said if state.ended is not None]
    assert len(lasted) >= 2
    for state in lasted[-2:]:
        assert "lasted for a week" in state.why_ended
        assert state.time - state.began == LONGEST
    assert said[-1].phase == "on"  # it began anew
