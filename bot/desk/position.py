"""`/position`: a position by its venue's rule, what the map holds around it, drawn and said."""

import asyncio
import hashlib
from functools import partial

from bot.core import language
from bot.core.errors import BotError, PositionRefused
from bot.core.estimate.read import read
from bot.core.language import Said, say
from bot.core.margin.bundled import brackets_for
from bot.core.margin.position import Liquidation, Position, liquidation, sane
from bot.core.margin.rules import MarginMode
from bot.core.signals.position_reading import PositionReading, stop_for
from bot.core.signals.whatif_reading import zones_of
from bot.core.windows import DEFAULT_WINDOW
from bot.desk import position_words
from bot.desk.amounts import told_at
from bot.desk.drawing import Drawing
from bot.desk.grades import grade_of
from bot.desk.markets import Found, Markets
from bot.desk.requests import PositionRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshot, Snapshots
from bot.reply import Image, Reply, described

_PICTURES_KEPT = 16


class PositionDesk:
    """Answers where somebody's own position ends; nothing of it is kept."""

    def __init__(
        self,
        markets: Markets,
        snapshots: Snapshots,
        scoring: Scoring | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        self._markets = markets
        self._snapshots = snapshots
        self._scoring = scoring
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: PositionRequest, theme: str) -> Reply:
        """Answer with a picture, privately. UnknownSymbol, PositionRefused, NothingAnswered."""
        found = await self._markets.find(request.symbol, request.venues)
        snapshot = await self._snapshots.of(found.instruments)
        grade = await grade_of(self._scoring, snapshot)
        if snapshot.kept:
            request = told_at(request, float(snapshot.kept[0].history.candles.close[-1]))
        reading = await asyncio.to_thread(read_position, request, found, snapshot, grade)
        headline, lines = position_words.headline(reading), position_words.lines(reading)
        table = position_words.table(reading)
        said = (f"{headline}.", *lines)
        depends_on = f"{theme} {language.code()} {said} {table}"
        key = hashlib.blake2b(depends_on.encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme))
        return Reply(
            headline,
            lines,
            Image(png, described(*said), f"{found.base.lower()}-position.png", key),
            position_words.buttons(reading, request, found),
            private=True,
            simulated=reading.simulated,
            as_of=reading.as_of,
            table=table,
        )

    async def close(self) -> None:
        """Stop drawing."""
        await self._pictures.close()

    async def _draw(self, reading: PositionReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


def read_position(
    request: PositionRequest, found: Found, snapshot: Snapshot, grade: str | Said
) -> PositionReading:
    """Work out a position on every venue at hand. PositionRefused if none would have it."""
    failures = (*found.failures, *snapshot.failures)
    reading = read(
        [kept.estimate for kept in snapshot.kept],
        [kept.history for kept in snapshot.kept],
        DEFAULT_WINDOW,
        snapshot.now,
        found.asked,
        failures,
        grade,
        found.base,
    )
    if request.wallet is not None and request.mode is MarginMode.ISOLATED:
        raise PositionRefused(say("A wallet stands behind a cross position only: add “cross”."))
    price = reading.price
    entry = price if request.entry is None else request.entry
    value = request.usd if request.coins is None else request.coins * entry
    position = Position(request.side, entry, request.leverage, value, request.mode, request.wallet)
    sane(position, price)
    held: list[tuple[Liquidation, Kept]] = []
    refused: list[BotError] = []
    for kept in _by_interest(snapshot):
        try:
            table = kept.history.brackets or brackets_for(kept.history.instrument, entry)
            held.append((liquidation(position, kept.history.instrument, table), kept))
        except PositionRefused as error:
            refused.append(error)
    if not held:
        raise refused[0]
    first, kept = held[0]
    table = kept.history.brackets or brackets_for(first.instrument, entry)
    zones = zones_of(reading.map_clusters)
    return PositionReading(
        found.base,
        reading.quote,
        reading.as_of,
        price,
        position,
        tuple(each for each, _ in held),
        tuple(str(error) for error in refused),
        reading.now,
        zones,
        stop_for(position, price, first, table, zones),
        grade,
        tuple(venue.exchange for venue in reading.venues),
        found.asked,
        failures,
        reading.simulated,
    )


def _by_interest(snapshot: Snapshot) -> list[Kept]:
    """Order markets by open interest: where most is held is where most ask about."""
    return sorted(snapshot.kept, key=lambda kept: -kept.estimate.inventory.interest)


def _picture(reading: PositionReading, theme: str) -> bytes:
    from renderers import position
    from renderers.theme import theme_named

    return position.render(reading, theme_named(theme))
