"""What a venue offers of its markets, said before anything is asked of it."""

from dataclasses import dataclass

NONE = ""  # not offered


@dataclass(frozen=True, slots=True)
class Offer:
    """One venue's public data in a few words each; the empty string where it has none."""

    exchange: str
    contracts: str  # "linear", "inverse", "linear, inverse"
    candles: str  # "5m"
    taker_volume: str  # "yes" if candles tell what takers bought
    open_interest: str  # "now", or how far apart and how long it remembers: "5m, 30d"
    funding: str  # "history", "now"
    ratio: str  # "1h, 30d"
    brackets: str  # "live", or "bundled"
    book: str  # "500 levels"
    trades: str  # "last 1000"
    liquidations: str  # "stream", "polled", "fills" of accounts
    lossy: str  # in words, how complete those are
