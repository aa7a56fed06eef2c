"""What can be asked, once the words have been understood."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from bot.core.windows import DEFAULT_WINDOW, Window

# How far back accuracy is looked at, and at most.
USUAL_DAYS, MOST_DAYS = 30, 90


async def _nobody() -> bool:
    return False


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


@dataclass(frozen=True, slots=True)
class HeatmapRequest:
    """`/heatmap SYMBOL [window] [venues]`, and `/map` with the same words."""

    symbol: str  # as typed
    window: Window = DEFAULT_WINDOW
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own
    profile: bool = False  # `/map`: the profile by price instead of the heatmap
    refresh: bool = False  # newer data than the cached answer's


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


@dataclass(frozen=True, slots=True)
class WhatIfRequest:
    """`/whatif SYMBOL -4%`, or `to 60000`."""

    symbol: str  # as typed
    move: float = 0.0  # [signed fraction of the price]
    to: float | None = None  # [quote/base] where the price goes, instead of `move`
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own


@dataclass(frozen=True, slots=True)
class BacktestRequest:
    """`/backtest STRATEGY SYMBOL [days] [venues]`."""

    strategy: str  # "sweep", "magnet" or "cascade"
    symbol: str  # as typed
    days: int = USUAL_DAYS
    venues: tuple[str, ...] = ()  # empty: all connected
    theme: str | None = None  # None: the chat's own


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


Request: TypeAlias = (
    HeatmapRequest
    | AccuracyRequest
    | ModelRequest
    | PanelRequest
    | WhatIfRequest
    | BacktestRequest
    | MarketsRequest
    | StatusRequest
    | HelpRequest
    | StartRequest
)
