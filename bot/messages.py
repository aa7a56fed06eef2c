"""What goes out that nobody is waiting for: its words, who keeps it and who carries it.

An episode has one living message in each chat: it is sent once, and changed as the episode goes
on. Follow-ups answer it. All of it is kept before anything is sent, and stays until it is shown.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from enum import IntEnum
from typing import Protocol, TypeAlias

from bot.core.arrays import HOUR, MINUTE
from bot.core.watches.ledger import Entry
from bot.reply import Reply

# When a living message is followed up, counted from the beginning of its episode [ms].
FOLLOW_UPS = (15 * MINUTE, HOUR, 4 * HOUR, 24 * HOUR)


class Urgency(IntEnum):
    """Who goes first where a platform's limit makes messages wait."""

    ANSWER = 0  # somebody waits for it; not kept here, but shares the limit
    NOW = 1  # a cascade is under way
    SOON = 2
    LATER = 3  # a digest, a follow-up


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes: a chat, as settings name it, and perhaps a topic of it."""

    chat: str  # "telegram:-100123", "discord:8842"
    topic: str = ""  # of a forum; "" is none. A Discord thread is a chat of its own

    @property
    def platform(self) -> str:
        """Which chat platform carries it: "telegram"."""
        return self.chat.partition(":")[0]

    @property
    def number(self) -> int:
        """The platform's number of the chat."""
        return int(self.chat.partition(":")[2])


# What callers put in


@dataclass(frozen=True, slots=True)
class Message:
    """What a chat is to show of an episode; None takes back what it shows."""

    address: Address
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class Alert:
    """An episode as it stands, for each chat that is to know; the same again changes nothing."""

    episode: str  # the same for all states of one episode, and for no other
    time: int  # [ms] UTC of this state; an older state never takes the place of a newer one
    messages: tuple[Message, ...]
    urgency: Urgency = Urgency.SOON
    began: int | None = None  # [ms] UTC that follow-ups are counted from; None: there are none


@dataclass(frozen=True, slots=True)
class Judged:
    """What one tick made of one watch: its new state, and what is to be said of it.

    Only a tick later than the last one has an effect, so one that runs twice has it once.
    """

    watch: str
    tick: int  # [ms] UTC
    state: bytes  # the watch's own; given back by `OutboxStore.states`
    alerts: tuple[Alert, ...] = ()
    entries: tuple[Entry, ...] = ()  # of its ledger, kept in the same transaction


# What a chat is asked for, and what became of it


@dataclass(frozen=True, slots=True)
class Due:
    """The next message of a chat; its turn has come as far as memory knows."""

    id: int
    address: Address
    urgency: Urgency


@dataclass(frozen=True, slots=True)
class Errand:
    """A message that is under way: written down as such before anything leaves."""

    id: int
    address: Address
    content: str  # fingerprint of the reply
    reply: Reply | None  # None: to be taken back
    key: str  # the same for every attempt at this message, and for no other
    remote: str | None = None  # what the chat calls it; None: it is not there yet
    answers: str | None = None  # what the chat calls the message that it follows up
    attempts: int = 0  # earlier ones that came to nothing
    doubts: int = 0  # earlier ones that may have arrived
    tried: int = 0  # [ms] UTC of the first one


@dataclass(frozen=True, slots=True)
class Done:
    """The chat shows it."""

    remote: str
    rest: float = 1.0  # [s] that the chat is then left alone
    moved_to: str | None = None  # the chat has become this one


@dataclass(frozen=True, slots=True)
class Later:
    """It has certainly not arrived, and may if tried again."""

    why: str
    wait: float | None = None  # [s] that the platform asked for; None: it did not say


@dataclass(frozen=True, slots=True)
class Unknown:
    """The line broke after it had left: it may have arrived."""

    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform will never take this one, or what it was to change is not there any more."""

    why: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The bot may not write there: blocked, put out, or the chat was deleted."""

    why: str


@dataclass(frozen=True, slots=True)
class Moved:
    """It has not arrived, for the chat has become another one."""

    to: str


Outcome: TypeAlias = Done | Later | Unknown | Refused | Gone | Moved


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an errand, and until when its chat is left alone."""

    errand: Errand
    outcome: Outcome
    opens: int  # [ms] UTC


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A follow-up whose time has come."""

    episode: str
    after: int  # [ms] since the episode began, one of FOLLOW_UPS


@dataclass(frozen=True, slots=True)
class News:
    """A chat that is gone, or has become another one: its watches are to be retired or to move."""

    id: int
    chat: str
    moved_to: str | None  # None: gone
    why: str


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits to be shown."""

    waiting: int
    oldest: int | None  # [ms] UTC since when; None if nothing waits


# Ports


class Chat(Protocol):
    """A platform that carries messages; nothing it does raises what a platform may answer."""

    @property
    def platform(self) -> str:
        """Name it as addresses do."""
        ...

    @property
    def ahead(self) -> int:
        """How many messages are written down as under way before their turn has come.

        With more a slow disk delays none; after a crash each is in doubt, and may say so.
        """
        ...

    async def rested(self, address: Address) -> float:
        """Wait until a chat may be written to, as far as the platform's limits for it go.

        Returns the seconds until then at once if that is long, otherwise 0 when it has come.
        """
        ...

    def turn(self, address: Address, urgency: Urgency) -> AbstractAsyncContextManager[None]:
        """Wait until the platform's limit lets one request more go out, and hold that place."""
        ...

    async def send(self, errand: Errand, reply: Reply) -> Outcome:
        """Show a new message."""
        ...

    async def edit(self, errand: Errand, reply: Reply) -> Outcome:
        """Change the message that is called `errand.remote`."""
        ...

    async def delete(self, errand: Errand) -> Outcome:
        """Take back the message that is called `errand.remote`."""
        ...


class FollowUps(Protocol):
    """Who knows what there is to say when an episode is followed up."""

    async def follow_up(self, due: FollowUp) -> Reply | None:
        """Say what came of an episode; None if there is nothing to say. BotError: ask again."""
        ...


class OutboxStore(Protocol):
    """Messages that are to go out, kept until they are shown; every method StoreUnavailable."""

    async def put(self, judged: Sequence[Judged], now: int) -> frozenset[str]:
        """Keep new states and what is to be said of them, all or nothing.

        Returns the watches whose tick was new; of the others nothing was kept.
        """
        ...

    async def states(self) -> Mapping[str, bytes]:
        """Return the newest state of every watch."""
        ...

    async def drop(self, watches: Sequence[str]) -> None:
        """Forget the states of watches that are no more."""
        ...

    async def recover(self, platform: str, now: int) -> int:
        """Take up what an earlier process left under way, each with a doubt; returns how many."""
        ...

    async def due(self, platform: str, now: int, limit: int) -> Sequence[Due]:
        """Return the next message of each chat that may be written to, the urgent ones first."""
        ...

    async def claim(self, ids: Sequence[int], now: int) -> Mapping[int, Errand]:
        """Write down that messages are under way; those not waiting any more are left out."""
        ...

    async def settle(self, settled: Sequence[Settled], now: int) -> None:
        """Write down what became of messages."""
        ...

    async def shift(self, platform: str, by: int) -> None:
        """Move the times until which chats are left alone: the clock was set by `by` [ms]."""
        ...

    async def due_follow_ups(self, now: int, limit: int) -> Sequence[FollowUp]:
        """Return the latest follow-up of each episode whose time has come."""
        ...

    async def follow(self, due: FollowUp, reply: Reply | None, now: int) -> None:
        """Keep a follow-up for every chat that was told of the episode, once; None says nothing.

        Those of the episode that would have been earlier are then not said any more.
        """
        ...

    async def news(self, limit: int) -> Sequence[News]:
        """Return what is to be told of chats, oldest first."""
        ...

    async def told(self, news: Sequence[News]) -> None:
        """Forget news that have been acted upon."""
        ...

    async def welcome(self, chat: str) -> None:
        """Write to a chat again that was gone."""
        ...

    async def forget(self, chat: str) -> None:
        """Forget everything about a chat, also what has not been shown yet."""
        ...

    async def backlog(self, platform: str) -> Backlog:
        """Say how much waits, and since when."""
        ...
