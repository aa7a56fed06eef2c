"""The words in which the registry describes a venue: its calls, its series, its stream."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeAlias, TypeVar

from bot.core.arrays import HOUR
from bot.core.instruments import Contract, Instrument
from bot.core.margin.tiers import Brackets
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.core.market.summary import Summary
from bot.exchanges.parse.common import FillPage, ForcedOrder, Listing, OpenPosition

SeriesT = TypeVar("SeriesT", Candles, OpenInterest, FundingRates, LongShortRatio)
Params: TypeAlias = dict[str, object]
Message: TypeAlias = str


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a public endpoint, by the name ccxt gives it.

    What ccxt does not know is named by its path: "GET /api/v1/instrument/active" is asked at the
    venue's `root`, with the params as its query, and "POST /info" with the params as its body.
    """

    method: str
    params: Params = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time asked for in one request, both ends included."""

    start: int  # [ms]
    end: int  # [ms]
    now: int  # [ms]


@dataclass(frozen=True, slots=True)
class Series(Generic[SeriesT]):
    """How one kind of series is asked for and read."""

    what: str  # in words
    interval: int  # [ms] between rows
    page: int  # rows in one answer at most
    call: Callable[[Listing, Span], Call]
    parse: Callable[[object, Listing, int], SeriesT]
    reach: int | None = None  # [ms] the venue remembers; None: as long as anyone asks
    # Open interest of inverse contracts comes in quote currency; prices make base coin of it.
    valued: bool = False


@dataclass(frozen=True, slots=True)
class Tiers:
    """How margin brackets are asked for and read; valued at a price where they need one."""

    call: Callable[[Listing], Call]
    parse: Callable[[object, Listing, float], Brackets]


@dataclass(frozen=True, slots=True)
class Overview:
    """How a venue tells of all its markets at once, in one request or several."""

    calls: tuple[Call, ...]
    # All answers, in the order of the calls, and the listings by the venue's own names; what is not
    # in the listings is left out. The time [ms] is when they came.
    parse: Callable[[Sequence[object], Mapping[str, Listing], int], Mapping[Instrument, Summary]]


@dataclass(frozen=True, slots=True)
class Book:
    """How a market's order book is asked for and read; the time [ms] is when it came."""

    levels: int  # of each side, at most
    call: Callable[[Listing], Call]
    parse: Callable[[object, Listing, int], OrderBook]


@dataclass(frozen=True, slots=True)
class LatestTrades:
    """How a market's latest trades are asked for and read."""

    count: int  # at most
    call: Callable[[Listing], Call]
    parse: Callable[[object, Listing], Trades]


@dataclass(frozen=True, slots=True)
class Polled:
    """Liquidations that a venue tells of only when it is asked."""

    every: float  # [s] between looks at one market
    call: Callable[[Listing, Span], Call]
    parse: Callable[[object, Listing], Sequence[ForcedOrder]]
    lossy: str  # in words, how complete they are
    # Rows in one answer at most: if it is full, what is older is asked for. 0: all come at once.
    page: int = 0
    reach: int = HOUR  # [ms] how far back it can be asked
    # Rows in an answer, those too that make no sense: by them it is known whether it is full.
    rows: Callable[[object], int] = lambda answer: len(answer) if isinstance(answer, list) else 0


@dataclass(frozen=True, slots=True)
class Stream:
    """A venue's liquidation stream, and the way it wants to be talked to."""

    url: str
    subscribe: Callable[[list[str]], list[Message]]  # of the venue's own names
    parse: Callable[[bytes], Sequence[ForcedOrder]]
    ping: Message | None  # None: a ping frame of the websocket protocol
    lossy: str  # in words, how complete it is
    # What a message of the venue, as it came, wants to be answered with, such as {"pong": ...};
    # None: nothing.
    answer: Callable[[bytes], Message | None] | None = None
    most: int | None = None  # markets that one connection may follow; None: any number


@dataclass(frozen=True, slots=True)
class PublicAccounts:
    """How a venue's accounts, open to anyone, are found and looked at."""

    list_url: str  # of all accounts with what they are worth
    parse_list: Callable[[bytes, int], Sequence[str]]  # so many of the largest, by address
    call: Callable[[str], Call]  # of one address
    parse: Callable[[object], Sequence[OpenPosition]]
    a_minute: int  # look-ups that leave the market's own requests room within the limit


@dataclass(frozen=True, slots=True)
class PublicFills:
    """How liquidations are found in the fills of accounts, where nothing tells of all of them.

    The venue's own vaults, which take over what the market does not, are listened to; accounts
    that anyone can see are asked for their fills.
    """

    url: str
    subscribe: Callable[[Sequence[str]], list[Message]]  # of addresses
    parse: Callable[[bytes, Collection[str]], FillPage]  # the vaults' addresses
    ping: Message
    most: int  # addresses that may be listened to at once
    vaults: Call  # of the vaults there are
    parse_vaults: Callable[[object], Sequence[str]]
    known: tuple[str, ...]  # vaults there were, for as long as the venue does not name them
    call: Callable[[str, Span], Call]  # of one address
    parse_page: Callable[[object, str, Collection[str]], FillPage]  # of one address
    page: int  # rows in one answer at most, the oldest of those asked for
    a_minute: int  # answers that leave the market's own requests room within the limit
    lossy: Callable[[int], str]  # in words, how complete it is with so many accounts followed


@dataclass(frozen=True, slots=True)
class Venue:
    """All that is known of a venue before it is asked."""

    name: str  # as in Instrument.exchange
    ccxt_id: str  # "": ccxt does not know it, and all calls are paths
    listings: Callable[[str], Call]  # of the page that starts at a cursor, "" the first
    parse_listings: Callable[[object], Sequence[Listing]]
    next_page: Callable[[object], str]  # "": there is none
    candles: Series[Candles]
    # Finest first; a coarser one fills in before the first row of the finer. Empty: nothing of the
    # past is told, and what stands now is told with the listings.
    open_interest: tuple[Series[OpenInterest], ...]
    funding: Series[FundingRates]
    long_short_ratio: Series[LongShortRatio] | None  # None: not published
    # None: told with the listings, or not without a key; then the bundled table serves.
    tiers: Tiers | None
    stream: Stream | None  # None: there is no stream of liquidations
    accounts: PublicAccounts | None = None
    overview: Overview | None = None
    book: Book | None = None
    trades: LatestTrades | None = None
    polled: Polled | None = None  # liquidations, where there is no stream of them
    fills: PublicFills | None = None  # liquidations, where there are neither
    contracts: tuple[Contract, ...] = (Contract.LINEAR,)
    listed_brackets: bool = False  # margin brackets are told with the listings
    taker_volume: bool = False  # its candles tell what takers bought
    brackets_listed: bool = False  # margin brackets come with the listings
    root: str = ""  # address of its API, for calls by path
    # ccxt's own settings. Of these, calls by path keep `rateLimit` [ms for a weight of 1] and
    # `rollingWindowSize` [ms], within which the weight allowed may go out at once.
    ccxt: Mapping[str, object] = field(default_factory=dict)
    weight: Callable[[Params], float] | None = None  # of a request; None: as ccxt reckons
    # [s] no request goes out after such an answer, unless the venue itself says how long.
    pauses: Mapping[int, float] = field(default_factory=dict)
