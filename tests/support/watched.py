"""A desk of watches over figures that a test sets, on a memory of its own."""

import asyncio
import time as wall
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
from sqlalchemy import text

from bot import languages
from bot.core.language import ENGLISH, Said, Tongue, speaking
from bot.core.market.liquidations import PositionSide
from bot.core.signals.events import Zone
from bot.core.watches.columns import Column, Columns, Key, clusters_of, needed
from bot.core.watches.parse import watch
from bot.core.watches.schedule import Call
from bot.core.watches.tree import Condition, Signal, Watch
from bot.desk.markets import Markets
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.desk.watching.desk import WatchDesk
from bot.desk.watching.rows import View
from bot.desk.watching.telling import Telling
from bot.desk.watching.wanted import Row
from bot.messages import Address, FollowUp
from bot.reply import Reply
from bot.watching import KeptWatch, Manners, Quota
from storage.memory import Memory
from storage.outbox_rows import decoded
from tests.support.histories import history
from tests.support.markets import Market

MINUTE = 60_000
NOW = 1_767_268_800_000  # 1 Jan 2026, 12:00 UTC
CHAT = "telegram:7"


class Figures:
    """What is known of markets, as a test sets it: takes the place of bot.desk.watching.rows."""

    def __init__(self, desk: WatchDesk) -> None:
        self._wanted = desk._judge._wanted
        self.known: dict[tuple[str, Key], float] = {}  # by coin
        self.ways: dict[str, str] = {}
        self.zones: dict[str, tuple[Zone, ...]] = {}
        self.errors: dict[str, str | Said] = {}
        self.coming: set[str] = set()  # coins that are not held yet
        self.rows: dict[Row, frozenset[Key]] = {}
        self.views = 0

    def want(self, keys: Mapping[Row, frozenset[Key]]) -> None:
        self.rows = dict(keys)
        self._wanted.want(keys)

    async def refresh(self, now: int) -> None:
        pass

    async def view(self, now: int, rows: Sequence[Row] | None = None) -> View:
        self.views += 1
        chosen = tuple(self.rows if rows is None else rows)
        keys = sorted({key for row in chosen for key in self.rows[row]}, key=str)
        at = np.full(len(chosen), now)
        figures = {
            key: Column(np.array([self.known.get((r.coin, key), np.nan) for r in chosen]), at)
            for key in keys
        }
        zones = [(100.0, self.zones.get(row.coin, ()), now) for row in chosen]
        about = {key: (None,) * len(chosen) for key in keys if isinstance(key, Signal)}
        columns = Columns(at, figures, clusters_of(zones), about)
        ready = np.array([row.coin not in self.coming for row in chosen], dtype=np.bool_)
        errors = tuple(self.errors.get(row.coin, "") for row in chosen)
        ways = tuple(self.ways.get(row.coin, "") for row in chosen)
        return View(now, chosen, columns, ready, errors, ways)

    async def close(self) -> None:
        pass


class Plainly:
    """Puts into words what a test can read: the act, the market, and who shares the message."""

    def __init__(self) -> None:
        self.told: list[Telling] = []
        self.calls: list[Call] = []
        self.fails: list[BaseException] = []  # raised one after another instead of words

    def tongue(self, manners: Manners) -> Tongue:
        return languages.tongue(languages.known(manners.language) or ENGLISH.code)

    async def episode(self, telling: Telling) -> Reply:
        self._fail()
        self.told.append(telling)
        coins = "+".join(telling.together or (telling.effect.market,))
        return Reply(f"{telling.effect.act} {coins}", (str(telling.effect.time),))

    async def sight(self, telling: Telling) -> Reply:
        self._fail()
        self.told.append(telling)
        coins = "+".join(telling.together or (telling.effect.market,))
        with speaking(self.tongue(telling.manners)):
            return Reply(f"{telling.effect.act} {coins}", (str(telling.effect.why),))

    async def schedule(
        self,
        kept: KeptWatch,  # noqa: ARG002 - the port's
        watch: Watch,
        manners: Manners,  # noqa: ARG002 - the port's
        call: Call,
    ) -> Reply:
        self.calls.append(call)
        self._fail()
        return Reply(f"{watch} {call.key}")

    async def follow_up(self, due: FollowUp) -> Reply | None:
        return Reply(f"after {due.after // MINUTE}m of {due.episode}")

    def _fail(self) -> None:
        if self.fails:
            raise self.fails.pop(0)


@dataclass
class Wall:
    """A clock on the wall."""

    def now(self) -> int:
        return wall.time_ns() // 1_000_000


@dataclass
class Watching:
    """A desk over figures that can be set, with what it told."""

    memory: Memory
    source: Market
    teller: Plainly
    desk: WatchDesk
    figures: Figures
    _words: dict[str, Condition] = field(default_factory=dict)

    async def add(self, words: str, chat: str = CHAT, **more: Any) -> str:
        """Keep a watch; returns its id."""
        kept = KeptWatch("", Address(chat), chat, shared=False, words=words, made=NOW, **more)
        added = await self.memory.watches.add(kept, Quota(10_000, 10_000))
        self.desk.changed()
        return added.id

    def set(self, coin: str, **figures: float | str) -> None:
        """Set figures of a coin: price=3, cascade="down", squeeze=1; None is not known."""
        for name, value in figures.items():
            if name == "cascade":
                self.figures.ways[coin] = str(value)
                for way in ("", "up", "down"):
                    told = float(bool(value) and way in {"", value})
                    self.figures.known[coin, _key(f"cascade {way}".strip())] = told
            elif name == "squeeze":
                self.figures.known[coin, _key("squeeze")] = float(value)
            else:
                least = "0.01%" if name == "funding" else "1"
                self.figures.known[coin, _key(f"{name} > {least}")] = float(value)

    def lose(self, coin: str) -> None:
        """Let nothing be known of a coin."""
        self.figures.known = {k: v for k, v in self.figures.known.items() if k[0] != coin}

    async def tick(self, minutes: int = 1) -> None:
        """Let minutes pass, with a tick in each."""
        for _ in range(minutes):
            self.source.time += MINUTE
            await self.desk.tick()
            await self.settled()

    async def settled(self) -> None:
        """Wait until what is due at a time has been made."""
        for task in list(self.desk._schedules._tasks._under_way.values()):
            await asyncio.wait([task])

    async def shown(self) -> list[tuple[str, str]]:
        """Return every message that is to be shown: its episode and what it says."""
        return await shown(self.memory)


def _key(words: str) -> Key:
    condition = watch(f"BTC {words}").what
    return next(iter(needed([cast("Condition", condition)])))


def zone(low: float, *, above: bool = True, usd: float = 1e9) -> Zone:
    """Return a cluster one percent wide."""
    return Zone(PositionSide.SHORT if above else PositionSide.LONG, low, low * 1.01, usd)


async def shown(memory: Memory) -> list[tuple[str, str]]:
    """Return every message in the outbox, in the order of its line."""
    async with memory.database.reading() as connection:
        rows = await connection.execute(
            text(
                "SELECT delivery.episode, content.body FROM delivery "
                "JOIN content ON content.hash = delivery.content ORDER BY delivery.id"
            )
        )
        return [(row.episode, decoded(bytes(row.body)).headline) for row in rows.all()]


@asynccontextmanager
async def watching(memory: Memory, at: int = NOW, **more: Any) -> AsyncIterator[Watching]:
    """Run a desk; started again on the same memory it goes on."""
    source = Market(history(bars=20))
    source.time = at
    snapshots = Snapshots(source, None)
    teller = Plainly()
    desk = WatchDesk(
        source,
        Markets(source),
        snapshots,
        SignalDesk(snapshots),
        Tapes(),
        memory.watches,
        memory.outbox,
        teller,
        Wall(),
        late=0,
        **more,
    )
    figures = Figures(desk)
    desk._rows = desk._judge._rows = cast("Any", figures)
    desk._runs = True
    try:
        yield Watching(memory, source, teller, desk, figures)
    finally:
        await desk.close()
        await snapshots.close()
