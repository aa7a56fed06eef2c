"""Liquidations of Hyperliquid, found in the fills of accounts that anyone can see.

Nothing tells of all liquidations. But a fill that was one says so, to whoever was liquidated and to
whoever traded with them: `liquidation` names the account whose position was closed. What the market
does not take in time is taken over by vaults of the venue's own; their fills say “Liquidated Cross
Long” or the like, which is the position that they took over, and not one of theirs that was lost.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from bot.exchanges.parse.common import (
    UNREADABLE,
    Fill,
    FillPage,
    ForcedOrder,
    Moment,
    Positive,
    convert,
    readable,
    reading,
)
from bot.exchanges.parse.hyperliquid import NAME, is_address

# What the position was whose liquidation this is, whoever's fill it is.
_LIQUIDATED = re.compile(r"Liquidated (?:Cross|Isolated) (Long|Short)")
# What is won is closed to cover what others lost: no liquidation of whoever holds it.
_DELEVERAGED = "Auto-Deleveraging"
# Spot pairs are called @107 or PURR/USDC, markets of other deployers xyz:NVDA.
_ELSEWHERE = re.compile(r"[@:/]")


class _Liquidation(msgspec.Struct):
    user: str | None = msgspec.field(name="liquidatedUser", default=None)


class _Fill(msgspec.Struct):
    coin: str
    price: Positive = msgspec.field(name="px")
    quantity: Positive = msgspec.field(name="sz")  # [base]
    side: Literal["A", "B"]  # whether the account sold or bought
    time: Moment
    # Not unique by itself: the venue calls it a hash of both orders.
    tid: Annotated[int, msgspec.Meta(ge=0)]
    direction: str = msgspec.field(name="dir", default="")
    liquidation: _Liquidation | None = None


class _Timed(msgspec.Struct):
    time: Moment


class _Fills(msgspec.Struct):
    user: str
    fills: list[msgspec.Raw]
    snapshot: bool = msgspec.field(name="isSnapshot", default=False)


class _Message(msgspec.Struct):
    channel: str = ""
    data: msgspec.Raw = msgspec.Raw(b"null")


_MESSAGE = msgspec.json.Decoder(_Message)
_FILLS = msgspec.json.Decoder(_Fills)
_FILL = msgspec.json.Decoder(_Fill, strict=False)


@reading(NAME, "a message of fills")
def told(message: bytes, vaults: Collection[str]) -> FillPage:
    """Read a message of `userFills`; the first one of a subscription tells of the past.

    Most fills are no liquidation, and are not looked at further than that.
    """
    heard = _MESSAGE.decode(message)
    if heard.channel != "userFills":
        return FillPage()
    page = _FILLS.decode(heard.data)
    rows = [row for row in page.fills if _may_be(bytes(row))]
    fills = list(_forced(page.user, rows, vaults))
    return FillPage(fills, rows=len(page.fills), snapshot=page.snapshot)


def _may_be(row: bytes) -> bool:
    return b'"liquidation"' in row or b'"Liquidated ' in row


@reading(NAME, "the fills of an account")
def page(payload: object, user: str, vaults: Collection[str]) -> FillPage:
    """Read `userFillsByTime`, oldest first."""
    rows = convert(payload, list[Mapping[str, object]])
    if not rows:
        return FillPage()
    times = [row.time for row in readable(rows, _Timed)]
    if not times:
        raise ValueError("no fill can be read")
    marked = [row for row in rows if row.get("liquidation") or _is_marked(row.get("dir"))]
    fills = list(_forced(user, marked, vaults))
    return FillPage(fills, rows=len(rows), last=max(times))


def _is_marked(direction: object) -> bool:
    return isinstance(direction, str) and direction.startswith("Liquidated ")


def _forced(
    user: str, rows: Sequence[msgspec.Raw | Mapping[str, object]], vaults: Collection[str]
) -> Iterator[Fill]:
    """Turn those fills of an account into orders that were liquidations, and are of our markets.

    ValueError if none can be read.
    """
    read = [fill for row in rows if (fill := _read(row)) is not None]
    if rows and not read:
        raise ValueError("no fill can be read")
    for fill in read:
        side = _side(fill, user.lower(), vaults)
        if side and not _ELSEWHERE.search(fill.coin):
            order = ForcedOrder(fill.coin, fill.time, side, fill.price, fill.quantity)
            yield Fill(fill.tid, order)


def _read(row: msgspec.Raw | Mapping[str, object]) -> _Fill | None:
    try:
        return _FILL.decode(row) if isinstance(row, msgspec.Raw) else convert(row, _Fill)
    except UNREADABLE:
        return None


def _side(fill: _Fill, user: str, vaults: Collection[str]) -> int:
    """Return +1 if a long was liquidated, -1 if a short was, 0 if neither can be said.

    A vault that is deleveraged is named as the one liquidated: what it held was counted when it
    took it over.
    """
    whose = None if fill.liquidation is None else (fill.liquidation.user or "").lower()
    if fill.direction == _DELEVERAGED or whose in vaults:
        return 0
    if (marked := _LIQUIDATED.fullmatch(fill.direction)) is not None:
        return 1 if marked[1] == "Long" else -1
    if not whose:
        return 0
    sold = 1 if fill.side == "A" else -1
    return sold if whose == user else -sold


class _Children(msgspec.Struct):
    addresses: list[str] = msgspec.field(name="childAddresses")


class _Relationship(msgspec.Struct):
    data: _Children


class _Vault(msgspec.Struct):
    relationship: _Relationship


@reading(NAME, "the list of its vaults")
def children(payload: object) -> Sequence[str]:
    """Read `vaultDetails` of a vault that shares its money out among others."""
    addresses = convert(payload, _Vault).relationship.data.addresses
    found = list(dict.fromkeys(one.lower() for one in addresses if is_address(one)))
    if not found:
        raise ValueError("no vault can be read")
    return found
