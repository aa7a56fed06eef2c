"""What `emberline doctor` finds out about the machine: fonts, clock, disk, the running bot."""

import json
import shutil
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.doctor_findings import Finding

if TYPE_CHECKING:
    from bot.settings import Settings

_LITTLE_DISK = 500e6  # [bytes] a month of three venues' candles and figures takes a tenth of it
_DEAD_AFTER = 90.0  # [s] without a sign of life, three times the interval between two
# A clock told by HTTP is exact to a second; further off than this, venues refuse and alerts come
# at the wrong time [s].
_SKEW = 5.0
_ASKED = "https://api.binance.com/api/v3/time"  # answers anybody, and stamps its answer


def disk(settings: "Settings") -> Finding:
    """Say how much room there is."""
    folder = settings.alive_file.resolve().parent
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Finding("disk", well=free > _LITTLE_DISK, said=f"{free / 1e9:,.1f} GB free")


def fonts() -> Finding:
    """Say whether pictures can be lettered."""
    try:
        from renderers import lettering

        wide = lettering.width("BTC 97,412", 28)
    except (OSError, RuntimeError, ImportError) as error:
        return Finding("fonts", well=False, said=f"cannot be read: {type(error).__name__}")
    return Finding("fonts", well=wide > 0, said="can be read")


async def clock(settings: "Settings", source: str) -> Finding:
    """Compare this machine's clock with that of a server outside, where a live market needs it."""
    import aiohttp

    if "live" not in source:
        return Finding("clock", well=None, said=f"not used: {source} keeps its own time")
    base = settings.exchange_base or settings.telegram_api_base
    url = _ASKED if base is None else base
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=8)) as session,
            session.get(url, allow_redirects=False) as answer,
        ):
            stamp = answer.headers.get("Date", "")
    except (aiohttp.ClientError, TimeoutError) as error:
        said = f"nobody outside could be asked: {type(error).__name__}"
        return Finding("clock", well=None, said=said)
    return told_apart(stamp, time.time())


def told_apart(stamp: str, now: float) -> Finding:
    """Compare a server's stamp with a time [s].

    >>> told_apart("Thu, 01 Jan 1970 00:01:00 GMT", 60.4).said
    'agrees to a second'
    """
    try:
        there = parsedate_to_datetime(stamp).timestamp()
    except (ValueError, TypeError):
        return Finding("clock", well=None, said="the server that was asked tells no time")
    off = now - there - 0.5  # stamps are cut to the second
    if abs(off) <= 1:
        return Finding("clock", well=True, said="agrees to a second")
    way = "ahead" if off > 0 else "behind"
    said = f"{abs(off):.0f} s {way}" + (
        "" if abs(off) <= _SKEW else ": set it, by NTP for instance"
    )
    return Finding("clock", well=abs(off) <= _SKEW, said=said)


def running(settings: "Settings") -> Finding:
    """Say what the running bot says of itself, and when it last did."""
    since = age(settings.alive_file)
    if since is None or since >= _DEAD_AFTER:
        return Finding("running bot", well=None, said="none is running here")
    try:
        told = json.loads(settings.alive_file.read_text())
        parts = {str(name): (bool(each["well"]), str(each["said"])) for name, each in told.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Finding("running bot", well=True, said=f"showed life {since:.0f} s ago")
    ill = [f"{name}: {said}" for name, (well, said) in parts.items() if not well]
    good = [f"{name}: {said}" for name, (well, said) in parts.items() if well]
    said = f"{'; '.join(ill or good)} ({since:.0f} s ago)"
    return Finding("running bot", well=not ill, said=said)


def alive(settings: "Settings") -> Finding:
    """Say whether the running bot has shown life lately."""
    since = age(settings.alive_file)
    if since is None:
        return Finding("alive", well=False, said="No bot has run here: no sign of life was found.")
    return Finding("alive", well=since < _DEAD_AFTER, said=f"Last sign of life {since:.0f} s ago.")


def age(file: Path) -> float | None:
    """Return how long ago a file was touched [s]; None if there is none."""
    try:
        return max(0.0, time.time() - file.stat().st_mtime)
    except OSError:
        return None
