"""A market's history and estimate brought up to date with what was gathered and told."""

from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.core.arrays import DAY
from bot.core.estimate.market import MarketEstimate
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined, trimmed
from bot.core.market.liquidations import Liquidations
from bot.desk.states import unfit
from bot.desk.tapes import merged

log = structlog.get_logger()


def advanced(
    estimate: MarketEstimate | None,
    before: MarketHistory | None,
    newest: MarketHistory,
    told: tuple[Sequence[Liquidations], Heard],
    since: int,
    now: int,
) -> tuple[MarketHistory, MarketEstimate]:
    """Put together what was known, what is new and what the feed told, and go on from there."""
    history = merged(newest if before is None else joined(before, newest), *told)
    begun = history.candles.open_time[:1]
    if (begun < since - DAY).any():  # once a day, so that what is kept does not grow
        history = trimmed(history, since)
        if estimate is not None:
            estimate = replace(estimate, expected=estimate.expected.since(since))
    if estimate is not None:
        why = unfit(estimate, history, now)
        if not why:
            return history, estimate.advanced(history, as_of=now)
        log.info("estimate made again from history", market=history.instrument.key, why=why)
    return history, MarketEstimate.of(history, as_of=now)
