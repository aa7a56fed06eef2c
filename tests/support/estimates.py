"""A small, honest EstimateStore, and one that can be broken."""

from collections.abc import Sequence

from bot.core.errors import BotError
from bot.core.instruments import Instrument
from bot.ports import KeptCalibration


class Estimates:
    """Implements the EstimateStore port in a dictionary."""

    def __init__(self, broken: BotError | None = None) -> None:
        self.kept: dict[str, bytes] = {}
        self.times: dict[str, int] = {}  # [ms] of what is kept
        self.records: dict[tuple[str, str, str, int], KeptCalibration] = {}
        self.saves = 0
        self.broken = broken

    async def save(self, instrument: Instrument, time: int, body: bytes) -> None:
        if self.broken:
            raise self.broken
        self.kept[instrument.key], self.times[instrument.key] = body, time
        self.saves += 1

    async def load(self, instrument: Instrument) -> bytes | None:
        if self.broken:
            raise self.broken
        return self.kept.get(instrument.key)

    async def learn(self, kept: KeptCalibration) -> None:
        if self.broken:
            raise self.broken
        key = (kept.learnt.venue, kept.learnt.market, kept.model, kept.day)
        self.records.setdefault(key, kept)

    async def learnt(self, instrument: Instrument, since: int) -> Sequence[KeptCalibration]:
        if self.broken:
            raise self.broken
        found = [
            kept
            for (venue, market, _, day), kept in self.records.items()
            if (venue, market) == (instrument.exchange, instrument.symbol) and day >= since
        ]
        return sorted(found, key=lambda kept: (kept.day, kept.model))
