"""Trades kept in memory, by the rules of the real memory."""

from collections.abc import Sequence
from dataclasses import replace

from bot.core.journal.trade import Trade


class FakeJournalStore:
    """A JournalStore of one world that forgets everything in the end."""

    def __init__(self, *trades: Trade) -> None:
        self.kept = {trade.id: trade for trade in trades}
        self._numbers = 100

    async def add(self, trade: Trade) -> Trade:
        for each in self.kept.values():
            if trade.source and (each.owner, each.source) == (trade.owner, trade.source):
                return each
        self._numbers += 1
        kept = replace(trade, id=f"t{self._numbers}")
        self.kept[kept.id] = kept
        return kept

    async def change(self, trade: Trade) -> bool:
        there = await self.trade(trade.owner, trade.id) is not None
        if there:
            self.kept[trade.id] = trade
        return there

    async def remove(self, owner: str, trade_id: str) -> bool:
        there = await self.trade(owner, trade_id) is not None
        if there:
            del self.kept[trade_id]
        return there

    async def trade(self, owner: str, trade_id: str) -> Trade | None:
        found = self.kept.get(trade_id)
        return found if found is not None and found.owner == owner else None

    async def trades(self, owner: str) -> Sequence[Trade]:
        mine = [each for each in self.kept.values() if each.owner == owner]
        return sorted(mine, key=lambda each: each.opened)

    async def forget(self, owner: str) -> int:
        mine = await self.trades(owner)
        for each in mine:
            del self.kept[each.id]
        return len(mine)
