"""`/backtest`: one of the three strategies on a coin's stored past."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import structlog

from bot.core.arrays import DAY
from bot.core.errors import BotError
from bot.core.evidence.strategies import StrategyReading, tried
from bot.core.language import Said, code
from bot.core.market.history import MarketHistory
from bot.core.market.join import joined
from bot.core.market.scale import scale, scaled
from bot.core.signals.read import Signals
from bot.core.signals.weeks import by_weeks
from bot.desk import backtest_words
from bot.desk.drawing import Drawing
from bot.desk.grades import grade_of
from bot.desk.markets import Found, Markets
from bot.desk.requests import BacktestRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, SignalDesk
from bot.ports import HistoryStore
from bot.reply import Image, Reply, described

log = structlog.get_logger()

_PICTURES_KEPT = 32
_PASTS_KEPT = 8  # of up to three months each
_HELD = 2 * DAY  # [ms] a past that begins no later than this is long enough as it is


class BacktestDesk:
    """Tries strategies on what is known of a coin."""

    def __init__(
        self,
        markets: Markets,
        signals: SignalDesk,
        scoring: Scoring | None = None,
        store: HistoryStore | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        self._markets = markets
        self._signals = signals
        self._scoring = scoring
        self._store = store
        self._pasts: Shared[tuple[str, int, int], _Past] = Shared(_PASTS_KEPT)
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: BacktestRequest, theme: str) -> Reply:
        """Answer with a picture of trades. UnknownSymbol, UnknownVenue, NotEnoughData, ..."""
        found = await self._markets.find(request.symbol, request.venues)
        seeing = await self._signals.of(found)
        grade = await grade_of(self._scoring, seeing.snapshot)
        since = seeing.signals.time - request.days * DAY
        past = await self._past(seeing, since)
        reading = await asyncio.to_thread(_read, request, found, seeing, past, since, grade)
        headline, lines = backtest_words.headline(reading), backtest_words.lines(reading, request)
        image = None
        if reading.backtest.trades:
            said = (f"{headline}.", *lines)
            parts = (said, reading.backtest, reading.as_of, theme, code())
            key = hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
            png = await self._pictures.get(key, lambda: self._draw(reading, theme))
            name = f"{found.base.lower()}-{request.strategy}-backtest.png"
            image = Image(png, described(*said), name, key)
        return Reply(
            headline,
            lines,
            image,
            backtest_words.buttons(request, found),
            simulated=reading.simulated,
            as_of=reading.as_of,
        )

    async def close(self) -> None:
        """Stop looking things up and drawing."""
        await self._pasts.close()
        await self._pictures.close()

    async def _past(self, seeing: Seeing, since: int) -> "_Past":
        """Return what is held of a coin, or more where more is asked for and stored."""
        held = _Past(seeing.signals, seeing.histories)
        begun = min(_begun(history) for history in seeing.histories)
        if self._store is None or seeing.simulated or begun - since < _HELD:
            return held
        key = seeing.signals.market, since // DAY, seeing.signals.time // DAY
        return await self._pasts.get(key, lambda: self._longer(seeing, since, held))

    async def _longer(self, seeing: Seeing, since: int, held: "_Past") -> "_Past":
        assert self._store is not None  # noqa: S101 - seen to by `_past`
        histories = []
        for history in held.histories:
            try:
                older = await self._store.load(history.instrument, since)
            except BotError as error:  # what is held is a past, too
                log.warning("the past is not remembered", why=error)
                return held
            histories.append(_with(older, history, seeing.base))
        if all(
            _begun(one) == _begun(two) for one, two in zip(histories, held.histories, strict=True)
        ):
            return held
        read = await asyncio.to_thread(_walked, seeing.signals.market, histories)
        return held if read is None else _Past(read, tuple(histories))

    async def _draw(self, reading: StrategyReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


class _Past:
    """What the machines say of a stretch of time, and the market's own."""

    def __init__(self, signals: Signals, histories: Sequence[MarketHistory]) -> None:
        self.signals = signals
        self.histories = tuple(histories)


def _begun(history: MarketHistory) -> int:
    """Return when a history begins [ms]; the end of time for an empty one."""
    opens = history.candles.open_time
    return int(opens[0]) if len(opens) else 2**62


def _with(older: MarketHistory | None, history: MarketHistory, base: str) -> MarketHistory:
    """Put what is stored of a market before what is held, counted as the coin is."""
    if older is None or older.candles.interval != history.candles.interval:
        return history
    counted = scaled(older, scale(older.instrument.base, base))
    return joined(replace(counted, instrument=history.instrument), history)


def _walked(market: str, histories: Sequence[MarketHistory]) -> Signals | None:
    """Run the machines over a longer past, in a thread."""
    return by_weeks(market, histories)


def _read(
    request: BacktestRequest,
    found: Found,
    seeing: Seeing,
    past: _Past,
    since: int,
    grade: str | Said,
) -> StrategyReading:
    result, candles, seen = tried(request.strategy, past.signals, past.histories, since)
    return StrategyReading(
        found.base,
        request.strategy,
        seeing.signals.time,
        result,
        candles,
        seen,
        any(history.liquidations is not None for history in past.histories),
        grade,
        tuple(history.instrument.exchange for history in past.histories),
        found.asked,
        seeing.failures,
        seeing.simulated,
    )


def _picture(reading: StrategyReading, theme: str) -> bytes:
    from renderers import backtest
    from renderers.theme import theme_named

    return backtest.render(reading, theme_named(theme))
