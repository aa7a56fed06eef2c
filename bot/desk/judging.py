"""What those who answer about watches need of whoever judges them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeAlias

from bot.core.watches.gate import State
from bot.core.watches.schedule import Scheduled
from bot.messages import Address
from bot.watching import KeptWatch


class Judging(Protocol):
    """Who judges watches; see bot.desk.watching."""

    def changed(self) -> None:
        """Take note that what is kept has changed."""
        ...

    def state(self, watch_id: str) -> State | Scheduled | None:
        """Return how a watch stands; None if it has not been judged yet."""
        ...

    def next_due(self, watch_id: str) -> int | None:
        """Return when a schedule speaks next [ms] UTC."""
        ...

    def held_back(self, chat: str) -> Mapping[str, int]:
        """Count what was held back in a chat, by reason."""
        ...

    async def test(self, address: Address) -> None:
        """Send a test alert the way every alert goes."""
        ...


# Says how a watch has done, a line each.
LedgerLines: TypeAlias = Callable[[KeptWatch], Awaitable[Sequence[str]]]
