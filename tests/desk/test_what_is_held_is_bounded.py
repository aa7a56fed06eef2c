"""What the bot holds of a market is no more after many days than after a few."""

import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE, floats, times
from bot.core.estimate import columns
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.join import trimmed
from bot.core.market.liquidations import Liquidations
from bot.core.market.series import Candles
from bot.core.signals.weeks import WARM_UP, WEEK
from bot.core.windows import WINDOWS
from bot.desk import tapes as tapes_module
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.tapes import Tapes
from bot.desk.weeks import Coin
from bot.exchanges.stamps import Stamps
from tests.support.histories import BTC, START, history
from tests.support.markets import Market

_HEARD = 50 * MINUTE  # of each hour; then the feed breaks


def _swinging(days: int, interval: int) -> MarketHistory:
    """A market that comes through the same prices each day, and tells no liquidations."""
    whole = history(bars=days * DAY // interval, interval=interval)
    time = whole.candles.open_time
    opened, closed = (
        90_000 * np.exp(0.03 * np.sin(2 * np.pi * (at - START) / DAY))
        for at in (time, time + interval)
    )
    high, low = np.maximum(opened, closed) * 1.001, np.minimum(opened, closed) / 1.001
    told = whole.candles
    candles = Candles(time, opened, high, low, closed, told.volume, told.taker_buy_volume, interval)
    return replace(whole, candles=candles, liquidations=None, liquidation_feed="")


def _told(hour: int) -> Liquidations:
    return Liquidations(
        times(hour + MINUTE * np.arange(10)),
        np.tile(np.array([1, -1], np.int8), 5),
        floats(np.full(10, 90_000.0)),
        floats(np.full(10, 0.5)),
    )


def _sizes(kept: Kept, tapes: Tapes) -> dict[str, int]:
    """How many of everything there is, and how many bytes all of it takes."""
    past, estimate = kept.history, kept.estimate
    assert past.open_interest is not None
    assert past.funding is not None
    assert past.liquidations is not None
    assert past.heard is not None
    tape = tapes.events(BTC), tapes.heard(BTC)
    return {
        "candles": len(past.candles),
        "open interest": len(past.open_interest.time),
        "funding": len(past.funding.time),
        "liquidations": len(past.liquidations),
        "stretches heard": len(past.heard.spans),
        "columns": len(estimate.columns),
        "bars foretold": len(estimate.expected.time),
        "bins": estimate.inventory.stored.shape[1],
        "on the tape": len(tape[0]),
        "stretches on the tape": len(tape[1].spans),
        "KB": len(pickle.dumps((past, estimate.learner, estimate.columns, *tape))) // 1024,
    }


def _most(sizes: Sequence[dict[str, int]]) -> dict[str, int]:
    return {what: max(each[what] for each in sizes) for what in sizes[0]}


class _Recent(Market):
    """A source that tells of each series what is asked for, and nothing from before it."""

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        return trimmed(await super().history(instrument, since), since)


async def test_a_market_followed_for_days_takes_no_more_room_than_after_the_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short = tuple(one for one in WINDOWS if one.length <= DAY)
    monkeypatch.setattr(columns, "WINDOWS", short)
    monkeypatch.setattr(tapes_module, "_LONGEST", DAY)
    source, tapes = _Recent(_swinging(13, 5 * MINUTE)), Tapes()
    snapshots = Snapshots(source, None, history_days=1, tapes=tapes)
    sizes = []
    for hour in range(24, 13 * 24):
        source.time = START + hour * HOUR
        tapes.take(BTC, _told(source.time - HOUR))
        tapes.hear(BTC, Heard(((source.time - HOUR, source.time - HOUR + _HEARD),)))
        if hour % 6 == 0:
            sizes.append(_sizes((await snapshots.of([BTC])).kept[0], tapes))
    # What is held is cut about once a day: it counts how much there is just before.
    early, late = _most(sizes[8:28]), _most(sizes[-20:])
    assert late.pop("KB") <= early.pop("KB") + 2
    assert late == early
    assert late["stretches heard"] <= 3 * 24
    assert late["columns"] <= DAY // (5 * MINUTE) + 3


def test_a_feed_that_breaks_each_hour_leaves_a_month_of_stretches_behind() -> None:
    tapes = Tapes()
    for hour in range(60 * 24):
        begins = START + hour * HOUR
        tapes.hear(BTC, Heard(((begins, begins + _HEARD),)))
    spans = tapes.heard(BTC).spans
    assert len(spans) == 31 * 24 + 1
    assert spans[-1][1] == START + 60 * DAY - HOUR + _HEARD
    # What is stored of a stretch is known by its beginning: none is cut.
    assert {end - start for start, end in spans} == {_HEARD}


def test_messages_are_known_again_for_a_while_and_then_forgotten() -> None:
    stamps, many = Stamps(), 50_000
    for mark in range(many):
        assert stamps.of(mark, START + mark) == START + mark
    assert stamps.of(many - 1_000, START + many) == START + many - 1_000  # as it was first heard
    assert len(stamps._first) == 20_000


def _read(coin: Coin, pasts: Sequence[MarketHistory], until: int) -> tuple[int, int, int]:
    """Read what is known at a time of the last 31 days; how much the coin holds then."""
    known = [trimmed(each.known_at(until), until - 31 * DAY) for each in pasts]
    coin.read("BTC", known, ())
    held = coin.stretches.values()
    return (
        len(held),
        sum(len(each.looks) for each in held),
        sum(len(each.walkers) for each in held),
    )


def test_a_coin_read_for_weeks_holds_the_weeks_that_are_at_hand_only() -> None:
    pasts, coin = [_swinging(67, HOUR)], Coin()
    sizes = [_read(coin, pasts, START + 31 * DAY + n * WEEK) for n in range(6)]
    weeks, looks, _ = (max(size) for size in zip(*sizes, strict=True))
    assert weeks <= 31 * DAY // WEEK + 3
    assert looks <= weeks * (WARM_UP + 3 * DAY) // HOUR
    assert sizes[-1] <= sizes[2]
