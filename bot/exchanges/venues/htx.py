"""HTX linear swaps, settled in USDT.

240 requests in three seconds for each address, 800 a second for what is traded; 50 in five seconds
are sent at most. Open interest and ratios cannot be asked for by time: the latest rows come.
"""

import json

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import htx as parse
from bot.exchanges.parse import htx_now
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import (
    Book,
    Call,
    LatestTrades,
    Overview,
    Series,
    Span,
    Stream,
    Tiers,
    Venue,
)

# 30 days: 5 pages of bars, 1 of funding, 1 of each step of open interest.
_BARS = 2000
_FUNDINGS = 100
_INTERESTS = 200
_TRADES = 2000
# How many ratios come is nowhere said; one page holds more than anyone asks for.
_RATIOS = 2160


def _listings(_cursor: str) -> Call:
    return Call("contractPublicGetLinearSwapApiV1SwapContractInfo", {"business_type": "swap"})


def _candles(listing: Listing, span: Span) -> Call:
    return Call(
        "contractPublicGetLinearSwapExMarketHistoryKline",
        {
            "contract_code": listing.id,
            "period": "5min",
            "from": span.start // 1000,
            "to": span.end // 1000,
        },
    )


def _interest(listing: Listing, period: str) -> Call:
    params: dict[str, object] = {
        "contract_code": listing.id,
        "contract_type": "swap",
        "period": period,
        "size": _INTERESTS,
        "amount_type": 2,  # in base coin
    }
    return Call("contractPublicGetLinearSwapApiV1SwapHisOpenInterest", params)


def _hourly(listing: Listing, _span: Span) -> Call:
    return _interest(listing, "60min")


def _four_hourly(listing: Listing, _span: Span) -> Call:
    return _interest(listing, "4hour")


def _daily(listing: Listing, _span: Span) -> Call:
    return _interest(listing, "1day")


def _funding(listing: Listing, span: Span) -> Call:
    return Call(
        "contractPublicGetV5MarketFundingRateHistory",
        {
            "contract_code": listing.id,
            "start_time": span.start,
            "end_time": span.end,
            "limit": _FUNDINGS,
        },
    )


def _ratio(listing: Listing, _span: Span) -> Call:
    params: dict[str, object] = {"contract_code": listing.id, "period": "60min"}
    return Call("contractPublicGetLinearSwapApiV1SwapEliteAccountRatio", params)


def _tiers(listing: Listing) -> Call:
    params: dict[str, object] = {"contract_code": listing.id}
    return Call("contractPublicGetLinearSwapApiV1SwapAdjustfactor", params)


def _book(listing: Listing) -> Call:
    params: dict[str, object] = {"contract_code": listing.id, "type": "step0"}
    return Call("contractPublicGetLinearSwapExMarketDepth", params)


def _trades(listing: Listing) -> Call:
    params: dict[str, object] = {"contract_code": listing.id, "size": _TRADES}
    return Call("contractPublicGetLinearSwapExMarketHistoryTrade", params)


def _subscribe(_ids: list[str]) -> list[str]:
    # One topic of all contracts: the fuller it is, the sooner silence tells.
    return [json.dumps({"op": "sub", "cid": "1", "topic": "public.*.liquidation_orders"})]


HTX = Venue(
    name=parse.NAME,
    ccxt_id="htx",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", 5 * MINUTE, _BARS, _candles, parse.candles),
    open_interest=(
        Series("open interest", HOUR, _INTERESTS, _hourly, parse.open_interest, 199 * HOUR),
        Series(
            "open interest", 4 * HOUR, _INTERESTS, _four_hourly, parse.open_interest, 796 * HOUR
        ),
        Series("open interest", DAY, _INTERESTS, _daily, parse.open_interest, 199 * DAY),
    ),
    # Some fall due each 4 or 1 hours; a page that does not reach back far enough is followed.
    funding=Series("funding", 8 * HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=Series("the long/short ratio", HOUR, _RATIOS, _ratio, parse.long_short_ratio),
    tiers=Tiers(_tiers, parse.tiers),
    stream=Stream(
        url="wss://api.hbdm.com/linear-swap-notification",
        subscribe=_subscribe,
        parse=parse.forced_orders,
        ping=None,
        lossy=mark("every liquidation order is published, at its bankruptcy price"),
        answer=parse.pong,
    ),
    overview=Overview(
        calls=(
            Call("contractPublicGetLinearSwapExMarketDetailBatchMerged", {"business_type": "swap"}),
            # ccxt asks these only of one contract; without a name they tell of all.
            Call("GET /linear-swap-api/v1/swap_open_interest"),
            Call("GET /linear-swap-api/v1/swap_batch_funding_rate"),
            _listings(""),
        ),
        parse=htx_now.overview,
    ),
    book=Book(htx_now.LEVELS, _book, htx_now.order_book),
    trades=LatestTrades(_TRADES, _trades, htx_now.trades),
    root="https://api.hbdm.com",
    ccxt={
        "hostname": "api.hbdm.com",  # ccxt's own is the one of spot markets
        "rateLimiterAlgorithm": "rollingWindow",
        "rollingWindowSize": 5_000,
        "rateLimit": 100,
    },
    pauses={429: 3, 403: 300},
)
