"""The clauses of an explanation: an episode, a regime's readings, a zone, and why each matters."""

import math

from bot.core import figures
from bot.core.language import mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Zone
from bot.core.signals.names import kind_name, side_name, way_name
from bot.core.signals.regime import RISE_FLOOR
from bot.core.signals.regime_reading import CLUSTERS, FUNDING, INTEREST, Reading

# Why a setup matters.
_SETUPS = {
    Kind.CASCADE: mark(
        "Forced orders drive price, and each sets off the next; cascades end when liquidations "
        "fade, and seldom later than half an hour after they began."
    ),
    Kind.SWEEP: mark(
        "What was to be forced out there is out; a reversal is looked for once price holds, not "
        "before."
    ),
    Kind.MAGNET: mark(
        "Forced orders would meet there: profit belongs before the cluster, and nothing is held "
        "through it."
    ),
}

# Why a regime matters, by the side that is crowded.
_REGIMES = {
    (Kind.SQUEEZE, PositionSide.LONG): mark(
        "Longs pay much to stay in, more was opened within a day, and much of it stands close "
        "below: a fall would force them out into one another."
    ),
    (Kind.SQUEEZE, PositionSide.SHORT): mark(
        "Shorts pay much to stay in, more was opened within a day, and much of it stands close "
        "above: a rise would force them out into one another."
    ),
    (Kind.FUEL, PositionSide.LONG): mark(
        "Longs pay, more is being opened and clusters build up below: fuel for a fall, not yet a "
        "squeeze."
    ),
    (Kind.FUEL, PositionSide.SHORT): mark(
        "Shorts pay, more is being opened and clusters build up above: fuel for a rise, not yet a "
        "squeeze."
    ),
    (Kind.EXHAUSTION, PositionSide.LONG): mark(
        "The crowd of longs is clearing: positions close, funding falls back and the clusters "
        "below are gone, so less is left to be forced out."
    ),
    (Kind.EXHAUSTION, PositionSide.SHORT): mark(
        "The crowd of shorts is clearing: positions close, funding falls back and the clusters "
        "above are gone, so less is left to be forced out."
    ),
}
_PAYING = {
    None: mark("Neither side pays more than is built in"),
    PositionSide.LONG: mark("Longs pay to hold their positions"),
    PositionSide.SHORT: mark("Shorts pay to hold their positions"),
}


def of_episode(episode: Episode, price: float) -> str:
    """Say an episode in a clause."""
    zone, way = episode.target or episode.zone, way_name(episode.way)
    since = figures.since(episode.began, episode.time)
    if episode.kind is Kind.MAGNET and zone is not None:
        drawing = zone_in_words(zone, price)
        return say(
            "a magnet {way} since {since} UTC, {zone} draws", way=way, since=since, zone=drawing
        )
    if episode.kind is Kind.SWEEP and episode.zone is not None:
        size, side = figures.usd(episode.zone.usd), side_name(episode.zone.side)
        if episode.phase == "setup":
            return say(
                "a sweep reversal {way}, {size} of {side} were swept and price made no new extreme "
                "since",
                way=way,
                size=size,
                side=side,
            )
        return say(
            "a sweep since {since} UTC, {size} of {side} were swept; it is no setup yet",
            since=since,
            size=size,
            side=side,
        )
    if episode.kind is Kind.CASCADE and zone is not None and episode.way is not Way.NONE:
        ahead = zone_in_words(zone, price)
        return say(
            "a cascade {way} since {since} UTC; ahead is {zone}", way=way, since=since, zone=ahead
        )
    if episode.kind is Kind.CASCADE:
        return say("a cascade {way} since {since} UTC", way=way, since=since)
    return say("{signal} since {since} UTC", signal=kind_name(episode.kind), since=since)


def funding_and_interest(regime: Reading) -> str:
    """Say funding and open interest in a clause."""
    funding, interest = regime.facts[FUNDING], regime.facts[INTEREST]
    rate = figures.percent(funding.value, signed=True)
    if not math.isfinite(interest.value):
        return say(
            "funding {rate} for 8 h{rank}, open interest of a day ago not known",
            rate=rate,
            rank=_rank(funding),
        )
    return say(
        "funding {rate} for 8 h{rank}, open interest {change} in a day{rank_of_change}",
        rate=rate,
        rank=_rank(funding),
        change=figures.percent(interest.value, signed=True),
        rank_of_change=_rank(interest),
    )


def clusters_near(regime: Reading) -> str:
    """Say the clusters of a regime's side in a clause."""
    fact = regime.facts[CLUSTERS]
    told = {"share": figures.percent(fact.value), "rank": _rank(fact)}
    if regime.side is PositionSide.SHORT:
        return say(
            "{share} of it in shorts that would be liquidated within 5 % above{rank}", **told
        )
    return say("{share} of it in longs that would be liquidated within 5 % below{rank}", **told)


def _rank(fact: Fact) -> str:
    """Say how high a figure ranks; nothing where it is not ranked."""
    if fact.rank is None or not math.isfinite(fact.rank):
        return ""
    rank = say("{standing} of its past", standing=figures.standing(fact.rank))
    return f" ({rank})"


def zone_in_words(zone: Zone, price: float) -> str:
    """Say a zone: its dollars, prices and distance."""
    away = figures.percent(zone.near / price - 1, signed=True)
    if zone.usd <= 0:
        return f"{figures.price(zone.near)} ({away})"
    return say(
        "{size} of {side} at {low}–{high} ({distance})",
        size=figures.usd(zone.usd),
        side=side_name(zone.side),
        low=figures.price(zone.low),
        high=figures.price(zone.high),
        distance=away,
    )


def matters(urgent: Episode | None, regime: Reading | None) -> str:
    """Say why it matters."""
    if urgent is not None:
        return say(_SETUPS[urgent.kind])
    if regime is None or regime.kind is None or regime.crowded is None:
        return ""
    return say(_REGIMES[regime.kind, regime.crowded])


def crowd(regime: Reading) -> str:
    """Say what funding and open interest say together."""
    who, change = say(_PAYING[regime.crowded]), regime.facts[INTEREST].value
    if change >= RISE_FLOOR:
        return say("{who}, and more is being opened.", who=who)
    if change <= -RISE_FLOOR:
        return say("{who}, and positions are being closed.", who=who)
    return say("{who}, and what is open hardly changes.", who=who)
