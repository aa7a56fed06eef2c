"""What can be asked, once the words have been understood."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.core.margin.rules import MarginMode
from bot.core.market.liquidations import PositionSide
from bot.core.windows import DEFAULT_WINDOW, Window
from bot.desk.journal_requests import JournalRequests
from bot.desk.own_requests import MapExportRequest, OwnRequests

# How far back accuracy is looked at, and at most.
USUAL_DAYS, MOST_DAYS = 30, 90


async def _nobody() -> bool:
    return False


PRESSED, BY_ITSELF = 0.5, 0.0  # see Asker.effort


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and from where."""

    chat: str  # "telegram:-100123", "discord:8842", "terminal"
    user: str  # "telegram:77", "discord:91", "terminal"
    topic: str = ""  # of a forum; "" is none
    shared: bool = False  # others read there, too: a group, a channel
    # Asks the platform, when it matters, whether this person moderates a shared chat.
    moderates: Callable[[], Awaitable[bool]] = field(default=_nobody, compare=False, repr=False)
    language: str = ""  # as the platform says of the person: "en", "pt-br"; "": it does not
    unreachable: bool = False  # the bot may answer here, but cannot speak here by itself
    # Rights that it would need for that, as the platform calls them; who moderates can give them.
    lacking: tuple[str, ...] = ()
    # What a question of this kind counts in somebody's share: a press less than what is typed;
    # 0: nobody asked, the bot keeps something current by itself.
    effort: float = field(default=1.0, compare=False)


@dataclass(frozen=True, slots=True)
class HeatmapRequest:
    """`/heatmap SYMBOL [window] [venues]`, and `/map` with the same words."""

    symbol: str  # as typed
    window: Window = DEFAULT_WINDOW
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own
    profile: bool = False  # `/map`: the profile by price instead of the heatmap
    refresh: bool = False  # newer data than the cached answer's
    whole: bool = False  # slow venues are waited for
    named: bool = field(default=True, compare=False)  # False: no window was named; the chat's own


@dataclass(frozen=True, slots=True)
class AccuracyRequest:
    """`/accuracy SYMBOL [days] [venues]`."""

    symbol: str  # as typed
    days: int = USUAL_DAYS
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """`/model SYMBOL [venues]`."""

    symbol: str  # as typed
    venues: tuple[str, ...] = ()  # empty: all connected


@dataclass(frozen=True, slots=True)
class PanelRequest:
    """One of the panels beside the map: `/liqs [SYMBOL]`, `/funding SYMBOL` and their like."""

    panel: str  # the command's name
    symbol: str = ""  # as typed; empty: all markets, where the panel can say something of all
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own
    refresh: bool = False  # newer data than the cached answer's
    live: bool = False  # kept current in one message, where the panel can do that
    usual: bool = False  # the venues are the chat's own: none was named

    @property
    def named(self) -> tuple[str, ...]:
        """The venues that were named by who asks."""
        return () if self.usual else self.venues


@dataclass(frozen=True, slots=True)
class WhatIfRequest:
    """`/whatif SYMBOL -4%`, or `to 60000`."""

    symbol: str  # as typed
    move: float = 0.0  # [signed fraction of the price]
    to: float | None = None  # [quote/base] where the price goes, instead of `move`
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own


@dataclass(frozen=True, slots=True)
class PositionRequest:
    """`/position SYMBOL long 60000 20x [size] [cross [wallet]]`: one's own, and private."""

    symbol: str  # as typed
    side: PositionSide
    leverage: float  # [1]
    entry: float | None = None  # [quote/base]; None: opened now
    coins: float | None = None  # [base] size; None: not told so
    usd: float | None = None  # [quote] size at entry; None: not told so
    mode: MarginMode = MarginMode.ISOLATED
    wallet: float | None = None  # [quote] that stands behind it in cross margin
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own
    dollars: bool = False  # the entry was written in dollars, and may be the size


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """`/backtest STRATEGY SYMBOL [days] [venues]`."""

    strategy: str  # "sweep", "magnet" or "cascade"
    symbol: str  # as typed
    days: int = USUAL_DAYS
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own


@dataclass(frozen=True, slots=True)
class WatchRequest:
    """`/watch [words]`: a watch in words, a coin, or nothing to see what there is."""

    words: str = ""  # as typed, whole
    at_once: bool = False  # saved without being shown first


@dataclass(frozen=True, slots=True)
class DraftRequest:
    """A press under a watch that is not saved yet: `watch keep d12`, `watch edit d12 3 funding`."""

    act: str  # "keep", "drop" or "edit"
    draft: str = ""  # "d12"; of a watch that is kept "w12", to change it; empty: a new one
    at: int = -1  # how far the draft had come when the button was made; -1: as it is now
    choice: str = ""  # what was chosen there


@dataclass(frozen=True, slots=True)
class WatchesRequest:
    """`/watches`, and what is asked of one: `watches w12`, `watches mute w12 1h`."""

    watch: str = ""  # "w12"; empty: all of the chat
    act: str = ""  # "mute", "wake", "remove", "preview" or "ledger"; empty: shown
    lasts: int = 0  # [ms] that it is muted
    sure: bool = False  # a removal that was asked for twice
    here: bool = False  # answered by the watch itself, and not by a note
    page: int = 1  # of the list, counted from 1


@dataclass(frozen=True, slots=True)
class VoteRequest:
    """`watches useful w12/BTC/3`: whether an episode was of use."""

    message: str  # key of the episode
    useful: bool


@dataclass(frozen=True, slots=True)
class MuteRequest:
    """`/mute 1h`, `/mute until 08:00`, `/mute off`; nothing: how things stand."""

    lasts: int | None = None  # [ms]; 0: off
    until: int | None = None  # [minute of the day] in the chat's zone


@dataclass(frozen=True, slots=True)
class AlertTestRequest:
    """`/test`: an alert that says that alerts arrive."""


@dataclass(frozen=True, slots=True)
class MarketsRequest:
    """`/markets [venue]`: what there is, ranked by turnover."""

    venues: tuple[str, ...] = ()  # empty: all connected
    page: int = 1  # counted from 1


@dataclass(frozen=True, slots=True)
class StatusRequest:
    """`/status`."""


@dataclass(frozen=True, slots=True)
class HelpRequest:
    """`/help [command]`."""

    topic: str = ""


@dataclass(frozen=True, slots=True)
class StartRequest:
    """`/start`."""


WatchesRequests: TypeAlias = (
    WatchRequest | DraftRequest | WatchesRequest | VoteRequest | MuteRequest | AlertTestRequest
)
Request: TypeAlias = (
    HeatmapRequest
    | AccuracyRequest
    | ModelRequest
    | PanelRequest
    | WhatIfRequest
    | PositionRequest
    | BacktestRequest
    | JournalRequests
    | MapExportRequest
    | OwnRequests
    | WatchesRequests
    | MarketsRequest
    | StatusRequest
    | HelpRequest
    | StartRequest
)
