"""The setup of a coin in a few sentences, written from readings alone.

What is seen, why it matters, where it is wrong, what happened before, what the risk is and how good
the map has been. Every number comes from a reading. A map that is unproven raises no setup: then it
is said what funding and open interest say alone, and what the tape of liquidations shows.
"""

from collections.abc import Mapping, Sequence

from bot.core import figures
from bot.core.evidence.base import Followed
from bot.core.evidence.words import SPOKEN, judged, reached
from bot.core.judge.grade import is_unproven
from bot.core.language import Said, say
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.explain_words import (
    clusters_near,
    crowd,
    funding_and_interest,
    matters,
    of_episode,
    zone_in_words,
)
from bot.core.signals.names import capital, kind_name, side_name, way_name
from bot.core.signals.read import Signals
from bot.core.signals.regime_reading import Reading

# Of episodes under way the most urgent is spoken of; of those only a cascade is seen without a map.
_URGENT = (Kind.CASCADE, Kind.SWEEP, Kind.MAGNET)

MOST = 6  # sentences


def explained(
    base: str,
    signals: Signals,
    grade: str | Said,
    evidence: Mapping[Kind, Sequence[Followed]],
) -> tuple[str, ...]:
    """Explain a coin in three to six sentences, the most useful first."""
    at = say("{base} at {price}", base=base, price=figures.price(signals.price))
    if is_unproven(grade):
        return _without_map(at, signals, evidence)
    regime, urgent = signals.regime, most_urgent(signals.current)
    kind = urgent.kind if urgent is not None else regime.kind if regime is not None else None
    found = evidence.get(kind, ()) if kind is not None else ()
    said = [_seen(at, signals, urgent), matters(urgent, regime)]
    said += [_wrong(urgent) if urgent is not None else _ends(regime), _clusters(signals, urgent)]
    if kind is not None:
        said += [judged(kind, found), reached(found)]
    said.append(_risk(found, grade))
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
        return _unread(at, regime)
    told = {"coin": at, "readings": funding_and_interest(regime), "clusters": clusters_near(regime)}
    if regime.kind is None or regime.since is None:
        told["readings"] = capital(told["readings"])
        return say("{coin}: no regime. {readings}, {clusters}.", **told)
    return say(
        "{coin}: {regime} since {since} UTC, with {readings} and {clusters}.",
        regime=kind_name(regime.kind),
        since=figures.since(regime.since, regime.time),
        **told,
    )


def _unread(at: str, regime: Reading | None) -> str:
    why = regime.ends if regime is not None else say("the map has not been looked at yet")
    return say("{coin}: no regime can be named, {why}.", coin=at, why=why)


def _clusters(signals: Signals, urgent: Episode | None) -> str:
    """Say what stands largest on both sides, but for what was said already."""
    if signals.look is None:
        return ""
    known = (urgent.target or urgent.zone) if urgent is not None else None
    parts = []
    for side in (PositionSide.SHORT, PositionSide.LONG):
        ahead = [
            zone
            for zone in signals.look.zones
            if zone.side is side and zone.distance(signals.price) > 0
        ]
        largest = max(ahead, key=lambda zone: zone.usd, default=None)
        if largest is not None and largest != known:
            zone = zone_in_words(largest, signals.price)
            below = side is PositionSide.LONG
            parts.append(
                say("{zone} below", zone=zone) if below else say("{zone} above", zone=zone)
            )
    if not parts:
        return "" if known is not None else say("No cluster near the price stands out.")
    zones = parts[0] if len(parts) == 1 else say("{some} and {last}", some=parts[0], last=parts[1])
    if known is not None:
        return say("Largest clusters beside it: {zones}.", zones=zones)
    return say("The largest clusters: {zones}.", zones=zones)


def _wrong(episode: Episode) -> str:
    """Say where a setup is wrong."""
    why = say(episode.invalidation)
    if not episode.stop:
        return say("It is wrong if {why}.", why=why)
    stop = figures.price(episode.stop)
    return say("It is wrong if {why}; a stop belongs beyond {stop}.", why=why, stop=stop)


def _ends(regime: Reading | None) -> str:
    """Say what would end a regime, or what the nearest one lacks."""
    if regime is None or not regime.facts or regime.nearest is None or regime.side is None:
        return ""
    if regime.kind is not None:
        return f"{capital(regime.ends)}."
    return say(
        "Nearest to {regime} of {side}, but {lacks}.",
        regime=kind_name(regime.nearest),
        side=side_name(regime.side),
        lacks=regime.ends,
    )


def _risk(found: Sequence[Followed], grade: str | Said) -> str:
    """Say what went against past occurrences, and how far the map is to be trusted."""
    one = next((each for each in found if each.horizon == SPOKEN), None)
    if one is None or not one.enough or not one.against < 0:
        return say("Measured accuracy of the map: {grade}.", grade=grade)
    return say(
        "Risk: half of them went {worst} or more against it within {horizon}; measured accuracy of "
        "the map: {grade}.",
        worst=figures.percent(-one.against),
        horizon=SPOKEN,
        grade=grade,
    )


def _without_map(
    at: str, signals: Signals, evidence: Mapping[Kind, Sequence[Followed]]
) -> tuple[str, ...]:
    """Say what can be said without a map: funding, open interest, the tape."""
    regime, urgent = signals.regime, most_urgent(signals.current)
    said = []
    if urgent is not None and urgent.kind is Kind.CASCADE:
        said.append(
            say(
                "{coin}: a cascade {way} since {since} UTC, seen on the tape of liquidations.",
                coin=at,
                way=way_name(urgent.way),
                since=figures.since(urgent.began, signals.time),
            )
        )
        said += [matters(urgent, regime), _wrong(urgent)]
        said += [judged(Kind.CASCADE, evidence.get(Kind.CASCADE, ()))]
        if regime is not None and regime.facts:
            said.append(f"{capital(funding_and_interest(regime))}.")
    elif regime is None or not regime.facts:
        said += [_unread(at, regime), say("No setup is raised.")]
    else:
        said += [f"{at}: {funding_and_interest(regime)}.", crowd(regime)]
        said.append(say("No setup is raised from the map."))
    said.append(
        say(
            "The map of this coin is unproven: it has not been shown to say more than price alone, "
            "so its clusters are left out."
        )
    )
    return tuple(said)
