"""Builds every part once, by settings; the only place that knows all."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.chats.hears import Listener
from bot.chats.shares import Shares
from bot.core.errors import BadSetting, MissingSetting
from bot.core.panels.reading import Kind
from bot.core.windows import window
from bot.desk.accuracy import AccuracyDesk
from bot.desk.backtest import BacktestDesk
from bot.desk.book import BookDesk
from bot.desk.cascades import CascadeDesk
from bot.desk.drawing import Drawing
from bot.desk.evidence import EvidenceDesk
from bot.desk.explain import ExplainDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.held import Held
from bot.desk.journal_market import JournalMarket
from bot.desk.liqs import LiqsDesk
from bot.desk.live import Live
from bot.desk.map_export import MapExportDesk
from bot.desk.markets import Markets
from bot.desk.overview import Overview
from bot.desk.position import PositionDesk
from bot.desk.rates import RatesDesk
from bot.desk.remembered import Remembered
from bot.desk.scoring import Scoring
from bot.desk.setups import SetupsDesk
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshots
from bot.desk.speech import Speech
from bot.desk.squeeze import SqueezeDesk
from bot.desk.status import Running
from bot.desk.tapes import Tapes
from bot.desk.watching.parts import Parts
from bot.desk.whatif import WhatIfDesk
from bot.ports import MarketSource
from bot.settings import Settings
from bot.wiring_work import collectors_of, journal_of, own_of, ticker_of

if TYPE_CHECKING:  # each chat and the memory are imported by whoever starts them
    from bot.chats.discord import DiscordChat
    from bot.chats.telegram import TelegramChat
    from bot.desk.panels import Panel
    from bot.desk.watching.desk import WatchDesk
    from bot.rephrase import LanguageModel
    from storage.memory import Memory

log = structlog.get_logger()

SOURCES = "live, sim, replay:DIR or merge:SOURCE,SOURCE"

# A simulated market is watched, not waited for: one second shows a minute.
SIM_SPEED = 60.0


@dataclass(frozen=True, slots=True)
class House:
    """All that stands while Emberline runs."""

    settings: Settings
    source: MarketSource
    listener: Listener
    front: Front
    running: Running
    memory: "Memory | None"
    watching: "WatchDesk | None"


def market_source(
    words: str, settings: Settings, *, progress: Callable[[float], None] | None = None
) -> MarketSource:
    """Make the source that `--source` names. BadSetting, MalformedData."""
    kind, _, rest = words.partition(":")
    if kind == "live" and not rest:
        from bot.exchanges.live import live_source

        return live_source(
            settings.venues,
            exchange_base=settings.exchange_base,
            largest=settings.hyperliquid_accounts,
            accounts_file=settings.hyperliquid_accounts_file,
        )
    if kind == "sim":
        from bot.exchanges.simulated import SimulatedSource

        if rest and not rest.isdecimal():
            raise BadSetting(f"“{words}”: after sim: comes a whole number, the seed, or nothing.")
        return SimulatedSource(
            seed=int(rest or 1),
            days=settings.history_days,
            speed=SIM_SPEED,
            progress=progress,
        )
    if kind == "replay" and rest:
        from bot.exchanges.replay import ReplaySource

        return ReplaySource(Path(rest))
    if kind == "merge" and rest:
        from bot.exchanges.merged import MergedSource

        return MergedSource([market_source(part, settings) for part in rest.split(",")])
    raise BadSetting(f"“{words}” is not a source. Use {SOURCES}.")


@asynccontextmanager
async def house(
    settings: Settings,
    source_words: str = "live",
    *,
    progress: Callable[[float], None] | None = None,
    collect: bool = True,
    watch: bool = False,
) -> AsyncIterator[House]:
    """Build every part, and take all down again in the opposite order.

    What is simulated or replayed is not remembered: memory is of live markets only, and only these
    are collected, unless `collect` says that it is not worth beginning. Where somebody is to
    `watch`, what people ask to be told of is remembered of any market, each world by itself.
    """
    source = market_source(source_words, settings, progress=progress)
    world = "live" if source_words == "live" else "sim" if source.simulated else "replay"
    kept = await _memory(settings, world) if watch or world == "live" else None
    memory = kept if world == "live" else None
    overview = Overview(source)
    markets, tapes, drawing = Markets(source, overview), Tapes(), Drawing()
    history = memory.history if memory else None
    states, episodes = (memory.estimates, memory.episodes) if memory else (None, None)
    snapshots = Snapshots(source, history, settings.history_days, tapes, states)
    live = Live(source, snapshots, tapes, history)
    cascades = CascadeDesk(source, snapshots, tapes, live, history, episodes)
    scoring = Scoring(source, snapshots, memory.scores if memory else None)
    heatmaps = HeatmapDesk(
        markets,
        snapshots,
        settings=kept.settings if kept else None,
        maps=memory.maps if memory else None,
        scoring=scoring,
        theme=settings.theme,
        drawing=drawing,
    )
    collectors = (
        collectors_of(settings, source, snapshots, markets, memory) if collect and memory else None
    )
    running = Running(feeds=lambda: live.feeds)
    speech = Speech(kept.watches if kept else None, settings.language)
    accuracies = AccuracyDesk(markets, snapshots, scoring, drawing=drawing)
    signals, evidence = SignalDesk(snapshots, episodes, cascades.coins), EvidenceDesk(episodes)
    held = Held(source, snapshots, signals, scoring)
    remembered = Remembered(history)
    panels: dict[str, Panel] = {
        kind.value: RatesDesk(kind, markets, snapshots, overview, remembered, drawing=drawing)
        for kind in Kind
    }
    panels["book"] = BookDesk(source, markets, snapshots, drawing=drawing)
    squeeze = SqueezeDesk(markets, signals, evidence, held, scoring, drawing=drawing)
    panels["explain"] = ExplainDesk(markets, signals, evidence, scoring, _rephraser(settings))
    setups = SetupsDesk(markets, signals, evidence, held, scoring, cascades, drawing=drawing)
    panels |= {"squeeze": squeeze, "setups": setups}
    what_if = WhatIfDesk(source, markets, snapshots, scoring, drawing=drawing)
    backtests = BacktestDesk(markets, signals, scoring, history, drawing=drawing)
    panels["liqs"] = LiqsDesk(source, markets, snapshots, tapes, history, cascades, drawing=drawing)
    judging, answers = None, None
    if watch and kept:
        from bot.wiring_watches import watch_desks

        read = (source, markets, snapshots, signals, evidence, held, heatmaps, setups, squeeze)
        judging, answers = watch_desks(
            settings,
            Parts(*read, scoring, kept.watches, cascades, settings.language),
            kept.watches,
            kept.outbox,
            tapes,
            cascades,
            overview,
            collected=collectors is not None,
            speed=SIM_SPEED if source.simulated else 1.0,
            drawing=drawing,
        )
    front = Front(
        source,
        markets,
        snapshots,
        heatmaps,
        accuracies,
        running,
        panels,
        overview,
        what_if,
        PositionDesk(markets, snapshots, scoring, drawing=drawing),
        backtests,
        answers,
        journal=journal_of(
            kept, JournalMarket(source, markets, snapshots, signals, overview, scoring), drawing
        ),
        own=own_of(settings, source, markets, kept, judging, speech.changed),
        map_exports=MapExportDesk(markets, snapshots, scoring),
        heard=judging.heard_from if judging else _nobody,
    )
    front.begin()
    live.start()
    cascades.start()
    scoring.start()
    ticker = ticker_of(collectors, memory, source, running, held, judging)
    try:
        share = Shares(settings.ask_per_minute)
        listener = Listener(front, window(settings.window), share, speech)
        yield House(settings, source, listener, front, running, kept, judging)
    finally:
        shared = (scoring, held, evidence, signals, cascades, live, front, drawing, kept)
        for part in (ticker, judging, collectors, *shared):
            if part is not None:
                await part.close()


def _nobody(_chat: str) -> None:
    """Take no note of who is heard."""


def _rephraser(settings: Settings) -> "LanguageModel | None":
    """Make what may reword explanations, if an endpoint is set. MissingSetting."""
    if settings.explain_llm_url is None:
        return None
    if settings.explain_llm_model is None:
        raise MissingSetting("EXPLAIN_LLM_MODEL", "the endpoint is asked for a model by its name.")
    from bot.rephrase import LanguageModel

    key = settings.explain_llm_key
    return LanguageModel(
        settings.explain_llm_url,
        settings.explain_llm_model,
        key.get_secret_value() if key else None,
    )


async def _memory(settings: Settings, world: str) -> "Memory":
    from storage.memory import open_memory

    return await open_memory(settings.database_url.get_secret_value(), world=world)


def telegram_chat(standing: House) -> "TelegramChat":
    """Make the Telegram chat; the caller has seen to it that there is a token."""
    from bot.chats.telegram import TelegramChat

    settings = standing.settings
    assert settings.telegram_token is not None  # noqa: S101 - the caller's promise
    host, _, port = settings.telegram_webhook_listen.rpartition(":")
    secret = settings.telegram_webhook_secret
    return TelegramChat(
        standing.listener,
        settings.telegram_token.get_secret_value(),
        api_base=settings.telegram_api_base,
        webhook_url=settings.telegram_webhook_url,
        webhook_secret=secret.get_secret_value() if secret else None,
        webhook_host=host,
        webhook_port=int(port),
        uploads=standing.memory.settings if standing.memory else None,
    )


def discord_chat(standing: House) -> "DiscordChat":
    """Make the Discord chat; the caller has seen to it that there is a token."""
    from bot.chats.discord import DiscordChat

    settings = standing.settings
    assert settings.discord_token is not None  # noqa: S101 - the caller's promise
    return DiscordChat(
        standing.listener,
        settings.discord_token.get_secret_value(),
        api_base=settings.discord_api_base,
        gateway_url=settings.discord_gateway_url,
    )
