"""What a chat wants where a question does not say: its venues, its window."""

from dataclasses import replace

import structlog

from bot.core.errors import BotError
from bot.core.windows import window
from bot.desk.markets import Markets
from bot.desk.own_requests import MapExportRequest
from bot.desk.requests import (
    AccuracyRequest,
    Asker,
    BacktestRequest,
    HeatmapRequest,
    ModelRequest,
    PanelRequest,
    PositionRequest,
    Request,
    WhatIfRequest,
)
from bot.desk.venue_names import ALL
from bot.ports import ChatSettings, SettingsStore

log = structlog.get_logger()

_OF_WINDOW = HeatmapRequest | MapExportRequest
_OF_MARKETS = (
    HeatmapRequest
    | MapExportRequest
    | AccuracyRequest
    | ModelRequest
    | PanelRequest
    | WhatIfRequest
    | PositionRequest
    | BacktestRequest
)


class Usual:
    """Fills in what a chat has chosen; who names a venue or a window has his own way."""

    def __init__(self, settings: SettingsStore | None, markets: Markets) -> None:
        """Without `settings` nothing is ever chosen."""
        self._settings = settings
        self._markets = markets

    async def filled(self, request: Request, asker: Asker) -> Request:
        """Return a request with what its chat has chosen; it never fails for that."""
        if self._settings is None or not isinstance(request, _OF_MARKETS):
            return request
        open_window = isinstance(request, _OF_WINDOW) and not request.named
        if not open_window and request.venues not in {(), (ALL,)}:
            return request
        try:
            chosen = await self._settings.settings(asker.chat)
            venues = await self._venues(chosen)
        except BotError as error:
            log.warning("settings not read", chat=asker.chat, why=error)
            return request
        if isinstance(request, _OF_WINDOW) and open_window and chosen.window:
            request = replace(request, window=window(chosen.window), named=True)
        return _of_venues(request, venues)

    async def _venues(self, chosen: ChatSettings) -> tuple[str, ...]:
        """Return the venues a chat has chosen, of those that are connected still."""
        if not chosen.venues:
            return ()
        connected = await self._markets.venues()
        return tuple(each for each in chosen.venues if each in connected)


def _of_venues(request: _OF_MARKETS, venues: tuple[str, ...]) -> _OF_MARKETS:
    """Return a request with the venues its chat has chosen, none where it has chosen none."""
    if request.venues == (ALL,) and not venues:
        return replace(request, venues=())  # as everybody means it here
    if request.venues or not venues:
        return request
    if isinstance(request, PanelRequest):
        return replace(request, venues=venues, usual=True)
    return replace(request, venues=venues)


def everywhere(request: Request) -> Request:
    """Return a request of all venues instead of its chat's own."""
    if isinstance(request, PanelRequest):
        return replace(request, venues=(), usual=False)
    return replace(request, venues=()) if isinstance(request, _OF_MARKETS) else request
