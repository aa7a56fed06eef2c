"""How a watch has done: counted as it was noted, and set beside random times if there are ten."""

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.watches.ledger import After, Entry, Told
from bot.core.watches.record import beside, random_times, record
from tests.support.histories import history

START = 1_764_547_200_000


def one(
    number: int,
    *,
    way: str = "",
    held: str = "",
    move: float | None = None,
    reached: bool | None = None,
    votes: tuple[int, int] = (0, 0),
) -> Told:
    at = START + number * DAY
    message = f"w1/BTC/{number}"
    entry = Entry(message, "w1", "BTC", at, None if held else at, held=held, price=100.0, way=way)
    after = () if move is None else (After(message, HOUR, 100.0, move, 0.0, reached, None),)
    return Told(entry, after, *votes)


def test_what_fired_and_what_was_held_back_is_counted_apart() -> None:
    found = record([one(1), one(2), one(3, held="muted"), one(4, held="muted"), one(5, held="cap")])
    assert found.told == 2
    assert found.held == {"muted": 2, "cap": 1}


def test_useful_is_what_more_people_found_useful_than_not() -> None:
    found = record([one(1, votes=(2, 1)), one(2, votes=(1, 1)), one(3, votes=(0, 4)), one(4)])
    assert (found.useful, found.judged) == (1, 3)


def test_moves_count_the_way_they_were_headed() -> None:
    found = record([one(1, way="down", move=-0.02), one(2, way="up", move=-0.01)])
    assert found.headed
    assert found.move == pytest.approx(0.005)


def test_without_a_way_moves_count_by_their_size() -> None:
    found = record([one(1, way="down", move=-0.02), one(2, move=-0.01), one(3, move=0.03)])
    assert not found.headed
    assert found.move == pytest.approx(0.02)


def test_of_zones_the_longest_follow_up_counts() -> None:
    told = one(1, move=0.0, reached=False)
    later = After(told.entry.message, DAY, 100.0, 0.0, 0.0, reached=True, liquidated=None)
    found = record([Told(told.entry, (*told.after, later)), one(2, move=0.0, reached=None)])
    assert (found.reached, found.zones, found.longest) == (1, 1, DAY)


def test_ten_say_something_and_nine_do_not() -> None:
    assert not record([one(n, move=0.01) for n in range(9)]).enough
    assert record([one(n, move=0.01) for n in range(10)]).enough


def test_episodes_are_set_beside_random_times_of_their_market() -> None:
    candles = history(bars=30 * 288).candles
    at = [int(candles.close_time[288 * (2 + 2 * n)]) for n in range(13)]
    closes = {int(t): float(p) for t, p in zip(candles.close_time, candles.close, strict=True)}
    entries = [
        Entry(f"w1/BTC/{n}", "w1", "BTC", time, time, price=closes[time], way="up")
        for n, time in enumerate(at)
    ]
    pair = beside(candles, entries, headed=True)
    assert pair is not None
    found = random_times([pair])
    assert found is not None
    assert found.count == 13
    own = [np.log(closes[time + HOUR] / closes[time]) for time in at]
    assert found.move == pytest.approx(float(np.mean(own)))
    sized = beside(candles, entries, headed=False)
    assert sized is not None
    size = random_times([sized])
    assert size is not None
    assert size.move == pytest.approx(float(np.mean(np.abs(own))))
    few = beside(candles, entries[:9], headed=True)
    assert few is not None
    assert random_times([few]) is None


def test_what_was_held_back_or_is_older_than_the_candles_is_left_out() -> None:
    candles = history(bars=300).candles
    early = Entry("w1/BTC/1", "w1", "BTC", START, START - MINUTE, price=100.0)
    held = Entry("w1/BTC/2", "w1", "BTC", START, None, price=100.0, held="muted")
    assert beside(candles, [early, held], headed=False) is None
