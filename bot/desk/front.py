"""The front of the desk: each request goes to the file that answers it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import structlog

from bot.core.errors import BotError, NotAllowed, UnknownVenue
from bot.core.language import mark, say
from bot.desk.accuracy import AccuracyDesk
from bot.desk.backtest import BacktestDesk
from bot.desk.heatmap import HeatmapDesk
from bot.desk.help import help_reply, start_reply
from bot.desk.journal import JournalDesk
from bot.desk.journal_requests import (
    CoachRequest,
    EditRequest,
    JournalRequest,
    JournalRequests,
    LogRequest,
    TradeRequest,
)
from bot.desk.map_export import MapExportDesk
from bot.desk.market_list import markets_reply
from bot.desk.markets import Markets
from bot.desk.model import model_reply
from bot.desk.overview import Overview
from bot.desk.own import OwnDesk
from bot.desk.own_requests import (
    ExportRequest,
    ForgetRequest,
    MapExportRequest,
    OwnRequests,
    PrivacyRequest,
    SettingsRequest,
)
from bot.desk.panels import Panel
from bot.desk.position import PositionDesk
from bot.desk.privacy import privacy_reply
from bot.desk.requests import (
    AccuracyRequest,
    Asker,
    BacktestRequest,
    HeatmapRequest,
    HelpRequest,
    MarketsRequest,
    ModelRequest,
    PanelRequest,
    PositionRequest,
    Request,
    StartRequest,
    StatusRequest,
    WatchesRequests,
    WatchRequest,
    WhatIfRequest,
)
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Kept, Snapshots
from bot.desk.status import Running, status_reply
from bot.desk.usual import everywhere
from bot.desk.watches import WatchesDesk
from bot.desk.whatif import WhatIfDesk
from bot.ports import MarketSource
from bot.reply import Button, Reply

log = structlog.get_logger()

_APOLOGY = mark("Something went wrong here, and it has been noted. Please ask again in a minute.")


def problem(error: BotError, command: str = "heatmap") -> Reply:
    """Say what was foreseen, with a tap for each suggestion: the same command once more."""
    suggestions: Sequence[str] = getattr(error, "suggestions", ())
    row = tuple(Button(name, f"{command} {name}") for name in suggestions)
    return Reply(str(error), buttons=(row,) if row else (), kind="problem")


class Front:
    """All questions, one door; never raises but for cancellation."""

    def __init__(
        self,
        source: MarketSource,
        markets: Markets,
        snapshots: Snapshots,
        heatmaps: HeatmapDesk,
        accuracies: AccuracyDesk,
        running: Running,
        panels: Mapping[str, Panel] | None = None,
        overview: Overview | None = None,
        what_if: WhatIfDesk | None = None,
        positions: PositionDesk | None = None,
        backtests: BacktestDesk | None = None,
        watches: WatchesDesk | None = None,
        *,
        journal: JournalDesk | None = None,
        own: OwnDesk | None = None,
        map_exports: MapExportDesk | None = None,
        heard: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`heard` is told of each chat in which somebody asks something."""
        self._source = source
        self._markets = markets
        self._snapshots = snapshots
        self._heatmaps = heatmaps
        self._accuracies = accuracies
        self._running = running
        self._panels = panels or {}  # by the name of their command
        self._overview = overview or Overview(source)
        self._what_if = what_if or WhatIfDesk(source, markets, snapshots)
        self._positions = positions or PositionDesk(markets, snapshots)
        self._backtests = backtests or BacktestDesk(markets, SignalDesk(snapshots))
        self._watches = watches  # None: nothing is remembered here
        self._journal = journal  # likewise
        self._own = own  # likewise
        self._map_exports = map_exports or MapExportDesk(markets, snapshots)
        self._heard = heard

    def begin(self) -> None:
        """Have at hand what a first question needs."""
        self._markets.begin()
        self._heatmaps.begin()

    async def answer(self, request: Request, asker: Asker) -> Reply:
        """Answer a request; what goes wrong comes back as a reply of kind "problem"."""
        self._heard(asker.chat)
        try:
            return await self._usual(request, asker)
        except NotAllowed as error:
            return Reply(str(error), private=True, kind="problem")
        except BotError as error:
            said = problem(error, _command(request))
            return replace(said, private=True) if isinstance(request, _OWN) else said
        except Exception:
            own = isinstance(request, _OWN)
            log.exception(
                "request failed", request=type(request).__name__ if own else repr(request)
            )
            return Reply(say(_APOLOGY), kind="problem")

    @property
    def held(self) -> Mapping[str, Kept]:
        """The markets held in memory, by an instrument's key."""
        return self._snapshots.kept

    async def suggest(self, typed: str) -> Sequence[str]:
        """Name up to 25 coins that `typed` may mean; none if no venue can say."""
        try:
            return await self._markets.suggest(typed)
        except Exception as error:  # noqa: BLE001 - a menu that stays empty is no reason to fail
            log.warning("no suggestions", why=error)
            return ()

    async def close(self) -> None:
        """Let go of work and connections."""
        await self._heatmaps.close()
        await self._accuracies.close()
        for panel in self._panels.values():
            await panel.close()
        await self._what_if.close()
        await self._positions.close()
        await self._backtests.close()
        if self._watches is not None:
            await self._watches.close()
        if self._journal is not None:
            await self._journal.close()
        await self._overview.close()
        await self._markets.close()
        await self._snapshots.close()
        await self._source.close()

    async def _usual(self, request: Request, asker: Asker) -> Reply:
        """Answer with what the chat has chosen, where the question does not say."""
        if self._own is None:
            return await self._answer(request, asker)
        filled = await self._own.usual.filled(request, asker)
        anywhere = everywhere(filled)
        try:
            return await self._answer(filled, asker)
        except UnknownVenue:
            if getattr(request, "venues", ()) or anywhere == filled:
                raise
            return await self._answer(anywhere, asker)  # none of the chat's own lists this coin

    async def _answer(self, request: Request, asker: Asker) -> Reply:
        match request:
            case HeatmapRequest():
                answer = self._heatmaps.answer(request, asker)
            case AccuracyRequest():
                theme = request.theme or await self._heatmaps.theme_of(asker)
                answer = self._accuracies.answer(request, theme)
            case PanelRequest():
                theme = request.theme or await self._heatmaps.theme_of(asker)
                answer = self._panels[request.panel].answer(request, theme)
            case WhatIfRequest():
                theme = request.theme or await self._heatmaps.theme_of(asker)
                answer = self._what_if.answer(request, theme)
            case PositionRequest():
                theme = request.theme or await self._heatmaps.theme_of(asker)
                answer = self._positions.answer(request, theme)
            case BacktestRequest():
                theme = request.theme or await self._heatmaps.theme_of(asker)
                answer = self._backtests.answer(request, theme)
            case MarketsRequest():
                answer = markets_reply(request, self._markets, self._overview)
            case ModelRequest():
                answer = model_reply(request, self._markets, self._snapshots)
            case HelpRequest() | StartRequest() | StatusRequest():
                return self._about(request, asker)
            case _:
                answer = self._remembered(request, asker)
        return await answer

    def _about(self, request: HelpRequest | StartRequest | StatusRequest, asker: Asker) -> Reply:
        """Tell of the bot itself."""
        match request:
            case HelpRequest():
                return help_reply(request.topic)
            case StartRequest():
                return start_reply(shared=asker.shared)
        return status_reply(self._source, self._snapshots, self._running)

    async def _of_own(self, request: OwnRequests, asker: Asker) -> Reply:
        """Answer about what a chat has chosen and what is kept of anybody."""
        if self._own is not None:
            return await self._own.answer(request, asker)
        if isinstance(request, PrivacyRequest):
            return privacy_reply(None)
        said = say("Nothing is remembered here: there is nothing to set, export or forget.")
        return Reply(said, kind="problem")

    async def _remembered(
        self,
        request: WatchesRequests | JournalRequests | OwnRequests | MapExportRequest,
        asker: Asker,
    ) -> Reply:
        """Answer about what a chat watches, a person has traded, and what is kept of either."""
        if isinstance(request, MapExportRequest):
            return await self._map_exports.answer(request)
        if isinstance(request, _KEPT):
            return await self._of_own(request, asker)
        if isinstance(request, _TRADES):
            if self._journal is None:
                return Reply(say("Nothing is remembered here, so no trade is."), kind="problem")
            theme = await self._heatmaps.theme_of(asker)
            return await self._journal.answer(request, asker, theme)
        if self._watches is None:
            said = say("Nothing is remembered here, so nothing is watched.")
            return Reply(said, kind="problem")
        theme = await self._heatmaps.theme_of(asker)
        return await self._watches.answer(request, asker, theme)


_TRADES = (JournalRequest, TradeRequest, EditRequest, LogRequest, CoachRequest)
_KEPT = (SettingsRequest, ExportRequest, ForgetRequest, PrivacyRequest)
# What is nobody else's, even where it goes wrong.
_OWN = (PositionRequest, ExportRequest, ForgetRequest, *_TRADES)

# What a coin may be asked again with, where the command says no more than its own name.
_COMMANDS: Mapping[type[Request], str] = {
    AccuracyRequest: "accuracy",
    ModelRequest: "model",
    WatchRequest: "watch",
    SettingsRequest: "settings zone",
    MapExportRequest: "export",
}


def _command(request: Request) -> str:
    """Name the command that a coin may be asked again with."""
    match request:
        case PanelRequest():
            return request.panel
        case BacktestRequest():
            return f"backtest {request.strategy}"
        case HeatmapRequest(profile=True):
            return "map"
    return _COMMANDS.get(type(request), "heatmap")
