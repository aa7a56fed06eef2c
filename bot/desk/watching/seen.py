"""Reading what an alert says: what is held of a market, its signals, their evidence."""

import asyncio
from dataclasses import replace

import numpy as np
import structlog

from bot.core.errors import BotError
from bot.core.evidence.words import before
from bot.core.instruments import base_of
from bot.core.language import Said, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.regime_reading import Reading
from bot.core.signals.setups import Setup
from bot.core.signals.wide import liquidated
from bot.core.watches.columns import About
from bot.core.watches.figures import Measure, Side
from bot.core.watches.followed import Since, since
from bot.core.watches.gate import Act
from bot.core.watches.tree import Clause, Digest, HeatmapEvery, Signal, leaves
from bot.desk.evidence import Evidence
from bot.desk.grades import grade_of, is_unproven
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, known
from bot.desk.snapshot import Snapshot
from bot.desk.watching.alert_reading import AlertReading
from bot.desk.watching.parts import Parts
from bot.desk.watching.telling import Telling

log = structlog.get_logger()

_PATIENCE = 2.0  # [s] for signals, and again for their evidence
_KEPT = 64
_SETUPS = {Kind.CASCADE, Kind.SWEEP, Kind.MAGNET}


class Reader:
    """Reads alerts; what many chats are told at the same moment is worked out once."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._since: Shared[tuple[object, ...], Since | None] = Shared(_KEPT)

    async def read(self, telling: Telling, snapshot: Snapshot | None) -> AlertReading:
        """Gather all that is said of an episode, as far as it can be had at once."""
        effect, found = telling.effect, telling.found
        base = found.base if found is not None else effect.market
        symbol = found.symbol if found is not None else effect.market
        if found is None or snapshot is None:
            return AlertReading(telling, base, symbol, telling.price, effect.time)
        seeing, grade = await self._seeing(telling, snapshot)
        price = telling.price
        regime, setup, evidence = None, None, ""
        if seeing is not None:
            price = price if price is not None else seeing.signals.price
            regime, states = regime_of(telling, seeing), states_of(telling, seeing)
            kind = states[-1].kind if states else regime.kind if regime is not None else None
            told = await self._evidence(kind, seeing) if kind is not None else None
            if states and is_unproven(grade) and states[-1].kind is Kind.CASCADE:
                # The tape tells enough of it; what is ahead would be a guess.
                states = tuple(replace(state, target=None) for state in states)
            if states:
                followed = told.followed if told is not None else ()
                setup = Setup(seeing.base, price, states, followed, told.over if told else "")
            if told is not None:
                evidence = before(told.kind, told.followed)
                if told.over:
                    evidence = say("Counted {over}: {what}", over=told.over, what=evidence)
        mapped = effect.about is not None or regime is not None or setup is not None
        venues = len(snapshot.kept)
        return AlertReading(
            telling,
            base,
            symbol,
            price,
            as_of(snapshot, telling),
            regime,
            setup,
            evidence,
            _usd(telling, seeing),
            await self._sum(telling, snapshot, base),
            grade if mapped else "",
            venues,
            max(len(found.asked), venues),
            _of_coins(self._parts, telling),
        )

    async def _seeing(
        self, telling: Telling, snapshot: Snapshot
    ) -> tuple[Seeing | None, str | Said]:
        assert telling.found is not None  # noqa: S101 - a snapshot is of something that was found
        try:
            async with asyncio.timeout(_PATIENCE):
                seeing = await self._parts.signals.read(telling.found, snapshot)
                return seeing, await grade_of(self._parts.scoring, snapshot)
        except (TimeoutError, BotError) as error:
            why = str(error) or "took too long"
            log.info("told without signals", market=telling.effect.market, why=why)
            return None, ""

    async def _evidence(self, kind: Kind, seeing: Seeing) -> Evidence | None:
        try:
            async with asyncio.timeout(_PATIENCE):
                return await self._parts.evidence.of(kind, seeing)
        except (TimeoutError, BotError) as error:
            why = str(error) or "took too long"
            log.info("told without evidence", market=seeing.base, kind=kind.value, why=why)
            return None

    async def _sum(self, telling: Telling, snapshot: Snapshot, base: str) -> Since | None:
        """Sum up the market from when it was told until now; None where nothing is known yet."""
        first, effect = telling.first, telling.effect
        if effect.act is Act.OPEN or first is None or first.told is None:
            return None
        start, end = first.told, min(as_of(snapshot, telling), effect.time)
        gathered = tuple((each.history.instrument.key, each.gathered) for each in snapshot.kept)

        async def work() -> Since | None:
            histories = [known(kept, base) for kept in snapshot.kept]
            return await asyncio.to_thread(since, histories, start, end, effect.about)

        key = (base, gathered, start, end, effect.about)
        return await self._since.get(key, work)


def kinds_of(telling: Telling) -> tuple[Kind, ...]:
    """Name the signals that a watch asks for, in the order of typing."""
    what = telling.watch.what
    if isinstance(what, Digest | HeatmapEvery):
        return ()
    asked = (Kind[leaf.sign.name] for leaf in leaves(what) if isinstance(leaf, Signal))
    return tuple(dict.fromkeys(asked))


def regime_of(telling: Telling, seeing: Seeing) -> Reading | None:
    """Return the regime of a market, if it is one that the watch asks for."""
    reading = seeing.signals.regime
    if reading is None or reading.kind is None:
        return None
    return reading if reading.kind in kinds_of(telling) else None


def states_of(telling: Telling, seeing: Seeing) -> tuple[Episode, ...]:
    """Return all states of the setup that a watch tells of, oldest first; () if there is none.

    Of a cascade the tape knows more than the bars do.
    """
    asked = [kind for kind in kinds_of(telling) if kind in _SETUPS]
    cascade = telling.cascade
    if cascade is not None and cascade.coin and Kind.CASCADE in asked:
        return (cascade.episode,)
    way = telling.effect.way
    going = [
        each
        for each in seeing.signals.current
        if each.kind in asked and (not way or each.way.value == way)
    ]
    if not going:
        return ()
    name = min(going, key=lambda each: asked.index(each.kind)).name
    return tuple(state for state in seeing.signals.told if state.name == name)


def as_of(snapshot: Snapshot, telling: Telling) -> int:
    """Return the time of the newest data [ms]: of bars when they close, of a cascade its own."""
    closes: list[int] = []
    for kept in snapshot.kept:
        known_until = kept.history.candles.close_time
        count = int(np.searchsorted(known_until, kept.gathered, side="right"))
        closes += known_until[count - 1 : count].tolist() if count else []
    if telling.cascade is not None:
        closes.append(telling.cascade.episode.time)
    return max(closes, default=telling.effect.time)


def _of_coins(parts: Parts, telling: Telling) -> tuple[tuple[str, float], ...]:
    """Return what the cascades of coins that share a message have liquidated [USD], most first."""
    if parts.cascades is None or len(telling.together) < 2:  # noqa: PLR2004 - one shares nothing
        return ()
    found = []
    for name in telling.together:
        told = [
            liquidated(each.episode)
            for each in parts.cascades.recent(base_of(name) or name)
            if each.episode.way.value == telling.effect.way
            and each.episode.time >= telling.effect.began
        ]
        found += [(name, told[0])] if told else []
    return tuple(sorted(found, key=lambda one: -one[1]))


def _usd(telling: Telling, seeing: Seeing | None) -> float | None:
    """Return what stands in the cluster that an episode is about [USD]."""
    about = telling.effect.about
    if about is None:
        return None
    for each in telling.judged:
        sized = isinstance(each.leaf, Clause) and each.leaf.figure.measure in _SIZES
        if sized and each.about is not None and each.about.same(about):
            return each.value
    if telling.first is not None and telling.first.usd is not None:
        return telling.first.usd
    return _looked(about, seeing)


_SIZES = {Measure.CLUSTER, Measure.NEAREST}


def _looked(about: About, seeing: Seeing | None) -> float | None:
    """Return what the newest look at the map, or the signal itself, has in a cluster [USD]."""
    if seeing is None:
        return None
    zones = list(seeing.signals.look.zones) if seeing.signals.look is not None else []
    for episode in seeing.signals.current:
        zones += [zone for zone in (episode.zone, episode.target) if zone is not None]
    side = PositionSide.SHORT if about.side is Side.ABOVE else PositionSide.LONG
    there = [
        zone.usd
        for zone in zones
        if zone.side is side and zone.low < about.high and zone.high > about.low
    ]
    return max(there, default=0.0) or None
