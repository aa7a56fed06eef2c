"""What can be asked about a chat's settings, and about what is kept of somebody."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from bot.core.windows import DEFAULT_WINDOW, Window

# A word for what the bot does where nothing was chosen.
DEFAULT = "default"
NO_PANELS = "none"  # of what may stand below a heatmap


@dataclass(frozen=True, slots=True)
class SettingsRequest:
    """`/settings [what [value]]`."""

    # "theme", "window", "venues", "panels", "zone", "quiet", "language" or "reset"
    what: str = ""
    # What is chosen: "light", "+okx", "22:00-07:00"; empty: what there is to choose from.
    value: str = ""


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """`/export`, and `/export chat`: all that is kept of somebody, or of a chat."""

    chat: bool = False


@dataclass(frozen=True, slots=True)
class MapExportRequest:
    """`/export SYMBOL [window] [venues] [csv|json]`: the figures of a heatmap."""

    symbol: str  # as typed
    window: Window = DEFAULT_WINDOW
    venues: tuple[str, ...] = ()  # empty: the chat's own
    form: Literal["json", "csv"] = "json"
    named: bool = True  # False: no window was named; the chat's own


@dataclass(frozen=True, slots=True)
class ForgetRequest:
    """`/forget`, `/forget chat`, and the press that confirms it."""

    chat: bool = False
    token: str = ""  # of the question that is answered; empty: nothing has been asked yet


@dataclass(frozen=True, slots=True)
class PrivacyRequest:
    """`/privacy`."""


OwnRequests: TypeAlias = SettingsRequest | ExportRequest | ForgetRequest | PrivacyRequest
