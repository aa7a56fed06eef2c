"""Has a running bot tell its operator how it is: figures, health, heartbeat."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from bot.core.arrays import MINUTE
from bot.desk.commands import COMMANDS
from bot.operating.health import Health, Look, State, fresh, started

if TYPE_CHECKING:
    from bot.operating.metrics import Reading
    from bot.wiring import House

# Ticks come every few seconds, and a market is gathered every minute: twice that late is a fault.
_TICK, _DATA = 2 * MINUTE, 5 * MINUTE


@asynccontextmanager
async def operating(standing: "House", chats: Sequence[str]) -> AsyncIterator[Health]:
    """Tell whoever is to know, as the settings say, how the bot is while it runs. BadSetting.

    Yields what looks whether all is well.
    """
    settings = standing.settings
    health = Health(looks(standing, chats))
    server = heartbeat = None
    if settings.metrics_listen is not None:
        from bot.operating.metrics import Metrics
        from bot.operating.server import OperatingServer

        metrics = Metrics(command.name for command in COMMANDS)
        metrics.read(readings(standing))
        standing.listener.told = metrics.answered
        host, _, port = settings.metrics_listen.rpartition(":")
        server = OperatingServer(metrics, health, host, int(port))
        await server.start()
    if settings.heartbeat_url is not None:
        from bot.operating.heartbeat import Heartbeat

        heartbeat = Heartbeat(settings.heartbeat_url.get_secret_value(), health)
        heartbeat.start()
    try:
        yield health
    finally:
        for part in (heartbeat, server):
            if part is not None:
                await part.close()


def looks(standing: "House", chats: Sequence[str]) -> Mapping[str, Look]:
    """Return what has to be well for people to be served."""
    running, source = standing.running, standing.source

    def watched() -> int | None:
        watching = running.watching()
        return None if watching is None else watching.ticked

    def collected() -> int | None:
        report = running.collecting()
        return None if report is None else report.ticked

    def gathered() -> int | None:
        report = running.collecting()
        if report is None or not report.markets:
            return None
        held = standing.front.held
        times = [held[market.key].gathered for market in report.markets if market.key in held]
        return max(times, default=None)

    async def memory() -> State:
        if standing.memory is None:
            return State(well=True, said="not used")
        await standing.memory.watches.of_chat("nobody")
        return State(well=True, said="can be read")

    return {
        "chats": started(lambda: running.parts, chats),
        "memory": memory,
        "watching": fresh("tick", watched, source.now, _TICK),
        "collecting": fresh("tick", collected, source.now, _TICK),
        "data": fresh("data", gathered, source.now, _DATA),
    }


def readings(standing: "House") -> "list[Reading]":
    """Return the figures that are read when somebody asks."""
    running, source = standing.running, standing.source

    def ages() -> dict[str, float]:
        watching, report = running.watching(), running.collecting()
        found = {
            "watching": None if watching is None else watching.ticked,
            "collecting": None if report is None else report.ticked,
        }
        now = source.now()
        return {name: (now - at) / 1000 for name, at in found.items() if at is not None}

    def waiting() -> dict[str, float]:
        watching = running.watching()
        return {} if watching is None else {k: float(v) for k, v in watching.waiting.items()}

    def counts() -> dict[str, float]:
        watching, report = running.watching(), running.collecting()
        return {
            "held": float(len(standing.front.held)),
            "collected": float(0 if report is None else len(report.markets)),
            "watches": float(0 if watching is None else watching.watches),
            "feeds": float(len(running.feeds())),
        }

    def failing() -> dict[str, float]:
        return dict.fromkeys(source.failures(), 1.0)

    def parts() -> dict[str, float]:
        return {name: float(state == "started") for name, state in running.parts.items()}

    return [
        ("emberline_tick_age_seconds", "Since the last tick.", "work", ages),
        ("emberline_messages_waiting", "Messages that wait to be shown.", "platform", waiting),
        ("emberline_count", "How many there are.", "what", counts),
        ("emberline_venue_failing", "Venues that do not answer.", "venue", failing),
        ("emberline_chat_up", "Whether a chat has been started.", "chat", parts),
    ]
