"""Cascades as they happen: the machines of every market that is followed, on the live tape."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import structlog

from bot.core.arrays import DAY, MINUTE
from bot.core.evidence.base import Followed
from bot.core.instruments import Coin, Instrument
from bot.core.language import mark
from bot.core.market.heard import Heard
from bot.core.market.liquidations import Liquidations
from bot.core.market.scale import scale, scaled_events
from bot.core.signals.episode import Episode
from bot.core.signals.tape import CascadeTape
from bot.core.signals.weeks import WARM_UP
from bot.core.signals.wide import WideMachine
from bot.desk.cascade_pasts import Begun, Group, Pasts, context_since, groups
from bot.desk.live import Live
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.tapes import Tapes
from bot.desk.tasks import Tasks
from bot.desk.weeks import Coins
from bot.desk.wide import WidePast
from bot.ports import EpisodeStore, HistoryStore, MarketSource

log = structlog.get_logger()

_LOOK = 0.1  # [s] between looks at the clock
_TEND = 1.0  # [s] between looks at what is followed
# A step is over so long [s] after it is, by the clock on the wall: feeds tell moments later.
_LATE = 0.5
# The venues of a coin come in one by one; they are gone through when no more has come for so long.
_STEADY = 2.0  # [s]
_REFRESH = 10 * MINUTE  # [ms] markets that nobody keeps current are brought up to date so often
_LOOK_AGAIN = 900.0  # [s] between looks at what followed cascades of the market
_REMEMBERED = 500  # cascades
_EVER = 2**62  # [ms]


@dataclass(frozen=True, slots=True)
class Cascade:
    """How a cascade stands, of one coin or of the market as a whole."""

    coin: str  # "BTC"; empty: of the market as a whole
    base: str  # as its prices count the coin: "1000PEPE"
    markets: tuple[Instrument, ...]  # whose liquidations are in it
    episode: Episode
    simulated: bool
    followed: tuple[Followed, ...] = ()  # what came of others of the market as a whole


@dataclass(slots=True)
class _Coin:
    """One coin that is followed."""

    group: Group
    begun: Begun
    clock: deque[tuple[float, int]] = field(default_factory=deque)  # [s] on the wall, [ms] market

    @property
    def tape(self) -> CascadeTape:
        return self.begun.tape


class CascadeDesk:
    """Follows a machine for each coin whose markets are followed, and tells whoever subscribes.

    What it says of a coin is what its machine says of the whole record, moments after it is known.
    """

    def __init__(
        self,
        source: MarketSource,
        snapshots: Snapshots,
        tapes: Tapes,
        live: Live,
        store: HistoryStore | None = None,
        episodes: EpisodeStore | None = None,
        *,
        look: float = _LOOK,
        late: float = _LATE,
        steady: float = _STEADY,
    ) -> None:
        """`look`, `late` and `steady` [s] are shorter in tests."""
        self._source = source
        self._snapshots = snapshots
        self._tapes = tapes
        self._live = live
        self.coins = Coins()  # weeks of coins, for whoever reads them too
        self._pasts = Pasts(source, snapshots, store, self.coins)
        self._look, self._late, self._steady = look, late, steady
        self._past = WidePast(snapshots, episodes)
        self._coins: dict[str, _Coin] = {}
        self._of: dict[Instrument, str] = {}  # coins by their markets
        self._wanted: dict[str, tuple[Group, float]] = {}  # and since when [s]
        self._unknown: dict[str, Group] = {}  # of which nothing is remembered
        self._refreshed: dict[str, int] = {}  # [ms] when last tried
        self._wide = WideMachine()
        self._recent: OrderedDict[str, Cascade] = OrderedDict()  # as each stands, by its name
        self._subscribers: list[Callable[[Cascade], None]] = []
        self._tasks = Tasks()
        self._following: asyncio.Task[None] | None = None
        self._tended, self._looked = -_TEND, -_LOOK_AGAIN
        tapes.listen(self._hear)

    def start(self) -> None:
        """Begin to follow."""
        self._following = asyncio.create_task(self._follow(), name="cascades")

    async def close(self) -> None:
        """Stop."""
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
        await self._tasks.close()
        await self._past.close()

    def subscribe(self, told: Callable[[Cascade], None]) -> Callable[[], None]:
        """Have somebody told of each state of each cascade from now on; returns how to end that."""
        self._subscribers.append(told)
        return lambda: self._subscribers.remove(told)

    @property
    def followed(self) -> tuple[str, ...]:
        """The coins that are followed."""
        return tuple(sorted(self._coins))

    def markets(self, coin: str) -> tuple[Instrument, ...]:
        """Return the markets in which a coin is followed; none if it is not."""
        followed = self._coins.get(Coin.of(coin).name)
        return () if followed is None else followed.begun.markets

    def recent(self, coin: str | None = None) -> tuple[Cascade, ...]:
        """Return cascades of the last day as they stand, the newest first; `coin` "" is the market.

        Without a coin all are told, those of the market as a whole too.
        """
        name, since = coin and Coin.of(coin).name, self._source.now() - DAY
        known = [one for one in self._recent.values() if one.episode.time >= since]
        told = [one for one in known if coin is None or one.coin == name]
        return tuple(sorted(told, key=lambda one: -one.episode.began))

    def under_way(self, coin: str | None = None) -> tuple[Cascade, ...]:
        """Return those under way, the newest first."""
        return tuple(one for one in self.recent(coin) if one.episode.ended is None)

    def _hear(self, instrument: Instrument, events: Liquidations) -> None:
        name = self._of.get(instrument)
        if name is not None:
            coin = self._coins[name]
            by = scale(instrument.base, coin.begun.base)
            coin.tape.hear(instrument, scaled_events(events, by))

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._look)
            try:
                await self._step()
                self._tend()
            except Exception:
                log.exception("following cascades went wrong")

    async def _step(self) -> None:
        """Let every coin's machine know which steps are over; others get a turn in between."""
        wall, said = asyncio.get_running_loop().time(), []
        for name, coin in [*self._coins.items()]:
            coin.clock.append((wall, self._source.now(coin.group.markets[0])))
            while len(coin.clock) > 1 and coin.clock[1][0] <= wall - self._late:
                coin.clock.popleft()
            since, now = coin.clock[0]
            if since <= wall - self._late and coin.tape.due(now):
                coin.tape.listened(self._heard(coin, now))
                said += [(name, state) for state in coin.tape.over(now)]
                await asyncio.sleep(0)
        for name, state in sorted(said, key=_order):
            if name in self._coins:
                self._say(name, state)

    def _heard(self, coin: _Coin, now: int) -> Heard | None:
        if coin.begun.heard is None:
            return None
        spans = [span for each in coin.begun.markets for span in self._tapes.heard(each).spans]
        return coin.begun.heard.also(spans).between(now - WARM_UP, _EVER)

    def _say(self, name: str, state: Episode) -> None:
        """Tell how a cascade stands; with it, that of the market as a whole."""
        begun = self._coins[name].begun
        said = [Cascade(name, begun.base, begun.markets, state, begun.simulated)]
        for wide in self._wide.take(name, state):
            coins = {fact.name for fact in wide.facts}
            among = tuple(market for market, coin in self._of.items() if coin in coins)
            if not begun.simulated:
                self._past.note(wide)
            followed = () if begun.simulated else self._past.followed
            said.append(Cascade("", "", among, wide, begun.simulated, followed))
        for one in said:
            self._remember(one)
            for told in [*self._subscribers]:
                try:
                    told(one)
                except Exception:
                    log.exception("a cascade was not told", cascade=one.episode.name)

    def _remember(self, cascade: Cascade) -> None:
        """Keep how a cascade stands, and let go of what is older than a day or too much."""
        self._recent[cascade.episode.name] = cascade
        self._recent.move_to_end(cascade.episode.name)
        since = cascade.episode.time - DAY
        gone = [name for name, one in self._recent.items() if one.episode.time < since]
        gone += [*self._recent][: max(len(self._recent) - _REMEMBERED, 0)]
        for name in gone:
            self._recent.pop(name, None)

    def _tend(self) -> None:
        """See that the coins of all followed markets are followed, with what is newly known."""
        wall = asyncio.get_running_loop().time()
        if wall - self._tended < min(_TEND, self._steady):
            return
        self._tended = wall
        if wall - self._looked >= _LOOK_AGAIN:
            self._looked = wall
            self._past.look_again()
        kept = self._snapshots.kept
        wanted = groups(self._live.markets, kept)
        for name in [name for name in self._coins if name not in wanted]:
            self._give_up(name)
        self._wanted = {name: one for name, one in self._wanted.items() if name in wanted}
        self._unknown = {name: one for name, one in self._unknown.items() if name in wanted}
        self._refreshed = {name: one for name, one in self._refreshed.items() if name in wanted}
        for name, group in wanted.items():
            if self._wanted.get(name, (None, 0.0))[0] != group:
                self._wanted[name] = group, wall
            steady = wall - self._wanted[name][1] >= self._steady
            self._tend_one(name, group, kept, steady=steady)

    def _tend_one(self, name: str, group: Group, held: Mapping[str, Kept], *, steady: bool) -> None:
        coin = self._coins.get(name)
        now = self._source.now(group.markets[0])
        if coin is None or coin.group != group or now >= coin.begun.week.until:
            going = coin is not None and coin.tape.under_way is not None
            if steady and not going and self._unknown.get(name) != group:
                self._tasks.begin("beginning", self._begin(name, group))
            return
        if not group.held:
            return
        kept = [held[each.key] for each in group.markets]
        gathered = min(each.gathered for each in kept)
        if gathered > coin.begun.gathered:
            self._tasks.begin(("context", name), self._learn(coin, gathered))
        elif now - max(gathered, self._refreshed.get(name, 0)) > _REFRESH:
            self._tasks.begin("refresh", self._refresh(name, group, now))

    async def _begin(self, name: str, group: Group) -> None:
        """Go through what is known of a coin, and follow it from there."""
        begun = await self._pasts.begun(group)
        if begun is None:
            self._unknown[name] = group
            return
        new = name not in self._coins
        if not new:
            self._let_go(name)
        coin = self._coins[name] = _Coin(group, begun)
        for market in begun.markets:
            self._of[market] = name
            by = scale(market.base, begun.base)
            events = self._tapes.events(market)
            first = int(events.time.searchsorted(begun.tape.settled))
            coin.tape.hear(market, scaled_events(events.sliced(slice(first, None)), by))
        coin.tape.listened(self._heard(coin, begun.now))
        said = [*begun.said, *coin.tape.over(begun.now)]
        going = coin.tape.under_way
        for state in said if new else ():  # if it is not new, others have told of them
            if going is not None and state.name == going.name:
                self._say(name, state)
            elif state.time >= begun.now - DAY:
                self._remember(Cascade(name, begun.base, begun.markets, state, begun.simulated))

    async def _learn(self, coin: _Coin, gathered: int) -> None:
        """Tell a coin's machine of the bars and looks that have become known."""
        begun, held = coin.begun, self._snapshots.kept
        kept = [held[each.key] for each in begun.markets if each.key in held]
        if len(kept) < len(begun.markets):
            return  # one was let go of meanwhile
        known = await asyncio.to_thread(
            context_since, self._pasts.coins, begun.base, kept, begun.known, gathered
        )
        begun.gathered = gathered
        if known:
            begun.known = max(event.time for event in known)
            begun.tape.tell(known)

    async def _refresh(self, name: str, group: Group, now: int) -> None:
        self._refreshed[name] = now
        await self._pasts.refresh(group)

    def _give_up(self, name: str) -> None:
        """Let go of a coin that is followed no more; a cascade under way has no end to be told."""
        coin = self._coins[name]
        going, now = coin.tape.under_way, self._source.now(coin.group.markets[0])
        if going is not None:
            why = mark("its market is not followed any more")
            self._say(name, replace(going, phase="over", time=now, ended=now, why_ended=why))
        self._let_go(name)

    def _let_go(self, name: str) -> None:
        del self._coins[name]
        self._of = {market: coin for market, coin in self._of.items() if coin != name}


def _order(said: tuple[str, Episode]) -> tuple[int, bool, str]:
    """By time; of the same moment what begins comes first."""
    name, state = said
    return state.time, state.ended is not None, name
