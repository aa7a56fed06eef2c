"""Hyperliquid perpetuals, settled in USDC.

1,200 weight a minute for each address, of which 1,000 are spent at most: an account weighs 2,
or a book 2, anything else 20 and more by the rows it brings. Open interest is told only as it
stands now, liquidations and trades of all not at all; but every account's positions and fills can
be seen by anyone, and a fill says whether it was a liquidation. HLP is the vault that makes
markets and takes over what is liquidated; it does both through vaults of its own.
"""

import json
from collections.abc import Mapping, Sequence

from bot.core.arrays import HOUR, MINUTE
from bot.core.language import mark
from bot.exchanges.parse import hyperliquid as parse
from bot.exchanges.parse import hyperliquid_fills as fills
from bot.exchanges.parse import hyperliquid_now as now
from bot.exchanges.parse.common import Listing
from bot.exchanges.venue import (
    Book,
    Call,
    Overview,
    Params,
    PublicAccounts,
    PublicFills,
    Series,
    Span,
    Venue,
)

# The latest 5,000 bars of each step can be had: of 15 minutes these are 52 days.
_BAR, _BARS = 15 * MINUTE, 5000
_REMEMBERED = (_BARS - 1) * _BAR
# At most 500 rows come in one answer, oldest first; they come some milliseconds after the hour.
_FUNDINGS = 480

# So few levels come of each side that they reach but some dollars. Rounded to so many figures they
# reach between 0.2 % and 2 % of the price.
_LEVELS, _FIGURES = 20, 4

_INFO = 20.0
_LITTLE = 2.0
_BARS_OF_ONE, _FUNDINGS_OF_ONE, _FILLS_OF_ONE = 60, 20, 20  # so many rows weigh one more

# At most 2,000 fills come in one answer. How many there are nobody knows before: so a request
# for them is weighed as if the answer were full.
_FILLS = 2000
_HLP = "0xdfc24b077bc1425ad1dea75bcb6f8158e10df303"
# The vaults of HLP early in 2026: four that take over what is liquidated, and those that make
# markets, which trade with many who are liquidated. The venue is asked for those there are now.
_VAULTS = (
    "0x2e3d94f0562703b25c83308a05046ddaf9a8dd14",
    "0xb0a55f13d22f66e6d495ac98113841b2326e9540",
    "0x5e177e5e39c0f4e421f5865a6d8beed8d921cb70",
    "0x2ed5c4484ea3ff8b57d5f2fb152a40d9f2b68308",
    "0x010461c14e146ac35fe42271bdc1134ee31c703a",
    "0x31ca8395cf837de08b24da3f660e77761dfb974b",
    "0x469f690213c467c39a23efacfd2816896009d7d8",
)


def _info(kind: str, **params: object) -> Call:
    return Call("publicPostInfo", {"type": kind, **params})


def _listings(_cursor: str) -> Call:
    return _info("metaAndAssetCtxs")


def _candles(listing: Listing, span: Span) -> Call:
    asked = {
        "coin": listing.id,
        "interval": "15m",
        "startTime": span.start,
        "endTime": span.end,
    }
    return _info("candleSnapshot", req=asked)


def _funding(listing: Listing, span: Span) -> Call:
    return _info("fundingHistory", coin=listing.id, startTime=span.start, endTime=span.end)


def _book(listing: Listing) -> Call:
    return _info("l2Book", coin=listing.id, nSigFigs=_FIGURES)


def _account(address: str) -> Call:
    return _info("clearinghouseState", user=address)


def _fills_of(address: str, span: Span) -> Call:
    return _info("userFillsByTime", user=address, startTime=span.start, endTime=span.end)


def _subscribe(addresses: Sequence[str]) -> list[str]:
    asked = [{"type": "userFills", "user": address} for address in addresses]
    return [json.dumps({"method": "subscribe", "subscription": one}) for one in asked]


def _lossy(accounts: int) -> str:
    """Say whose liquidations are seen, and how.

    >>> _lossy(0)
    "seen in the fills of HLP's vaults; market liquidations among others are not seen"
    """
    if not accounts:
        return mark(
            "seen in the fills of HLP's vaults; market liquidations among others are not seen"
        )
    followed = mark(
        "seen in the fills of HLP's vaults and, minutes late, of {count} followed accounts; "
        "market liquidations among others are not seen"
    )
    return followed.format(count=f"{accounts:,}")


def weight(params: Params) -> float:
    """Say how much a request counts towards the limit.

    >>> weight({"type": "clearinghouseState", "user": "0x"}), weight({"type": "metaAndAssetCtxs"})
    (2.0, 20.0)
    >>> weight({"type": "fundingHistory", "startTime": 0, "endTime": 480 * 3_600_000})
    44.0
    """
    kind = params.get("type")
    if kind in {"clearinghouseState", "l2Book"}:
        return _LITTLE
    if kind == "userFillsByTime":
        return _INFO + _FILLS / _FILLS_OF_ONE
    if kind == "candleSnapshot":
        asked = params.get("req")
        return _INFO + _rows(asked if isinstance(asked, Mapping) else {}, _BAR) / _BARS_OF_ONE
    if kind == "fundingHistory":
        return _INFO + _rows(params, HOUR) / _FUNDINGS_OF_ONE
    return _INFO


def _rows(asked: Mapping[str, object], interval: int) -> float:
    start, end = asked.get("startTime"), asked.get("endTime")
    return (end - start) / interval if isinstance(start, int) and isinstance(end, int) else 0.0


HYPERLIQUID = Venue(
    name=parse.NAME,
    ccxt_id="hyperliquid",
    listings=_listings,
    parse_listings=parse.listings,
    next_page=lambda _payload: "",
    candles=Series("candles", _BAR, _BARS, _candles, parse.candles, reach=_REMEMBERED),
    open_interest=(),
    funding=Series("funding", HOUR, _FUNDINGS, _funding, parse.funding),
    long_short_ratio=None,
    tiers=None,
    listed_brackets=True,
    brackets_listed=True,
    stream=None,
    accounts=PublicAccounts(
        list_url="https://stats-data.hyperliquid.xyz/Mainnet/leaderboard",
        parse_list=parse.largest,
        call=_account,
        parse=parse.positions,
        a_minute=200,
    ),
    fills=PublicFills(
        url="wss://api.hyperliquid.xyz/ws",
        subscribe=_subscribe,
        parse=fills.told,
        ping='{"method":"ping"}',
        most=10,
        vaults=_info("vaultDetails", vaultAddress=_HLP),
        parse_vaults=fills.children,
        known=_VAULTS,
        call=_fills_of,
        parse_page=fills.page,
        page=_FILLS,
        a_minute=3,
        lossy=_lossy,
    ),
    overview=Overview((_listings(""),), now.overview),
    book=Book(_LEVELS, _book, lambda payload, listing, at: now.book(payload, listing, at, _LEVELS)),
    # A whole gathering may go out at once; 60 ms for each weight are 1,000 a minute.
    ccxt={"rateLimiterAlgorithm": "rollingWindow", "rollingWindowSize": 60_000, "rateLimit": 60},
    weight=weight,
    pauses={429: 10, 403: 300},
)
