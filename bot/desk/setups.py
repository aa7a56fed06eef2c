"""`/setups`: magnets, sweeps and cascades under way, of one coin or of all that are held."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from bot.core.errors import UnknownSymbol, UnknownVenue
from bot.core.instruments import Coin
from bot.core.language import Said, code, many
from bot.core.signals.episode import Episode, Kind
from bot.core.signals.setups import (
    Setup,
    SetupChart,
    SetupsReading,
    extreme,
    market_around,
    shown,
    urgent_first,
)
from bot.desk import setups_words
from bot.desk.cascade_words import cascade, under_way
from bot.desk.cascades import CascadeDesk
from bot.desk.drawing import Drawing
from bot.desk.evidence import EvidenceDesk
from bot.desk.grades import grade_of, is_unproven
from bot.desk.held import Held
from bot.desk.markets import Found, Markets, named, venues_named
from bot.desk.requests import PanelRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, SignalDesk
from bot.reply import Image, Reply

_PICTURES_KEPT = 32


class SetupsDesk:
    """Answers for setups; a bot.desk.panels.Panel."""

    def __init__(
        self,
        markets: Markets,
        signals: SignalDesk,
        evidence: EvidenceDesk,
        held: Held,
        scoring: Scoring | None = None,
        cascades: CascadeDesk | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        """Without a desk of cascades those are told that were under way when a coin was read."""
        self._cascades = cascades
        self._markets = markets
        self._signals = signals
        self._evidence = evidence
        self._scoring = scoring
        self._held = held
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: PanelRequest, theme: str) -> Reply:
        """Answer with the most urgent one as a picture. UnknownSymbol, UnknownVenue, ..."""
        if not request.symbol:
            return await self._all(request)
        try:
            found = await self._markets.find(request.symbol, request.venues)
        except UnknownSymbol:
            if (of_venue := await self._of_venue(request)) is not None:
                return await self._all(of_venue)
            raise
        seeing = await self._signals.of(found, newer=request.refresh)
        grade = await grade_of(self._scoring, seeing.snapshot)
        current, recent = await self._setups(seeing, grade)
        reading = _reading(found, seeing, grade, current, recent)
        headline, lines = setups_words.headline(reading), setups_words.lines(reading)
        wide = [cascade(each) for each in under_way(self._cascades, found.base) if not each.coin]
        first_line = int(reading.simulated)
        lines = (*lines[:first_line], *wide, *lines[first_line:])
        image = None
        if first := (*current, *recent)[:1]:
            image = await self._image(reading, first[0], seeing, theme)
        return Reply(
            headline,
            lines,
            image,
            setups_words.buttons(reading, request, found),
            simulated=reading.simulated,
            as_of=reading.as_of,
        )

    async def close(self) -> None:
        """Stop drawing."""
        await self._pictures.close()

    async def _of_venue(self, request: PanelRequest) -> PanelRequest | None:
        """Read "/setups okx": not a coin but a venue."""
        try:
            venue = named(request.symbol, await self._markets.venues())
        except UnknownVenue:
            return None
        return replace(request, symbol="", venues=(venue, *request.named))

    async def _all(self, request: PanelRequest) -> Reply:
        known = await self._markets.venues() if request.venues else ()
        venues = venues_named(request.venues, known)
        told = await self._held.of(venues)
        current: list[Setup] = []
        for one in told.coins:
            current += (await self._setups(one.seeing, one.grade))[0]
        reading = SetupsReading(
            "",
            told.now,
            math.nan,
            urgent_first(current),
            (),
            "",
            proven=True,
            tape=True,
            least=(),
            coins=len(told.coins),
            unproven=sum(is_unproven(one.grade) for one in told.coins),
            waiting=told.waiting,
            venues=venues,
            asked=venues,
            failures=(),
            simulated=any(one.seeing.simulated for one in told.coins),
        )
        told_of = {Coin.of(each.base).name for each in current if each.kind is Kind.CASCADE}
        going = [each for each in under_way(self._cascades) if each.coin not in told_of]
        headline, lines = setups_words.headline(reading), setups_words.lines_of_all(reading)
        if going and not current:
            headline = many(
                "Setups: {count} cascade under way",
                "Setups: {count} cascades under way",
                len(going),
            )
        first = int(reading.simulated)  # that it is comes before all
        return Reply(
            headline,
            (*lines[:first], *map(cascade, going), *lines[first:]),
            buttons=setups_words.buttons_of_all(
                reading, replace(request, venues=venues or request.venues)
            ),
            simulated=reading.simulated,
            as_of=reading.as_of,
        )

    async def _setups(
        self, seeing: Seeing, grade: str | Said
    ) -> tuple[tuple[Setup, ...], tuple[Setup, ...]]:
        """Return the setups of a coin under way and those over of late, each with its evidence."""
        found = shown(seeing.signals, proven=not is_unproven(grade))
        kinds = {states[-1].kind for states in found}
        evidence = {kind: await self._evidence.of(kind, seeing) for kind in sorted(kinds)}
        setups = [
            Setup(
                seeing.base,
                _price(states[-1], seeing),
                states,
                evidence[states[-1].kind].followed,
                evidence[states[-1].kind].over,
            )
            for states in found
        ]
        recent = [each for each in setups if each.now.ended is not None]
        recent.sort(key=lambda each: -each.now.time)
        return urgent_first(each for each in setups if each.now.ended is None), tuple(recent)

    async def _image(
        self, reading: SetupsReading, setup: Setup, seeing: Seeing, theme: str
    ) -> Image:
        """Draw a setup, once for all who ask for it as it stands."""
        parts = (
            setup.states,
            reading.as_of,
            reading.grade,
            setup.over,
            seeing.asked,
            theme,
            code(),
        )
        key = hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, setup, seeing, theme))
        alt = setups_words.alt(reading, setup)
        name = f"{reading.base.lower()}-{setup.kind.value.replace(' ', '-')}.png"
        return Image(png, alt, name, key)

    async def _draw(
        self, reading: SetupsReading, setup: Setup, seeing: Seeing, theme: str
    ) -> bytes:
        work = partial(_picture, reading, setup, seeing, theme)
        return await self._drawing.do(work)


def _price(now: Episode, seeing: Seeing) -> float:
    """Return the newest price: the tape knows one before the bar closes."""
    signals = seeing.signals
    return now.price if now.ended is None and now.time > signals.time else signals.price


def _reading(
    found: Found,
    seeing: Seeing,
    grade: str | Said,
    current: Sequence[Setup],
    recent: Sequence[Setup],
) -> SetupsReading:
    signals = seeing.signals
    unproven = is_unproven(grade)
    return SetupsReading(
        found.base,
        max(signals.time, *(each.now.time for each in (*current, *recent)), 0),
        current[0].price if current else signals.price,
        tuple(current),
        tuple(recent),
        grade,
        proven=not unproven,
        tape=any(kept.history.liquidations is not None for kept in seeing.snapshot.kept),
        least=setups_words.least(signals.turnover),
        coins=1,
        unproven=int(unproven),
        waiting=0,
        venues=tuple(kept.history.instrument.exchange for kept in seeing.snapshot.kept),
        asked=found.asked,
        failures=seeing.failures,
        simulated=seeing.simulated,
    )


def _picture(reading: SetupsReading, setup: Setup, seeing: Seeing, theme: str) -> bytes:
    from renderers import cascade as renderer_of_cascades
    from renderers import setup as renderer
    from renderers.theme import theme_named

    # Bars are known until they close, the tape until now.
    until = seeing.snapshot.now if setup.kind is Kind.CASCADE else seeing.signals.time
    candles, events, amounts, start, end = market_around(setup, seeing.histories, until)
    sentences = setups_words.evidence(setup)
    chart = SetupChart(
        setup,
        candles,
        events,
        amounts,
        start,
        end,
        extreme(setup, candles, events),
        reading.base,
        reading.as_of,
        setup.price if setup.now.ended is None or not len(candles) else float(candles.close[-1]),
        reading.grade,
        sentences,
        reading.venues,
        reading.asked,
        reading.simulated,
    )
    if setup.kind is Kind.CASCADE:
        return renderer_of_cascades.render(chart, theme_named(theme))
    return renderer.render(chart, theme_named(theme))
