"""A person's trades, made up, for pictures, words and their tests."""

from dataclasses import replace

import numpy as np

from bot.core.arrays import HOUR
from bot.core.journal.reading import JournalReading
from bot.core.journal.review import review
from bot.core.journal.trade import TAGS, Trade, ended
from bot.core.market.liquidations import PositionSide

NOW = 1_767_225_600_000 - 7 * HOUR  # 31 Dec 2025, 17:00 UTC
SIGNALS = ("sweep", "magnet", "cascade", "")
COINS = (("BTC", 97_000.0), ("ETH", 3_400.0), ("1000PEPE", 0.0123))


def trades(
    count: int,
    *,
    seed: int = 4,
    stops: float = 1.0,
    skill: float = 0.12,
    mistakes: float = 0.35,
    going: int = 1,
    hours: int = 14,
) -> list[Trade]:
    """Trades one after another, the last of them open; mistakes cost, and sweeps do better."""
    random = np.random.default_rng(seed)
    made = []
    for place in range(count + going):
        base, price = COINS[int(random.integers(len(COINS)))]
        side = PositionSide.LONG if random.random() < 0.55 else PositionSide.SHORT
        risk = float(random.uniform(0.008, 0.02))
        signal = SIGNALS[int(random.choice(4, p=(0.4, 0.25, 0.1, 0.25)))]
        wrong = (TAGS[int(random.choice(len(TAGS)))],) if random.random() < mistakes else ()
        opened = NOW - (count + going - place) * hours * HOUR
        trade = Trade(
            f"t{place + 1}",
            "test:ann",
            base,
            side,
            price,
            opened,
            price * (1 - side.value * risk) if random.random() < stops else None,
            price * (1 + 2.4 * side.value * risk),
            signal=signal,
            leverage=float(random.choice((5, 10, 20))),
            mistakes=wrong,
        )
        if place < count:
            luck = skill + (0.35 if signal == "sweep" else 0.0) - (0.9 if wrong else 0.0)
            multiple = float(np.clip(random.normal(luck, 1.3), -1.3, 2.4))
            at = price * (1 + side.value * risk * multiple)
            trade = ended(trade, at, opened + 5 * HOUR)
        made.append(trade)
    return made


def reading(count: int = 46, *, simulated: bool = False, **more: float) -> JournalReading:
    """Return a person's trades, looked at."""
    told = trades(count, **more)  # type: ignore[arg-type]
    return JournalReading(review(told, NOW), NOW, simulated)


def with_(trade: Trade, **changes: object) -> Trade:
    """Return a trade that differs in what a test says."""
    return replace(trade, **changes)  # type: ignore[arg-type]
