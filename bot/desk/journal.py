"""`/journal` and `/coach`: a person's own trades, told to nobody else."""

import asyncio
import hashlib
from dataclasses import replace
from functools import partial

from bot.core import figures, language
from bot.core.errors import TradeRefused, UnknownWord
from bot.core.journal.reading import JournalReading
from bot.core.journal.review import Review, review
from bot.core.journal.trade import Mistake, Trade, ended, sound
from bot.core.language import mark, say
from bot.core.market.liquidations import PositionSide
from bot.core.watches.ledger import Entry
from bot.desk import coach_words, journal_steps, journal_words
from bot.desk.amounts import told_at
from bot.desk.caption import SIMULATED
from bot.desk.drawing import Drawing
from bot.desk.journal_market import JournalMarket
from bot.desk.journal_requests import (
    CoachRequest,
    EditRequest,
    JournalRequest,
    JournalRequests,
    LogRequest,
    TradeRequest,
)
from bot.desk.requests import Asker
from bot.desk.shared import Shared
from bot.journals import JournalStore
from bot.reply import Image, Reply, described
from bot.watching import WatchStore

_PICTURES_KEPT = 16
_MOST_TRADES = 2000  # of one person
_SLIP = 20.0  # a price so many times another is a slip of the finger
_WHICH = mark("/journal lists your trades.")
_WAYS = {"up": PositionSide.LONG, "down": PositionSide.SHORT}


class JournalDesk:
    """Answers about somebody's own trades; every answer is for his eyes alone."""

    def __init__(
        self,
        store: JournalStore,
        market: JournalMarket,
        watches: WatchStore | None = None,
        *,
        drawing: Drawing | None = None,
    ) -> None:
        """With `watches` an alert's own way is known when a trade is logged from it."""
        self._store = store
        self._market = market
        self._watches = watches
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def answer(self, request: JournalRequests, asker: Asker, theme: str) -> Reply:
        """Answer privately. TradeRefused, UnknownWord, UnknownSymbol, StoreUnavailable, ..."""
        reply = await self._answer(request, asker, theme)
        lines = (say(SIMULATED), *reply.lines) if self._market.simulated else reply.lines
        return replace(reply, lines=lines, private=True, simulated=self._market.simulated)

    async def close(self) -> None:
        """Stop drawing."""
        await self._pictures.close()

    async def _answer(self, request: JournalRequests, asker: Asker, theme: str) -> Reply:
        match request:
            case TradeRequest():
                return await self._add(request, asker)
            case LogRequest():
                return await self._log(request, asker)
            case EditRequest():
                return await self._edit(request, asker)
            case CoachRequest():
                return await self._coach(asker, request.theme or theme)
            case JournalRequest(trade=""):
                return await self._listing(asker, request.theme or theme)
        return await self._one(request, asker)

    async def _listing(self, asker: Asker, theme: str) -> Reply:
        found = await self._review(asker)
        prices = await self._market.prices(each.base for each in found.going)
        headline, lines = journal_words.listing(found, prices)
        image = await self._image(found, theme, lines, whole=False) if found.trades else None
        return Reply(headline, lines, image, journal_steps.buttons(found))

    async def _coach(self, asker: Asker, theme: str) -> Reply:
        found = await self._review(asker)
        headline, lines = coach_words.headline(found), coach_words.lines(found)
        image = await self._image(found, theme, lines, whole=True) if found.trades else None
        return Reply(headline, lines, image, coach_words.buttons(found))

    async def _review(self, asker: Asker) -> Review:
        trades = await self._store.trades(asker.user)
        return await asyncio.to_thread(review, trades, self._market.now())

    async def _one(self, request: JournalRequest, asker: Asker) -> Reply:
        """Show one trade, close it, open it again, tag it, or drop it."""
        trade = await self._own(request.trade, asker)
        match request.act:
            case "close":
                return await self._closed(trade, request.price)
            case "open":
                return await self._changed(replace(trade, exit=None, closed=None))
            case "tag" if request.tag is not None:
                return await self._changed(_toggled(trade, request.tag))
            case "drop" if not request.sure:
                return journal_steps.asked_once_more(trade)
            case "drop":
                await self._store.remove(asker.user, trade.id)
                dropped = say("Dropped {trade}", trade=journal_words.name(trade))
                return Reply(dropped, buttons=(journal_steps.back(),))
        return await self._shown(trade, journal_words.name(trade))

    async def _closed(self, trade: Trade, price: float | None) -> Reply:
        if price is None and trade.open:
            price = await self._market.price_of(trade.base)
        done = ended(trade, price or trade.entry, self._market.now())
        await self._keep(done)
        named, at = journal_words.name(done), figures.price(done.exit or 0.0)
        closed = say("Closed {trade} at {price}", trade=named, price=at)
        return await self._shown(done, closed, ask=True)

    async def _edit(self, request: EditRequest, asker: Asker) -> Reply:
        trade = await self._own(request.trade, asker)
        if request.told.exit is not None and trade.open:
            raise TradeRefused(
                say("{trade} is open. /journal close {trade} … closes it.", trade=trade.id)
            )
        changed = request.told.changing(trade)
        if trade.stop is not None and request.told.stop is not None and _in_profit(changed):
            first = figures.price(trade.stop)
            raise TradeRefused(
                say(
                    "R is counted from the stop that {trade} began with, {price}: leave it here "
                    "however you trail yours, and close the trade where it ends.",
                    trade=trade.id,
                    price=first,
                )
            )
        return await self._changed(changed)

    async def _changed(self, trade: Trade) -> Reply:
        await self._keep(sound(trade))
        return await self._shown(trade, journal_words.name(trade))

    async def _keep(self, trade: Trade) -> None:
        if not await self._store.change(trade):
            raise UnknownWord(trade.id, say(_WHICH))

    async def _add(self, request: TradeRequest, asker: Asker) -> Reply:
        """Log a trade in words; an entry that is left out is the price now."""
        found = await self._market.find(request.symbol)
        now, told = self._market.now(), request.told
        entry = told.entry
        if entry is None:
            entry = await self._market.price(found)
        else:
            known = (await self._market.prices([found.base])).get(found.base, entry)
            told = told_at(told, known)
            entry = known if told.entry is None else entry
            if not 1 / _SLIP < entry / known < _SLIP:
                raise TradeRefused(
                    say(
                        "{entry} is far from the price of {coin}, {price}. "
                        "Was another number meant?",
                        entry=figures.price(entry),
                        coin=found.base,
                        price=figures.price(known),
                    )
                )
        side = told.side or PositionSide.LONG
        trade = told.changing(Trade("", asker.user, found.base, side, entry, now))
        if told.exit is not None:
            trade = ended(replace(trade, exit=None), told.exit, now)
        kept = await self._added(trade)
        return await self._shown(kept, journal_words.logged(kept), new=True)

    async def _log(self, request: LogRequest, asker: Asker) -> Reply:
        """Log a trade by one tap: of an alert, or of a setup that is under way."""
        side, signal = request.side, request.signal
        if request.message:
            if there := await self._logged(request.message, asker):
                return await self._shown(there, journal_words.logged(there, before=True))
            entry = await self._episode(request.message, asker)
            if entry is not None:
                side = side or _WAYS.get(entry.way)
                signal = signal or ("cascade" if entry.way else "")
        found = await self._market.find(request.symbol, request.venues)
        price = await self._market.price(found)
        plan = await self._market.plan(signal, found, side, price)
        side = side or (plan.side if plan is not None else None)
        if side is None:
            first = request.message or " ".join((signal, found.symbol, *request.venues))
            named = "" if request.message else signal
            return journal_steps.which_side(found.base, named, f"journal log {first}")
        trade = Trade(
            "",
            asker.user,
            found.base,
            side,
            price,
            self._market.now(),
            plan.stop if plan is not None else None,
            plan.target if plan is not None else None,
            signal=signal or "watch",
            source=request.message or (plan.source if plan is not None else ""),
        )
        there = await self._logged(trade.source, asker) if trade.source else None
        kept = there or await self._added(trade)
        said = journal_words.logged(kept, before=there is not None)
        return await self._shown(kept, said, new=there is None)

    async def _logged(self, source: str, asker: Asker) -> Trade | None:
        """Return what was logged from an episode before."""
        trades = await self._store.trades(asker.user)
        return next((each for each in trades if each.source == source), None)

    async def _episode(self, message: str, asker: Asker) -> Entry | None:
        """Return the episode of an alert in the asker's own chat; of others nothing is known."""
        if self._watches is None:
            return None
        entry = await self._watches.entry(message)
        kept = await self._watches.watch(entry.watch) if entry is not None else None
        return entry if kept is not None and kept.address.chat == asker.chat else None

    async def _added(self, trade: Trade) -> Trade:
        """Keep a new trade; the same tap twice keeps it once. TradeRefused."""
        if len(await self._store.trades(trade.owner)) >= _MOST_TRADES:
            raise TradeRefused(
                say(
                    "Your journal holds {count} trades, which is as many as it may. Drop one "
                    "first: /journal drop t12.",
                    count=f"{_MOST_TRADES:,}",
                )
            )
        return await self._store.add(sound(trade))

    async def _own(self, trade_id: str, asker: Asker) -> Trade:
        """Return a trade of the asker's own; of others nobody is told that they are there."""
        trade = await self._store.trade(asker.user, trade_id)
        if trade is None:
            raise UnknownWord(trade_id, say(_WHICH))
        return trade

    async def _shown(
        self, trade: Trade, headline: str, *, new: bool = False, ask: bool = False
    ) -> Reply:
        """Show one trade; `new`: it was logged just now, `ask`: it was closed just now."""
        price, suggested = None, None
        if trade.open:
            price = (await self._market.prices([trade.base])).get(trade.base)
            if trade.stop is None:
                suggested = await self._market.suggested(
                    trade.base, trade.side, trade.entry, trade.leverage
                )
        lines = journal_words.detail(trade, price, self._market.now(), suggested)
        last = say(journal_words.ASKED) if ask else journal_words.edits(trade)
        buttons = journal_steps.of_trade(trade, suggested, new=new and trade.open)
        return Reply(headline, (*lines, last), buttons=buttons)

    async def _image(
        self, found: Review, theme: str, lines: tuple[str, ...], *, whole: bool
    ) -> Image:
        now, simulated = self._market.now(), self._market.simulated
        reading = JournalReading(found, now, simulated)
        what = say("Your journal review.") if whole else say("Your journal equity.")
        alt = described(what, *([say(SIMULATED)] if simulated else []), *lines)
        parts = (theme, whole, simulated, figures.moment(now), found.trades, len(found.going))
        depends_on = repr((*parts, language.code()))
        key = hashlib.blake2b(depends_on.encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme, whole=whole))
        return Image(png, alt, "coach.png" if whole else "journal.png", key)

    async def _draw(self, reading: JournalReading, theme: str, *, whole: bool) -> bytes:
        return await self._drawing.do(partial(_picture, reading, theme, whole=whole))


def _in_profit(trade: Trade) -> bool:
    """Whether the stop lies where nothing is at risk any more."""
    return trade.stop is not None and (trade.stop - trade.entry) * trade.side.value >= 0


def _toggled(trade: Trade, tag: Mistake) -> Trade:
    """Take a mistake in, or out if it was told before."""
    others = tuple(each for each in trade.mistakes if each is not tag)
    return replace(trade, mistakes=others if tag in trade.mistakes else (*others, tag))


def _picture(reading: JournalReading, theme: str, *, whole: bool) -> bytes:
    from renderers import journal
    from renderers.theme import theme_named

    return journal.render(reading, theme_named(theme), whole=whole)
