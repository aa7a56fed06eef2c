"""A coin's day in a few figures: of the last 24 hours, and of nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import DAY
from bot.core.market.liquidations import Liquidations
from bot.core.signals.read import Signals
from bot.core.watches.digested import coin_day, largest, spoken
from bot.core.watches.ledger import Entry, Told
from tests.support.histories import BTC, history


def events(*rows: tuple[int, float]) -> Liquidations:
    time, usd = (np.array(column) for column in zip(*rows, strict=True))
    price = np.full(len(time), 50_000.0)
    return Liquidations(time.astype(np.int64), np.ones(len(time), np.int8), price, usd / price)


def test_the_largest_is_of_the_day_and_of_all_venues() -> None:
    bars = history(bars=600)
    end = int(bars.candles.close_time[-1])
    here = replace(bars, liquidations=events((end - 2 * DAY, 9e9), (end - 5, 1e6), (end + 5, 9e9)))
    okx = replace(bars, instrument=replace(BTC, exchange="okx"), liquidations=events((end, 2e6)))
    found = largest("BTC", [here, okx, replace(bars, liquidations=None)], end - DAY, end)
    assert found is not None
    assert found.exchange == "okx"
    assert found.usd == pytest.approx(2e6)
    assert largest("BTC", [replace(bars, liquidations=None)], end - DAY, end) is None


def test_the_move_is_of_a_day_where_a_day_is_known() -> None:
    bars = history(bars=600)
    candles = bars.candles
    now, price = int(candles.close_time[-1]), float(candles.close[-1])
    seen = Signals("m", now, price, None, (), None, 1e9, 2.0)
    day = coin_day("BTC", seen, (), [bars], "good")
    assert day.move == pytest.approx(price / float(candles.close[-1 - 288]) - 1)
    short = replace(bars, candles=candles.sliced(slice(-200, None)))
    assert coin_day("BTC", seen, (), [short], "good").move is None


def test_what_was_said_is_counted_from_one_digest_to_the_next() -> None:
    def one(at: int, told: int | None, held: str = "", useful: int = 0) -> Told:
        return Told(Entry(f"w1/BTC/{at}", "w1", "BTC", at, told, held=held), (), useful)

    ledger = [
        one(100, 100),  # at the last digest: told by it
        one(101, 101, useful=1),
        one(90, 150),  # told late
        one(120, None, "muted"),
        one(200, 200),
        one(201, 201),
        one(50, None, "muted"),
    ]
    found = spoken(ledger, 100, 200)
    assert (found.told, found.useful, found.judged, found.held) == (3, 1, 1, {"muted": 1})
