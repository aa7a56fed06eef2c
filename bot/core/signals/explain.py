"""The setup of a coin in a few sentences, written from readings alone.

What is seen, why it matters, where it is wrong, what the risk is, what happened before, and how
good the map has been. Every number comes from a reading; a text that rephrases these may hold no
other (`foreign`).
"""

import math
import re
from collections.abc import Mapping, Sequence

from bot.core import figures
from bot.core.evidence.base import Followed
from bot.core.evidence.words import before, reached
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Zone
from bot.core.signals.read import Signals
from bot.core.signals.regime import Reading

# Of episodes under way the most urgent is spoken of.
_URGENT = (Kind.CASCADE, Kind.SWEEP, Kind.MAGNET)

_WAYS = {Way.UP: "up", Way.DOWN: "down"}
_SIDES = {PositionSide.LONG: "longs", PositionSide.SHORT: "shorts"}


def explained(
    base: str,
    signals: Signals,
    grade: str,
    evidence: Mapping[Kind, Sequence[Followed]],
) -> tuple[str, ...]:
    """Explain a coin in three to six sentences, the most useful first."""
    urgent = most_urgent(signals.current)
    regime = signals.regime
    said = [seen(base, signals, urgent), _matters(signals)]
    if urgent is not None:
        said.append(_wrong(urgent))
    elif regime is not None and regime.kind is not None:
        said.append(f"{_capital(regime.ends)}.")
    kind = urgent.kind if urgent is not None else regime.kind if regime is not None else None
    if kind is not None:
        found = evidence.get(kind, ())
        said += [before(kind, found), reached(found)]
    said.append(_risk(grade, signals))
    return tuple(sentence for sentence in said if sentence)


def most_urgent(current: Sequence[Episode]) -> Episode | None:
    """Return the setup under way that matters first; None if there is none."""
    setups = [episode for episode in current if episode.kind in _URGENT]
    return min(setups, key=lambda episode: _URGENT.index(episode.kind), default=None)


def seen(base: str, signals: Signals, urgent: Episode | None) -> str:
    """Say what is going on."""
    regime = signals.regime
    if urgent is not None:
        return f"{base} at {figures.price(signals.price)}: {of_episode(urgent, signals.price)}."
    if regime is None or not regime.facts:
        why = regime.ends if regime is not None else "the map has not been looked at yet"
        return f"{base} at {figures.price(signals.price)}: no regime can be named: {why}."
    name = regime.kind.value if regime.kind is not None else "no regime"
    return f"{base} at {figures.price(signals.price)}: {name}. {of_regime(regime)}."


def of_episode(episode: Episode, price: float) -> str:
    """Say an episode in a clause."""
    zone = episode.target or episode.zone
    way = _WAYS.get(episode.way, "")
    if episode.kind is Kind.MAGNET and zone is not None:
        return f"a magnet {way}, {_zone(zone, price)} draws"
    if episode.kind is Kind.SWEEP and episode.zone is not None:
        swept = f"{figures.usd(episode.zone.usd)} of {_SIDES[episode.zone.side]} were swept"
        if episode.phase == "setup":
            return f"a sweep reversal {way}, {swept} and price made no new extreme since"
        return f"a sweep under way, {swept}; it is no setup yet"
    if episode.kind is Kind.CASCADE:
        goes = f", next {_zone(zone, price)}" if zone is not None else ""
        return f"a cascade {way}, confirmed at {figures.clock(episode.time)} UTC{goes}"
    return f"{episode.kind.value} since {figures.clock(episode.began)} UTC"


def of_regime(regime: Reading) -> str:
    """Say the three readings of a regime in a sentence, without a full stop."""
    funding, interest, clusters = regime.facts
    crowd = _SIDES[regime.crowded] if regime.crowded is not None else "nobody"
    return (
        f"Funding {figures.percent(funding.value, signed=True)} for 8 h"
        f"{_rank(funding.rank)}, open interest {figures.percent(interest.value, signed=True)} in a "
        f"day{_rank(interest.rank)}, {figures.percent(clusters.value)} of it within 5 % on the "
        f"side of the {crowd}{_rank(clusters.rank)}"
    )


def _rank(rank: float | None) -> str:
    """Say how high a figure ranks; nothing where it is not ranked."""
    if rank is None or not math.isfinite(rank):
        return ""
    return f" (higher than {round(100 * rank)} % of its past)"


def _zone(zone: Zone, price: float) -> str:
    """Say a zone: its dollars, prices and distance."""
    if zone.usd <= 0:
        return f"{figures.price(zone.near)} ({figures.percent(zone.near / price - 1, signed=True)})"
    return (
        f"{figures.usd(zone.usd)} of {_SIDES[zone.side]} at {figures.price(zone.low)}–"
        f"{figures.price(zone.high)} ({figures.percent(zone.near / price - 1, signed=True)})"
    )


def _matters(signals: Signals) -> str:
    """Say what stands nearest on both sides."""
    look = signals.look
    if look is None:
        return ""
    parts = []
    for side, where in ((PositionSide.SHORT, "above"), (PositionSide.LONG, "below")):
        ahead = [
            zone for zone in look.zones if zone.side is side and zone.distance(signals.price) > 0
        ]
        if ahead:
            largest = max(ahead, key=lambda zone: zone.usd)
            parts.append(f"{where} {_zone(largest, signals.price)}")
    if not parts:
        return "No cluster near the price stands out."
    return f"The largest clusters near: {'; '.join(parts)}."


def _wrong(episode: Episode) -> str:
    """Say where a setup is wrong."""
    stop = f" A stop belongs beyond {figures.price(episode.stop)}." if episode.stop else ""
    return f"It is wrong if {episode.invalidation}.{stop}"


def _risk(grade: str, signals: Signals) -> str:
    """Say how far the map is to be trusted."""
    if grade.startswith("unproven"):
        return (
            "The map of this coin is unproven: it has not been shown to say more than the price "
            "alone, so take its clusters for a guess."
        )
    days = round(signals.days)
    return f"Measured accuracy of the map: {grade}; ranks are among the last {days} days."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")


def numbers(text: str) -> set[str]:
    """Return the numbers of a text as they are written, without their thousands' commas.

    >>> sorted(numbers("$1.2B at 97,412 (+0.8 %)"))
    ['0.8', '1.2', '97412']
    """
    return {found.replace(",", "").rstrip(".") for found in _NUMBER.findall(text)}


def foreign(text: str, facts: Sequence[str]) -> set[str]:
    """Return the numbers of a text that none of the facts holds: a rephrasing has none."""
    return numbers(text) - set().union(*(numbers(fact) for fact in facts))
