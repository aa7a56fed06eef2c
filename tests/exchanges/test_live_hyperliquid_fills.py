"""Hyperliquid's liquidations through fills: its vaults', and those of accounts followed."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.core.arrays import MINUTE
from bot.exchanges import accounts as accounts_module
from bot.exchanges import fills as fills_module
from bot.exchanges.accounts import Chosen
from bot.exchanges.feed import wall_clock
from bot.exchanges.live import VenueSource
from bot.exchanges.venues.hyperliquid import HYPERLIQUID
from tests.support import loopback_hyperliquid
from tests.support.listening import QUICK, Listener, listening, until
from tests.support.loopback_hyperliquid import LIQUIDATOR, MAKER, address, fill, fills
from tests.support.loopback_streams import Forced
from tests.support.markets_of import coin
from tests.support.venues import LoopbackVenues, loopback_venues

NAME = "hyperliquid"
WHO, OTHER = address(70), address(71)
MARK = 64_000.0
BTC = Forced("BTC", +1, MARK, 2.0)


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture(autouse=True)
def _in_haste(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fills_module, "_EVERY", 0.01)
    monkeypatch.setattr(fills_module, "_FIRST_PAUSE", 0.05)


async def push(venues: LoopbackVenues, vault: str, *told: object, snapshot: bool = False) -> None:
    message = fills(vault, list(told), snapshot=snapshot)
    await venues.push(NAME, message, f"userFills:{vault}")


async def settled(listener: Listener, mark: float = 1.0) -> list[float]:
    """Have one more liquidation told, and return the prices of all those before it."""
    await push_last(listener, mark)
    return sorted(price for _, _, price, _ in listener.events if price != mark)


async def push_last(listener: Listener, mark: float) -> None:
    venues = listener.far_end  # type: ignore[attr-defined]
    await venues.liquidate(NAME, Forced("BTC", +1, mark, 1.0))
    await until(lambda: any(price == mark for _, _, price, _ in listener.events))


@asynccontextmanager
async def heard(venues: LoopbackVenues) -> AsyncIterator[Listener]:
    async with listening(venues, NAME) as listener:
        listener.far_end = venues  # type: ignore[attr-defined]
        await subscribed(venues)
        yield listener


async def subscribed(venues: LoopbackVenues) -> None:
    """Wait until one socket listens to both vaults."""
    await until(lambda: any(len(topics) == 2 for topics in venues.sockets.get(NAME, {}).values()))


async def test_the_vaults_that_the_venue_names_are_listened_to(venues: LoopbackVenues) -> None:
    async with heard(venues):
        (topics,) = venues.sockets[NAME].values()
        assert topics == {f"userFills:{LIQUIDATOR}", f"userFills:{MAKER}"}


async def test_while_the_venue_names_no_vaults_those_of_before_are_listened_to(
    venues: LoopbackVenues,
) -> None:
    venues.fault(NAME, "garbage", path="vaultDetails")
    async with listening(venues, NAME):
        await venues.subscribed(NAME)
        (topics,) = venues.sockets[NAME].values()
        assert HYPERLIQUID.fills is not None
        known = {f"userFills:{one}" for one in HYPERLIQUID.fills.known}
        await until(lambda: topics == known)
        assert len(known) <= HYPERLIQUID.fills.most == 10


async def test_once_the_venue_names_other_vaults_those_are_listened_to_and_nothing_is_lost(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fills_module, "_VAULTS_LAST", 0.2)
    venues.fault(NAME, "garbage", path="vaultDetails")
    async with listening(venues, NAME) as listener:
        await venues.subscribed(NAME)
        await asyncio.sleep(0.5)
        assert venues.connections[NAME] == 1  # in vain is no reason to end it
        assert HYPERLIQUID.fills is not None
        known = HYPERLIQUID.fills.known[0]
        await push(venues, known, fill(BTC._replace(price=100.0), venues.clock(), of=known))
        await listener.until(1)
        venues.heal(NAME)
        await subscribed(venues)
        await push(venues, MAKER, fill(BTC._replace(price=200.0), venues.clock(), of=MAKER))
        await listener.until(2)
        await asyncio.sleep(0.5)
        assert venues.connections[NAME] == 2
        assert [price for _, _, price, _ in listener.events] == [100.0, 200.0]


async def test_of_more_vaults_than_may_be_listened_to_those_that_take_over_come_first(
    venues: LoopbackVenues,
) -> None:
    assert HYPERLIQUID.fills is not None
    liquidators = HYPERLIQUID.fills.known[:4]
    every = [*(address(8000 + n) for n in range(12)), *liquidators]
    told = {"relationship": {"type": "parent", "data": {"childAddresses": every}}}
    venues.fault(NAME, "status", status=200, path="vaultDetails", body=json.dumps(told))
    async with listening(venues, NAME) as listener:
        await venues.subscribed(NAME)
        (topics,) = venues.sockets[NAME].values()
        await until(lambda: len(topics) == 10)
        assert {f"userFills:{one}" for one in liquidators} <= topics
        await until(lambda: listener.source.feed.connected_at is not None)
        assert listener.source.feed.connections == 1


async def test_two_vaults_tell_of_one_trade_once_and_a_repeated_message_of_nothing_new(
    venues: LoopbackVenues,
) -> None:
    now = venues.clock()
    async with heard(venues) as listener:
        for _ in range(2):
            await push(venues, LIQUIDATOR, fill(BTC, now, of=LIQUIDATOR, tid=900))
            await push(venues, MAKER, fill(BTC, now, of=MAKER, tid=900))
        await push(venues, MAKER, fill(BTC, now, of=MAKER, tid=901))
        assert await settled(listener) == [MARK, MARK]
        assert listener.events[0] == ("BTC", 1, MARK, 2.0)


async def test_what_happened_before_anybody_listened_is_not_told_but_what_a_gap_hid_is(
    venues: LoopbackVenues,
) -> None:
    began = venues.clock()
    async with heard(venues) as listener:
        old = fill(BTC._replace(price=100.0, time=began - MINUTE), began, of=MAKER, tid=1)
        first = fill(BTC._replace(price=200.0), venues.clock(), of=MAKER, tid=2)
        await push(venues, MAKER, old, snapshot=True)
        await push(venues, MAKER, first)
        await listener.until(1)
        await venues.cut(NAME)
        await until(lambda: venues.connections[NAME] == 2)
        await subscribed(venues)
        hidden = fill(BTC._replace(price=300.0), venues.clock(), of=MAKER, tid=3)
        await push(venues, MAKER, old, first, hidden, snapshot=True)
        assert await settled(listener) == [200.0, 300.0]


async def test_messages_out_of_order_are_told_in_order(venues: LoopbackVenues) -> None:
    now = venues.clock()
    rows = [
        fill(BTC._replace(price=100.0 + n, time=now + n), now, of=MAKER) for n in (3, 1, 4, 0, 2)
    ]
    async with heard(venues) as listener:
        await push(venues, MAKER, *rows)
        await listener.until(5)
        assert [price for _, _, price, _ in listener.events] == [100, 101, 102, 103, 104]


async def test_garbage_is_counted_and_passed_over(venues: LoopbackVenues) -> None:
    bad = '{"channel":"userFills","data":{"user":"0x1","fills":[{"liquidation":{},"px":"x"}]}}'
    async with heard(venues) as listener:
        for garbage in ("", "{", '{"channel":"userFills"}', bad):
            await venues.push(NAME, garbage)
        assert await settled(listener) == []
        assert listener.source.feed.misread == 4
        assert venues.connections[NAME] == 1


async def test_spot_pairs_and_markets_of_other_deployers_are_not_told(
    venues: LoopbackVenues,
) -> None:
    async with heard(venues) as listener:
        for name in ("@107", "PURR/USDC", "xyz:BTC", "OLD"):
            await push(venues, MAKER, fill(BTC._replace(base=name), venues.clock(), of=MAKER))
        assert await settled(listener) == []


async def test_a_refused_subscription_is_tried_again(venues: LoopbackVenues) -> None:
    refusal = '{"channel":"error","data":"Cannot track more than 10 total users."}'
    async with heard(venues) as listener:
        await venues.push(NAME, refusal)
        await until(lambda: venues.connections[NAME] == 2)
        await subscribed(venues)
        assert await settled(listener) == []


def state(*, held: bool, liquidation: float = 0.95 * MARK) -> str:
    """Write what an account holds: 2 BTC long, or nothing."""
    position = {
        "coin": "BTC",
        "szi": "2.0",
        "leverage": {"type": "cross", "value": 20},
        "entryPx": str(MARK),
        "positionValue": str(2 * MARK),
        "liquidationPx": str(liquidation),
    }
    positions = [{"type": "oneWay", "position": position}] if held else []
    return json.dumps({"assetPositions": positions})


NEAR = state(held=True)


class Followed:
    """A source that follows two accounts; its clock goes on, and may be moved."""

    def __init__(self, venues: LoopbackVenues, held: str) -> None:
        self.venues = venues
        self.ahead = 0  # [ms]
        self.says(f"clearinghouseState?{WHO}", held)
        self.says(f"clearinghouseState?{OTHER}", state(held=True))
        self.source = VenueSource(
            HYPERLIQUID,
            venues.base,
            clock=self.clock,
            pulse=QUICK,
            accounts=Chosen(2, (WHO, OTHER)),
        )
        self.listener = Listener(self.source, [coin(NAME, "BTC"), coin(NAME, "ETH")])
        self.task = asyncio.create_task(self.listener.listen())

    def clock(self) -> int:
        return wall_clock() + self.ahead

    def says(self, path: str, body: str) -> None:
        self.venues.fault(NAME, "status", status=200, path=path, body=body)

    def now(self, body: str) -> None:
        """Let the first account hold something else."""
        next(one for one in self.venues.faults[NAME] if WHO in one.path).body = body

    def told(self, *rows: object, who: str = WHO) -> None:
        self.says(f"userFillsByTime?{who}", json.dumps(rows))

    def own(self, price: float, tid: int) -> dict[str, object]:
        forced = BTC._replace(price=price, time=self.clock())
        return fill(forced, self.clock(), of=WHO, whose=WHO, tid=tid)

    async def looked(self, times: int) -> None:
        """Wait until each account was looked at so often."""
        await until(lambda: self.looks() >= times)
        book = self.source._accounts
        assert book is not None
        await until(lambda: book._look is not None and book._look.done())

    def looks(self) -> int:
        paths = Counter(one.path for one in self.venues.asked(NAME, "clearinghouseState"))
        return min((paths[f"/info/clearinghouseState?{one}"] for one in (WHO, OTHER)), default=0)

    @property
    def asked(self) -> list[str]:
        return [one.path for one in self.venues.asked(NAME, "userFillsByTime")]

    @property
    def prices(self) -> list[float]:
        return [price for _, _, price, _ in self.listener.events]

    async def liquidated(self) -> None:
        """Let the first account hold less from one look to the next."""
        await self.looked(1)
        self.now(state(held=False))
        self.ahead += 6 * MINUTE
        await self.looked(2)


@pytest.fixture
async def followed(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Callable[..., Followed]]:
    monkeypatch.setattr(accounts_module, "_A_MINUTE", 0.2)
    made: list[Followed] = []

    def make(held: str = NEAR) -> Followed:
        made.append(Followed(venues, held))
        return made[-1]

    yield make
    for one in made:
        one.task.cancel()
        await asyncio.gather(one.task, return_exceptions=True)
        await one.source.close()


async def test_an_account_whose_position_went_near_its_liquidation_is_asked_for_its_fills(
    followed: Callable[..., Followed],
) -> None:
    here = followed()
    here.told(here.own(61_000.0, 5), here.own(60_990.0, 6))
    await here.liquidated()
    await until(lambda: len(here.prices) == 2)
    assert here.prices == [61_000.0, 60_990.0]
    assert {side for _, side, _, _ in here.listener.events} == {1}
    assert here.asked == [f"/info/userFillsByTime?{WHO}"]
    (asked,) = here.venues.asked(NAME, "userFillsByTime")
    assert here.clock() - int(asked.params["startTime"]) < 9 * MINUTE


async def test_who_was_far_from_liquidation_or_holds_as_much_is_not_asked(
    followed: Callable[..., Followed],
) -> None:
    here = followed(state(held=True, liquidation=0.7 * MARK))
    await here.liquidated()
    await asyncio.sleep(0.2)
    assert here.asked == []


async def test_what_a_vault_told_already_the_account_does_not_tell_again(
    followed: Callable[..., Followed], venues: LoopbackVenues
) -> None:
    here = followed()
    own = here.own(61_000.0, 5)
    here.told(own, here.own(60_990.0, 6))
    await subscribed(venues)
    vaults = {**own, "side": "B", "dir": "Liquidated Cross Long"}
    await push(venues, LIQUIDATOR, vaults)
    await until(lambda: here.prices == [61_000.0])
    await here.liquidated()
    await until(lambda: len(here.prices) == 2)
    assert here.prices == [61_000.0, 60_990.0]


async def test_more_fills_than_one_answer_holds_are_asked_for_page_by_page(
    followed: Callable[..., Followed], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[tuple[int, int]] = []
    start = wall_clock()
    rows: list[dict[str, Any]] = []

    def page(asked: Any) -> list[dict[str, Any]]:
        since, end = asked.whole("startTime", 0), asked.whole("endTime", 0)
        pages.append((since, end))
        return [one for one in rows if since <= one["time"] <= end][:2000]

    monkeypatch.setitem(loopback_hyperliquid.ANSWERS, "/info/userFillsByTime", page)
    here = followed()
    # Three of a moment, so that the seam of two pages parts some.
    for n in range(4500):
        forced = BTC._replace(price=1000.0 + n, time=start + n // 3)
        rows.append(fill(forced, start, of=WHO, whose=WHO, tid=n))
    await here.liquidated()
    await until(lambda: len(here.prices) >= 4500)
    assert sorted(here.prices) == [1000.0 + n for n in range(4500)]
    assert len(pages) == 3
    assert [since for since, _ in pages] == sorted(since for since, _ in pages)


async def test_a_venue_that_wants_to_be_left_alone_is_and_nothing_is_lost(
    followed: Callable[..., Followed], venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fills_module, "_FIRST_PAUSE", 3.0)
    here = followed()
    venues.fault(NAME, "status", status=429, retry_after="6", path="userFillsByTime", times=1)
    here.told(here.own(61_000.0, 5))
    await here.liquidated()
    await until(lambda: len(here.asked) == 1)
    first = here.venues.asked(NAME, "userFillsByTime")[0].at
    await until(lambda: len(here.prices) == 1)
    assert here.venues.asked(NAME, "userFillsByTime")[1].at - first >= 6


@pytest.mark.parametrize("kind", ["garbage", "truncated"])
async def test_an_answer_that_cannot_be_used_is_asked_for_again(
    followed: Callable[..., Followed], venues: LoopbackVenues, kind: Any
) -> None:
    here = followed()
    venues.fault(NAME, kind, path="userFillsByTime", times=2)
    here.told(here.own(61_000.0, 5))
    await here.liquidated()
    await until(lambda: here.prices == [61_000.0])
    assert len(here.asked) == 3


async def test_the_pauses_between_failures_grow(
    followed: Callable[..., Followed], venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fills_module, "_FIRST_PAUSE", 0.2)
    here = followed()
    venues.fault(NAME, "garbage", path="userFillsByTime")
    await here.liquidated()
    await until(lambda: len(here.asked) == 3)
    first, second, third = (one.at for one in venues.asked(NAME, "userFillsByTime"))
    assert second - first >= 0.8 * 0.2
    assert third - second >= 0.8 * 0.4


async def test_an_account_that_is_being_asked_when_a_feed_ends_is_asked_by_the_next(
    followed: Callable[..., Followed], venues: LoopbackVenues
) -> None:
    here = followed()
    venues.fault(NAME, "hang", path="userFillsByTime", times=1)
    here.told(here.own(61_000.0, 5))
    await here.liquidated()
    await until(lambda: len(here.asked) == 1)
    here.task.cancel()
    await asyncio.gather(here.task, return_exceptions=True)
    assert here.prices == []
    here.task = asyncio.create_task(here.listener.listen())
    await until(lambda: here.prices == [61_000.0])


async def test_an_account_that_is_asked_in_vain_holds_up_no_other(
    followed: Callable[..., Followed], venues: LoopbackVenues
) -> None:
    here = followed()
    venues.fault(NAME, "status", status=422, path=f"userFillsByTime?{WHO}")
    told = {**here.own(61_000.0, 5), "liquidation": {"liquidatedUser": OTHER}}
    here.told(told, who=OTHER)
    await here.looked(1)
    for fault in venues.faults[NAME]:
        if "clearinghouse" in fault.path:
            fault.body = state(held=False)
    here.ahead += 6 * MINUTE
    await until(lambda: here.prices == [61_000.0])


async def test_while_accounts_do_not_answer_the_vaults_are_heard(
    followed: Callable[..., Followed], venues: LoopbackVenues
) -> None:
    venues.fault(NAME, "status", status=503, path="clearinghouseState")
    here = followed()
    await subscribed(venues)
    await venues.liquidate(NAME, BTC)
    await until(lambda: here.prices == [MARK])


async def test_the_coverage_names_how_many_accounts_are_followed(
    followed: Callable[..., Followed],
) -> None:
    here = followed()
    said = here.source.offers()[0]
    assert said.liquidations == "fills"
    assert said.lossy == (
        "seen in the fills of HLP's vaults and, minutes late, of 2 followed accounts; "
        "market liquidations among others are not seen"
    )
    history = await here.source.history(coin(NAME, "BTC"), here.clock() - 60 * MINUTE)
    assert history.liquidation_feed == said.lossy
