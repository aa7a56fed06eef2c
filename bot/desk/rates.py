"""`/funding`, `/oi` and `/ratio` of a coin: gather, read, draw, say."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.core import language
from bot.core.errors import BotError, UnknownSymbol, UnknownVenue
from bot.core.market.history import MarketHistory
from bot.core.panels.reading import Kind, Line, PanelReading
from bot.desk import rates_words
from bot.desk.drawing import Drawing
from bot.desk.extremes import extremes_reply
from bot.desk.markets import Found, Markets, named
from bot.desk.overview import Overview
from bot.desk.remembered import Remembered
from bot.desk.requests import PanelRequest
from bot.desk.shared import Shared
from bot.desk.snapshot import Snapshot, Snapshots
from bot.patience import left
from bot.reply import Image, Reply, described

_PICTURES_KEPT = 32
# [s] the newest figures are waited for; without them the last of each series counts
_PATIENCE = 3.0
_FRESH = 20.0  # [s]
_FRESH_ON_REFRESH = 2.0  # [s]


class RatesDesk:
    """Answers for one figure; a bot.desk.panels.Panel."""

    def __init__(
        self,
        kind: Kind,
        markets: Markets,
        snapshots: Snapshots,
        overview: Overview,
        remembered: Remembered | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        self._kind = kind
        self._markets = markets
        self._snapshots = snapshots
        self._overview = overview
        self._remembered = remembered or Remembered(None)
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: PanelRequest, theme: str) -> Reply:
        """Answer with a picture; of all markets with a table. UnknownSymbol, UnknownVenue, ..."""
        if not request.symbol:
            return await extremes_reply(
                self._kind, request, self._markets, self._overview, self._snapshots
            )
        try:
            found = await self._markets.find(request.symbol, request.venues)
        except UnknownSymbol:
            if (of_venue := await self._of_venue(request)) is not None:
                return await self.answer(of_venue, theme)
            raise
        lasting = _FRESH_ON_REFRESH if request.refresh else _FRESH
        async with asyncio.TaskGroup() as group:
            # What this raises must reach the asker as it is, not as a group of one.
            gathered = group.create_task(self._gathered(found, newer=request.refresh))
            told = group.create_task(self._overview.within(left(_PATIENCE), lasting))
        snapshot = gathered.result()
        if isinstance(snapshot, BotError):
            raise snapshot
        histories = await asyncio.gather(
            *(self._remembered.longer(kept.history, snapshot.now) for kept in snapshot.kept)
        )
        read = partial(_read, self._kind, found, snapshot, histories, told.result())
        reading = await asyncio.to_thread(read)
        headline, lines = rates_words.headline(reading), rates_words.lines(reading)
        image = None
        if reading.merged is not None:
            key = _key(reading, theme)
            png = await self._pictures.get(key, lambda: self._draw(reading, theme))
            alt = described(f"{headline}.", *lines, *rates_words.venues(reading))
            image = Image(png, alt, f"{found.base.lower()}-{self._kind.value}.png", key)
        return Reply(
            headline,
            lines,
            image,
            rates_words.buttons(reading, request, found.symbol),
            simulated=reading.simulated,
            as_of=reading.as_of,
        )

    async def close(self) -> None:
        """Stop drawing, and looking things up."""
        await self._remembered.close()
        await self._pictures.close()

    async def _of_venue(self, request: PanelRequest) -> PanelRequest | None:
        """Read "/funding okx": not a coin but a venue."""
        try:
            venue = named(request.symbol, await self._markets.venues())
        except UnknownVenue:
            return None
        return replace(request, symbol="", venues=(venue, *request.named))

    async def _gathered(self, found: Found, *, newer: bool) -> Snapshot | BotError:
        try:
            return await self._snapshots.of(found.instruments, newer=newer)
        except BotError as error:
            return error

    async def _draw(self, reading: PanelReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


def _read(
    kind: Kind,
    found: Found,
    snapshot: Snapshot,
    histories: Sequence[MarketHistory],
    told: rates_words.Told,
) -> PanelReading:
    from bot.core.panels.panel import panel

    return panel(
        kind,
        found.base,
        histories,
        told,
        snapshot.now,
        found.asked,
        (*found.failures, *snapshot.failures),
    )


def _picture(reading: PanelReading, theme: str) -> bytes:
    from renderers import panel
    from renderers.theme import theme_named

    return panel.render(reading, theme_named(theme))


def _key(reading: PanelReading, theme: str) -> str:
    """Name the picture by all that it depends on."""
    parts = (reading.kind, reading.base, reading.as_of, reading.start, reading.asked, theme)
    shown = (*parts, reading.simulated, language.code())
    digest = hashlib.blake2b(repr(shown).encode(), digest_size=12)
    for line in (*reading.venues, *((reading.merged,) if reading.merged else ())):
        digest.update(_said(line).encode())
        digest.update(line.strip.value.tobytes())
    return digest.hexdigest()


def _said(line: Line) -> str:
    return repr((line.exchange, line.now, line.interest_usd, line.as_of, line.interval, line.due))
