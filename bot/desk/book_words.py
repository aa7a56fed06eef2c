"""An order book in words: how much, which walls, who takes, how complete."""

from bot.core import figures
from bot.core.arrays import MINUTE
from bot.core.estimate.maps import Cluster
from bot.core.flow.book import BookReading, VenueBook
from bot.core.flow.depth import BANDS
from bot.core.flow.ladder import OrderSide
from bot.core.flow.trades import LargeTrade
from bot.core.flow.walls import Wall
from bot.core.instruments import venue_name
from bot.core.language import many, mark, say
from bot.core.signals.names import side_name
from bot.desk.caption import SIMULATED, clock
from bot.reply import described

_WALLS = 2  # told of each side
_TRADES = 2


def headline(reading: BookReading) -> str:
    """Name the picture."""
    price = figures.price(reading.price)
    return say("{base} order book · {price}", base=reading.base, price=f"{price} {reading.quote}")


def lines(reading: BookReading) -> tuple[str, ...]:
    """Say what the picture shows, the most useful first."""
    said = [say(SIMULATED)] if reading.simulated else []
    said += [_within(reading, band) for band in range(len(BANDS))]
    names = ", ".join(venue_name(venue.exchange) for venue in reading.venues)
    said.append(
        say(
            "{freshness} ({names}) · books of {time}",
            freshness=reading.freshness,
            names=names,
            time=clock(reading.as_of),
        )
    )
    said += [
        say(
            "{venue}'s book is {age} older: stale.",
            venue=venue_name(venue.exchange),
            age=figures.span(reading.as_of - venue.time),
        )
        for venue in reading.stale
    ]
    for side in OrderSide:
        walls = [wall for wall in reading.walls if wall.side is side][:_WALLS]
        said += [_wall(wall) for wall in walls]
    if not reading.walls:
        said.append(say("No wall stands out."))
    said.append(_taken(reading))
    said += [_large(trade) for trade in sorted(reading.large, key=lambda one: -one.usd)[:_TRADES]]
    said.append(_spreads(reading.venues))
    if reading.clusters is None:
        said.append(say("The map of clusters was not to be had just now."))
    said.append(say("Orders can be withdrawn at any moment; clusters are estimates."))
    said += map(str, reading.failures)
    return tuple(said)


def alt(reading: BookReading) -> str:
    """Describe the picture to somebody who cannot see it."""
    return described(f"{headline(reading)}.", *lines(reading))


def _within(reading: BookReading, band: int) -> str:
    depth = reading.depth
    parts = []
    for side, usd in ((OrderSide.BID, depth.bids[band]), (OrderSide.ASK, depth.asks[band])):
        amount = say(_AMOUNTS[side], usd=figures.usd(usd))
        partial = depth.partial(band, side)
        parts.append(say("at least {amount}", amount=amount) if partial else amount)
    balance = depth.balance[band]
    more = OrderSide.BID if balance > 0 else OrderSide.ASK
    share = f"{50 * (1 + abs(balance)):.0f} %"
    parts.append(say("even") if abs(balance) < _EVEN else f"{share} {say(_ORDERS[more])}")
    short = [
        say(
            "{venue} tells {reach}",
            venue=venue_name(venue.exchange),
            reach=figures.percent(min(_reach(venue))),
        )
        for venue in reading.venues
        if min(_reach(venue)) < BANDS[band]
    ]
    told = f" ({', '.join(short)})" if short and band == len(BANDS) - 1 else ""
    within = figures.share(BANDS[band])
    return say("Within {distance}: {parts}.", distance=within, parts=f"{', '.join(parts)}{told}")


_ORDERS = {OrderSide.BID: mark("bids"), OrderSide.ASK: mark("asks")}
_AMOUNTS = {OrderSide.BID: mark("{usd} of bids"), OrderSide.ASK: mark("{usd} of asks")}
# Sides that differ by less than this part of their sum are called even.
_EVEN = 0.05


def _reach(venue: VenueBook) -> tuple[float, float]:
    return venue.depth.bids_reach, venue.depth.asks_reach


def _wall(wall: Wall) -> str:
    said = say(
        "Wall: {amount} at {price} ({away}, {times}× its surroundings; {venues})",
        amount=say(_AMOUNTS[wall.side], usd=figures.usd(wall.usd)),
        price=figures.price(wall.price),
        away=figures.percent(wall.distance, signed=True),
        times=f"{min(wall.times, 999):.0f}",
        venues=", ".join(venue_name(venue) for venue, _ in wall.venues[:2]),
    )
    cluster = wall.cluster
    if cluster is None:
        return f"{said}."
    return say(
        _where(wall, cluster),
        wall=said,
        usd=figures.usd(cluster.usd),
        who=side_name(cluster.side),
        zone=f"{figures.price(cluster.low)}–{figures.price(cluster.high)}",
    )


def _where(wall: Wall, cluster: Cluster) -> str:
    """Return how it is said that a wall stands to its cluster, on the way from the price."""
    if cluster.low <= wall.price <= cluster.high:
        return mark("{wall}, within {usd} of {who} at {zone}.")
    above = wall.distance > 0
    before = wall.price < cluster.low if above else wall.price > cluster.high
    if before:
        return mark("{wall}, just before {usd} of {who} at {zone}.")
    return mark("{wall}, just behind {usd} of {who} at {zone}.")


def _taken(reading: BookReading) -> str:
    flows = [venue.flow for venue in reading.venues if venue.flow is not None]
    if not flows:
        return say("No trades were told.")
    bought, sold = sum(flow.bought for flow in flows), sum(flow.sold for flow in flows)
    start = min(flow.start for flow in flows)
    length = max(max(flow.end for flow in flows) - start, 1000)
    said = say(
        "Takers bought {bought}, sold {sold} in the last {span}",
        bought=figures.usd(bought),
        sold=figures.usd(sold),
        span=figures.span(length),
    )
    limits = [flow.threshold for flow in flows if flow.threshold is not None]
    if not limits:
        return f"{said}."
    return many(
        "{taken}; {count} trade stood out, from {usd}.",
        "{taken}; {count} trades stood out, from {usd}.",
        len(reading.large),
        taken=said,
        usd=figures.usd(min(limits)),
    )


def _large(trade: LargeTrade) -> str:
    bought = mark("Bought {usd} at {price} on {venue}, {time}.")
    seconds = trade.time % MINUTE // 1000
    return say(
        bought if trade.side > 0 else mark("Sold {usd} at {price} on {venue}, {time}."),
        usd=figures.usd(trade.usd),
        price=figures.price(trade.price),
        venue=venue_name(trade.exchange),
        time=f"{figures.clock(trade.time)}:{seconds:02d} UTC",
    )


def _spreads(venues: tuple[VenueBook, ...]) -> str:
    ranked = sorted(venues, key=lambda venue: venue.spread)
    low, high = (
        say("{spread} on {venue}", spread=figures.percent(each.spread), venue=name)
        for each, name in ((one, venue_name(one.exchange)) for one in (ranked[0], ranked[-1]))
    )
    if low == high:
        return say("Spread {spread}.", spread=low)
    return say("Spread {low} to {high}.", low=low, high=high)
