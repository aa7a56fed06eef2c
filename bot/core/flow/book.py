"""Order books of one coin over its venues, read for a picture and its words."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.core.errors import NotEnoughData
from bot.core.estimate.maps import Cluster
from bot.core.flow.depth import Curve, Depth, Zones, curve_of, depth_of, zones_of
from bot.core.flow.trades import Flow, LargeTrade, flow_of
from bot.core.flow.walls import Wall, walls_of
from bot.core.instruments import Instrument
from bot.core.language import Said, later, many
from bot.core.market.depth import OrderBook, Orders, Trades
from bot.core.market.scale import scale

# A book this much older than the question [ms] is no longer what stands there.
STALE = 60_000


@dataclass(frozen=True, slots=True, eq=False)
class ToldBook:
    """What one venue told just now."""

    instrument: Instrument
    book: OrderBook
    trades: Trades | None  # None: none were told


@dataclass(frozen=True, slots=True)
class VenueBook:
    """How one venue stands in a reading."""

    exchange: str
    time: int  # [ms] UTC of its book
    mid: float  # [quote/base]
    spread: float  # [fraction of the middle]
    depth: Depth
    flow: Flow | None  # None: it told no trades of the last hour


@dataclass(frozen=True, slots=True, eq=False)
class BookReading:
    """All that `/book` shows, finished; picture and words add nothing to it."""

    base: str  # "BTC", or as the coin is counted: "1000PEPE"
    quote: str  # "USDT", or "USD" where venues of several quotes are summed
    as_of: int  # [ms] UTC of the newest book
    price: float  # [quote/base] median of the venues' middles
    venues: tuple[VenueBook, ...]  # deepest first
    depth: Depth  # together
    zones: Zones  # rows in the order of `venues`
    curve: Curve  # together
    walls: tuple[Wall, ...]  # largest first
    clusters: tuple[Cluster, ...] | None  # within the zones, largest first; None: not to be had
    asked: tuple[str, ...]  # exchanges asked, in it or not
    failures: tuple[str | Said, ...]  # a sentence for each thing that was not to be had
    simulated: bool = False

    @property
    def freshness(self) -> str:
        """Partial answers say so.

        "3 of 3 venues"
        """
        told = len(self.venues)
        return many(
            "{told} of {count} venue", "{told} of {count} venues", len(self.asked), told=told
        )

    @property
    def stale(self) -> tuple[VenueBook, ...]:
        """Venues whose book is much older than the newest."""
        return tuple(venue for venue in self.venues if self.as_of - venue.time >= STALE)

    @property
    def large(self) -> tuple[LargeTrade, ...]:
        """The large trades of all venues, newest first."""
        every = [trade for venue in self.venues if venue.flow for trade in venue.flow.large]
        return tuple(sorted(every, key=lambda trade: -trade.time))


def read_book(
    told: Sequence[ToldBook],
    clusters: Sequence[Cluster] | None,
    now: int,
    asked: tuple[str, ...],
    failures: tuple[str | Said, ...] = (),
    base: str | None = None,
    *,
    simulated: bool = False,
) -> BookReading:
    """Read the books of one coin at `now` [ms]. NotEnoughData without a book.

    `clusters` are those of the same coin's map, None if there is no map just now. Where venues
    count the coin by different multiples (PEPE, 1000PEPE), all are counted as `base` says, or as
    the first one does.
    """
    if not told:
        raise NotEnoughData(later("no order book to read"))
    base = base or told[0].instrument.base
    told = sorted((_counted(each, base) for each in told), key=lambda each: -_whole(each.book))
    books = [each.book for each in told]
    names = [each.instrument.exchange for each in told]
    zones = zones_of(books)
    low, high = float(zones.edges[0]), float(zones.edges[-1])
    near = None
    if clusters is not None:
        near = tuple(each for each in clusters if each.low < high and each.high > low)
    quotes = {each.instrument.quote for each in told}
    return BookReading(
        base=base,
        quote=quotes.pop() if len(quotes) == 1 else "USD",
        as_of=max(book.time for book in books),
        price=zones.middle,
        venues=tuple(
            VenueBook(
                each.instrument.exchange,
                each.book.time,
                each.book.mid,
                _spread(each.book),
                depth_of([each.book]),
                None
                if each.trades is None
                else flow_of(each.instrument.exchange, each.trades, now),
            )
            for each in told
        ),
        depth=depth_of(books),
        zones=zones,
        curve=curve_of(books, zones.extent),
        walls=walls_of(books, names, near or ()),
        clusters=near,
        asked=asked,
        failures=failures,
        simulated=simulated,
    )


def _counted(told: ToldBook, base: str) -> ToldBook:
    """Count a coin as `base` does: prices change, dollars do not."""
    factor = scale(told.instrument.base, base)
    if factor == 1:
        return told
    bids, asks = (
        Orders(side.price * factor, side.quantity / factor)
        for side in (told.book.bids, told.book.asks)
    )
    made = told.trades
    return replace(
        told,
        book=OrderBook(told.book.time, bids, asks),
        trades=made and Trades(made.time, made.side, made.price * factor, made.quantity / factor),
    )


def _whole(book: OrderBook) -> float:
    return float(book.bids.value.sum() + book.asks.value.sum())


def _spread(book: OrderBook) -> float:
    return float(book.asks.price[0] - book.bids.price[0]) / book.mid
