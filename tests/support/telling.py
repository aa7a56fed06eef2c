"""What alerts are read from, over a market whose clock is moved by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from bot.core import language
from bot.core.arrays import MINUTE
from bot.core.market.history import MarketHistory
from bot.core.watches.columns import Columns, clusters_of, needed
from bot.core.watches.gate import Act, Effect
from bot.core.watches.gathered import figures_of, signals_of
from bot.core.watches.judge import about, found
from bot.core.watches.ledger import Entry
from bot.core.watches.parse import watch
from bot.core.watches.tree import Digest, HeatmapEvery
from bot.desk.evidence import EvidenceDesk
from bot.desk.heatmap import HeatmapDesk
from bot.desk.held import Held
from bot.desk.markets import Markets
from bot.desk.setups import SetupsDesk
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.squeeze import SqueezeDesk
from bot.desk.watching.parts import Parts
from bot.desk.watching.telling import Telling
from bot.desk.watching.words import Words
from bot.messages import Address
from bot.watching import KeptWatch, Manners
from tests.fakes.watch_store import FakeWatchStore
from tests.support.markets import Market

if TYPE_CHECKING:
    from bot.desk.scoring import Scoring

CHAT = "telegram:5"


class Graded:
    """Grades every map alike."""

    def __init__(self, word: str = "good") -> None:
        self.word = word

    async def of(self, *_: Any) -> Any:
        graded = language.later("{grade}, {count} hours", grade=self.word, count=412)
        return SimpleNamespace(accuracy=SimpleNamespace(graded=graded))


@dataclass(frozen=True, slots=True)
class Teller:
    """A teller with the parts it stands on."""

    words: Words
    parts: Parts
    market: Market
    store: FakeWatchStore
    grades: Graded

    async def telling(self, text: str, act: Act = Act.OPEN, **changes: Any) -> Telling:
        """Judge a watch on the first of its coins as the market now stands, and tell of it."""
        read = watch(text)
        assert not isinstance(read.what, Digest | HeatmapEvery)
        now, name = self.market.now(), read.markets[0]
        coin = await self.parts.markets.find(name, read.venues)
        seeing = await self.parts.signals.of(coin)
        at, keys = np.array([now]), needed([read.what])
        figures = figures_of(seeing.histories[0], keys, at)
        signals, abouts = signals_of(keys, [seeing.signals.current], at)
        look = seeing.signals.look
        zones = clusters_of([(seeing.signals.price, look.zones, look.time) if look else None])
        columns = Columns(at, {**figures, **signals}, zones, abouts)
        cluster = about(read.what, columns, 0)
        message = f"w12/{name}/3"
        effect = Effect(act, f"{message}#{act}", message, "w12", name, now, now, about=cluster)
        telling = Telling(
            KeptWatch("w12", Address(CHAT), CHAT, shared=False, words=str(read), made=0),
            read,
            Manners(),
            effect,
            coin,
            found(read.what, columns, 0),
            seeing.signals.price,
            simulated=seeing.simulated,
        )
        return replace(telling, **changes)


def later(telling: Telling, act: Act, minutes: int, price: float) -> Telling:
    """Return the same episode so many minutes later, told at what was its price."""
    effect = telling.effect
    entry = Entry(
        effect.message,
        effect.watch,
        effect.market,
        effect.began,
        effect.time,
        price=telling.price,
        about=effect.about,
    )
    now = effect.time + minutes * MINUTE
    return replace(
        telling, effect=replace(effect, act=act, time=now), first=entry, price=price, judged=()
    )


@asynccontextmanager
async def teller(*histories: MarketHistory, grade: str = "good") -> AsyncIterator[Teller]:
    """Make all parts over some markets, and take them down again."""
    market, store, grades = Market(*histories), FakeWatchStore(), Graded(grade)
    market.simulated = histories[0].simulated
    scoring = cast("Scoring", grades)
    markets, snapshots = Markets(market), Snapshots(market, None)
    signals, evidence = SignalDesk(snapshots), EvidenceDesk()
    held = Held(market, snapshots, signals, scoring)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=scoring)
    setups = SetupsDesk(markets, signals, evidence, held, scoring)
    squeeze = SqueezeDesk(markets, signals, evidence, held, scoring)
    parts = Parts(
        market,
        markets,
        snapshots,
        signals,
        evidence,
        held,
        heatmaps,
        setups,
        squeeze,
        scoring,
        store,
    )
    try:
        yield Teller(Words(parts), parts, market, store, grades)
    finally:
        await setups.close()
        await squeeze.close()
        await heatmaps.close()
        await evidence.close()
        await signals.close()
        await snapshots.close()
