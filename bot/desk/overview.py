"""All markets in a line each, asked now and then for all who want to know."""

import asyncio
import time
from collections.abc import Mapping

import structlog

from bot.core.errors import BotError
from bot.core.instruments import Instrument
from bot.core.language import Said
from bot.core.market.summary import Summary
from bot.desk.shared import Shared
from bot.ports import MarketSource

log = structlog.get_logger()

_FRESH = 20.0  # [s] that one asking serves all who want figures
_FRESH_ON_REFRESH = 2.0  # [s] the same when somebody asks for newer ones
_RANKED = 900.0  # [s] which market is the deeper one changes over days
_SOON = 60.0  # [s] an asking that failed is not repeated for ranks before


class Overview:
    """The newest summaries of a source."""

    def __init__(self, source: MarketSource) -> None:
        self._source = source
        self._told: Mapping[Instrument, Summary] = {}
        self._at = -float("inf")  # [s] monotonic, of what was told
        self._failed = -float("inf")  # [s] likewise, of the last failure
        self._asking: Shared[str, Mapping[Instrument, Summary]] = Shared()

    @property
    def simulated(self) -> bool:
        """Whether the source makes its markets up."""
        return self._source.simulated

    @property
    def failures(self) -> Mapping[str, str | Said]:
        """Why venues could not be reached at the last try."""
        return self._source.failures()

    async def of(self, *, newer: bool = False) -> Mapping[Instrument, Summary]:
        """Return a line for each market that is told of. NothingAnswered, MarketUnavailable."""
        if time.monotonic() - self._at < (_FRESH_ON_REFRESH if newer else _FRESH):
            return self._told
        return await self._asking.get("summaries", self._ask)

    async def within(
        self, patience: float, lasting: float = _RANKED
    ) -> Mapping[Instrument, Summary]:
        """Return what is known after at most `patience` [s], perhaps `lasting` [s] old or empty.

        Nobody waits for long, and nobody fails, for the sake of a rank; what comes later serves
        the next who asks.
        """
        now = time.monotonic()
        if now - self._at < lasting or now - self._failed < _SOON:
            return self._told
        try:
            async with asyncio.timeout(patience):
                return await self._asking.get("summaries", self._ask)
        except TimeoutError:
            log.info("the overview of markets comes later", patience=patience)
        except BotError as error:
            log.warning("no overview of markets", why=error)
        except Exception:
            log.exception("no overview of markets")
        return self._told

    async def close(self) -> None:
        """Stop asking."""
        await self._asking.close()

    async def _ask(self) -> Mapping[Instrument, Summary]:
        try:
            self._told = await self._source.summaries()
        except Exception:
            self._failed = time.monotonic()
            raise
        self._at = time.monotonic()
        return self._told
