"""What is to be told of an episode, and who puts it into words."""

from dataclasses import dataclass
from typing import Protocol

from bot.core.language import Tongue
from bot.core.watches.gate import Effect
from bot.core.watches.judge import Found as Judged
from bot.core.watches.ledger import Entry
from bot.core.watches.schedule import Call
from bot.core.watches.tree import Watch
from bot.desk.cascades import Cascade
from bot.desk.markets import Found
from bot.messages import FollowUp
from bot.reply import Reply
from bot.watching import KeptWatch, Manners


@dataclass(frozen=True, slots=True)
class Telling:
    """An episode as it stands, for one watch in one chat."""

    kept: KeptWatch
    watch: Watch
    manners: Manners
    effect: Effect
    found: Found | None  # the coin's markets; None: none was found
    judged: tuple[Judged, ...] = ()  # each clause with the figure it was judged by
    price: float | None = None  # [quote/base] now
    first: Entry | None = None  # as it stood when it was told
    cascade: Cascade | None = None  # where it is about one
    together: tuple[str, ...] = ()  # coins that share this message, where there are more
    simulated: bool = False


class Teller(Protocol):
    """Who puts into words what watches have to say; never waits long for data.

    Each message is said in the language of its chat, whoever or whatever has it said.
    """

    def tongue(self, manners: Manners) -> Tongue:
        """Return the language that a chat is told of watches in."""
        ...

    async def episode(self, telling: Telling) -> Reply:
        """Say how an episode stands, with its picture where it is told for the first time."""
        ...

    async def sight(self, telling: Telling) -> Reply:
        """Say that a market cannot be judged, or can be judged again."""
        ...

    async def schedule(self, kept: KeptWatch, watch: Watch, manners: Manners, call: Call) -> Reply:
        """Make a digest or a picture whose time has come. BotError: it cannot be had now."""
        ...

    async def follow_up(self, due: FollowUp) -> Reply | None:
        """Say what came of an episode; None if there is nothing to say. BotError: ask again."""
        ...
