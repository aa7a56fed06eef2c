"""What waits does so for less long, and what fills up is full sooner: a long run in a short one."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

from bot.core.arrays import DAY
from bot.core.estimate import columns as columns_module
from bot.core.windows import WINDOWS
from bot.desk import live as live_module
from bot.desk import snapshot as snapshot_module
from bot.desk import tapes as tapes_module
from bot.exchanges import client as client_module
from bot.exchanges import feed as feed_module
from bot.exchanges import fills as fills_module
from bot.exchanges import market_data as market_data_module
from bot.exchanges import polled as polled_module
from bot.exchanges import stamps as stamps_module
from bot.exchanges.registry import ALL_VENUES
from bot.exchanges.venue import Venue
from tests.support.fast_clock import FastClock

DAYS = 1  # of each market that are held, instead of a month, and half of it of its tape
_MARKS = 1_000  # of messages and trades that a venue has told, instead of 20,000 and more
_SHORT = tuple(one for one in WINDOWS if one.length <= DAYS * DAY)  # whose columns are kept


@contextmanager
def quick(clock: FastClock, fault: float) -> Iterator[None]:
    """Let what waits in seconds wait for less: a fault [s] is to be one, and not a hiccup."""
    with (
        mock.patch.object(client_module, "TIMEOUT", 0.85 * fault),
        mock.patch.object(client_module, "_TRYING", 0.6 * fault),
        mock.patch.object(market_data_module, "DEADLINE", 9 * fault),
        mock.patch.object(market_data_module, "PATIENCE", 6 * fault),
        mock.patch.object(snapshot_module, "_SLOWEST", 9 * fault),
        mock.patch.object(polled_module, "_BETWEEN", 0.01),
        mock.patch.object(live_module, "_LAG", clock.of(0.85 * fault)),
        mock.patch.object(live_module, "_SAVE", 0.6 * fault),
        mock.patch.object(live_module, "_TELL", 1.0),
        mock.patch.object(live_module, "_FIRST_PAUSE", 0.05),
    ):
        yield


@contextmanager
def small() -> Iterator[None]:
    """Let what fills up to a bound be full soon: what grows after that has none."""
    with (
        mock.patch.object(columns_module, "WINDOWS", _SHORT),
        mock.patch.object(tapes_module, "_LONGEST", DAYS * DAY // 2),
        mock.patch.object(feed_module, "_REMEMBERED", _MARKS),
        mock.patch.object(stamps_module, "_REMEMBERED", _MARKS),
        mock.patch.object(fills_module, "_REMEMBERED", _MARKS),
    ):
        yield


def unlimited(name: str) -> Venue:
    """A venue whose limits are not minded: they are by the world's clock, and it would be slow."""
    venue = ALL_VENUES[name]
    ccxt = {**venue.ccxt, "enableRateLimit": False, "rateLimit": 0.01}
    ccxt.pop("rollingWindowSize", None)
    polled = venue.polled and replace(venue.polled, every=0.25)
    return replace(venue, ccxt=ccxt, polled=polled)
