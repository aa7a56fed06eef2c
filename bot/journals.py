"""Who keeps people's own trades."""

from collections.abc import Sequence
from typing import Protocol

from bot.core.journal.trade import Trade


class JournalStore(Protocol):
    """Trades of people, each seen by nobody but its owner; every method raises StoreUnavailable.

    Of invented markets and of real ones there are different journals, as of watches.
    """

    async def add(self, trade: Trade) -> Trade:
        """Keep a new trade and give it an id; one from the same source is kept once."""
        ...

    async def change(self, trade: Trade) -> bool:
        """Replace a trade of its owner; says whether there is one."""
        ...

    async def remove(self, owner: str, trade_id: str) -> bool:
        """Forget a trade; says whether there was one."""
        ...

    async def trade(self, owner: str, trade_id: str) -> Trade | None:
        """Return a trade of somebody's own."""
        ...

    async def trades(self, owner: str) -> Sequence[Trade]:
        """Return all trades of somebody, oldest first."""
        ...

    async def forget(self, owner: str) -> int:
        """Forget all trades of somebody; returns how many."""
        ...
