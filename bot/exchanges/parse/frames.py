"""Websocket frames of any venue: packed or plain, and whether one is a refusal."""

import zlib

import msgspec

from bot.exchanges.parse.common import UNREADABLE

# A frame unpacks to so much at most [bytes]; the largest that venues send are some 100 kB.
_UNPACKED = 16 * 2**20
_GZIP = b"\x1f\x8b"


def unpacked(message: bytes) -> bytes:
    """Return a websocket frame unpacked if it is gzip, else as it is. ValueError.

    >>> import gzip
    >>> unpacked(gzip.compress(b"{}")), unpacked(b"{}")
    (b'{}', b'{}')
    """
    if not message.startswith(_GZIP):
        return message
    reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        whole = reader.decompress(message, _UNPACKED)
    except zlib.error as error:
        raise ValueError("a frame that cannot be unpacked") from error
    if not reader.eof:
        raise ValueError("a frame that breaks off, or does not end")
    return whole


class _Reply(msgspec.Struct):
    success: object = None  # Bybit
    event: object = None  # OKX, Bitget, Kraken
    error: object = None  # Binance, BitMEX, Deribit, Gate
    kind: object = msgspec.field(name="type", default=None)  # KuCoin, dYdX
    channel: object = None  # MEXC, Hyperliquid
    status: object = None  # HTX
    code: object = msgspec.field(name="err-code", default=0)  # HTX
    told: object = msgspec.field(name="code", default=None)  # Bitfinex, with an event "info"


# It stops, or has ended its maintenance: either way it wants to be subscribed to anew.
_ANEW = (20051, 20061)
_REPLY = msgspec.json.Decoder(_Reply)


def refuses(message: bytes) -> bool:
    """Say whether a websocket message is a venue's refusal to serve what was subscribed to.

    Also if it does so no longer, and is to be asked for it anew.
    """
    try:
        reply = _REPLY.decode(unpacked(message))
    except UNREADABLE:
        return False
    return (
        reply.success is False
        or reply.error is not None
        or "error" in (reply.event, reply.kind, reply.status)
        or reply.channel in ("rs.error", "error")
        or reply.code not in (0, None)
        or (reply.event == "info" and reply.told in _ANEW)
    )
