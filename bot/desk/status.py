"""`/status`: what answers, how fresh it is, what is running."""

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import TYPE_CHECKING

from bot.core.figures import ago
from bot.core.instruments import venue_name
from bot.desk.caption import SIMULATED, clock
from bot.desk.snapshot import Snapshots
from bot.ports import MarketSource
from bot.reply import Button, Reply

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN = 8  # markets, the newest first


@dataclass(slots=True)
class Running:
    """Which parts run, in words; wiring adds what it starts."""

    parts: dict[str, str] = field(default_factory=dict)
    followed: Callable[[], int] = lambda: 0  # markets whose liquidations are listened to


def status_reply(source: MarketSource, snapshots: Snapshots, running: Running) -> Reply:
    """Say how things stand."""
    now = source.now()
    kept = sorted(snapshots.kept.values(), key=lambda item: -item.gathered)
    failures: Mapping[str, str] = source.failures()
    lines = [SIMULATED] if source.simulated else []
    lines += [f"{name}: {state}" for name, state in running.parts.items()]
    lines += [f"{venue_name(venue)}: not answering, {why}" for venue, why in failures.items()]
    if followed := running.followed():
        lines.append(f"listening to liquidations of {followed} market{'s' * (followed != 1)}")
    if not kept:
        lines.append("No market has been asked for yet.")
    for item in kept[:_SHOWN]:
        history = item.history
        newest = min(int(history.candles.close_time[-1]), now)
        lines.append(
            f"{venue_name(history.instrument.exchange)} {history.instrument.symbol}: "
            f"data to {clock(newest)} ({ago(now - newest)}), {len(history.candles):,} bars"
            + (f", no {', no '.join(history.missing)}" if history.missing else "")
        )
    if len(kept) > _SHOWN:
        lines.append(f"and {len(kept) - _SHOWN} more markets")
    health = "some venues do not answer" if failures else "all well"
    return Reply(
        f"Emberline {version('emberline')}: {health} · source {source.name}",
        tuple(lines),
        buttons=((Button("Refresh", "status"),),),
        simulated=source.simulated,
        as_of=now,
    )
