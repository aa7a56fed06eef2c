"""What a watch would have done on the stored past of a coin, in words and a picture."""

import asyncio
import hashlib
from dataclasses import dataclass
from functools import partial

import structlog

from bot.core import figures
from bot.core.errors import BotError
from bot.core.language import code, mark, say
from bot.core.watches.figures import Figure
from bot.core.watches.judge import Found, truth
from bot.core.watches.judge import found as judged
from bot.core.watches.presets import rules
from bot.core.watches.preview import Once, Preview, preview, shifted
from bot.core.watches.previewed import WatchReading, first_line
from bot.core.watches.tree import ALL, Clause, Digest, HeatmapEvery, Watch
from bot.core.watches.truth import Truth
from bot.desk.caption import SIMULATED
from bot.desk.drawing import Drawing
from bot.desk.shared import Shared
from bot.desk.watch_levels import Levels, alone, levels, plain
from bot.desk.watch_past import CoinPast, Pasts, Unread
from bot.desk.watches_words import quiet_hours
from bot.desk.watching.clause_words import clause
from bot.reply import Image, described
from bot.watching import Manners

log = structlog.get_logger()

_PATIENCE = 6.0  # [s] for a coin's past; it goes on being gathered for whoever asks again
_HURRY = 2.5  # [s] the same where only a line is wanted
_ENDURANCE = 90.0  # [s] the same where nobody waits, and a message is completed afterwards
_PICTURES_KEPT = 64
_NEWEST = 3  # episodes named
_LARGEST = "BTC"  # what stands for all coins
_NOTHING_KNOWN = 0.99  # of a past unknown, from which on nothing is said of it
_HOLDS = {
    Truth.TRUE: mark("It holds now: {clauses}."),
    Truth.FALSE: mark("It does not hold now: {clauses}."),
    Truth.UNKNOWN: mark("Now: {clauses}; not all of it is known."),
}
_ANYWAY = mark("It can be saved all the same.")


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview, ready to be said."""

    lines: tuple[str, ...]
    image: Image | None = None
    gathering: bool = False  # more can be said once the coin's past is there


class Previews:
    """Runs watches over what is held of coins."""

    def __init__(self, pasts: Pasts, *, drawing: Drawing | None = None) -> None:
        self._pasts = pasts
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._drawing = drawing or Drawing()

    async def of(
        self, watch: Watch, manners: Manners, theme: str, *, patient: bool = False
    ) -> Shown:
        """Say and draw what a watch would have done. UnknownSymbol, UnknownVenue."""
        patience = _ENDURANCE if patient else _PATIENCE
        past = await self._pasts.of(_coin(watch), watch.venues, watch, patience)
        if isinstance(past, Unread):
            return Shown((past.why, say(_ANYWAY)), gathering=past.gathering)
        reading, lines = await asyncio.to_thread(_read, watch, past, manners)
        if reading is None:
            return Shown((*lines, say(_ANYWAY)))
        simulated = say(SIMULATED) if reading.simulated else ""
        said = (f"{watch}:", simulated, *lines)
        parts = (said, reading.preview, reading.as_of, theme, code())
        key = hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme))
        return Shown(lines, Image(png, described(*said), f"{reading.base.lower()}-watch.png", key))

    async def line(self, watch: Watch, manners: Manners) -> str:
        """Say in a line what a watch would have done; "" if that takes long."""
        if isinstance(watch.what, Digest | HeatmapEvery):
            return ""
        try:
            past = await self._pasts.of(_coin(watch), watch.venues, watch, _HURRY)
            if isinstance(past, Unread):
                return ""
            _, lines = await asyncio.to_thread(_read, watch, past, manners)
        except BotError as error:
            log.info("no line of a preview", watch=str(watch), why=error)
            return ""
        return lines[0]

    async def levels(self, coin: str, figure: Figure | None, *, upward: bool) -> Levels:
        """Suggest values of a figure by the coin's own past, or plain ones."""
        if figure is None:
            return Levels((), "")
        coin = _LARGEST if coin == ALL else coin
        try:
            past = await self._pasts.of(coin, (), Watch((coin,), alone(figure)), _HURRY)
        except BotError as error:
            log.info("no values of a past", coin=coin, why=error)
            return plain(figure)
        if isinstance(past, Unread):
            return plain(figure)
        return await asyncio.to_thread(levels, figure, past, upward=upward)

    async def close(self) -> None:
        """Stop drawing."""
        await self._pictures.close()

    async def _draw(self, reading: WatchReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await self._drawing.do(work)


def _coin(watch: Watch) -> str:
    return _LARGEST if not watch.markets or watch.markets == (ALL,) else watch.markets[0]


def _read(
    watch: Watch, coin: CoinPast, manners: Manners
) -> tuple[WatchReading | None, tuple[str, ...]]:
    """Run a watch over a coin's past; what is said of it, and None where nothing is to be drawn."""
    condition = watch.what
    if isinstance(condition, Digest | HeatmapEvery):
        raise ValueError("a schedule has nothing to be previewed")  # noqa: TRY004 - of its kind
    past = coin.columns(watch)
    if len(past) < 2:  # noqa: PLR2004 - there is no past
        return None, (say("Nothing is stored of {coin} yet.", coin=coin.base),)
    done = preview(watch, past, rules("", watch, manners.zone, quiet=quiet_hours(manners)))
    last, before = len(past) - 1, shifted(past)
    told = judged(condition, past, last, before)
    now = ", ".join(dict.fromkeys(map(_stands, told)))
    holds = truth(condition, past, last, before)
    lines = [_fired(done, coin.base)]
    newest = [_once(each) for each in done.told[-_NEWEST:]]
    if newest:
        lines.append(say("Newest: {times}.", times="; ".join(reversed(newest))))
    lines.append(say(_HOLDS[holds], clauses=now))
    if len(watch.markets) > 1 or watch.markets == (ALL,):
        lines.append(
            say("The other coins are watched alike; this is {coin} alone.", coin=coin.base)
        )
    lead = max(coin.histories, key=lambda each: len(each.candles))
    reading = WatchReading(
        coin.base,
        str(watch),
        done,
        lead.candles.since(int(past.time[0])),
        first_line(condition, past),
        int(past.time[-1]),
        coin.asked,
        tuple(each.instrument.exchange for each in coin.histories),
        coin.simulated,
    )
    return reading if len(reading.candles) else None, tuple(lines)


def _fired(done: Preview, base: str) -> str:
    """Say how often a watch would have fired."""
    if done.unknown > _NOTHING_KNOWN:
        return say(
            "On {coin}: its past is not stored, so what it would have done cannot be said.",
            coin=base,
        )
    if not done.told:
        span = figures.span(done.length)
        never = say("On {coin} it would never have fired in {span}", coin=base, span=span)
        return f"{never}{done.unseen}."
    return say("On {coin} it would have fired {often}.", coin=base, often=done)


def _stands(found: Found) -> str:
    """Say how a clause stands; a signal that is not there is said to be none."""
    said = clause(found)
    if found.truth is Truth.FALSE and not isinstance(found.leaf, Clause):
        return say("no {signal}", signal=said)
    return said


def _once(once: Once) -> str:
    began = f"{figures.day(once.began)} {figures.clock(once.began)} UTC"
    if once.ended is None:
        return began
    return say("{time} for {span}", time=began, span=figures.span(once.ended - once.began))


def _picture(reading: WatchReading, theme: str) -> bytes:
    from renderers import watch_preview
    from renderers.theme import theme_named

    return watch_preview.render(reading, theme_named(theme))
