"""`/book`: gather order books and trades of a coin's venues, read, draw, say."""

import asyncio
import hashlib
from collections.abc import Sequence
from functools import partial

import structlog

from bot.core import language
from bot.core.errors import BotError, MarketUnavailable, NoOrderBook, NothingAnswered, StillAsked
from bot.core.estimate.maps import Cluster
from bot.core.estimate.read import read
from bot.core.flow.book import BookReading, ToldBook, read_book
from bot.core.instruments import Instrument, venue_name
from bot.core.language import Said, later, say
from bot.core.market.depth import Trades
from bot.core.market.offer import NONE
from bot.core.windows import DEFAULT_WINDOW
from bot.desk import book_words, steps
from bot.desk.drawing import Drawing
from bot.desk.markets import Found, Markets
from bot.desk.requests import PanelRequest
from bot.desk.shared import Shared
from bot.desk.snapshot import Snapshot, Snapshots
from bot.patience import left, left_out
from bot.ports import MarketSource
from bot.reply import Button, Image, Reply

log = structlog.get_logger()

_PICTURES_KEPT = 32
_FRESH, _FRESH_ON_REFRESH = 5_000, 1_000  # [ms] that a book serves all who ask
_BOOKS_KEPT = 400
_SLOWEST = 10.0  # [s] a venue that takes longer is left out of this answer
_MAP_WAITED = 6.0  # [s] clusters are waited for; the book is shown without them after that


class BookDesk:
    """Answers for the order book; a bot.desk.panels.Panel."""

    def __init__(
        self,
        source: MarketSource,
        markets: Markets,
        snapshots: Snapshots,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        self._source = source
        self._markets = markets
        self._snapshots = snapshots
        self._asking: Shared[Instrument, ToldBook] = Shared()
        self._told: dict[Instrument, tuple[int, ToldBook]] = {}  # with the time [ms] of asking
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: PanelRequest, theme: str) -> Reply:
        """Answer with a picture. UnknownSymbol, UnknownVenue, NoOrderBook, NothingAnswered."""
        found = await self._markets.find(request.symbol, request.venues)
        without = {offer.exchange for offer in self._source.offers() if offer.book == NONE}
        asked = [item for item in found.instruments if item.exchange not in without]
        silent = [item.exchange for item in found.instruments if item.exchange in without]
        if not asked and silent:
            raise NoOrderBook([venue_name(one) for one in silent], simulated=self._source.simulated)
        async with asyncio.TaskGroup() as group:
            near = group.create_task(self._map(found))
            books = group.create_task(self._books(asked, newer=request.refresh))
        results = books.result()
        told = [result for result in results if isinstance(result, ToldBook)]
        failed = [result for result in results if isinstance(result, BotError)]
        if not told:
            raise NothingAnswered(failed)
        failures = (
            *found.failures,
            *(say("{venue} tells of no order book.", venue=venue_name(each)) for each in silent),
            *(str(error) for error in failed),
            *(
                say("{venue} told of no trades.", venue=venue_name(each.instrument.exchange))
                for each in told
                if each.trades is None
            ),
        )
        reading = await asyncio.to_thread(
            _read, found, told, near.result(), self._source.now(), failures, self._source.simulated
        )
        return await self._reply(request, found, reading, theme)

    async def close(self) -> None:
        """Stop asking and drawing."""
        await self._asking.close()
        await self._pictures.close()

    async def _map(self, found: Found) -> Snapshot | None:
        """Return what the map is read from, None if it is not to be had soon."""
        try:
            async with asyncio.timeout(left(_MAP_WAITED)):
                return await self._snapshots.of(found.instruments)
        except (BotError, TimeoutError) as error:
            if isinstance(error, TimeoutError):
                left_out()
            log.info("book without a map", coin=found.base, why=error if str(error) else "slow")
            return None

    async def _books(
        self, asked: Sequence[Instrument], *, newer: bool
    ) -> list[ToldBook | BotError]:
        """Ask for books side by side; who is late is left out, but one is waited for."""
        if not asked:
            return []
        asking = {asyncio.create_task(self._try(one, newer=newer)): one for one in asked}
        try:
            _, late = await asyncio.wait(asking, timeout=left(_SLOWEST))
            while late and not any(_told(task) for task in asking):
                _, late = await asyncio.wait(late, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in asking:
                task.cancel()  # the asking itself goes on for whoever asks next
        if late:
            left_out()
        return [
            StillAsked(one.exchange, _SLOWEST) if task in late else task.result()
            for task, one in asking.items()
        ]

    async def _try(self, instrument: Instrument, *, newer: bool) -> ToldBook | BotError:
        now = self._source.now(instrument)
        asked, told = self._told.get(instrument, (None, None))
        fresh = _FRESH_ON_REFRESH if newer else _FRESH
        if asked is not None and told is not None and 0 <= now - asked < fresh:
            return told
        try:
            async with asyncio.timeout(_SLOWEST):
                return await self._asking.get(instrument, lambda: self._ask(instrument))
        except TimeoutError:
            why = later("no answer within {seconds} s", seconds=f"{_SLOWEST:.0f}")
            return MarketUnavailable(instrument.exchange, why)
        except BotError as error:
            log.warning("book not told", market=instrument.key, why=error)
            return error

    async def _ask(self, instrument: Instrument) -> ToldBook:
        asked = self._source.now(instrument)
        trades = asyncio.create_task(self._trades(instrument))
        try:
            book = await self._source.book(instrument)
            told = ToldBook(instrument, book, await trades)
        finally:
            trades.cancel()
        self._told.pop(instrument, None)
        self._told[instrument] = asked, told
        if len(self._told) > _BOOKS_KEPT:
            del self._told[next(iter(self._told))]
        return told

    async def _trades(self, instrument: Instrument) -> Trades | None:
        try:
            return await self._source.trades(instrument)
        except BotError as error:
            log.info("trades not told", market=instrument.key, why=error)
            return None

    async def _reply(
        self, request: PanelRequest, found: Found, reading: BookReading, theme: str
    ) -> Reply:
        headline, lines = book_words.headline(reading), book_words.lines(reading)
        depends_on = (lines, reading.venues, theme, language.code())
        digest = hashlib.blake2b(repr(depends_on).encode(), digest_size=12)
        digest.update(reading.zones.bids.tobytes() + reading.zones.asks.tobytes())
        key = digest.hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme))
        name = f"{found.base.lower()}-book.png"
        return Reply(
            headline,
            lines,
            Image(png, book_words.alt(reading), name, key),
            _buttons(request, found),
            simulated=reading.simulated,
            as_of=reading.as_of,
        )

    async def _draw(self, reading: BookReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


def _told(task: asyncio.Task[ToldBook | BotError]) -> bool:
    return task.done() and isinstance(task.result(), ToldBook)


def _read(
    found: Found,
    told: Sequence[ToldBook],
    near: Snapshot | None,
    now: int,
    failures: tuple[str | Said, ...],
    simulated: bool,  # noqa: FBT001 - handed through to a thread by place
) -> BookReading:
    clusters = None if near is None else _clusters(found, near)
    return read_book(told, clusters, now, found.asked, failures, found.base, simulated=simulated)


def _clusters(found: Found, near: Snapshot) -> tuple[Cluster, ...]:
    """Read the clusters of the map as it stands now; any window has the same."""
    return read(
        [kept.estimate for kept in near.kept],
        [kept.history for kept in near.kept],
        DEFAULT_WINDOW,
        near.now,
        found.asked,
        (),
        base=found.base,
    ).map_clusters


def _buttons(request: PanelRequest, found: Found) -> tuple[tuple[Button, ...], ...]:
    theme = (request.theme,) if request.theme else ()

    def words(venues: tuple[str, ...], verb: str = "book", *more: str) -> str:
        return " ".join((verb, found.symbol, *venues, *theme, *more))

    here = request.venues
    return steps.rows(
        steps.venues(found, here, words),
        (
            *steps.step(say("Refresh"), words(here, "book", "refresh")),
            *steps.step(say("Heatmap"), words(here, "heatmap")),
            *steps.step(say("Liquidations"), words(here, "liqs")),
        ),
    )


def _picture(reading: BookReading, theme: str) -> bytes:
    from renderers import book
    from renderers.theme import theme_named

    return book.render(reading, theme_named(theme))
