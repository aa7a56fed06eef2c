"""Markets as watches see them, and watches of all kinds over them."""

import random

import numpy as np

from bot.core.watches.columns import About, Clusters, Column, Columns, Key, needed
from bot.core.watches.figures import TRAITS, Figure, Side
from bot.core.watches.gate import Effect, State, Tick, advance
from bot.core.watches.lifecycle import Seen
from bot.core.watches.presets import Rules
from bot.core.watches.tree import Clause, Condition, leaves
from bot.core.watches.truth import Truth

NOW = 1_767_268_800_000  # 1 Jan 2026, 12:00 UTC
MINUTE = 60_000
_MOST_CLUSTERS = 6


def columns(
    rng: random.Random,
    conditions: list[Condition],
    markets: int,
    *,
    missing: float = 0.2,
    time: int = NOW,
) -> Columns:
    """Return markets with figures of the sizes that conditions ask for, some missing or old."""
    some = np.random.default_rng(rng.randrange(2**32))
    asked = {leaf.figure: leaf.value for condition in conditions for leaf in _clauses(condition)}
    figures = {
        key: _column(
            some,
            key,
            asked.get(key, 1.0) if isinstance(key, Figure) else 1.0,
            markets,
            missing,
            time,
        )
        for key in sorted(needed(conditions), key=str)
    }
    shape = (markets, _MOST_CLUSTERS)
    usd = np.where(some.random(shape) < 0.3, 0.0, some.uniform(0, 1e9, shape).round(-8))
    known = np.where(some.random(markets) < missing, 0, time - MINUTE)
    low = some.uniform(1, 100, shape)
    clusters = Clusters(
        usd,
        np.where(usd > 0, some.uniform(0, 0.1, shape), np.inf),
        some.random(shape) < 0.5,
        low,
        low * 1.01,
        known.astype(np.int64),
    )
    return Columns(np.full(markets, time), figures, clusters)


def _clauses(condition: Condition) -> list[Clause]:
    return [leaf for leaf in leaves(condition) if isinstance(leaf, Clause)]


def _column(
    some: np.random.Generator, key: Key, about: float, markets: int, missing: float, time: int
) -> Column:
    if not isinstance(key, Figure):
        value = some.integers(0, 4, markets).astype(np.float64)
        stale = 15 * MINUTE
    else:
        size = max(abs(about), TRAITS[key.measure].rises, 1e-6)
        value = some.choice([about, *(size * some.uniform(-2, 2, 5))], markets)
        stale = TRAITS[key.measure].stale
    value = np.where(some.random(markets) < missing / 2, np.nan, value)
    age = np.where(some.random(markets) < missing / 2, stale + 1, some.integers(0, stale, markets))
    return Column(value, (time - age).astype(np.int64))


class Told:
    """One watch followed over ticks, with all it did."""

    def __init__(self, rules: Rules, market: str = "BTC") -> None:
        self.rules, self.market = rules, market
        self.state = State()
        self.now = NOW
        self.effects: list[Effect] = []

    def tick(
        self,
        start: Truth,
        keep: Truth | None = None,
        *,
        after: int = MINUTE,
        about: About | None = None,
        error: str = "",
        cascading: frozenset[str] = frozenset(),
    ) -> tuple[Effect, ...]:
        """Let one tick come, `after` [ms] the one before."""
        self.now += after
        seen = Seen(
            self.market,
            self.now,
            start,
            start if keep is None else keep,
            about,
            unknown=("funding",) if start is Truth.UNKNOWN else (),
            error=error,
        )
        tick = Tick((seen,), cascading)
        before = self.state
        self.state, effects = advance(before, tick, self.rules)
        again, same = advance(before, tick, self.rules)
        assert (again, same) == (self.state, effects)
        assert advance(self.state, tick, self.rules) == (self.state, ())
        self.effects.extend(effects)
        return effects

    def acts(self) -> list[str]:
        """Name all that was done, in order."""
        return [effect.act.value for effect in self.effects]


def cluster(low: float, side: Side = Side.ABOVE) -> About:
    """Return a cluster one percent wide."""
    return About(side, low, low * 1.01)
