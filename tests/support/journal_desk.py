"""A desk that answers about people's own trades, over a market and stores of a test's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.chats.hears import Listener
from bot.core.journal.trade import Trade
from bot.desk.accuracy import AccuracyDesk
from bot.desk.evidence import EvidenceDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.held import Held
from bot.desk.journal import JournalDesk
from bot.desk.journal_market import JournalMarket
from bot.desk.markets import Markets
from bot.desk.overview import Overview
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.setups import SetupsDesk
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.reply import Reply
from tests.fakes.journal_store import FakeJournalStore
from tests.fakes.watch_store import FakeWatchStore
from tests.support.markets import Market
from tests.support.watching_desk import ANN, button


class Journaling:
    """Asks in words and presses buttons, as a chat does."""

    def __init__(
        self, listener: Listener, store: FakeJournalStore, watches: FakeWatchStore
    ) -> None:
        self.store = store
        self.watches = watches
        self._listener = listener

    async def say(self, words: str, who: Asker = ANN) -> Reply:
        """Return the answer to typed words."""
        return await self._listener.answer(words, who)

    async def press(self, reply: Reply, label: str, who: Asker = ANN) -> Reply:
        """Press a button of an answer."""
        return await self.say(button(reply, label).words, who)

    def only(self) -> Trade:
        """Return the one trade that is kept."""
        (trade,) = self.store.kept.values()
        return trade


@asynccontextmanager
async def journaling(
    source: Market, *trades: Trade, scoring: Scoring | None = None
) -> AsyncIterator[Journaling]:
    """Build the desk over a source, and take it down again."""
    overview = Overview(source)
    markets, snapshots = Markets(source, overview), Snapshots(source, None)
    signals, evidence = SignalDesk(snapshots), EvidenceDesk()
    graded = Scoring(source, snapshots, None)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=graded)
    held = Held(source, snapshots, signals, scoring or graded)
    store, watches = FakeJournalStore(*trades), FakeWatchStore()
    market = JournalMarket(source, markets, snapshots, signals, overview, scoring or graded)
    front = Front(
        source,
        markets,
        snapshots,
        heatmaps,
        AccuracyDesk(markets, snapshots, graded),
        Running(),
        {"setups": SetupsDesk(markets, signals, evidence, held, scoring or graded)},
        overview,
        journal=JournalDesk(store, market, watches),
    )
    try:
        yield Journaling(Listener(front), store, watches)
    finally:
        await held.close()
        await graded.close()
        await evidence.close()
        await signals.close()
        await front.close()
