"""`/heatmap` and `/map`: gather, estimate, draw, say."""

import hashlib
from dataclasses import dataclass, replace
from functools import partial
from typing import NamedTuple
from weakref import WeakKeyDictionary

import structlog

from bot.core.errors import BotError
from bot.core.estimate.reading import MapReading
from bot.core.estimate.strips import USUAL_BELOW
from bot.core.judge.grade import MEASURING
from bot.core.language import Said, code, say
from bot.core.watches.mark import Mark
from bot.core.windows import WINDOWS, Window
from bot.desk import caption
from bot.desk.drawing import Drawing
from bot.desk.grades import grade_of
from bot.desk.markets import Found, Markets
from bot.desk.requests import BY_ITSELF, Asker, HeatmapRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.snapshot import Kept, Snapshot, Snapshots
from bot.desk.steps import rows, step, venues
from bot.patience import COMING, Patience
from bot.ports import KeptMap, MapStore, SettingsStore
from bot.reply import Button, Image, Reply

log = structlog.get_logger()

_PICTURES_KEPT = 64  # some 100 KB each
# How long [s] a person's picture waits for its grade. A market that was never scored takes a second
# and more: then the picture comes first, and again with its grade.
_GRADED_WITHIN = 0.3


class Look(NamedTuple):
    """How a chat wants its pictures."""

    theme: str
    below: tuple[str, ...] = USUAL_BELOW  # what stands below a heatmap


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
        look = await self.look_of(asker)
        theme = request.theme or look.theme
        found = await self._markets.find(request.symbol, request.venues, patient=request.whole)
        snapshot = await self._snapshots.of(
            found.instruments,
            newer=request.refresh,
            within=patience.left(),
        )
        waits = request.whole or asker.effort == BY_ITSELF  # nobody's thumb does
        within = patience.left() if waits else _GRADED_WITHIN
        grade = await grade_of(self._scoring, snapshot, within)
        with self._snapshots.standing_back():
            reply = await self.shown(found, snapshot, request, theme, grade=grade, below=look.below)
        others = found.coming or snapshot.coming
        if not others and grade != MEASURING:
            return reply
        lines = (*reply.lines, say(COMING)) if others and not request.whole else reply.lines
        again = _words(request, found, request.window, request.venues, " whole")
        return replace(reply, lines=lines, coming=again)

    async def shown(
        self,
        found: Found,
        snapshot: Snapshot,
        request: HeatmapRequest,
        theme: str,
        *,
        grade: Said | None = None,
        mark: Mark | None = None,
        below: tuple[str, ...] = USUAL_BELOW,
    ) -> Reply:
        """Show what has been gathered already, perhaps with an episode marked. NotEnoughData.

        Without a `grade` it is waited for.
        """
        below = () if request.profile else below
        grade = grade or await grade_of(self._scoring, snapshot)
        data = self._data_hash(snapshot)
        key = _content_key(found, (*snapshot.lacking, data), request, theme, (grade, mark, below))
        drawn = await self._pictures.get(
            key, lambda: self._draw(key, found, snapshot, request, Look(theme, below), grade, mark)
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
        return (await self.look_of(asker)).theme

    async def look_of(self, asker: Asker) -> Look:
        """Return how a chat wants its pictures."""
        if self._settings is None:
            return Look(self._theme)
        try:
            chosen = await self._settings.settings(asker.chat)
        except BotError as error:
            log.warning("settings not read", chat=asker.chat, why=error)
            return Look(self._theme)
        below = USUAL_BELOW if chosen.panels is None else chosen.panels
        return Look(chosen.theme or self._theme, below)

    async def _draw(
        self,
        key: str,
        found: Found,
        snapshot: Snapshot,
        request: HeatmapRequest,
        look: Look,
        grade: str | Said,
        mark: Mark | None,
    ) -> _Drawn:
        profile = request.profile
        work = partial(
            _picture, found, snapshot, request.window, look, grade, mark, profile=profile
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
            log.warning("map not kept", market=market, why=error)

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
    look: Look,
    grade: str | Said,
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
        (*found.lacking, *snapshot.lacking),
        grade,
        found.base,
    )
    clothes = themes.theme_named(look.theme)
    if profile:  # it looks further than the heatmap, and so do its words
        reading = replace(reading, clusters=reading.map_clusters)
        return reading, profiles.render(reading, clothes)
    return reading, heatmap.render(reading, clothes, mark, look.below)


def _content_key(
    found: Found,
    data: tuple[str | Said, ...],
    request: HeatmapRequest,
    theme: str,
    told: tuple[str | Said, Mark | None, tuple[str, ...]],
) -> str:
    """Name the picture by all that it depends on, the language too.

    `data` are what failed and the data themselves, by name; `told` the map's grade, what is
    marked, and what stands below.
    """
    asked = (found.base, request.window.name, request.profile, theme, found.asked)
    parts = (code(), *asked, told, found.lacking, data)
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
        *step(say("Refresh"), _words(request, found, *here, " refresh")),
        *step(say("Heatmap") if request.profile else say("Profile"), _words(other, found, *here)),
        *step(say("File"), f"file {_words(request, found, *here)}", fresh=True),
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
