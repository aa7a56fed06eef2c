"""Hours of a person's own day: quiet hours, digests, and pictures at equal times.

Days are counted by the calendar of the zone, so that a day of 23 or 25 hours is one day, and a
time that comes twice in it, or not at all, is one time.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.arrays import HOUR
from bot.core.watches.tree import Digest, HeatmapEvery, Hours

# A digest that could not be made for so long waits for the next day.
_LATEST = 6 * HOUR


def local(at: int, zone: str) -> datetime:
    """Return a time [ms] as the clock on somebody's wall shows it."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))


def day(at: int, zone: str) -> int:
    """Return the number of somebody's day at a time [ms]."""
    return local(at, zone).toordinal()


def quiet(hours: Hours | None, at: int, zone: str) -> bool:
    """Say whether it is somebody's quiet time.

    >>> quiet(Hours(22 * 60, 7 * 60), 1_767_225_900_000, "Europe/Berlin")  # 01:05 there
    True
    """
    if hours is None:
        return False
    now = local(at, zone)
    minute = now.hour * 60 + now.minute
    if hours.start < hours.end:
        return hours.start <= minute < hours.end
    return minute >= hours.start or minute < hours.end


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time at which something is due."""

    number: int  # rises from one to the next; the same however often it is asked for
    at: int  # [ms] UTC


def newest(schedule: Digest | HeatmapEvery, now: int, zone: str) -> Occurrence:
    """Return the newest time that has come by now; of a new schedule it is the one passed over."""
    if isinstance(schedule, HeatmapEvery):
        number = now // schedule.every
        return Occurrence(number, number * schedule.every)
    today = local(now, zone).date()
    for back in range(3):  # where a calendar leaves out a day, it is one further back
        found = _moment(today - timedelta(days=back), schedule.at, zone)
        if found.at <= now:
            return found
    raise ValueError(f"no {schedule} has come before {now}")


def due(schedule: Digest | HeatmapEvery, last: int, now: int, zone: str) -> Occurrence | None:
    """Return what is due now, if it is newer than the `last` one told and not too late for it.

    However often it is asked, and wherever the clock is set to, each number is due once.
    """
    found = newest(schedule, now, zone)
    late = schedule.every if isinstance(schedule, HeatmapEvery) else _LATEST
    return found if found.number > last and now - found.at < late else None


def upcoming(schedule: Digest | HeatmapEvery, now: int, zone: str) -> int:
    """Return the next time [ms] that comes after now."""
    if isinstance(schedule, HeatmapEvery):
        return (now // schedule.every + 1) * schedule.every
    today = local(now, zone).date()
    for ahead in range(3):  # a calendar may leave out a day
        found = _moment(today + timedelta(days=ahead), schedule.at, zone)
        if found.at > now:
            return found.at
    raise ValueError(f"no {schedule} comes after {now}")


def _moment(day_: date, minute: int, zone: str) -> Occurrence:
    """Return a wall time of a day: the first of two, or the one after a gap."""
    wall = datetime.combine(day_, time(minute // 60, minute % 60), ZoneInfo(zone))
    return Occurrence(day_.toordinal(), int(wall.timestamp() * 1000))
