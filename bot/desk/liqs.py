"""`/liqs`: what was liquidated in the last hour and day, of one coin or of all that are heard."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import structlog

from bot.core import language
from bot.core.arrays import DAY
from bot.core.errors import BotError, NothingAnswered
from bot.core.flow.liquidated import LiquidatedReading, ToldMarket
from bot.core.flow.read_liquidated import read_liquidated
from bot.core.instruments import Instrument
from bot.core.language import Said, mark, say, say_of
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations, none, together
from bot.core.market.offer import NONE
from bot.desk import liqs_words, steps
from bot.desk.cascade_words import cascade, under_way
from bot.desk.cascades import CascadeDesk
from bot.desk.drawing import Drawing
from bot.desk.markets import ALL, Found, Markets
from bot.desk.requests import PanelRequest
from bot.desk.shared import Shared
from bot.desk.snapshot import Snapshots
from bot.desk.tapes import Tapes
from bot.ports import HistoryStore, MarketSource
from bot.reply import Button, Image, Live, Reply

log = structlog.get_logger()

_PICTURES_KEPT = 32
_AT_ONCE = 5_000  # [ms] all who ask within so much of one another are given the same picture
_TAPE_ALONE = 60_000  # [ms] a live message is kept current from the tape, without asking venues
_REMEMBERED = 400  # markets whose stored liquidations are kept in mind
_COIN_BUTTONS = 4
_KEPT_CURRENT = mark("Live: this message is kept current for ten minutes.")


@dataclass(frozen=True, slots=True, eq=False)
class _Stored:
    """What the memory has of a market's last day, as first asked for."""

    events: Liquidations | None
    heard: Heard | None
    feed: str


class LiqsDesk:
    """Answers for liquidations that happened; a bot.desk.panels.Panel."""

    def __init__(
        self,
        source: MarketSource,
        markets: Markets,
        snapshots: Snapshots,
        tapes: Tapes,
        store: HistoryStore | None,
        cascades: CascadeDesk | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        """Without a desk of cascades none is mentioned."""
        self._source = source
        self._markets = markets
        self._snapshots = snapshots
        self._tapes = tapes
        self._store = store
        self._cascades = cascades
        self._stored: Shared[Instrument, _Stored] = Shared(_REMEMBERED)
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: PanelRequest, theme: str) -> Reply:
        """Answer with a picture. UnknownSymbol, UnknownVenue, NothingAnswered."""
        request = await self._venues_named(request)
        found = None
        failures: tuple[str | Said, ...]
        if request.symbol:
            found = await self._markets.find(request.symbol, request.venues)
            failures = await self._gathered(found, request)
            instruments, asked = found.instruments, found.asked
            if not instruments:
                raise NothingAnswered([])
        else:
            instruments = await self._followed(request.venues)
            asked = tuple(dict.fromkeys(item.exchange for item in instruments))
            failures = ()
            if not instruments:
                return _nothing_followed()
        told = await asyncio.gather(*(self._told(item) for item in instruments))
        now = max(self._source.now(item) for item in instruments) // _AT_ONCE * _AT_ONCE
        simulated = self._source.simulated or any(simulated for _, simulated in told)
        reading = await asyncio.to_thread(
            partial(
                read_liquidated,
                found.base if found else "",
                [market for market, _ in told],
                now,
                asked,
                failures,
                simulated=simulated,
            )
        )
        return await self._reply(request, found, reading, theme)

    async def close(self) -> None:
        """Stop remembering and drawing."""
        await self._stored.close()
        await self._pictures.close()

    async def _venues_named(self, request: PanelRequest) -> PanelRequest:
        """Take `/liqs okx` for all coins of a venue, if it names none that is listed."""
        word = request.symbol.lower()
        if word and word in await self._markets.venues():
            venues = dict.fromkeys((word, *request.named))
            return replace(request, symbol="", venues=tuple(venues))
        return request

    async def _gathered(self, found: Found, request: PanelRequest) -> tuple[str | Said, ...]:
        """Bring a coin's markets up to date as far as their venues answer; says what failed."""
        if request.live and all(self._recent(item) for item in found.instruments):
            return found.failures
        try:
            snapshot = await self._snapshots.of(found.instruments, newer=request.refresh)
        except NothingAnswered as error:  # what was heard and stored is still worth telling
            return (*found.failures, *(str(each) for each in error.failures))
        return (*found.failures, *snapshot.failures)

    def _recent(self, instrument: Instrument) -> bool:
        """Whether a market was gathered so lately that its tape alone tells what is new."""
        kept = self._snapshots.kept.get(instrument.key)
        return kept is not None and self._source.now(instrument) - kept.gathered < _TAPE_ALONE

    async def _followed(self, venues: Sequence[str]) -> tuple[Instrument, ...]:
        """Name the markets that are held, heard, or were heard within the last day."""
        held = [kept.history.instrument for kept in self._snapshots.kept.values()]
        known = [*held, *self._tapes.markets()]
        if self._store is not None:
            try:
                known += await self._store.followed(self._source.now() - DAY)
            except BotError as error:
                log.warning("followed markets not remembered", why=error)
        return tuple(
            item
            for item in dict.fromkeys(known)
            if not venues or ALL in venues or item.exchange in venues
        )

    async def _told(self, instrument: Instrument) -> tuple[ToldMarket, bool]:
        """Put together what the gathering, the tape and the memory know of a market's last day."""
        since = self._source.now(instrument) - DAY
        kept = self._snapshots.kept.get(instrument.key)
        pieces, heard = self._tapes.pieces(instrument), self._tapes.heard(instrument)
        if kept is not None:
            known = _of_history(kept.history, since)
        else:
            known = await self._stored.get(instrument, lambda: self._remembered(instrument, since))
        accounts = [_since(piece, since) for piece in pieces if len(piece)]
        if known.events is not None:
            accounts.insert(0, _since(known.events, since))
        events = await asyncio.to_thread(together, accounts) if accounts else None
        if events is None and (known.events is not None or heard.spans):
            events = none()
        always = known.events is not None and known.heard is None
        market = ToldMarket(
            instrument,
            events,
            None if always else (known.heard or Heard()).also(heard.spans),
            known.feed or self._offered(instrument.exchange),
            None if kept is None else kept.history.liquidation_totals,
            None if kept is None else kept.history.candles.since(since),
        )
        return market, kept is not None and kept.history.simulated

    async def _remembered(self, instrument: Instrument, since: int) -> _Stored:
        history = None
        if self._store is not None:
            try:
                history = await self._store.load(instrument, since)
            except BotError as error:
                log.warning("liquidations not remembered", why=error, market=instrument.key)
        return _of_history(history, since) if history else _Stored(None, Heard(), "")

    def _books(self) -> bool:
        """Whether any venue tells of an order book."""
        offers = self._source.offers()
        return not offers or any(offer.book != NONE for offer in offers)

    def _offered(self, exchange: str) -> str:
        """Return how complete a venue's feed is, in English words, by what it offers."""
        for offer in self._source.offers():
            if offer.exchange == exchange:
                return offer.lossy if offer.liquidations != NONE else mark("it publishes none")
        return ""

    async def _reply(
        self,
        request: PanelRequest,
        found: Found | None,
        reading: LiquidatedReading,
        theme: str,
    ) -> Reply:
        headline, lines = liqs_words.headline(reading), liqs_words.lines(reading)
        parts = (lines, reading.classes, reading.venues, reading.coins, reading.largest, theme)
        depends_on = (reading.as_of, parts, language.code())
        digest = hashlib.blake2b(repr(depends_on).encode(), digest_size=12)
        key = digest.hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme))
        name = f"{(reading.base or 'all').lower()}-liquidations.png"
        live = _live(request, found) if request.live else None
        going = map(cascade, under_way(self._cascades, found.base if found else ""))
        first = int(reading.simulated)  # that it is comes before all
        lines = (*lines[:first], *going, *lines[first:])
        return Reply(
            headline,
            (say(_KEPT_CURRENT), *lines) if live else lines,
            Image(png, liqs_words.alt(reading), name, key),
            _buttons(request, found, reading, books=self._books()),
            simulated=reading.simulated,
            as_of=reading.as_of,
            live=live,
        )

    async def _draw(self, reading: LiquidatedReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


def _of_history(history: MarketHistory, since: int) -> _Stored:
    events = history.liquidations
    return _Stored(
        None if events is None else _since(events, since), history.heard, history.liquidation_feed
    )


def _since(events: Liquidations, since: int) -> Liquidations:
    """Return what happened at `since` [ms] or later."""
    first = int(events.time.searchsorted(since))
    return events.sliced(slice(first, None)) if first else events


def _nothing_followed() -> Reply:
    return Reply(
        say("No market is listened to yet"),
        (say("Ask for a coin, and its liquidations are heard from then on."),),
        buttons=((Button("BTC", "liqs BTC"), Button("ETH", "liqs ETH")),),
    )


def _words(request: PanelRequest, found: Found | None, *more: str) -> str:
    theme = (request.theme,) if request.theme else ()
    what = (found.symbol, *request.venues) if found else request.venues
    return " ".join(("liqs", *what, *theme, *more))


def _live(request: PanelRequest, found: Found | None) -> Live:
    return Live(_words(request, found, "live"), _words(request, found))


def _buttons(
    request: PanelRequest, found: Found | None, reading: LiquidatedReading, *, books: bool
) -> tuple[tuple[Button, ...], ...]:
    if request.live:
        return steps.rows(steps.step(say_of("button", "Stop"), _words(request, found)))
    last = [
        *steps.step(say("Live"), _words(request, found, "live")),
        *steps.step(say("Refresh"), _words(request, found, "refresh")),
    ]
    if found is None:
        coins = [coin.name for coin in reading.coins if coin.day.usd][:_COIN_BUTTONS]
        row = [button for coin in coins for button in steps.step(coin, f"liqs {coin}")]
        return steps.rows(row, last)

    def words(venues: tuple[str, ...]) -> str:
        return _words(replace(request, venues=venues), found)

    theme = f" {request.theme}" if request.theme else ""
    return steps.rows(
        steps.venues(found, request.venues, words),
        (
            *last,
            *steps.step(say("Heatmap"), f"heatmap {found.symbol}{theme}"),
            *(steps.step(say("Book"), f"book {found.symbol}{theme}") if books else ()),
            *steps.step(say("All coins"), f"liqs{theme}"),
        ),
    )


def _picture(reading: LiquidatedReading, theme: str) -> bytes:
    from renderers import liqs
    from renderers.theme import theme_named

    return liqs.render(reading, theme_named(theme))
