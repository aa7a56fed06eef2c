"""An episode told: what is held of its market is read, put into words and drawn."""

import asyncio
from collections import OrderedDict

import structlog

from bot.core import language
from bot.core.arrays import MINUTE
from bot.core.errors import BotError
from bot.core.signals.episode import Kind
from bot.core.watches.gate import Act
from bot.core.watches.mark import Mark
from bot.desk.heatmap import Look
from bot.desk.requests import HeatmapRequest, PanelRequest
from bot.desk.shared import Shared
from bot.desk.snapshot import Snapshot
from bot.desk.watching import alert_words
from bot.desk.watching.headlines import headline
from bot.desk.watching.parts import Parts
from bot.desk.watching.seen import Reader, kinds_of
from bot.desk.watching.telling import Telling
from bot.reply import Image, Reply

log = structlog.get_logger()

_PATIENCE = 2.0  # [s] that a picture is waited for
_REDRAWN = 30 * MINUTE  # [ms] after which an episode under way is given a newer picture
_REMEMBERED = 2_000  # messages of which it is known when they were given a picture
_KEPT = 32  # pictures, some 100 KB each
_DRAWN_AS = {Kind.CASCADE: "cascade", Kind.SWEEP: "sweep-reversal", Kind.MAGNET: "magnet"}


class Alerts:
    """Tells of episodes; what cannot be had at once is left out, and comes with the next edit."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._reader = Reader(parts)
        self._pictures: Shared[tuple[object, ...], Image] = Shared(_KEPT)
        self._pictured: OrderedDict[str, int] = OrderedDict()  # [ms] by message

    async def episode(self, telling: Telling) -> Reply:
        """Say how an episode stands, with its picture where it has none yet."""
        snapshot = self._parts.snapshot(telling.found) if telling.found is not None else None
        reading = await self._reader.read(telling, snapshot)
        image = None
        if snapshot is not None and self._due(telling):
            image = await self._image(telling, snapshot)
        act = telling.effect.act
        return Reply(
            headline(reading),
            alert_words.lines(reading),
            image,
            () if act in {Act.CLOSE, Act.REPEAT} else alert_words.buttons(reading),
            simulated=telling.simulated,
            as_of=reading.as_of,
        )

    def _due(self, telling: Telling) -> bool:
        """Say whether a message is to be given a picture: a new one, or one long ago drawn."""
        effect = telling.effect
        if effect.act in {Act.CLOSE, Act.REPEAT}:
            return False
        drawn = self._pictured.get(effect.message)
        return effect.act is Act.OPEN or drawn is None or effect.time - drawn >= _REDRAWN

    async def _image(self, telling: Telling, snapshot: Snapshot) -> Image | None:
        """Draw the market with the episode marked, if that is done in time."""
        try:
            async with asyncio.timeout(_PATIENCE):
                look = await self._parts.look(telling.kept, telling.manners)
                image = await self._drawn(telling, snapshot, look)
        except (TimeoutError, BotError) as error:
            why = str(error) or "took too long"
            log.info("told without a picture", market=telling.effect.market, why=why)
            return None
        self._pictured[telling.effect.message] = telling.effect.time
        self._pictured.move_to_end(telling.effect.message)
        while len(self._pictured) > _REMEMBERED:
            self._pictured.popitem(last=False)
        return image

    async def _drawn(self, telling: Telling, snapshot: Snapshot, look: Look) -> Image:
        """Draw once for all chats that are told of the same; it does not say which watch."""
        effect, found, kinds = telling.effect, telling.found, kinds_of(telling)
        assert found is not None  # noqa: S101 - there is a snapshot of it
        mark = Mark(effect.began, language.mark("since"), effect.about)
        gathered = tuple((each.history.instrument.key, each.gathered) for each in snapshot.kept)

        async def work() -> Image:
            setup = await self._setup(telling, look.theme)
            return setup or await self._heatmap(telling, snapshot, look, mark)

        return await self._pictures.get(
            (found.base, gathered, kinds, mark, look, language.code()), work
        )

    async def _setup(self, telling: Telling, theme: str) -> Image | None:
        """Return the picture of the setup that is told of; None where another comes first."""
        asked = {_DRAWN_AS[kind] for kind in kinds_of(telling) if kind in _DRAWN_AS}
        if not asked or telling.found is None:
            return None
        request = PanelRequest("setups", telling.found.symbol, telling.watch.venues)
        try:
            reply = await self._parts.setups.answer(request, theme)
        except BotError:
            return None
        image = reply.image
        drawn = image is not None and any(image.name.endswith(f"-{name}.png") for name in asked)
        return image if drawn else None

    async def _heatmap(self, telling: Telling, snapshot: Snapshot, look: Look, mark: Mark) -> Image:
        assert telling.found is not None  # noqa: S101 - there is a snapshot of it
        request = HeatmapRequest(telling.found.symbol, venues=telling.watch.venues)
        drawn = await self._parts.heatmaps.shown(
            telling.found, snapshot, request, look.theme, mark=mark, below=look.below
        )
        assert drawn.image is not None  # noqa: S101 - a heatmap is a picture
        return drawn.image
