"""Positions of accounts that anyone can see: as many as answer, never a market less for it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import BadSetting
from bot.core.instruments import Instrument
from bot.core.market.positions import Positions
from bot.exchanges import accounts
from bot.exchanges.accounts import Chosen, read_addresses
from bot.exchanges.feed import wall_clock
from bot.exchanges.live import VenueSource, live_source
from bot.exchanges.venues.hyperliquid import HYPERLIQUID
from tests.support.loopback_hyperliquid import ACCOUNTS, address, liquidation_price
from tests.support.venues import LoopbackVenues, loopback_venues

BTC = Instrument("hyperliquid", "BTC", "USDC", "USDC")
ETH = Instrument("hyperliquid", "ETH", "USDC", "USDC")
LOOK = "clearinghouseState"


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


class Watched:
    """A source whose clock stands where a test puts it."""

    def __init__(self, base: str, chosen: Chosen) -> None:
        self.at = wall_clock()
        self.source = VenueSource(HYPERLIQUID, base, clock=lambda: self.at, accounts=chosen)

    async def positions(self, instrument: Instrument = BTC) -> Positions | None:
        return (await self.source.history(instrument, self.at - DAY)).positions

    @property
    def lacking(self) -> str | None:
        return self.source.gaps(BTC).get("positions")

    async def looked(self) -> Positions | None:
        """Ask, wait until the look that this began is over, and ask again."""
        await self.positions()
        book = self.source._accounts
        assert book is not None
        assert book._look is not None
        await book._look
        return await self.positions()


@pytest.fixture
async def watched(venues: LoopbackVenues) -> AsyncIterator[Callable[..., Watched]]:
    made: list[Watched] = []

    def make(largest: int = 10, addresses: tuple[str, ...] = ()) -> Watched:
        made.append(Watched(venues.base, Chosen(largest, addresses)))
        return made[-1]

    yield make
    for one in made:
        await one.source.close()


def sizes(found: Positions | None) -> set[int]:
    """Signed sizes of the positions, which tell the accounts apart."""
    assert found is not None
    return {int(s * q) for s, q in zip(found.side, found.quantity, strict=True)}


def held_by(*numbers: int) -> set[int]:
    return {number if number % 2 else -number for number in numbers}


async def test_the_largest_accounts_are_looked_at_and_their_positions_read_exactly(
    venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    found = await watched(10).looked()
    assert found is not None
    assert sizes(found) == held_by(*range(ACCOUNTS - 9, ACCOUNTS + 1))
    for at in range(len(found.time)):
        number = int(found.quantity[at])
        assert found.isolated[at] == (number % 3 == 0)
        assert found.leverage[at] == (20 if number % 3 == 0 else 10)
        expected = np.nan if number % 5 == 0 else liquidation_price(number)
        assert found.liquidation_price[at] == pytest.approx(expected, nan_ok=True)
    assert len(venues.asked("hyperliquid", LOOK)) == 10


async def test_nobody_waits_for_a_look(
    venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    venues.fault("hyperliquid", "hang", path="leaderboard")
    here = watched()
    await here.positions()
    assert await here.positions() is None
    assert here.lacking == "the list of its accounts is on its way"


async def test_one_look_serves_all_markets_and_lasts_for_minutes(
    venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    here = watched()
    await here.looked()
    assert here.lacking is None
    nothing = await here.positions(ETH)
    assert nothing is not None
    assert len(nothing.time) == 0
    here.at += 4 * MINUTE
    await here.positions()
    assert len(venues.asked("hyperliquid", LOOK)) == 10

    seen = here.at - 4 * MINUTE
    here.at += 2 * MINUTE
    before = await here.positions()  # begins the next look, and is answered by the last
    assert before is not None
    assert set(before.time.tolist()) == {seen}
    after = await here.looked()
    assert after is not None
    assert set(after.time.tolist()) == {here.at}
    assert len(venues.asked("hyperliquid", LOOK)) == 20
    assert len(venues.asked("hyperliquid", "leaderboard")) == 1


async def test_who_asks_during_a_look_is_shown_all_accounts_as_of_before(
    watched: Callable[..., Watched],
) -> None:
    here = watched(10)
    await here.looked()
    seen = here.at
    here.at += 6 * MINUTE
    asked = here.at
    await here.looked()
    book = here.source._accounts
    assert book is not None
    before = book.positions("BTC", asked - 1)
    assert before is not None
    assert set(before.time.tolist()) == {seen}
    assert sizes(before) == held_by(*range(31, 41))
    after = book.positions("BTC", asked)
    assert after is not None
    assert set(after.time.tolist()) == {asked}
    assert sizes(after) == sizes(before)


async def test_accounts_that_do_not_answer_are_fewer_positions_and_said(
    venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    for number in (40, 37):
        venues.fault("hyperliquid", "status", status=422, path=address(number))
    venues.fault("hyperliquid", "garbage", path=address(36))
    here = watched(10)
    found = await here.looked()
    assert sizes(found) == held_by(31, 32, 33, 34, 35, 38, 39)
    assert here.lacking == "3 of 10 accounts did not answer"
    assert here.source.failures() == {}


async def test_what_an_account_held_when_it_last_answered_stands_for_a_while(
    monkeypatch: pytest.MonkeyPatch, venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    monkeypatch.setattr(accounts, "_A_MINUTE", 0.3)
    here = watched(10)
    await here.looked()
    venues.fault("hyperliquid", "status", status=422, path=address(40))
    here.at += 6 * MINUTE
    assert sizes(await here.looked()) == held_by(*range(31, 41))
    for _ in range(5):
        here.at += 6 * MINUTE
        found = await here.looked()
    assert sizes(found) == held_by(*range(31, 40))


async def test_after_a_long_silence_old_positions_are_not_shown(
    watched: Callable[..., Watched],
) -> None:
    here = watched(10)
    await here.looked()
    here.at += 31 * MINUTE
    found = await here.positions()
    assert found is not None  # and not None, which would let the old ones stand
    assert len(found.time) == 0
    assert here.lacking == "accounts were last looked at long ago; they are looked at again"


async def test_a_venue_whose_accounts_do_not_answer_is_left_alone_and_its_market_stands(
    venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    venues.fault("hyperliquid", "status", status=422, path=LOOK)
    here = watched(40)
    assert await here.looked() is None
    assert here.lacking == "its accounts do not answer: it refuses (422)"
    assert len(venues.asked("hyperliquid", LOOK)) < 20
    venues.heal("hyperliquid")
    here.at += 6 * MINUTE
    assert len(sizes(await here.looked())) == 40
    assert here.lacking is None


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("status", "its server has an error (503)"),
        ("garbage", "the list of accounts came in a form that makes no sense"),
        ("truncated", "its answer broke off"),
        ("reset", "its answer broke off"),
    ],
)
async def test_without_a_list_of_accounts_there_are_no_positions_but_a_market(
    venues: LoopbackVenues, watched: Callable[..., Watched], kind: str, why: str
) -> None:
    venues.fault("hyperliquid", kind, path="leaderboard")  # type: ignore[arg-type]
    here = watched()
    assert await here.looked() is None
    assert here.lacking == f"the list of its accounts cannot be had: {why}"
    assert here.source.failures() == {}


async def test_a_list_without_an_end_is_not_read_to_it(
    venues: LoopbackVenues, watched: Callable[..., Watched], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "_LIST_BYTES", 1000)
    here = watched()
    assert await here.looked() is None
    assert "cannot be used" in str(here.lacking)
    assert venues.asked("hyperliquid", LOOK) == []


async def test_an_old_list_serves_while_there_is_no_new_one(
    venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    here = watched(10)
    await here.looked()
    venues.fault("hyperliquid", "status", path="leaderboard")
    here.at += 7 * HOUR
    assert sizes(await here.looked()) == held_by(*range(31, 41))
    assert len(venues.asked("hyperliquid", "leaderboard")) == 2


async def test_no_more_look_ups_go_out_in_a_minute_than_are_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "_A_MINUTE", 0.3)
    pace = accounts.EachMinute(5)
    passed = list[float]()

    class Noted(deque[float]):
        def append(self, at: float) -> None:
            passed.append(at)
            super().append(at)

    pace._passed = Noted(maxlen=5)
    asking = [asyncio.create_task(pace.kept()) for _ in range(17)]
    await asyncio.sleep(0)
    assert len(passed) == 5
    await asyncio.gather(*asking)
    assert len(passed) == 17
    assert all(late - early >= 0.299 for early, late in zip(passed, passed[5:], strict=False))


async def test_a_file_of_addresses_is_looked_at_instead(
    venues: LoopbackVenues, tmp_path: Path
) -> None:
    file = tmp_path / "accounts.txt"
    file.write_text(f"# ours\n{address(3)}  # a long\n\n{address(4).upper().replace('X', 'x')}\n")
    assert read_addresses(file) == (address(3), address(4))
    source = live_source(["hyperliquid"], exchange_base=venues.base, largest=1, accounts_file=file)
    assert isinstance(source, VenueSource)
    await source.instruments()
    assert source._accounts is not None
    assert source._accounts._look is not None
    await source._accounts._look
    found = (await source.history(BTC, source.now() - DAY)).positions
    await source.close()
    assert sizes(found) == held_by(3, 4)
    assert venues.asked("hyperliquid", "leaderboard") == []


def test_a_file_that_holds_something_else_is_refused_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "accounts.txt"
    file.write_text(f"{address(3)}\n0x12\n")
    with pytest.raises(BadSetting, match="line 2"):
        live_source(["hyperliquid"], largest=5, accounts_file=file)
    with pytest.raises(BadSetting, match="cannot be read"):
        read_addresses(tmp_path / "none.txt")
    assert live_source(["hyperliquid"], largest=0, accounts_file=file)  # not asked for


async def test_a_look_under_way_ends_when_the_source_is_closed(
    venues: LoopbackVenues, watched: Callable[..., Watched]
) -> None:
    venues.fault("hyperliquid", "hang", path=LOOK)
    here = watched(10)
    await here.positions()
    await asyncio.sleep(0.2)
    await here.source.close()
    book = here.source._accounts
    assert book is not None
    assert book._look is not None
    assert book._look.done()
