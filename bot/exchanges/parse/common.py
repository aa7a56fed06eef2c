"""What the parsers of all venues share: typed reading at the door, order, sense."""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Annotated, Any, NamedTuple, ParamSpec, TypeVar

import msgspec
import numpy as np

from bot.core.arrays import Floats, Times, floats, times
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Contract, Instrument
from bot.core.language import later, mark
from bot.core.margin.tiers import Brackets
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest

# Milliseconds of 2015 to 2100: a time in seconds or microseconds is not taken for one in between.
Moment = Annotated[int, msgspec.Meta(ge=1_420_070_400_000, le=4_102_444_800_000)]
# Moments that come as text, such as 2026-10-09T08:00:00.123Z; see `milliseconds`.
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
# The upper bound keeps out infinities; no price or quantity of a real market comes near it.
Positive = Annotated[float, msgspec.Meta(gt=0, lt=1e18)]
NotNegative = Annotated[float, msgspec.Meta(ge=0, lt=1e18)]
# A venue caps funding at a few percent; a rate of 100 % or more is not one.
Rate = Annotated[float, msgspec.Meta(gt=-1, lt=1)]
# Of a day's price, as a fraction or in percent: it may rise as it will, and fall to nothing.
Change = Annotated[float, msgspec.Meta(ge=-100, lt=1e6)]

# What reading a payload can raise; text that is no text is a ValueError.
UNREADABLE = (msgspec.MsgspecError, ValueError, TypeError, OverflowError, RecursionError)

_T = TypeVar("_T")
_P = ParamSpec("_P")
_Amount = TypeVar("_Amount", float, Floats)
_SeriesT = TypeVar("_SeriesT", Candles, OpenInterest, FundingRates, LongShortRatio)
# Rounding of printed figures may let a part exceed its whole by this much.
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Listing:
    """A perpetual as its venue lists it."""

    instrument: Instrument
    id: str  # the venue's own name, such as BTCUSDT or BTC-USDT-SWAP
    # What one contract stands for: [base] if it is linear, [quote] if it is inverse. It is 1 where
    # the venue counts in base coin or in dollars.
    contract_size: float = 1.0
    # What some venues tell of every market at once, along with the list.
    open_interest: float | None = None  # [base] as it stood then
    brackets: Brackets | None = None

    @property
    def inverse(self) -> bool:
        """Whether a contract stands for a value in quote currency, and is settled in base coin."""
        return self.instrument.contract is Contract.INVERSE

    def base(self, contracts: _Amount, price: _Amount) -> _Amount:
        """Turn an amount as the venue counts it into base coin, at a price [quote/base].

        >>> usd = Instrument("bitmex", "BTC", "USD", "BTC", Contract.INVERSE)
        >>> Listing(usd, "XBTUSD").base(64_000.0, 32_000.0)
        2.0
        """
        amount = contracts * self.contract_size
        return amount / price if self.inverse else amount


# The time of what a venue tells without one: it is when we heard it.
UNTIMED = 0


class ForcedOrder(NamedTuple):
    """One liquidation as a venue's stream tells it, its side already the position's."""

    id: str  # the venue's own name of the perpetual
    time: int  # [ms] UTC, or UNTIMED
    side: int  # +1 a long was liquidated, -1 a short
    price: float  # [quote/base]
    quantity: float  # as the venue counts it; Listing.base makes base coin of it


class Fill(NamedTuple):
    """One liquidation as a fill tells it; its two sides tell the same one."""

    tid: int  # the venue's own number of the trade, unique among those of its moment and market
    order: ForcedOrder

    @property
    def key(self) -> tuple[int, int, str]:
        """What it is known by, whoever's fill it is."""
        return self.order.time, self.tid, self.order.id


class FillPage(NamedTuple):
    """What fills of one account, told together, say of liquidations."""

    fills: Sequence[Fill] = ()
    rows: int = 0  # fills of any kind
    last: int = 0  # [ms] UTC, the latest of them
    snapshot: bool = False  # a subscription begins with it: it tells of the past


class OpenPosition(NamedTuple):
    """One account's position in one market, as its venue shows it to anyone."""

    id: str  # the venue's own name of the perpetual
    side: int  # +1 long, -1 short
    quantity: float  # [base]
    entry_price: float  # [quote/base]
    leverage: float  # [1]
    liquidation_price: float  # [quote/base], nan where no price liquidates it
    isolated: bool
    mark_price: float = math.nan  # [quote/base] when it was looked at, nan where it is not told


# A sentence for each payload, as languages bend what it is called.
_NO_SENSE = {
    "a liquidation": mark("a liquidation came in a form that makes no sense"),
    "a message of fills": mark("a message of fills came in a form that makes no sense"),
    "an account": mark("an account came in a form that makes no sense"),
    "candles": mark("candles came in a form that makes no sense"),
    "funding": mark("funding came in a form that makes no sense"),
    "liquidations": mark("liquidations came in a form that makes no sense"),
    "margin brackets": mark("margin brackets came in a form that makes no sense"),
    "open interest": mark("open interest came in a form that makes no sense"),
    "the fills of an account": mark("the fills of an account came in a form that makes no sense"),
    "the list of accounts": mark("the list of accounts came in a form that makes no sense"),
    "the list of its vaults": mark("the list of its vaults came in a form that makes no sense"),
    "the list of perpetuals": mark("the list of perpetuals came in a form that makes no sense"),
    "the long/short ratio": mark("the long/short ratio came in a form that makes no sense"),
    "the order book": mark("the order book came in a form that makes no sense"),
    "the overview": mark("the overview came in a form that makes no sense"),
    "trades": mark("trades came in a form that makes no sense"),
}


@contextmanager
def reading(exchange: str, what: str) -> Iterator[None]:
    """Translate whatever is wrong with a payload into a sentence; also a decorator."""
    try:
        yield
    except UNREADABLE as error:
        why = later(_NO_SENSE.get(what, f"{what} came in a form that makes no sense"))
        raise MarketUnavailable(exchange, why) from error


def speaking_for(exchange: str, parse: Callable[_P, _T]) -> Callable[_P, _T]:
    """Let one venue's parser read another's payload, and name the other if that makes no sense."""

    def spoken(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        try:
            return parse(*args, **kwargs)
        except MarketUnavailable as error:
            raise MarketUnavailable(exchange, error.reason) from error

    return spoken


def convert(payload: object, form: type[_T]) -> _T:
    """Read a decoded JSON payload as `form`; numbers may come as text. msgspec.ValidationError."""
    return msgspec.convert(payload, form, strict=False)


def milliseconds(at: datetime) -> int:
    """Return a moment that came as text in milliseconds, within the bounds of a Moment.

    >>> milliseconds(datetime.fromisoformat("2026-10-09T08:00:00.123+00:00"))
    1791532800123
    """
    return convert(round(at.timestamp() * 1000), Moment)


def told(figure: float | str | None) -> float | None:
    """Read a figure that a venue may leave empty. msgspec.ValidationError."""
    return None if figure is None or figure == "" else convert(figure, NotNegative)


def readable(rows: Sequence[Any], form: type[_T]) -> list[_T]:
    """Read the rows that can be read and leave out the others.

    For lists in which a row stands for itself (listings, single liquidations), never for a series.
    """
    found = []
    for row in rows:
        try:
            found.append(convert(row, form))
        except UNREADABLE:
            continue
    return found


# The same coin under a name that only some venues use.
_COINS = {"XBT": "BTC"}
_DOLLARS = {"USD", "USDT", "USDC"}
_LONGEST_NAME = 20  # as core.instruments.base_of


def listed(
    exchange: str, venue_id: str, base: str, quote: str, settle: str, contract_size: float = 1.0
) -> Listing | None:
    """Make a listing of a dollar perpetual, None for one that nobody could ask for.

    One that settles in its quote currency is linear, in its base coin inverse; what settles in
    anything else (a quanto) is left out.

    >>> listed("bitmex", "XBTUSD", "XBT", "USD", "XBT").instrument.symbol
    'BTC/USD:BTC'
    >>> listed("bitmex", "ETHUSD", "ETH", "USD", "XBT") is None
    True
    """
    base, settle = _COINS.get(base, base), _COINS.get(settle, settle)
    if quote not in _DOLLARS or settle not in {base, quote}:
        return None
    if not (base.isascii() and base.isalnum() and base.upper() == base):
        return None
    if len(base) > _LONGEST_NAME or not 0 < contract_size < np.inf:
        return None
    contract = Contract.LINEAR if settle == quote else Contract.INVERSE
    return Listing(Instrument(exchange, base, quote, settle, contract), venue_id, contract_size)


def in_order(time: Sequence[int], *columns: Sequence[float]) -> tuple[Times, list[Floats]]:
    """Put rows oldest first, each time once; of two rows of one time the later sent stays."""
    stamps = times(time)
    # np.unique keeps the first of equals, so the rows are looked at from the end.
    stamps, place = np.unique(stamps[::-1], return_index=True)
    return stamps, [floats(column)[::-1][place] for column in columns]


class Bar(NamedTuple):
    """One candle as a venue sends it; taker buy volume only where it is told."""

    open_time: int
    open: float
    high: float
    low: float
    close: float
    volume: float
    taker_buy_volume: float = 0.0


def candles(bars: Sequence[Bar], interval: int, *, taker: bool) -> Candles:
    """Make candles of a page of bars in any order. ValueError if they make no sense."""
    columns = list(zip(*bars, strict=True)) or [()] * len(Bar._fields)
    time, (open_, high, low, close, volume, bought) = in_order(*columns)
    if bool(np.any(time % interval)):
        raise ValueError("bars do not open on the interval asked for")
    if bool(np.any(bought > volume * (1 + _ROUNDING))):
        raise ValueError("takers bought more than was traded")
    taker_buy_volume = np.minimum(bought, volume) if taker else None
    return Candles(time, open_, high, low, close, volume, taker_buy_volume, interval)


def open_interest(rows: Sequence[tuple[int, float]]) -> OpenInterest:
    """Make open interest [base] of a page of rows in any order.

    A perpetual that trades has some: a zero is a gap in the venue's own records, left out.
    """
    time, (quantity,) = in_order([at for at, _ in rows], [amount for _, amount in rows])
    return OpenInterest(time[quantity > 0], quantity[quantity > 0])


def stamps(series: Candles | OpenInterest | FundingRates | LongShortRatio) -> Times:
    """Return the times of a series' rows [ms]: its first column, whatever its name."""
    column: Times = getattr(series, fields(series)[0].name)
    return column


def join(pages: Sequence[_SeriesT]) -> _SeriesT:
    """Make one series of at least one page; of two rows of one time the later page's stays."""
    time = np.concatenate([stamps(page) for page in pages])
    _, place = np.unique(time[::-1], return_index=True)
    place = len(time) - 1 - place

    def joined(name: str) -> Any:
        columns = [getattr(page, name) for page in pages]
        whole = isinstance(columns[0], np.ndarray)
        return np.concatenate(columns)[place] if whole else columns[0]

    return type(pages[0])(**{field.name: joined(field.name) for field in fields(pages[0])})


def within(series: _SeriesT, since: int, until: int) -> _SeriesT:
    """Return the rows from `since` to `until` [ms], both included.

    A venue may answer with more than it was asked for, and a row of the future is no observation.
    """
    time = stamps(series)
    kept = (time >= since) & (time <= until)

    def cut(name: str) -> Any:
        column = getattr(series, name)
        return column[kept] if isinstance(column, np.ndarray) else column

    return type(series)(**{field.name: cut(field.name) for field in fields(series)})
