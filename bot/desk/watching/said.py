"""What came of a chat's tick, said: effects to messages, each message once, with its ledger."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import structlog

from bot.core.language import say, speaking
from bot.core.watches import hours
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.gate import Act, Effect, State
from bot.core.watches.grouping import Group, together
from bot.core.watches.judge import found
from bot.core.watches.ledger import Entry
from bot.core.watches.sights import OF_SIGHT, sights
from bot.desk.cascades import Cascade, CascadeDesk
from bot.desk.watching.judging import condition_of
from bot.desk.watching.kept import Watched
from bot.desk.watching.telling import Teller, Telling
from bot.desk.watching.walk import At, Step, coin_of
from bot.desk.watching.wanted import Row, Wanted
from bot.messages import Alert, Message, Urgency
from bot.ports import MarketSource
from bot.reply import Reply
from bot.watching import WatchStore

log = structlog.get_logger()

_PATIENCE = 10.0  # [s] for the words of one message; then it goes out in plain ones
_AT_ONCE = 16  # messages put into words side by side
_EDITED_FROM = {Act.JOIN, Act.EDIT, Act.CLOSE}


@dataclass(frozen=True, slots=True)
class Saying:
    """What is said of one tick in one chat."""

    alerts: Mapping[str, tuple[Alert, ...]]  # by watch
    entries: Mapping[str, tuple[Entry, ...]]
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """One effect, and the message that it leads to."""

    step: Step
    own: Effect  # as the watch's own episode has it
    led: Effect  # as its chat is told: perhaps within another's message


class Sayer:
    """Puts effects into words."""

    def __init__(
        self,
        source: MarketSource,
        wanted: Wanted,
        teller: Teller,
        store: WatchStore,
        cascades: CascadeDesk | None = None,
    ) -> None:
        self._source = source
        self._wanted = wanted
        self._teller = teller
        self._store = store
        self._cascades = cascades
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def said(
        self,
        steps: Sequence[Step],
        groups: tuple[Group, ...],
        at: At,
        watches: Mapping[str, Watched],
    ) -> Saying:
        """Say what came of a chat's watches; `groups` are the messages that episodes share."""
        own = {effect.key: (step, effect) for step in steps for effect in step.effects}
        effects = [effect for _, effect in own.values()]
        silent = {s.watched.kept.id for s in steps if _silent(s.watched, at.time)}
        before = groups
        groups, seen = sights(groups, effects, silent)
        groups, led = together(groups, [each for each in effects if each.act not in OF_SIGHT])
        told = [_Said(*own[effect.key], effect) for effect in (*led, *seen)]
        entries = _entries(told, at, self._wanted)
        alerts: dict[str, list[Alert]] = {}
        shared = (*groups, *before)
        work = [self._alert(one, shared, at, watches, entries) for one in _messages(told)]
        for one, alert in await asyncio.gather(*work):
            alerts.setdefault(one.step.watched.kept.id, []).append(alert)
        return Saying(
            {watch: tuple(each) for watch, each in alerts.items()},
            {watch: tuple(each) for watch, each in entries.items()},
            groups,
        )

    async def _alert(
        self,
        one: _Said,
        groups: Sequence[Group],
        at: At,
        watches: Mapping[str, Watched],
        entries: Mapping[str, Sequence[Entry]],
    ) -> tuple[_Said, Alert]:
        effect, watched = one.led, one.step.watched
        async with self._room:
            telling = await self._telling(one, groups, at, watches, entries)
            reply = await self._words(telling)
        message = effect.key if effect.act is Act.REPEAT else effect.message
        of_sight = effect.act in OF_SIGHT
        urgency = Urgency.NOW if effect.cascade else Urgency.SOON
        began = effect.time if effect.act is Act.OPEN and not of_sight else None
        messages = (Message(watched.kept.address, reply),)
        return one, Alert(message, at.tick, messages, urgency, began)

    async def _telling(
        self,
        one: _Said,
        groups: Sequence[Group],
        at: At,
        watches: Mapping[str, Watched],
        entries: Mapping[str, Sequence[Entry]],
    ) -> Telling:
        """Put together what is to be told: of a message that several share, about its first."""
        effect, watched = one.led, one.step.watched
        shared = next((each for each in groups if each.message == effect.message), None)
        coins = () if shared is None else _coins(shared)
        row = one.step.rows[effect.market]
        if effect.act in _EDITED_FROM and effect.message != one.own.message:
            watched, row, effect = _first(effect, watched, row, at, watches)
        condition, view = condition_of(watched), at.view
        judged = () if condition is None else found(condition, view.columns, row, at.before)
        first = None
        if effect.act in _EDITED_FROM | {Act.REPEAT}:
            mine = entries.get(effect.message.partition("/")[0], ())
            first = await self._entry(effect.message, mine)
        return Telling(
            watched.kept,
            watched.watch,
            watched.manners,
            effect,
            self._wanted.found(view.rows[row]),
            judged,
            view.price(row),
            first,
            self._cascade(effect, view.rows[row]) if watched.rules.cascade else None,
            coins if len(coins) > 1 else (),
            self._source.simulated,
        )

    async def _entry(self, message: str, mine: Sequence[Entry]) -> Entry | None:
        told = next((each for each in mine if each.message == message and each.price), None)
        if told is not None:
            return told
        try:
            return await self._store.entry(message)
        except Exception as error:  # noqa: BLE001 - the message goes out without it
            log.warning("episode not remembered", episode=message, why=error)
            return None

    def _cascade(self, effect: Effect, row: Row) -> Cascade | None:
        """Return the cascade that an episode is about, as it stands."""
        if self._cascades is None or row.venues:
            return None
        recent = self._cascades.recent(coin_of(effect.market))
        return next((each for each in recent if each.episode.time >= effect.began), None)

    async def _words(self, telling: Telling) -> Reply:
        """Have something told; where that fails, it is told in plain words."""
        effect = telling.effect
        tell = self._teller.sight if effect.act in OF_SIGHT else self._teller.episode
        try:
            async with asyncio.timeout(_PATIENCE):
                return await tell(telling)
        except Exception:
            log.exception("an alert was not put into words", episode=effect.message)
            tongue = self._teller.tongue(telling.manners)
            with speaking(tongue):
                return replace(_plain(telling), language=tongue.code)


def _plain(telling: Telling) -> Reply:
    effect = telling.effect
    coin, why = effect.market, str(effect.why)
    lines = (why,) if effect.act in OF_SIGHT and why else ()
    said = f"{coin}: {telling.watch.what}"
    if effect.act is Act.CLOSE:
        said = say("{coin}: {what} is over", coin=coin, what=telling.watch.what)
    elif effect.act is Act.SEES:
        said = say("{coin}: data again", coin=coin)
    elif effect.act in OF_SIGHT:
        said = say("{coin}: no data", coin=coin)
    return Reply(said, lines, simulated=telling.simulated, as_of=effect.time)


def _silent(watched: Watched, now: int) -> bool:
    rules = watched.rules
    muted = now < max(rules.muted_until, watched.kept.snoozed_until)
    return muted or hours.quiet(rules.quiet, now, rules.zone)


def _messages(told: Sequence[_Said]) -> list[_Said]:
    """Return what each message is to show: the newest of it, or that it is sent at all."""
    newest: dict[str, _Said] = {}
    for one in told:
        if one.led.act is Act.HELD:
            continue
        key = one.led.key if one.led.act is Act.REPEAT else one.led.message
        before = newest.get(key)
        if before is None:
            newest[key] = one
        elif before.led.act is one.led.act is Act.BLIND:
            unknown = (str(before.led.why), str(one.led.why))
            names = dict.fromkeys(name for each in unknown for name in each.split(", "))
            newest[key] = replace(before, led=replace(before.led, why=", ".join(names)))
        elif before.led.act is not Act.OPEN and one.led.act not in OF_SIGHT:
            newest[key] = one
    return list(newest.values())


def _coins(group: Group) -> tuple[str, ...]:
    return tuple(dict.fromkeys(key.split("/")[1] for key in (*group.over, *group.going)))


def _first(
    effect: Effect, watched: Watched, row: int, at: At, watches: Mapping[str, Watched]
) -> tuple[Watched, int, Effect]:
    """Return the first episode of a message that several share, if it is in sight."""
    watch, market, _ = effect.message.split("/")
    first = watches.get(watch)
    if first is None or not isinstance(first.state, State):
        return watched, row, effect
    where = at.view.places.get(Row(market, first.watch.venues))
    if where is None:
        where = at.view.places.get(Row(market, first.watch.venues, followed=True))
    course = first.state.courses.get(market)
    if where is None or course is None:
        return watched, row, effect
    led = replace(effect, watch=watch, market=market, began=course.began, about=course.about)
    return first, where, led


def _entries(told: Sequence[_Said], at: At, wanted: Wanted) -> dict[str, list[Entry]]:
    """Write what happened into the ledgers of watches."""
    found: dict[str, list[Entry]] = {}
    for one in told:
        entry = _entry(one, at, wanted)
        if entry is not None:
            found.setdefault(entry.watch, []).append(entry)
    return found


def _entry(one: _Said, at: At, wanted: Wanted) -> Entry | None:
    own = one.own
    if own.act not in {Act.OPEN, Act.CLOSE, Act.HELD}:
        return None
    entry = Entry(own.message, own.watch, own.market, own.began, way=own.way)
    if own.act is Act.HELD:
        return replace(entry, ended=own.time, held=str(own.why), about=own.about)
    if own.act is Act.CLOSE:
        return replace(entry, ended=own.time)
    row = one.step.rows[own.market]
    items = wanted.found(at.view.rows[row])
    return replace(
        entry,
        told=own.time,
        price=at.view.price(row),
        about=own.about,
        usd=_usd(own.about, at, row),
        markets=() if items is None else tuple(each.key for each in items.instruments),
    )


def _usd(about: About | None, at: At, row: int) -> float | None:
    """Return what stands in the cluster that an episode is about [USD]."""
    if about is None:
        return None
    clusters = at.view.columns.clusters
    above = clusters.above[row] == (about.side is Side.ABOVE)
    same = above & (clusters.low[row] < about.high) & (clusters.high[row] > about.low)
    return float(clusters.usd[row][same].sum()) if bool(np.any(same)) else None
