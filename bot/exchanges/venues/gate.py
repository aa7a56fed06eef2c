"""Gate perpetuals settled in USDT.

200 requests in ten seconds to each endpoint, which ccxt's limiter keeps to for all of them
together. Its websocket tells of liquidations too, but not whether the sign of a size is the
position's or the order's; the list it gives when asked says both.
"""

from bot.core.arrays import HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import gate as parse
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import (
    Book,
    Call,
    LatestTrades,
    Overview,
    Params,
    Polled,
    Series,
    Span,
    Tiers,
    Venue,
)

# 30 days: 5 pages of bars, 2 of open interest, 1 of ratios and 1 of funding.
_BAR = 5 * MINUTE
_BARS = 1900
# Whoever asks for bars before the latest 10,000 gets none at all.
_REMEMBERED = 9_990 * _BAR
_STATISTICS = 1900  # 2,000 at most, and a page may run a row or two past its limit
_FUNDINGS = 100  # of 8 hours; paid each hour, these are 800 rows of at most 1,000
_LEVELS = 300
_TRADES = 1000
_LIQUIDATIONS = 1000
_HOUR_AT_MOST = HOUR - MINUTE  # [ms] that one request for liquidations may span


def _contract(listing: Listing, **params: object) -> Params:
    return {"settle": "usdt", "contract": listing.id, **params}


def _listings(_cursor: str) -> Call:
    return Call("publicFuturesGetSettleContracts", {"settle": "usdt"})


def _candles(listing: Listing, span: Span) -> Call:
    params = _contract(listing, interval="5m", **_stretch(span.start, span.end))
    return Call("publicFuturesGetSettleCandlesticks", params)


def _stretch(start: int, end: int) -> dict[str, int]:
    return {"from": start // 1000, "to": -(-end // 1000)}


def _statistics(listing: Listing, span: Span, period: str) -> Call:
    # With a begin, an end is ignored: what is told goes on from there, oldest first.
    params = _contract(listing, interval=period, limit=_STATISTICS, **{"from": span.start // 1000})
    return Call("publicFuturesGetSettleContractStats", params)


def _open_interest(listing: Listing, span: Span) -> Call:
    return _statistics(listing, span, "15m")


def _ratio(listing: Listing, span: Span) -> Call:
    return _statistics(listing, span, "1h")


def _funding(listing: Listing, span: Span) -> Call:
    params = _contract(listing, limit=1000, **_stretch(span.start, span.end))
    return Call("publicFuturesGetSettleFundingRate", params)


def _tiers(listing: Listing) -> Call:
    return Call("publicFuturesGetSettleRiskLimitTiers", _contract(listing))


def _book(listing: Listing) -> Call:
    return Call("publicFuturesGetSettleOrderBook", _contract(listing, limit=_LEVELS))


def _trades(listing: Listing) -> Call:
    return Call("publicFuturesGetSettleTrades", _contract(listing, limit=_TRADES))


def _liquidated(listing: Listing, span: Span) -> Call:
    params = _contract(listing, limit=_LIQUIDATIONS, **_stretch(span.start, span.end))
    return Call("publicFuturesGetSettleLiqOrders", params)


GATE = Venue(
    name=parse.NAME,
    ccxt_id="gate",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", _BAR, _BARS, _candles, parse.candles, reach=_REMEMBERED),
    open_interest=(
        Series("open interest", 15 * MINUTE, _STATISTICS, _open_interest, parse.open_interest),
    ),
    funding=Series("funding", 8 * HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=Series(
        "the long/short ratio", HOUR, _STATISTICS, _ratio, parse.long_short_ratio
    ),
    tiers=Tiers(_tiers, parse.tiers),
    stream=None,
    overview=Overview(
        (
            _listings(""),
            Call("publicFuturesGetSettleTickers", {"settle": "usdt"}),
        ),
        parse.overview,
    ),
    book=Book(
        _LEVELS, _book, lambda payload, listing, at: parse.book(payload, listing, at, _LEVELS)
    ),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    polled=Polled(
        every=10.0,
        call=_liquidated,
        parse=parse.liquidated,
        lossy=mark("every liquidation is told, some seconds after it happened"),
        page=_LIQUIDATIONS,
        reach=_HOUR_AT_MOST,
    ),
    # What the limiter counts is told for ten seconds.
    pauses={429: 10, 403: 300},
)
