"""What is known of a coin before its cascades are followed, and what becomes known meanwhile."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import structlog

from bot.core.errors import BotError
from bot.core.estimate.strips import interest_usd
from bot.core.instruments import Coin, Instrument
from bot.core.market.coins import same_coin
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.scale import scale, scaled
from bot.core.signals.episode import Episode
from bot.core.signals.events import Bar, Look
from bot.core.signals.tape import CascadeTape, begun
from bot.core.signals.together import feeds, told
from bot.core.signals.weeks import WARM_UP, Week, weeks
from bot.core.signals.weeks import begun as since_when
from bot.desk.signals import known, named
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.weeks import Coins
from bot.ports import HistoryStore, MarketSource

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Group:
    """The markets of one coin that are followed together."""

    markets: tuple[Instrument, ...]
    held: bool  # in memory; if not, they are only listened to, and what is stored is known


def groups(followed: Sequence[Instrument], kept: Mapping[str, Kept]) -> dict[str, Group]:
    """Group markets by their coins; of a coin some of whose markets are held, these alone."""
    coins: dict[str, list[Instrument]] = {}
    for market in sorted(followed, key=lambda each: each.key):
        coins.setdefault(Coin.of(market.base).name, []).append(market)
    found = {}
    for name, markets in coins.items():
        held = tuple(each for each in markets if each.key in kept)
        found[name] = Group(held or tuple(markets), bool(held))
    return found


@dataclass(slots=True)
class Begun:
    """A coin's tape with what has been told to it."""

    tape: CascadeTape
    said: list[Episode]  # on the way
    base: str
    markets: tuple[Instrument, ...]  # those that are in it
    heard: Heard | None  # before it was followed; None: always
    simulated: bool
    now: int  # [ms] when it began
    gathered: int  # [ms] until when bars and looks were looked for
    known: int  # [ms] of the newest of them
    week: Week  # whose walk it goes on with; with the next, it is begun again


class Pasts:
    """Where the pasts of coins come from: what is held in memory, or what is stored."""

    def __init__(
        self,
        source: MarketSource,
        snapshots: Snapshots,
        store: HistoryStore | None,
        coins: Coins,
    ) -> None:
        self._source = source
        self.coins = coins
        self._snapshots = snapshots
        self._store = store

    async def begun(self, group: Group) -> Begun | None:
        """Go through a coin's past; None if nothing is known of it."""
        now = self._source.now(group.markets[0])
        kept: list[Kept] = []
        histories: list[MarketHistory] = []
        if group.held:
            held = self._snapshots.kept
            kept = [held[each.key] for each in group.markets if each.key in held]
            histories = [known(each) for each in kept]
        elif self._store is not None:
            try:
                found = [await self._store.load(each, now - WARM_UP) for each in group.markets]
            except BotError as error:
                log.warning("tape not remembered", markets=group.markets[0].key, why=error)
                return None
            histories = [each.known_at(now) for each in found if each is not None]
        histories = [each for each in histories if len(each.candles)]
        if not histories:
            return None
        return await asyncio.to_thread(_begun, self.coins, histories, kept, now)

    async def refresh(self, group: Group) -> None:
        """Bring markets up to date that nobody keeps current."""
        try:
            await self._snapshots.of(group.markets, patient=True)
        except BotError as error:
            log.info("cascades go on with older bars", market=group.markets[0].key, why=error)


def _begun(
    coins: Coins, histories: Sequence[MarketHistory], kept: Sequence[Kept], now: int
) -> Begun:
    lead = max(histories, key=_held)
    base, price = lead.instrument.base, float(lead.candles.close[-1])
    same = [
        each
        for each in histories
        if same_coin(float(each.candles.close[-1]), each.instrument.base, price, base)
    ]
    as_one = [scaled(each, scale(each.instrument.base, base)) for each in same]
    markets = tuple(each.instrument for each in same)
    mine = [each for each in kept if each.history.instrument in markets]
    looks = coins.of(named(base, mine)).looks(as_one) if mine else ()
    week = weeks(since_when(as_one), now)[-1]
    tape, said = begun(" + ".join(each.key for each in markets), as_one, looks, now)
    gathered = min((each.gathered for each in mine), default=now)
    newest = min(int(each.candles.close_time[-1]) for each in as_one)
    simulated = any(each.simulated for each in as_one)
    return Begun(
        tape, said, base, markets, feeds(as_one).heard, simulated, now, gathered, newest, week
    )


def _held(history: MarketHistory) -> float:
    interest = interest_usd(history, history.candles.close_time[-1:])[-1]
    return float(interest) if interest > 0 else 0.0


def context_since(
    coins: Coins, base: str, kept: Sequence[Kept], since: int, gathered: int
) -> list[Bar | Look]:
    """Bars and looks of a coin after `since` [ms] that every market has told of by `gathered`."""
    late = [known(each, base) for each in kept]
    quiet = [
        replace(
            each,
            candles=each.candles.since(since).closed(gathered),
            liquidations=None,
            liquidation_totals=None,
        )
        for each in late
    ]
    looks = coins.of(named(base, kept)).looks(late)
    return [
        event
        for event in told(quiet, looks)
        if isinstance(event, Bar | Look) and event.time > since
    ]
