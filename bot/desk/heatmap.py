"""`/heatmap` and `/map`: gather, estimate, draw, say."""

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from weakref import WeakKeyDictionary

import structlog

from bot.core.errors import BotError
from bot.core.estimate.reading import MapReading
from bot.core.watches.mark import Mark
from bot.core.windows import WINDOWS, Window
from bot.desk import caption
from bot.desk.accuracy import UNPROVEN, graded
from bot.desk.drawing import Drawing
from bot.desk.markets import Found, Markets
from bot.desk.requests import Asker, HeatmapRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshot, Snapshots
from bot.desk.steps import rows, step, venues
from bot.patience import COMING, Patience
from bot.ports import KeptMap, MapStore, SettingsStore
from bot.reply import Button, Image, Reply

log = structlog.get_logger()

_PICTURES_KEPT = 64  # some 100 KB each


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    """A picture and its words; the reading they were made from is let go."""

    image: Image
    headline: str
    lines: tuple[str, ...]
    as_of: int
    simulated: bool


class HeatmapDesk:
    """Answers for the picture."""

    def __init__(
        self,
        markets: Markets,
        snapshots: Snapshots,
        *,
        settings: SettingsStore | None,
        maps: MapStore | None,
        scoring: Scoring | None = None,
        theme: str = "dark",
        drawing: Drawing | None = None,
    ) -> None:
        self._markets = markets
        self._snapshots = snapshots
        self._settings = settings
        self._maps = maps
        self._scoring = scoring
        self._theme = theme
        self._pictures: Shared[str, _Drawn] = Shared(_PICTURES_KEPT)
        # Of markets that are held: to go through a month of bars for each who asks takes longer
        # than all the rest of an answer that is there already.
        self._fingerprints: WeakKeyDictionary[Kept, str] = WeakKeyDictionary()
        self._drawing = drawing or Drawing()

    async def answer(self, request: HeatmapRequest, asker: Asker) -> Reply:
        """Answer with a picture. UnknownSymbol, UnknownVenue, NothingAnswered, NotEnoughData."""
        patience = Patience(whole=request.whole)
        theme = request.theme or await self.theme_of(asker)
        found = await self._markets.find(request.symbol, request.venues, patient=request.whole)
        snapshot = await self._snapshots.of(
            found.instruments,
            newer=request.refresh,
            within=patience.left(),
        )
        with self._snapshots.standing_back():
            reply = await self.shown(found, snapshot, request, theme)
        if not (found.coming or snapshot.coming):
            return reply
        lines = reply.lines if request.whole else (*reply.lines, COMING)
        again = _words(request, found, request.window, request.venues, " whole")
        return replace(reply, lines=lines, coming=again)

    async def shown(
        self,
        found: Found,
        snapshot: Snapshot,
        request: HeatmapRequest,
        theme: str,
        *,
        mark: Mark | None = None,
    ) -> Reply:
        """Show what has been gathered already, perhaps with an episode marked. NotEnoughData."""
        grade = await self._grade(snapshot)
        data = self._data_hash(snapshot)
        key = _content_key(found, (*snapshot.failures, data), request, theme, (grade, mark))
        drawn = await self._pictures.get(
            key, lambda: self._draw(key, found, snapshot, request, theme, grade, mark)
        )
        return Reply(
            drawn.headline,
            drawn.lines,
            drawn.image,
            _buttons(request, found),
            simulated=drawn.simulated,
            as_of=drawn.as_of,
        )

    def begin(self) -> None:
        """Import what draws, so that whoever asks first need not wait for it."""
        self._drawing.begin(_import)

    async def close(self) -> None:
        """Stop drawing."""
        await self._pictures.close()

    async def theme_of(self, asker: Asker) -> str:
        """Return the theme a chat prefers."""
        if self._settings is None:
            return self._theme
        try:
            return (await self._settings.settings(asker.chat)).theme or self._theme
        except BotError as error:
            log.warning("settings not read", chat=asker.chat, why=str(error))
            return self._theme

    async def _grade(self, snapshot: Snapshot) -> str:
        """Say how good the maps of these markets have been; no picture fails for that."""
        if self._scoring is None:
            return UNPROVEN
        try:
            verdict = await self._scoring.of(snapshot.kept)
        except Exception:
            log.exception("maps not graded")
            return UNPROVEN
        return graded(verdict.accuracy if verdict else None)

    async def _draw(
        self,
        key: str,
        found: Found,
        snapshot: Snapshot,
        request: HeatmapRequest,
        theme: str,
        grade: str,
        mark: Mark | None,
    ) -> _Drawn:
        profile = request.profile
        work = partial(
            _picture, found, snapshot, request.window, theme, grade, mark, profile=profile
        )
        reading, png = await self._drawing.do(work)
        await self._keep(reading, snapshot)
        kind = "map" if profile else request.window.name
        name = f"{found.base.lower()}-{kind}.png"
        image = Image(png, caption.alt(reading, profile=profile, mark=mark), name, key)
        return _Drawn(
            image,
            caption.headline(reading, profile=profile),
            (
                *caption.lines(reading, profile=profile),
                *caption.holes([kept.history for kept in snapshot.kept], reading),
            ),
            reading.as_of,
            reading.simulated,
        )

    async def _keep(self, reading: MapReading, snapshot: Snapshot) -> None:
        """Keep what was shown, so that it can be drawn and judged again."""
        if self._maps is None or reading.simulated:
            return
        kept = snapshot.kept
        market = " + ".join(item.history.instrument.key for item in kept)
        model = " + ".join(dict.fromkeys(item.estimate.parameters.version for item in kept))
        try:
            await self._maps.keep(KeptMap(market, reading.now, model, self._data_hash(snapshot)))
        except BotError as error:
            log.warning("map not kept", market=market, why=str(error))

    def _data_hash(self, snapshot: Snapshot) -> str:
        """Name the data of all markets together."""
        digest = hashlib.blake2b(digest_size=12)
        for kept in snapshot.kept:
            if kept not in self._fingerprints:
                self._fingerprints[kept] = kept.history.fingerprint()
            digest.update(self._fingerprints[kept].encode())
        return digest.hexdigest()


def _import() -> None:
    from bot.core.estimate import read  # noqa: F401 - by being imported it is at hand
    from renderers import heatmap, profile  # noqa: F401 - likewise


def _picture(
    found: Found,
    snapshot: Snapshot,
    window: Window,
    theme: str,
    grade: str,
    mark: Mark | None,
    *,
    profile: bool,
) -> tuple[MapReading, bytes]:
    """Read and draw, in a worker; drawing is imported there, by whoever first draws."""
    from bot.core.estimate.read import read
    from renderers import heatmap
    from renderers import profile as profiles
    from renderers import theme as themes

    reading = read(
        [kept.estimate for kept in snapshot.kept],
        [kept.history for kept in snapshot.kept],
        window,
        snapshot.now,
        found.asked,
        (*found.failures, *snapshot.failures),
        grade,
        found.base,
    )
    clothes = themes.theme_named(theme)
    if profile:  # it looks further than the heatmap, and so do its words
        reading = replace(reading, clusters=reading.map_clusters)
        return reading, profiles.render(reading, clothes)
    return reading, heatmap.render(reading, clothes, mark)


def _content_key(
    found: Found,
    data: tuple[str, ...],
    request: HeatmapRequest,
    theme: str,
    told: tuple[str, Mark | None],
) -> str:
    """Name the picture by all that it depends on.

    `data` are what failed and the data themselves, by name; `told` the map's grade and what is
    marked.
    """
    asked = (found.base, request.window.name, request.profile, theme, found.asked)
    parts = (*asked, told, found.failures, data)
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


def _buttons(request: HeatmapRequest, found: Found) -> tuple[tuple[Button, ...], ...]:
    """Offer the obvious next steps: window, venues, newer data, the other picture, the file."""
    here = (request.window, request.venues)
    windows: list[Button] = []
    for window in WINDOWS:
        said = _words(request, found, window, request.venues)
        windows += step(window.name, said, chosen=window == request.window)
    alone = venues(found, request.venues, lambda each: _words(request, found, request.window, each))
    other = replace(request, profile=not request.profile)
    last = (
        *step("Refresh", _words(request, found, *here, " refresh")),
        *step("Heatmap" if request.profile else "Profile", _words(other, found, *here)),
        *step("File", f"file {_words(request, found, *here)}", fresh=True),
    )
    return rows(windows, alone, last)


def _words(
    request: HeatmapRequest,
    found: Found,
    window: Window,
    venues: tuple[str, ...],
    more: str = "",
) -> str:
    """Write a request as one would type it."""
    verb = "map" if request.profile else "heatmap"
    theme = f" {request.theme}" if request.theme else ""
    return " ".join((verb, found.symbol, window.name, *venues)) + theme + more
