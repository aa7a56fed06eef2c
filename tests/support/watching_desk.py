"""A desk that answers about watches, over a market, a memory and a judge that are made up."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from bot.chats.hears import Listener
from bot.core.watches.gate import State
from bot.core.watches.schedule import Scheduled
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.speech import Speech
from bot.desk.status import Running
from bot.desk.watch_making import Draftsman
from bot.desk.watch_past import Pasts
from bot.desk.watch_preview import Previews
from bot.desk.watches import WatchesDesk
from bot.messages import Address
from bot.ports import MarketSource
from bot.reply import Button, Reply
from bot.watching import Quota, WatchStore
from tests.fakes.watch_store import FakeWatchStore


@dataclass
class Judge:
    """Knows how watches stand because a test says so."""

    states: dict[str, State | Scheduled] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    changes: int = 0
    tested: list[Address] = field(default_factory=list)

    def changed(self) -> None:
        self.changes += 1

    def state(self, watch_id: str) -> State | Scheduled | None:
        return self.states.get(watch_id)

    def next_due(self, watch_id: str) -> int | None:
        return self.due.get(watch_id)

    def held_back(self, chat: str) -> Mapping[str, int]:  # noqa: ARG002 - there is one
        return self.held

    async def test(self, address: Address) -> None:
        self.tested.append(address)


def person(user: str = "ann", chat: str = "", *, moderates: bool = False, topic: str = "") -> Asker:
    """Somebody in a private chat, or in a group if it has a name."""

    async def ask() -> bool:
        return moderates

    return Asker(
        f"test:{chat or user}",
        f"test:{user}",
        topic=topic,
        shared=bool(chat),
        moderates=ask,
    )


ANN, BOB = person("ann"), person("bob")


class WatchingDesk:
    """Asks in words and presses buttons, as a chat does."""

    def __init__(self, listener: Listener, store: FakeWatchStore, judge: Judge) -> None:
        self.store = store
        self.judge = judge
        self._listener = listener

    async def say(self, words: str, who: Asker = ANN) -> Reply:
        """Return the answer to typed words."""
        return await self._listener.answer(words, who)

    async def press(self, reply: Reply, label: str, who: Asker = ANN) -> Reply:
        """Press a button of an answer."""
        return await self.say(button(reply, label).words, who)


def button(reply: Reply, label: str) -> Button:
    """Return the button with a label, or that begins with it."""
    every = [each for row in reply.buttons for each in row]
    found = [each for each in every if each.label == label]
    found = found or [each for each in every if each.label.startswith(label)]
    assert found, f"{label} is none of {[each.label for each in every]}"
    return found[0]


def labels(reply: Reply) -> list[str]:
    """Return the labels of all buttons."""
    return [each.label for row in reply.buttons for each in row]


@asynccontextmanager
async def watching_desk(
    source: MarketSource, quota: Quota | None = None
) -> AsyncIterator[WatchingDesk]:
    """Build the desk over a source and a made-up memory, and take it down again."""
    store = FakeWatchStore()
    async with answering(source, store, quota) as (listener, judge):
        yield WatchingDesk(listener, store, judge)


@asynccontextmanager
async def answering(
    source: MarketSource, store: WatchStore, quota: Quota | None = None
) -> AsyncIterator[tuple[Listener, Judge]]:
    """Build the desk over a source and any memory, and take it down again."""
    markets, snapshots = Markets(source), Snapshots(source, None)
    signals = SignalDesk(snapshots)
    scoring = Scoring(source, snapshots, None)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=scoring)
    judge, previews = Judge(), Previews(Pasts(markets, signals, snapshots))
    draftsman = Draftsman(store, source, markets, previews)
    front = Front(
        source,
        markets,
        snapshots,
        heatmaps,
        AccuracyDesk(markets, snapshots, scoring),
        Running(),
        watches=WatchesDesk(store, judge, source, draftsman, previews, quota),
    )
    try:
        yield Listener(front, speech=Speech(store)), judge
    finally:
        await scoring.close()
        await front.close()
        await signals.close()
