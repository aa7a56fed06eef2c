"""Several sources as one: a failing member is named, and does not hide the others."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

import structlog

from bot.core.errors import BadSetting, BotError, MarketUnavailable, NothingAnswered
from bot.core.instruments import Instrument
from bot.core.language import Said, later
from bot.core.market.depth import OrderBook, Trades
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.offer import Offer
from bot.core.market.summary import Summary
from bot.ports import LiveLiquidations, MarketSource, Past, PastSource

# A person waits for the listing: who has not answered by then is said to be missing.
PATIENCE = 20.0  # [s]
_WAITING = 1000  # batches of liquidations; a full queue makes the feeds wait, and loses nothing

_Answer = TypeVar("_Answer")
_Queue: TypeAlias = asyncio.Queue[LiveLiquidations | Exception | None]

log = structlog.get_logger(__name__)


class MergedSource:
    """Several sources behind the MarketSource port.

    A market that several members list is the first one's. Raises BadSetting if there is no member,
    or if simulated and real ones are mixed: nothing simulated is ever shown as a market.
    """

    def __init__(self, sources: Sequence[MarketSource], patience: float = PATIENCE) -> None:
        if not sources:
            raise BadSetting("No source was named; known are sim, live and replay:DIR.")
        simulated = [source.name for source in sources if source.simulated]
        if simulated and len(simulated) < len(sources):
            real = [source.name for source in sources if not source.simulated]
            raise BadSetting(
                f"{', '.join(simulated)} is simulated and {', '.join(real)} is not: they cannot be "
                "put together, because nothing simulated is ever shown as a market."
            )
        self.name = " + ".join(source.name for source in sources)
        self.simulated = bool(simulated)
        self._sources = tuple(sources)
        self._patience = patience
        self._owners: dict[Instrument, MarketSource] = {}
        self._late: list[str] = []  # members that are asked what they list, and have not said so
        self._failures: dict[str, str | Said] = {}

    def now(self, instrument: Instrument | None = None) -> int:
        """Return the time [ms] UTC of the member that lists a market, or the latest of all."""
        if instrument in self._owners:
            return self._owners[instrument].now(instrument)
        return max(source.now() for source in self._sources)

    async def instruments(self) -> Sequence[Instrument]:
        """List the markets of all members that answer; NothingAnswered if none does."""
        self._late = [source.name for source in self._sources]
        answers = await asyncio.gather(*(self._listed(source) for source in self._sources))
        failed: list[BotError] = []
        listed: dict[Instrument, MarketSource] = {}
        for source, answer in zip(self._sources, answers, strict=True):
            if isinstance(answer, BotError):
                failed.append(answer)
            else:
                twice = next((each for each in answer if each in listed), None)
                if twice is not None:
                    raise BadSetting(
                        f"{twice.key} stands in more than one of the sources merged; name one."
                    )
                listed |= dict.fromkeys(answer, source)
        self._failures = {
            source.name: _why(answer)
            for source, answer in zip(self._sources, answers, strict=True)
            if isinstance(answer, BotError)
        }
        if len(failed) == len(self._sources):
            raise NothingAnswered(failed)
        self._owners |= listed  # what was listed before may be asked for while its member is away
        return list(listed)

    def listed(self) -> tuple[Sequence[Instrument], Sequence[str]]:
        """Return what has been listed, by whom ever and whenever, and who has not answered yet."""
        return list(self._owners), list(self._late)

    async def _listed(self, source: MarketSource) -> Sequence[Instrument] | BotError:
        answer = await self._asked(source, source.instruments)
        if not isinstance(answer, BotError):
            for instrument in answer:
                self._owners.setdefault(instrument, source)
        if source.name in self._late:
            self._late.remove(source.name)
        return answer

    async def _asked(
        self, source: MarketSource, ask: Callable[[], Awaitable[_Answer]]
    ) -> _Answer | BotError:
        try:
            async with asyncio.timeout(self._patience):
                return await ask()
        except BotError as error:
            return error
        except TimeoutError:
            why = later("no answer within {seconds} s", seconds=f"{self._patience:g}")
            return MarketUnavailable(source.name, why)

    async def _owner(self, instrument: Instrument) -> MarketSource:
        if instrument not in self._owners:
            await self.instruments()
        if instrument not in self._owners:
            raise MarketUnavailable(
                instrument.exchange, later("nobody here lists {market}", market=instrument.symbol)
            )
        return self._owners[instrument]

    async def history(self, instrument: Instrument, since: int) -> MarketHistory:
        """Gather what the member that lists it has observed; as that member raises."""
        source = await self._owner(instrument)
        history = await source.history(instrument, since)
        self._failures.pop(source.name, None)
        return history

    async def past(self, instrument: Instrument, start: int, end: int) -> Past:
        """Gather what the member that lists a market still knows of start..end [ms]; as it raises.

        MarketUnavailable if that member tells nothing of the past but whole histories.
        """
        source = await self._owner(instrument)
        if not isinstance(source, PastSource):
            raise MarketUnavailable(
                instrument.exchange, later("it is not asked for single stretches")
            )
        return await source.past(instrument, start, end)

    async def summaries(self) -> Mapping[Instrument, Summary]:
        """Tell of the markets of all members that answer; NothingAnswered if none does."""
        answers = await asyncio.gather(
            *(self._asked(source, source.summaries) for source in self._sources)
        )
        failed: list[BotError] = []
        told: dict[Instrument, Summary] = {}
        for source, answer in zip(self._sources, answers, strict=True):
            if isinstance(answer, BotError):
                failed.append(answer)
                self._failures[source.name] = _why(answer)
                log.warning("an overview is missing", source=source.name, why=answer)
            else:
                self._failures.pop(source.name, None)
                told |= answer
        if len(failed) == len(self._sources):
            raise NothingAnswered(failed)
        return told

    async def book(self, instrument: Instrument) -> OrderBook:
        """Return the order book of the member that lists it; as that member raises."""
        return await (await self._owner(instrument)).book(instrument)

    async def trades(self, instrument: Instrument) -> Trades:
        """Return the latest trades of the member that lists it; as that member raises."""
        return await (await self._owner(instrument)).trades(instrument)

    def offers(self) -> Sequence[Offer]:
        """Say what each member offers."""
        return [offer for source in self._sources for offer in source.offers()]

    async def liquidations(
        self, instruments: Sequence[Instrument]
    ) -> AsyncIterator[LiveLiquidations]:
        """Follow all members at once; ends when all of them have ended."""
        shares: dict[int, list[Instrument]] = defaultdict(list)
        for instrument in instruments:
            shares[self._sources.index(await self._owner(instrument))].append(instrument)
        queue: _Queue = asyncio.Queue(_WAITING)
        feeds = [
            asyncio.create_task(self._follow(self._sources[at], share, queue))
            for at, share in shares.items()
        ]
        try:
            running = len(feeds)
            while running:
                arrived = await queue.get()
                if isinstance(arrived, LiveLiquidations):
                    yield arrived
                elif arrived is None:
                    running -= 1
                else:
                    raise arrived
        finally:
            for feed in feeds:
                feed.cancel()
            await asyncio.gather(*feeds, return_exceptions=True)

    async def _follow(
        self, source: MarketSource, share: Sequence[Instrument], queue: _Queue
    ) -> None:
        """Pass on what one member hears; None when it has ended, or what was not foreseen."""
        try:
            async for heard in source.liquidations(share):
                await queue.put(heard)
        except BotError as error:
            self._failures[source.name] = error.sentence
            log.warning("a feed of liquidations ended", source=source.name, why=error)
        except Exception as error:  # noqa: BLE001 - raised again where the feed is read
            await queue.put(error)
            return
        await queue.put(None)

    def heard(self, instrument: Instrument) -> Heard:
        """Say when the member that lists a market has heard its liquidations."""
        owner = self._owners.get(instrument)
        return Heard() if owner is None else owner.heard(instrument)

    def failures(self) -> dict[str, str | Said]:
        """Say who could not be reached at the last try, and why."""
        found: dict[str, str | Said] = {}
        for source in self._sources:
            found |= source.failures()
        return found | self._failures

    async def close(self) -> None:
        """Let go of every member, also if one of them cannot."""
        ended = await asyncio.gather(
            *(source.close() for source in self._sources), return_exceptions=True
        )
        for error in ended:
            if isinstance(error, BaseException):
                raise error


def _why(error: BotError) -> str | Said:
    return error.reason if isinstance(error, MarketUnavailable) else error.sentence
