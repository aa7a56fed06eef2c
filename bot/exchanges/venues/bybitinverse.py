"""Bybit inverse perpetuals: counted in dollars, settled in their own coin.

600 requests in five seconds for each address, together with Bybit's linear perpetuals; ccxt's
limiter sends at most 50 of either.
"""

import json

from bot.core.arrays import HOUR, MINUTE
from bot.core.instruments import Contract
from bot.core.language import mark
from bot.exchanges.parse import bybitinverse as parse
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import (
    Book,
    Call,
    LatestTrades,
    Overview,
    Params,
    Series,
    Span,
    Stream,
    Tiers,
    Venue,
)

_KIND: Params = {"category": "inverse"}
_BARS = 1000
_INTERESTS = 200
_FUNDINGS = 200
_RATIOS = 500
_LEVELS = 500
_TRADES = 1000
_NAMES = 300  # in one subscription


def _of(listing: Listing, limit: int | None = None) -> Params:
    return {**_KIND, "symbol": listing.id, **({} if limit is None else {"limit": limit})}


def _page(listing: Listing, span: Span, limit: int) -> Params:
    return {**_of(listing, limit), "startTime": span.start, "endTime": span.end}


def _listings(cursor: str) -> Call:
    params: Params = {**_KIND, "limit": 1000, **({"cursor": cursor} if cursor else {})}
    return Call("publicGetV5MarketInstrumentsInfo", params)


def _candles(listing: Listing, span: Span) -> Call:
    params: Params = {**_of(listing, _BARS), "interval": "5", "start": span.start, "end": span.end}
    return Call("publicGetV5MarketKline", params)


def _open_interest(listing: Listing, span: Span) -> Call:
    params: Params = {**_page(listing, span, _INTERESTS), "intervalTime": "15min"}
    return Call("publicGetV5MarketOpenInterest", params)


def _funding(listing: Listing, span: Span) -> Call:
    return Call("publicGetV5MarketFundingHistory", _page(listing, span, _FUNDINGS))


def _ratio(listing: Listing, span: Span) -> Call:
    params: Params = {**_page(listing, span, _RATIOS), "period": "1h"}
    return Call("publicGetV5MarketAccountRatio", params)


def _tiers(listing: Listing) -> Call:
    return Call("publicGetV5MarketRiskLimit", _of(listing))


def _book(listing: Listing) -> Call:
    return Call("publicGetV5MarketOrderbook", _of(listing, _LEVELS))


def _trades(listing: Listing) -> Call:
    return Call("publicGetV5MarketRecentTrade", _of(listing, _TRADES))


def _subscribe(ids: list[str]) -> list[str]:
    topics = [f"allLiquidation.{name}" for name in ids]
    parts = [topics[start : start + _NAMES] for start in range(0, len(topics), _NAMES)]
    return [json.dumps({"op": "subscribe", "args": part}) for part in parts]


BYBITINVERSE = Venue(
    name=parse.NAME,
    ccxt_id="bybit",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=parse.next_page,
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(
        Series(
            "open interest",
            15 * MINUTE,
            _INTERESTS,
            _open_interest,
            parse.open_interest,
            valued=True,
        ),
    ),
    funding=Series("funding", HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=Series("the long/short ratio", HOUR, _RATIOS, _ratio, parse.long_short_ratio),
    tiers=Tiers(_tiers, parse.tiers),
    stream=Stream(
        url="wss://stream.bybit.com/v5/public/inverse",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=json.dumps({"op": "ping"}),
        lossy=mark("every liquidation is published, at its bankruptcy price"),
    ),
    overview=Overview((Call("publicGetV5MarketTickers", _KIND),), parse.overview),
    book=Book(
        _LEVELS, _book, lambda payload, listing, at: parse.book(payload, listing, at, _LEVELS)
    ),
    trades=LatestTrades(_TRADES, _trades, parse.trades),
    contracts=(Contract.INVERSE,),
    ccxt={"rateLimiterAlgorithm": "rollingWindow"},
    pauses={429: 5, 403: 600},
)
