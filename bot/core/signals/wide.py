"""The market-wide cascade: several coins cascade the same way at about the same time.

    apart -> market-wide -> over

One coin may cascade by itself. When a third joins two others, it is the market, and one episode
groups them all: it goes on as further coins join, and ends when the last of them ends.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bot.core.arrays import MINUTE
from bot.core.language import mark
from bot.core.signals.cascade import AFTERWARDS, ALL, FIRST
from bot.core.signals.episode import Episode, Fact, Kind, Way

MARKET = "market-wide"

# So many coins, confirmed within so long of one another, are the market.
COINS, WITHIN = 3, 5 * MINUTE

_OF_ALL = 3  # facts that are not of one coin


@dataclass(slots=True)
class _Way:
    """The cascades of one way that are, or may come to be, one of the market."""

    coins: dict[str, str] = field(default_factory=dict)  # by an episode's name
    states: dict[str, Episode] = field(default_factory=dict)  # as each stood last, by its name
    confirmed: dict[str, int] = field(default_factory=dict)  # [ms], by its name
    episode: Episode | None = None

    def add(self, coin: str, state: Episode) -> None:
        self.coins[state.name], self.states[state.name] = coin, state
        self.confirmed[state.name] = state.time

    def forget(self, at: int) -> None:
        """Let go of cascades that were not confirmed near a time [ms]: they are no part of it."""
        for name, time in [*self.confirmed.items()]:
            if abs(time - at) > WITHIN:
                del self.coins[name], self.states[name], self.confirmed[name]

    def facts(self) -> tuple[Fact, ...]:
        """How many coins, how much, how far apart; then each coin, the first to cascade first."""
        usd: dict[str, float] = {}
        for name, coin in self.coins.items():
            usd[coin] = usd.get(coin, 0.0) + liquidated(self.states[name])
        first, latest = min(self.confirmed.values()), max(self.confirmed.values())
        return (
            Fact(mark("coins that cascade"), float(len(usd)), "1", float(COINS)),
            Fact(mark("liquidations of all of them"), sum(usd.values()), "USD"),
            Fact(mark("from the first to the latest"), (latest - first) / 1000, "s"),
            *(Fact(coin, value, "USD") for coin, value in usd.items()),
        )


@dataclass(slots=True)
class WideMachine:
    """Groups what the machines of single coins say; a pure fold over their states.

    States come in the order of time, of the same time those that begin first.
    """

    _ways: dict[Way, _Way] = field(default_factory=lambda: {way: _Way() for way in Way})

    def take(self, coin: str, state: Episode) -> Iterator[Episode]:
        """Take in how a coin's cascade stands now."""
        way = self._ways[state.way]
        if state.ended is None and state.name not in way.states:
            way.add(coin, state)
            yield from _joined(way, state)
        elif state.ended is not None and state.name in way.states:
            way.states[state.name] = state
            yield from _left(way, state)


def _joined(way: _Way, state: Episode) -> Iterator[Episode]:
    if way.episode is None:
        way.forget(state.time)
        if len(set(way.coins.values())) < COINS:
            return
        way.episode = Episode(
            Kind.CASCADE,
            MARKET,
            "cascade",
            began=min(each.began for each in way.states.values()),
            time=state.time,
            price=math.nan,  # the market has none
            began_price=math.nan,
            way=state.way,
            invalidation=mark("the last of its coins cascades no more"),
            key=f"{MARKET} {Kind.CASCADE.value} {state.way} {state.time}",
        )
    way.episode = replace(way.episode, time=state.time, facts=way.facts())
    yield way.episode


def _left(way: _Way, state: Episode) -> Iterator[Episode]:
    if way.episode is None or any(each.ended is None for each in way.states.values()):
        return
    over = replace(way.episode, phase="over", time=state.time, ended=state.time)
    yield replace(over, why_ended=mark("its last cascade is over"), facts=way.facts())
    way.coins, way.states, way.confirmed, way.episode = {}, {}, {}, None


def liquidated(state: Episode) -> float:
    """What a coin's cascade has liquidated [USD] as far as its state tells."""
    told = {fact.name: fact.value for fact in state.facts}
    return told.get(ALL, told.get(FIRST, 0.0) + told.get(AFTERWARDS, 0.0))


def coins_of(state: Episode) -> tuple[str, ...]:
    """Name the coins of a cascade of the market, the first to cascade first."""
    return tuple(fact.name for fact in state.facts[_OF_ALL:])
