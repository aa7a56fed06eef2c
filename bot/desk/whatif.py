"""`/whatif`: follow a move through the map and the order books, draw it, say it."""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial

import structlog

from bot.core import figures
from bot.core.errors import BotError, UnknownWord
from bot.core.estimate.read import read
from bot.core.instruments import Instrument
from bot.core.language import Said, code, later
from bot.core.market.depth import OrderBook
from bot.core.market.offer import NONE
from bot.core.signals.whatif_reading import LEAST, MOST, WhatIfReading, followed, zones_of
from bot.core.windows import DEFAULT_WINDOW
from bot.desk import whatif_words
from bot.desk.drawing import Drawing
from bot.desk.grades import grade_of
from bot.desk.markets import Found, Markets
from bot.desk.requests import WhatIfRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.snapshot import Snapshot, Snapshots
from bot.patience import left, left_out
from bot.ports import MarketSource
from bot.reply import Image, Reply, described

log = structlog.get_logger()

_PICTURES_KEPT = 32
_SLOWEST = 6.0  # [s] a book that takes longer is left out


class WhatIfDesk:
    """Answers what a move would set off."""

    def __init__(
        self,
        source: MarketSource,
        markets: Markets,
        snapshots: Snapshots,
        scoring: Scoring | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        self._source = source
        self._markets = markets
        self._snapshots = snapshots
        self._scoring = scoring
        self._asking: Shared[Instrument, OrderBook] = Shared()
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: WhatIfRequest, theme: str) -> Reply:
        """Answer with a picture. UnknownSymbol, UnknownVenue, UnknownWord, NothingAnswered."""
        found = await self._markets.find(request.symbol, request.venues)
        async with asyncio.TaskGroup() as group:
            # What these raise must reach the asker as it is, not as a group of one.
            gathered = group.create_task(self._gathered(found))
            asked = [group.create_task(self._book(item)) for item in found.instruments]
        snapshot = gathered.result()
        if isinstance(snapshot, BotError):
            raise snapshot
        grade = await grade_of(self._scoring, snapshot)
        books = {
            item.exchange: book
            for item, task in zip(found.instruments, asked, strict=True)
            if (book := task.result()) is not None
        }
        reading = await asyncio.to_thread(_read, request, found, snapshot, books, grade)
        headline, lines = whatif_words.headline(reading), whatif_words.lines(reading)
        said = (f"{headline}.", *lines)
        key = hashlib.blake2b(f"{theme} {code()} {said}".encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme))
        return Reply(
            headline,
            lines,
            Image(png, described(*said), f"{found.base.lower()}-whatif.png", key),
            whatif_words.buttons(reading, request, found),
            simulated=reading.simulated,
            as_of=reading.as_of,
        )

    async def close(self) -> None:
        """Stop asking and drawing."""
        await self._asking.close()
        await self._pictures.close()

    async def _gathered(self, found: Found) -> Snapshot | BotError:
        try:
            return await self._snapshots.of(found.instruments)
        except BotError as error:
            return error

    async def _book(self, item: Instrument) -> OrderBook | None:
        """Return a venue's book; None if it has none to tell, or not soon."""
        if any(o.exchange == item.exchange and o.book == NONE for o in self._source.offers()):
            return None
        try:
            async with asyncio.timeout(left(_SLOWEST)):
                return await self._asking.get(item, lambda: self._source.book(item))
        except (BotError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                left_out()
            log.info("a move without a book", market=item.key, why=error if str(error) else "slow")
            return None

    async def _draw(self, reading: WhatIfReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


def _read(
    request: WhatIfRequest,
    found: Found,
    snapshot: Snapshot,
    books: dict[str, OrderBook],
    grade: str | Said,
) -> WhatIfReading:
    failures = (*found.failures, *snapshot.failures)
    reading = read(
        [kept.estimate for kept in snapshot.kept],
        [kept.history for kept in snapshot.kept],
        DEFAULT_WINDOW,
        snapshot.now,
        found.asked,
        failures,
        grade,
        found.base,
    )
    venues = tuple(venue.exchange for venue in reading.venues)
    told = [venue for venue in venues if venue in books]
    zones = zones_of(reading.map_clusters)
    move = moved(request, reading.now.price)
    chain, share, lost = followed(reading.now, move, [books[venue] for venue in told], zones)
    return WhatIfReading(
        found.base,
        reading.quote,
        reading.as_of,
        chain,
        reading.now,
        zones,
        tuple(told),
        _without(venues, told),
        share,
        lost,
        grade,
        venues,
        found.asked,
        failures,
        reading.simulated,
    )


def _without(venues: Sequence[str], told: Sequence[str]) -> tuple[str, ...]:
    return tuple(venue for venue in venues if venue not in told)


def moved(request: WhatIfRequest, price: float) -> float:
    """Return the move that is asked for [signed fraction]. UnknownWord if it is too far, or none.

    >>> moved(WhatIfRequest("BTC", to=60_000.0), 50_000.0)
    0.2
    """
    move = request.move if request.to is None else round(request.to / price - 1, 9)
    said = (
        figures.share(move, signed=True)
        if request.to is None
        else f"to {figures.price(request.to)}"
    )
    if not LEAST <= abs(move) <= MOST:
        raise UnknownWord(
            said,
            later(
                "Name a move of {least} to {most}, such as -4%, or a price from {low} to {high}; "
                "it is {price} now.",
                least=figures.share(LEAST),
                most=figures.share(MOST),
                low=figures.price(price * (1 - MOST)),
                high=figures.price(price * (1 + MOST)),
                price=figures.price(price),
            ),
        )
    return move


def _picture(reading: WhatIfReading, theme: str) -> bytes:
    from renderers import whatif
    from renderers.theme import theme_named

    return whatif.render(reading, theme_named(theme))
