"""An order book in words: how much, which walls, who takes, how complete."""

from bot.core import figures
from bot.core.arrays import MINUTE
from bot.core.flow.book import BookReading, VenueBook
from bot.core.flow.depth import BANDS
from bot.core.flow.ladder import OrderSide
from bot.core.flow.trades import LargeTrade
from bot.core.flow.walls import Wall
from bot.core.instruments import venue_name
from bot.core.market.liquidations import PositionSide
from bot.desk.caption import SIMULATED, clock
from bot.reply import described

_WALLS = 2  # told of each side
_TRADES = 2


def headline(reading: BookReading) -> str:
    """Name the picture."""
    price = figures.price(reading.price)
    return f"{reading.base} order book · {price} {reading.quote}"


def lines(reading: BookReading) -> tuple[str, ...]:
    """Say what the picture shows, the most useful first."""
    said = [SIMULATED] if reading.simulated else []
    said += [_within(reading, band) for band in range(len(BANDS))]
    names = ", ".join(venue_name(venue.exchange) for venue in reading.venues)
    said.append(f"{reading.freshness} ({names}) · books of {clock(reading.as_of)}")
    said += [
        f"{venue_name(venue.exchange)}'s book is {figures.span(reading.as_of - venue.time)} older:"
        " stale."
        for venue in reading.stale
    ]
    for side in OrderSide:
        walls = [wall for wall in reading.walls if wall.side is side][:_WALLS]
        said += [_wall(wall) for wall in walls]
    if not reading.walls:
        said.append("No wall stands out.")
    said.append(_taken(reading))
    said += [_large(trade) for trade in sorted(reading.large, key=lambda one: -one.usd)[:_TRADES]]
    said.append(_spreads(reading.venues))
    if reading.clusters is None:
        said.append("The map of clusters was not to be had just now.")
    said.append("Orders can be withdrawn at any moment; clusters are estimates.")
    said += reading.failures
    return tuple(said)


def alt(reading: BookReading) -> str:
    """Describe the picture to somebody who cannot see it."""
    return described(f"{headline(reading)}.", *lines(reading))


def _within(reading: BookReading, band: int) -> str:
    depth = reading.depth
    parts = []
    for side, usd, name in (
        (OrderSide.BID, depth.bids[band], "bids"),
        (OrderSide.ASK, depth.asks[band], "asks"),
    ):
        least = "at least " if depth.partial(band, side) else ""
        parts.append(f"{least}{figures.usd(usd)} of {name}")
    balance = depth.balance[band]
    share = f"{50 * (1 + abs(balance)):.0f} % {'bids' if balance > 0 else 'asks'}"
    more = "even" if abs(balance) < _EVEN else share
    short = [
        f"{venue_name(venue.exchange)} tells {figures.percent(min(_reach(venue)))}"
        for venue in reading.venues
        if min(_reach(venue)) < BANDS[band]
    ]
    told = f" ({', '.join(short)})" if short and band == len(BANDS) - 1 else ""
    return f"Within {100 * BANDS[band]:.0f} %: {parts[0]}, {parts[1]}, {more}{told}."


# Sides that differ by less than this part of their sum are called even.
_EVEN = 0.05


def _reach(venue: VenueBook) -> tuple[float, float]:
    return venue.depth.bids_reach, venue.depth.asks_reach


def _wall(wall: Wall) -> str:
    name = "bids" if wall.side is OrderSide.BID else "asks"
    whose = ", ".join(venue_name(venue) for venue, _ in wall.venues[:2])
    said = (
        f"Wall: {figures.usd(wall.usd)} of {name} at {figures.price(wall.price)}"
        f" ({figures.percent(wall.distance, signed=True)}, {_times(wall.times)}; {whose})"
    )
    cluster = wall.cluster
    if cluster is None:
        return f"{said}."
    who = "longs" if cluster.side is PositionSide.LONG else "shorts"
    zone = f"{figures.price(cluster.low)}–{figures.price(cluster.high)}"
    return f"{said}, {_where(wall)} {figures.usd(cluster.usd)} of {who} at {zone}."


def _times(times: float) -> str:
    return f"{min(times, 999):.0f}× its surroundings"


def _where(wall: Wall) -> str:
    """Say how a wall stands to its cluster, on the way from the price."""
    cluster = wall.cluster
    if cluster is None:
        return ""
    if cluster.low <= wall.price <= cluster.high:
        return "within"
    above = wall.distance > 0
    before = wall.price < cluster.low if above else wall.price > cluster.high
    return "just before" if before else "just behind"


def _taken(reading: BookReading) -> str:
    flows = [venue.flow for venue in reading.venues if venue.flow is not None]
    if not flows:
        return "No trades were told."
    bought, sold = sum(flow.bought for flow in flows), sum(flow.sold for flow in flows)
    start = min(flow.start for flow in flows)
    length = max(max(flow.end for flow in flows) - start, 1000)
    said = f"Takers bought {figures.usd(bought)}, sold {figures.usd(sold)} in the last "
    said += figures.span(length)
    limits = [flow.threshold for flow in flows if flow.threshold is not None]
    if not limits:
        return f"{said}."
    count = len(reading.large)
    return f"{said}; {count} trade{'s' * (count != 1)} stood out, from {figures.usd(min(limits))}."


def _large(trade: LargeTrade) -> str:
    what = "Bought" if trade.side > 0 else "Sold"
    seconds = trade.time % MINUTE // 1000
    at = f"{figures.clock(trade.time)}:{seconds:02d} UTC"
    venue = venue_name(trade.exchange)
    return f"{what} {figures.usd(trade.usd)} at {figures.price(trade.price)} on {venue}, {at}."


def _spreads(venues: tuple[VenueBook, ...]) -> str:
    ranked = sorted(venues, key=lambda venue: venue.spread)
    said = [
        f"{figures.percent(venue.spread)} on {venue_name(venue.exchange)}"
        for venue in dict.fromkeys((ranked[0], ranked[-1]))
    ]
    return f"Spread {' to '.join(said)}."
