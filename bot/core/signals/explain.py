"""The setup of a coin in a few sentences, written from readings alone.

What is seen, why it matters, where it is wrong, what happened before, what the risk is and how good
the map has been. Every number comes from a reading. A map that is unproven raises no setup: then it
is said what funding and open interest say alone, and what the tape of liquidations shows.
"""

import math
from collections.abc import Mapping, Sequence

from bot.core import figures
from bot.core.evidence.base import Followed
from bot.core.evidence.words import SPOKEN, TOO_FEW, before, reached, verdict
from bot.core.judge.grade import is_unproven
from bot.core.language import Said
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.events import Zone
from bot.core.signals.read import Signals
from bot.core.signals.regime import RISE_FLOOR
from bot.core.signals.regime_reading import FUNDING, INTEREST, Reading

# Of episodes under way the most urgent is spoken of; of those only a cascade is seen without a map.
_URGENT = (Kind.CASCADE, Kind.SWEEP, Kind.MAGNET)

MOST = 6  # sentences

_WAYS = {Way.UP: "up", Way.DOWN: "down"}
_SIDES = {PositionSide.LONG: "longs", PositionSide.SHORT: "shorts"}
_WHERE = {PositionSide.LONG: "below", PositionSide.SHORT: "above"}
_FORCED = {PositionSide.LONG: "fall", PositionSide.SHORT: "rise"}  # the move that forces them out


def explained(
    base: str,
    signals: Signals,
    grade: str | Said,
    evidence: Mapping[Kind, Sequence[Followed]],
) -> tuple[str, ...]:
    """Explain a coin in three to six sentences, the most useful first."""
    at = f"{base} at {figures.price(signals.price)}"
    if is_unproven(grade):
        return _without_map(at, signals, evidence)
    regime, urgent = signals.regime, most_urgent(signals.current)
    kind = urgent.kind if urgent is not None else regime.kind if regime is not None else None
    found = evidence.get(kind, ()) if kind is not None else ()
    said = [_seen(at, signals, urgent), _matters(urgent, regime)]
    said += [_wrong(urgent) if urgent is not None else _ends(regime), _clusters(signals, urgent)]
    if kind is not None:
        said += [_before(kind, found), reached(found)]
    said.append(_risk(found, f"measured accuracy of the map: {grade}"))
    sentences = [sentence for sentence in said if sentence]
    while len(sentences) > MOST:  # the last ones before the risk matter least
        del sentences[-2]
    return tuple(sentences)


def kinds(signals: Signals, grade: str | Said) -> tuple[Kind, ...]:
    """Name the signals that an explanation speaks of, whose evidence it needs."""
    urgent = most_urgent(signals.current)
    if is_unproven(grade):
        return (Kind.CASCADE,) if urgent is not None and urgent.kind is Kind.CASCADE else ()
    if urgent is not None:
        return (urgent.kind,)
    regime = signals.regime
    return (regime.kind,) if regime is not None and regime.kind is not None else ()


def most_urgent(current: Sequence[Episode]) -> Episode | None:
    """Return the setup under way that matters first; None if there is none."""
    setups = [episode for episode in current if episode.kind in _URGENT]
    return min(setups, key=lambda episode: _URGENT.index(episode.kind), default=None)


def _seen(at: str, signals: Signals, urgent: Episode | None) -> str:
    """Say what is going on."""
    regime = signals.regime
    if urgent is not None:
        return f"{at}: {of_episode(urgent, signals.price)}."
    if regime is None or not regime.facts:
        why = regime.ends if regime is not None else "the map has not been looked at yet"
        return f"{at}: no regime can be named, {why}."
    if regime.kind is None:
        return f"{at}: no regime. {_capital(_two(regime))}, {_near(regime)}."
    since = figures.since(regime.since, regime.time) if regime.since is not None else ""
    return f"{at}: {regime.kind.value} since {since} UTC, with {_two(regime)} and {_near(regime)}."


def of_episode(episode: Episode, price: float) -> str:
    """Say an episode in a clause."""
    zone = episode.target or episode.zone
    way = _WAYS.get(episode.way, "")
    since = f"since {figures.since(episode.began, episode.time)} UTC"
    if episode.kind is Kind.MAGNET and zone is not None:
        return f"a magnet {way} {since}, {zone_in_words(zone, price)} draws"
    if episode.kind is Kind.SWEEP and episode.zone is not None:
        swept = f"{figures.usd(episode.zone.usd)} of {_SIDES[episode.zone.side]} were swept"
        if episode.phase == "setup":
            return f"a sweep reversal {way}, {swept} and price made no new extreme since"
        return f"a sweep {since}, {swept}; it is no setup yet"
    if episode.kind is Kind.CASCADE:
        goes = ""
        if zone is not None and episode.way is not Way.NONE:
            goes = f"; ahead is {zone_in_words(zone, price)}"
        return f"a cascade {way} {since}{goes}"
    return f"{episode.kind.value} {since}"


def _two(regime: Reading) -> str:
    """Say funding and open interest in a clause."""
    funding, interest = regime.facts[FUNDING], regime.facts[INTEREST]
    return (
        f"funding {figures.percent(funding.value, signed=True)} for 8 h{_rank(funding)}, "
        f"open interest {_change(interest)}"
    )


def _change(fact: Fact) -> str:
    if not math.isfinite(fact.value):
        return "of a day ago not known"
    return f"{figures.percent(fact.value, signed=True)} in a day{_rank(fact)}"


def _near(regime: Reading) -> str:
    """Say the clusters of a regime's side in a clause."""
    fact, side = regime.facts[-1], regime.side or PositionSide.LONG
    return (
        f"{figures.percent(fact.value)} of it in {_SIDES[side]} that would be liquidated within "
        f"5 % {_WHERE[side]}{_rank(fact)}"
    )


def _rank(fact: Fact) -> str:
    """Say how high a figure ranks; nothing where it is not ranked."""
    if fact.rank is None or not math.isfinite(fact.rank):
        return ""
    return f" ({figures.standing(fact.rank)} of its past)"


def zone_in_words(zone: Zone, price: float) -> str:
    """Say a zone: its dollars, prices and distance."""
    away = figures.percent(zone.near / price - 1, signed=True)
    if zone.usd <= 0:
        return f"{figures.price(zone.near)} ({away})"
    return (
        f"{figures.usd(zone.usd)} of {_SIDES[zone.side]} at {figures.price(zone.low)}–"
        f"{figures.price(zone.high)} ({away})"
    )


def _matters(urgent: Episode | None, regime: Reading | None) -> str:
    """Say why it matters."""
    if urgent is not None:
        return {
            Kind.CASCADE: "Forced orders drive price, and each sets off the next; cascades end "
            "when liquidations fade, and seldom later than half an hour after they began.",
            Kind.SWEEP: "What was to be forced out there is out; a reversal is looked for once "
            "price holds, not before.",
            Kind.MAGNET: "Forced orders would meet there: profit belongs before the cluster, and "
            "nothing is held through it.",
        }[urgent.kind]
    if regime is None or regime.kind is None or regime.crowded is None:
        return ""
    who, where = _SIDES[regime.crowded], _WHERE[regime.crowded]
    move = _FORCED[regime.crowded]
    return {
        Kind.SQUEEZE: f"{_capital(who)} pay much to stay in, more was opened within a day, and "
        f"much of it stands close {where}: a {move} would force them out into one another.",
        Kind.FUEL: f"{_capital(who)} pay, more is being opened and clusters build up {where}: "
        f"fuel for a {move}, not yet a squeeze.",
        Kind.EXHAUSTION: f"The crowd of {who} is clearing: positions close, funding falls back "
        f"and the clusters {where} are gone, so less is left to be forced out.",
    }[regime.kind]


def _clusters(signals: Signals, urgent: Episode | None) -> str:
    """Say what stands largest on both sides, but for what was said already."""
    if signals.look is None:
        return ""
    said = (urgent.target or urgent.zone) if urgent is not None else None
    parts = []
    for side in (PositionSide.SHORT, PositionSide.LONG):
        ahead = [
            zone
            for zone in signals.look.zones
            if zone.side is side and zone.distance(signals.price) > 0
        ]
        largest = max(ahead, key=lambda zone: zone.usd, default=None)
        if largest is not None and largest != said:
            parts.append(f"{zone_in_words(largest, signals.price)} {_WHERE[side]}")
    if not parts:
        return "" if said is not None else "No cluster near the price stands out."
    name = "Largest clusters beside it" if said is not None else "The largest clusters"
    return f"{name}: {' and '.join(parts)}."


def _wrong(episode: Episode) -> str:
    """Say where a setup is wrong."""
    stop = f"; a stop belongs beyond {figures.price(episode.stop)}" if episode.stop else ""
    return f"It is wrong if {episode.invalidation}{stop}."


def _ends(regime: Reading | None) -> str:
    """Say what would end a regime, or what the nearest one lacks."""
    if regime is None or not regime.facts or regime.nearest is None or regime.side is None:
        return ""
    if regime.kind is not None:
        return f"{_capital(regime.ends)}."
    return f"Nearest to {regime.nearest.value} of {_SIDES[regime.side]}, but {regime.ends}."


def _before(kind: Kind, found: Sequence[Followed]) -> str:
    """Say what happened before, and whether that is more than chance."""
    said, is_more = before(kind, found), verdict(found)
    return said if is_more == TOO_FEW else f"{said.removesuffix('.')}: {is_more}."


def _risk(found: Sequence[Followed], grade: str) -> str:
    """Say what went against past occurrences, and how far the map is to be trusted."""
    one = next((each for each in found if each.horizon == SPOKEN), None)
    if one is None or not one.enough or not one.against < 0:
        return f"{_capital(grade)}."
    worst = figures.percent(-one.against)
    return f"Risk: half of them went {worst} or more against it within {SPOKEN}; {grade}."


def _without_map(
    at: str, signals: Signals, evidence: Mapping[Kind, Sequence[Followed]]
) -> tuple[str, ...]:
    """Say what can be said without a map: funding, open interest, the tape."""
    regime, urgent = signals.regime, most_urgent(signals.current)
    said = []
    if urgent is not None and urgent.kind is Kind.CASCADE:
        way = _WAYS.get(urgent.way, "")
        since = figures.since(urgent.began, signals.time)
        said += [f"{at}: a cascade {way} since {since} UTC, seen on the tape of liquidations."]
        said += [_matters(urgent, regime), _wrong(urgent)]
        said += [_before(Kind.CASCADE, evidence.get(Kind.CASCADE, ()))]
        if regime is not None and regime.facts:
            said.append(f"{_capital(_two(regime))}.")
    elif regime is None or not regime.facts:
        why = regime.ends if regime is not None else "the map has not been looked at yet"
        said += [f"{at}: no regime can be named, {why}.", "No setup is raised."]
    else:
        said += [f"{at}: {_two(regime)}.", _crowd(regime), "No setup is raised from the map."]
    said.append(
        "The map of this coin is unproven: it has not been shown to say more than price alone, so "
        "its clusters are left out."
    )
    return tuple(said)


def _crowd(regime: Reading) -> str:
    """Say what funding and open interest say together."""
    change = regime.facts[INTEREST].value
    if regime.crowded is None:
        who = "Neither side pays more than is built in"
    else:
        who = f"{_capital(_SIDES[regime.crowded])} pay to hold their positions"
    if change >= RISE_FLOOR:
        return f"{who}, and more is being opened."
    if change <= -RISE_FLOOR:
        return f"{who}, and positions are being closed."
    return f"{who}, and what is open hardly changes."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
