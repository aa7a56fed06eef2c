"""The whole desk over a source, as the chats are given it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

from bot.chats.hears import Listener
from bot.core.arrays import HOUR
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Instrument
from bot.core.market.summary import Summary
from bot.core.panels.reading import Kind
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.overview import Overview
from bot.desk.rates import RatesDesk
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.ports import MarketSource
from tests.support.markets import Market
from tests.support.panels import END, told


@asynccontextmanager
async def rates_desk(source: MarketSource) -> AsyncIterator[Listener]:
    """Make a desk with the panels of funding, open interest and ratio, and take it down again."""
    overview = Overview(source)
    markets, snapshots = Markets(source, overview), Snapshots(source, None)
    scoring = Scoring(source, snapshots, None)
    heatmaps = HeatmapDesk(markets, snapshots, settings=None, maps=None, scoring=scoring)
    panels = {kind.value: RatesDesk(kind, markets, snapshots, overview) for kind in Kind}
    front = Front(
        source,
        markets,
        snapshots,
        heatmaps,
        AccuracyDesk(markets, snapshots, scoring),
        Running(),
        panels,
        overview,
    )
    try:
        yield Listener(front)
    finally:
        await scoring.close()
        await front.close()


class Told(Market):
    """A market whose overview is given."""

    def __init__(self, told_: Mapping[Instrument, Summary], **more: dict[str, str]) -> None:
        made = [replace(told(days=1), instrument=item) for item in told_]
        super().__init__(*made, **more)
        self.told = told_

    async def summaries(self) -> Mapping[Instrument, Summary]:
        if not self.told:
            raise MarketUnavailable("binance", "it gives no overview of its markets")
        return {item: line for item, line in self.told.items() if item.exchange not in self.down}


def coin(base: str, venue: str = "binance") -> Instrument:
    return Instrument(venue, base, "USDT", "USDT")


def line(funding: float | None, interest: float = 1e6, turnover: float = 1e8) -> Summary:
    return Summary(END, 100.0, turnover, interest, funding, 8 * HOUR, 0.01)
