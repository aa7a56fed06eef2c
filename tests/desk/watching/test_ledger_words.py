"""How a watch has done, in words: counts, and no more than the counts allow."""

import math
from dataclasses import replace

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.evidence.base import Followed, Range
from bot.core.instruments import Instrument
from bot.core.simulation.simulate import simulate
from bot.core.watches.ledger import After, Entry, Told
from bot.desk.watching.ledger_words import lines
from bot.messages import Address
from bot.watching import KeptWatch, Quota
from tests.support.telling import CHAT, teller

START = 1_764_547_200_000
SOL = Instrument("binance", "SOL", "USDT", "USDT")


def ledger(count: int, *, way: str = "down", move: float = -0.012) -> list[Told]:
    found = []
    for number in range(count, 0, -1):
        message, at = f"w1/BTC/{number}", START + number * DAY
        entry = Entry(message, "w1", "BTC", at, at, price=60_000.0, way=way)
        after = After(message, HOUR, 59_000.0, move, 0.0, number % 2 == 0, None)
        found.append(Told(entry, (after,), useful=number % 2))
    return found


def test_a_watch_that_never_fired_says_so_and_what_it_held_back() -> None:
    held = Told(Entry("w1/BTC/1", "w1", "BTC", START, held="quiet hours"))
    assert lines(()) == ("Never fired yet.",)
    assert lines([held]) == ("Never fired yet; held back: 1 in quiet hours.",)


def test_few_episodes_say_nothing_of_what_follows() -> None:
    said = lines(ledger(4))
    assert said[0] == "Fired 4 times; useful 2 of 2."
    assert said[1] == "What followed: too few to say (4 known, 10 needed)."
    assert said[2] == "Clusters reached within 1 h: 2 of 4."
    assert said[3] == "5 Dec 00:00 UTC BTC down: −1.2 % after 1 h"
    assert len(said) == 6


def test_enough_are_set_beside_random_times() -> None:
    random = Followed("1h", 12, 0.012, 0.001, Range(0.011, 0.004, 0.018), 0.0, math.nan, math.nan)
    said = lines(ledger(12), random)[1]
    assert said.startswith(
        "After 1 h price had moved +1.2 % the way it was headed (median of 12); on average +1.2 %, "
        "+0.10 % after random times as volatile: a difference of +1.1 % (+0.40 % to +1.8 %;"
    )
    alone = lines(ledger(12, way=""))[1]
    assert alone == "After 1 h price had moved 1.2 % either way (median of 12)."


async def test_the_ledger_of_a_watch_is_read_beside_its_own_market() -> None:
    history = simulate("crash", 7, 14 * 288, instrument=SOL).history
    async with teller(history) as desk:
        kept = await desk.store.add(
            KeptWatch("", Address(CHAT), CHAT, shared=False, words="SOL cascade", made=0), Quota()
        )
        candles = history.candles
        for number in range(12):
            at = int(candles.close_time[(number + 1) * 288])
            price = float(candles.close[(number + 1) * 288])
            entry = Entry(f"{kept.id}/SOL/{number}", kept.id, "SOL", at, at, price=price)
            desk.store.entries[entry.message] = entry
            await desk.store.note(After(entry.message, HOUR, price, 0.01, 0.0, None, None))
        unheld = await desk.words.ledger(kept)
        assert "random times" not in unheld[1]
        found = await desk.parts.markets.find("SOL", ())
        await desk.parts.snapshots.of(found.instruments)
        held = await desk.words.ledger(kept)
        assert "after random times as volatile" in held[1]
        assert held[0] == "Fired 12 times."


@pytest.mark.parametrize("count", [1, 2])
def test_the_newest_are_told_one_by_one(count: int) -> None:
    told = ledger(count)
    assert len(lines(told)) == 3 + count
    unknown = [replace(each, after=()) for each in told]
    assert lines(unknown)[1] == "What followed is not known yet."
