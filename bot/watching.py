"""What people want to be told of by themselves: watches as they are kept, and who keeps them.

A watch belongs to a chat and is kept in its own words, which are read back when it is judged. What
became of it, episode by episode, is its ledger.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bot.core.watches.ledger import After, Entry, Told
from bot.messages import Address

# A draft that nobody has touched for so long [ms] is let go.
DRAFT_LASTS = 24 * 3_600_000


@dataclass(frozen=True, slots=True)
class KeptWatch:
    """A watch as somebody saved it."""

    id: str  # "w12"; never given again
    address: Address  # where it speaks
    owner: str  # who made it: "telegram:77"
    shared: bool  # in a group or channel, where only moderators change it
    words: str  # normalised; bot.core.watches.parse reads it
    made: int  # [ms] UTC
    snoozed_until: int = 0  # [ms] UTC
    retired: str = ""  # why it speaks no more, in English: say() it; "": it speaks


@dataclass(frozen=True, slots=True)
class Quota:
    """How many watches there may be."""

    of_user: int = 20
    of_chat: int = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """A watch that is not saved yet: typed and previewed, or put together by buttons."""

    id: str  # "d12"; never given again
    chat: str
    user: str  # whose it is: nobody else's press changes it
    words: str  # as far as it has come; perhaps no whole watch yet
    step: str = ""  # what is asked next, where it is put together by buttons
    touched: int = 0  # [ms] UTC


@dataclass(frozen=True, slots=True)
class Manners:
    """How a chat wants to be spoken to when it has not asked."""

    zone: str = "UTC"
    quiet: tuple[int, int] | None = None  # [minute of the day] from, until, in that zone
    muted_until: int = 0  # [ms] UTC
    theme: str | None = None  # "dark" or "light"; None: the bot's default
    language: str | None = None  # "en"; None: the bot's default


class WatchStore(Protocol):
    """Watches, drafts and ledgers of one world; every method raises StoreUnavailable.

    A world is "live", or "sim" and "replay" for invented and old markets: what is watched in one
    is not known in another.
    """

    async def add(self, watch: KeptWatch, quota: Quota, *, only_once: str = "") -> KeptWatch:
        """Keep a new watch and give it an id. TooManyWatches.

        The same words in the same place are kept once: the watch that is there comes back. With
        the id of a draft in `only_once`, a press that arrives twice saves once.
        """
        ...

    async def watch(self, watch_id: str) -> KeptWatch | None:
        """Return a watch that speaks, or None."""
        ...

    async def watches(self) -> Sequence[KeptWatch]:
        """Return all watches that speak, oldest first."""
        ...

    async def of_chat(self, chat: str, *, retired: bool = False) -> Sequence[KeptWatch]:
        """Return the watches of a chat, oldest first."""
        ...

    async def of_user(self, user: str) -> Sequence[KeptWatch]:
        """Return all watches that somebody made, in whatever chat, oldest first."""
        ...

    async def snooze(self, watch_id: str, until: int) -> None:
        """Have a watch be silent until a time [ms]; one in the past lets it speak."""
        ...

    async def reword(self, watch_id: str, words: str) -> None:
        """Change what a watch says; its state is forgotten."""
        ...

    async def remove(self, watch_id: str) -> bool:
        """Forget a watch with its state and ledger; says whether there was one."""
        ...

    async def retire(self, chat: str, why: str, *, watch: str = "") -> int:
        """Let all watches of a chat, or one of them, speak no more; returns how many."""
        ...

    async def move(self, chat: str, to: str) -> None:
        """Have the watches and the settings of a chat belong to the one it has become."""
        ...

    async def forget(self, who: str) -> None:
        """Forget a chat's or a person's watches, drafts, ledgers, votes and manners for good."""
        ...

    async def manners(self, chats: Sequence[str] | None = None) -> Mapping[str, Manners]:
        """Return how chats want to be spoken to; those that have said nothing are left out."""
        ...

    async def set_manners(self, chat: str, manners: Manners) -> None:
        """Replace how a chat wants to be spoken to."""
        ...

    async def draft(self, draft_id: str) -> Draft | None:
        """Return a draft, None if it was saved or let go."""
        ...

    async def keep_draft(self, draft: Draft) -> Draft:
        """Keep a draft, with an id of its own if it has none; others of its person are let go."""
        ...

    async def drop_draft(self, draft_id: str) -> None:
        """Let go of a draft."""
        ...

    async def entry(self, message: str) -> Entry | None:
        """Return an episode of a ledger."""
        ...

    async def note(self, after: After) -> None:
        """Write down what came of an episode; the same again changes nothing."""
        ...

    async def vote(self, message: str, user: str, *, useful: bool) -> None:
        """Write down whether an episode was of use to somebody; his newest word counts."""
        ...

    async def numbers(self, watches: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
        """Return the highest number of the episodes of watches, by watch and market.

        Markets, and watches, of which nothing was ever told are left out.
        """
        ...

    async def ledger(self, watch_id: str, limit: int = 100) -> Sequence[Told]:
        """Return a watch's episodes with what came of them, the newest first."""
        ...


@dataclass(frozen=True, slots=True)
class KeptMessage:
    """A message that the bot sent by itself, or is still to send."""

    chat: str
    put: int  # [ms] UTC
    text: str  # as it was last shown; "": it is not kept any more


@dataclass(frozen=True, slots=True)
class KeptBeside:
    """What is kept of somebody beside watches, settings and trades."""

    drafts: tuple[Draft, ...]
    votes: Mapping[str, bool]  # by the key of the episode, whether it was of use
    messages: tuple[KeptMessage, ...]  # oldest first


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was deleted, of all worlds."""

    watches: int = 0  # with their ledgers and states
    drafts: int = 0
    votes: int = 0
    trades: int = 0
    settings: int = 0  # chats whose settings these were
    messages: int = 0  # sent, or still to be sent
    unnamed: int = 0  # watches of groups that no longer say who made them

    @property
    def nothing(self) -> bool:
        """Whether nothing was there."""
        return self == Forgotten()


class OwnStore(Protocol):
    """All that is kept of one person, or of one chat; every method raises StoreUnavailable."""

    async def beside(self, person: str, chats: Sequence[str]) -> KeptBeside:
        """Return what is kept of somebody, and of the chats that are his."""
        ...

    async def forget(self, chats: Sequence[str], person: str = "") -> Forgotten:
        """Delete what is kept of chats, and of a person with his private chats, all or nothing."""
        ...
