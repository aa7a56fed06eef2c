"""`/squeeze`: a coin's regime with its evidence, or all coins ranked by theirs."""

import asyncio
import hashlib
from dataclasses import replace
from functools import partial

import structlog

from bot.core.errors import BotError, UnknownSymbol, UnknownVenue
from bot.core.language import code
from bot.core.signals.density import densities
from bot.core.signals.regime_reading import Reading
from bot.core.signals.squeeze import RankingReading, SqueezeReading, VenueRegime
from bot.desk import ranking_words, squeeze_words
from bot.desk.drawing import Drawing
from bot.desk.evidence import EvidenceDesk
from bot.desk.grades import grade_of
from bot.desk.held import Held
from bot.desk.markets import Found, Markets, named, venues_named
from bot.desk.ranking import Ranking
from bot.desk.requests import PanelRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, SignalDesk
from bot.desk.snapshot import Kept, Snapshot
from bot.patience import left, left_out
from bot.reply import Image, Reply, described

log = structlog.get_logger()

_PICTURES_KEPT = 32
_PATIENCE = 6.0  # [s] venues alone are waited for; the answer is given without them after that


class SqueezeDesk:
    """Answers for regimes; a bot.desk.panels.Panel."""

    def __init__(
        self,
        markets: Markets,
        signals: SignalDesk,
        evidence: EvidenceDesk,
        held: Held,
        scoring: Scoring | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        self._markets = markets
        self._signals = signals
        self._evidence = evidence
        self._scoring = scoring
        self._held = held
        self._ranking = Ranking(held, evidence)
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: PanelRequest, theme: str) -> Reply:
        """Answer with a picture. UnknownSymbol, UnknownVenue, NothingAnswered, NotEnoughData."""
        if not request.symbol:
            return await self._all(request, theme)
        try:
            found = await self._markets.find(request.symbol, request.venues)
        except UnknownSymbol:
            if (of_venue := await self._of_venue(request)) is not None:
                return await self._all(of_venue, theme)
            raise
        seeing = await self._signals.of(found, newer=request.refresh)
        reading = await self._read(found, seeing)
        headline, lines = squeeze_words.headline(reading), squeeze_words.lines(reading)
        image = None
        if reading.gauges:
            draw = partial(_picture, reading, theme)
            said = (f"{headline}.", *lines)
            image = await self._image(draw, said, f"{found.base.lower()}-squeeze.png", theme)
        buttons = squeeze_words.buttons(reading, request, found)
        return Reply(
            headline, lines, image, buttons, simulated=reading.simulated, as_of=reading.as_of
        )

    async def close(self) -> None:
        """Stop reading and drawing."""
        await self._held.close()
        await self._pictures.close()

    async def _of_venue(self, request: PanelRequest) -> PanelRequest | None:
        """Read "/squeeze okx": not a coin but a venue."""
        try:
            venue = named(request.symbol, await self._markets.venues())
        except UnknownVenue:
            return None
        return replace(request, symbol="", venues=(venue, *request.named))

    async def _all(self, request: PanelRequest, theme: str) -> Reply:
        known = await self._markets.venues() if request.venues else ()
        venues = venues_named(request.venues, known)
        reading = await self._ranking.of(venues)
        headline, lines = ranking_words.headline(reading), ranking_words.lines(reading)
        image = None
        if reading.coins:
            draw = partial(_ranking_picture, reading, theme)
            said = (f"{headline}.", *lines)
            image = await self._image(draw, said, "squeeze.png", theme)
        buttons = ranking_words.buttons(reading, replace(request, venues=venues or request.venues))
        return Reply(
            headline, lines, image, buttons, simulated=reading.simulated, as_of=reading.as_of
        )

    async def _read(self, found: Found, seeing: Seeing) -> SqueezeReading:
        signals, snapshot = seeing.signals, seeing.snapshot
        regime = signals.regime
        kind = regime.nearest if regime is not None else None
        grading = asyncio.create_task(grade_of(self._scoring, snapshot))
        try:
            alone, waiting = await self._alone(found, seeing)
            evidence = await self._evidence.of(kind, seeing) if kind is not None else None
            each = await self._evidence.occurrences(seeing)
            grade = await grading
        finally:
            grading.cancel()
        density = None
        if regime is not None and regime.side is not None:
            ranks = await asyncio.to_thread(densities, seeing.looks)
            density = next((one for one in ranks if one.side is regime.side), None)
        return SqueezeReading(
            found.base,
            signals.time,
            signals.price,
            regime,
            signals.hours,
            alone,
            waiting,
            density,
            tuple(one for one in reversed(each) if one.episode.kind is kind),
            evidence.followed if evidence is not None else (),
            evidence.over if evidence is not None else "",
            grade,
            found.asked,
            seeing.failures,
            seeing.simulated,
        )

    async def _alone(
        self, found: Found, seeing: Seeing
    ) -> tuple[tuple[VenueRegime, ...], tuple[str, ...]]:
        """Read each venue alone, and name those that take too long: they are read on meanwhile."""
        kept = sorted(seeing.snapshot.kept, key=lambda one: -one.estimate.inventory.interest)
        names = [one.history.instrument.exchange for one in kept]
        if len(kept) == 1:
            return (VenueRegime(names[0], seeing.signals.regime),), ()
        tasks = [asyncio.create_task(self._regime(found, one)) for one in kept]
        done, late = await asyncio.wait(tasks, timeout=left(_PATIENCE))
        if late:
            left_out()
        for task in tasks:
            task.cancel()
        waiting = [name for name, task in zip(names, tasks, strict=True) if task not in done]
        told = [
            VenueRegime(name, task.result() if task in done else None)
            for name, task in zip(names, tasks, strict=True)
        ]
        return tuple(told), tuple(waiting)

    async def _regime(self, found: Found, kept: Kept) -> Reading | None:
        instrument = kept.history.instrument
        one = replace(found, instruments=(instrument,), asked=(instrument.exchange,), lacking=())
        try:
            seeing = await self._signals.read(one, Snapshot((kept,), (), kept.gathered))
        except BotError as error:
            log.info("no regime of a venue", market=instrument.key, why=error)
            return None
        return seeing.signals.regime

    async def _image(
        self, draw: partial[bytes], said: tuple[str, ...], name: str, theme: str
    ) -> Image:
        """Draw, once for the same words."""
        parts = f"{theme} {code()} {said}"
        key = hashlib.blake2b(parts.encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(draw))
        return Image(png, described(*said), name, key)

    async def _draw(self, draw: partial[bytes]) -> bytes:
        return await self._drawing.do(draw)


def _picture(reading: SqueezeReading, theme: str) -> bytes:
    from renderers import squeeze
    from renderers.theme import theme_named

    return squeeze.render(reading, theme_named(theme))


def _ranking_picture(reading: RankingReading, theme: str) -> bytes:
    from renderers import ranking
    from renderers.theme import theme_named

    return ranking.render(reading, theme_named(theme))
