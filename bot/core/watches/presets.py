"""Watches in one tap, and what holds where a watch does not say."""

from dataclasses import dataclass

from bot.core.arrays import HOUR, MINUTE
from bot.core.watches.tree import (
    Condition,
    Digest,
    HeatmapEvery,
    Hours,
    Sign,
    Signal,
    Watch,
    leaves,
)

# How long the same is not told again after it was over, by what a watch is about. Cascades come in
# waves; a squeeze or a magnet that flickers for hours is one.
_COOLDOWN = {
    Sign.CASCADE: 30 * MINUTE,
    Sign.SWEEP: 2 * HOUR,
    Sign.MAGNET: 4 * HOUR,
    Sign.SQUEEZE: 6 * HOUR,
    Sign.FUEL: 6 * HOUR,
    Sign.EXHAUSTION: 6 * HOUR,
}
_USUAL_COOLDOWN = HOUR
# A watch that speaks more often than this is one that nobody reads.
USUAL_CAP = 20
# A message is edited at most so often; a cascade is over in minutes.
_EDIT, _EDIT_CASCADE = 10 * MINUTE, MINUTE

PRESETS = ("squeeze", "cascade", "sweep", "magnet", "digest 08:00", "heatmap every 4h")


@dataclass(frozen=True, slots=True)
class Rules:
    """How one watch speaks in its chat: what it says of itself, and what holds for the chat."""

    watch: str  # its id
    hold: int = 0  # [ms]
    every: int | None = None  # [ms]
    cooldown: int = _USUAL_COOLDOWN  # [ms]
    quiet: Hours | None = None
    cap: int = USUAL_CAP  # messages a day
    edit: int = _EDIT  # [ms]
    zone: str = "UTC"  # the chat's time zone
    muted_until: int = 0  # [ms] UTC; the chat's
    cascade: bool = False  # it tells of a cascade, which stands before a squeeze
    squeeze: bool = False  # it tells of a squeeze alone


def rules(
    watch_id: str, watch: Watch, zone: str = "UTC", muted_until: int = 0, quiet: Hours | None = None
) -> Rules:
    """Complete what a watch says by what is usual; `quiet` are the chat's own hours."""
    options = watch.options
    signs = _signs(watch.what)
    cooldowns = [_COOLDOWN[sign] for sign in signs]
    cascade = Sign.CASCADE in signs
    return Rules(
        watch_id,
        hold=options.hold or 0,
        every=options.every,
        cooldown=min(cooldowns, default=_USUAL_COOLDOWN)
        if options.cooldown is None
        else options.cooldown,
        quiet=options.quiet or quiet,
        cap=options.cap or USUAL_CAP,
        edit=_EDIT_CASCADE if cascade else _EDIT,
        zone=zone,
        muted_until=muted_until,
        cascade=cascade,
        squeeze=Sign.SQUEEZE in signs and not cascade,
    )


def _signs(what: Condition | Digest | HeatmapEvery) -> set[Sign]:
    if isinstance(what, Digest | HeatmapEvery):
        return set()
    return {leaf.sign for leaf in leaves(what) if isinstance(leaf, Signal)}


def preset(name: str, market: str) -> str:
    """Return a preset for a market, in words.

    >>> preset("cascade", "BTC"), preset("digest 08:00", "BTC")
    ('BTC cascade', 'BTC digest 08:00')
    """
    return f"{market} {name}"
