"""Builds what is done again and again: collecting, forgetting, watching."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.desk.drawing import Drawing
from bot.desk.held import Held
from bot.desk.journal import JournalDesk
from bot.desk.journal_market import JournalMarket
from bot.desk.markets import Markets
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.ports import MarketSource, PastSource
from bot.settings import Settings

if TYPE_CHECKING:  # imported by whoever starts them
    from bot.desk.collectors import Collectors
    from bot.desk.own import OwnDesk
    from bot.desk.watching.desk import WatchDesk
    from bot.schedule.ticker import Ticker
    from storage.memory import Memory

_A_DAY = 86_400.0  # [s] between looks for what is out of date in memory, or not noted in it


def collectors_of(
    settings: Settings,
    source: MarketSource,
    snapshots: Snapshots,
    markets: Markets,
    memory: "Memory",
) -> "Collectors | None":
    """Make what keeps live markets current; others need not be kept."""
    if not isinstance(source, PastSource):
        return None
    from bot.desk.backfill import Backfill
    from bot.desk.collectors import Collectors

    backfill = Backfill(source, memory.history, memory.collections, settings.history_days)
    collectors = Collectors(
        source,
        snapshots,
        markets,
        memory.collections,
        backfill,
        always=settings.collect,
        idle_days=settings.collect_idle_days,
    )
    markets.asked = collectors.asked
    return collectors


def journal_of(
    memory: "Memory | None", market: JournalMarket, drawing: Drawing
) -> JournalDesk | None:
    """Make who answers about people's own trades, where anything is remembered."""
    if memory is None:
        return None
    return JournalDesk(memory.journal, market, memory.watches, drawing=drawing)


def ticker_of(
    collectors: "Collectors | None",
    memory: "Memory | None",
    source: MarketSource,
    running: Running,
    held: Held,
    judging: "WatchDesk | None",
) -> "Ticker":
    """Start the tick on which collecting, forgetting and watching depend."""
    from bot.schedule.ticker import Ticker

    ticker = Ticker()
    if collectors is not None and memory is not None:
        ticker.add("collecting", collectors.tick)
        ticker.add("forgetting", lambda: memory.prune(source.now()), every=_A_DAY)
        # What is read is noted: of coins that nobody asks for too, episodes and looks are kept.
        ticker.add("noting", held.of, every=_A_DAY)
        running.collecting = lambda: collectors.report
    if judging is not None:
        ticker.add("watching", judging.tick)
        running.watching = lambda: judging.standing
    ticker.start()
    return ticker


def own_of(
    settings: Settings,
    source: MarketSource,
    markets: Markets,
    memory: "Memory | None",
    judging: "WatchDesk | None",
    chosen_in: Callable[[str], None],
) -> "OwnDesk | None":
    """Make what shows, hands over and deletes what is kept of chats and people.

    `chosen_in` is told of each chat that has chosen something.
    """
    if memory is None:
        return None
    from bot.desk.export import ExportDesk
    from bot.desk.forget import ForgetDesk
    from bot.desk.own import OwnDesk
    from bot.desk.preferences import SettingsDesk
    from bot.desk.privacy import KeptFor
    from bot.desk.usual import Usual
    from storage.retention import SENT_FOR, SHOWN_FOR

    def changed(chat: str = "") -> None:
        chosen_in(chat)
        if judging is not None:
            judging.changed()

    chosen = SettingsDesk(
        memory.settings,
        memory.watches,
        markets,
        source.now,
        changed,
        theme=settings.theme,
        window=settings.window,
        language=settings.language,
    )
    return OwnDesk(
        chosen,
        ExportDesk(source, chosen, memory.watches, memory.journal, memory.own),
        ForgetDesk(memory.own, changed),
        KeptFor(messages=SENT_FOR, ledgers=SHOWN_FOR),
        Usual(memory.settings, markets),
    )
