"""What a watch would have done on the stored past of a coin, in words and a picture."""

import asyncio
import hashlib
import math
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import numpy as np
import structlog

from bot.core import figures
from bot.core.errors import BotError, NotEnoughData, NothingAnswered
from bot.core.watches.figures import TRAITS, Figure, Measure, Unit
from bot.core.watches.judge import found as judged
from bot.core.watches.judge import truth
from bot.core.watches.presets import rules
from bot.core.watches.preview import Once, preview, shifted
from bot.core.watches.previewed import WatchReading, first_line, values_of
from bot.core.watches.tree import ALL, Clause, Comparison, Digest, HeatmapEvery, Leaf, Watch
from bot.core.watches.truth import Truth
from bot.core.watches.written import written_value
from bot.desk.markets import Markets
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, SignalDesk
from bot.desk.watches_words import quiet_hours
from bot.desk.watching.clause_words import clause
from bot.desk.watching.past import past_columns
from bot.reply import Image
from bot.watching import Manners

log = structlog.get_logger()

_PATIENCE = 6.0  # [s] for a coin's past; it goes on being gathered for whoever asks again
_HURRY = 2.5  # [s] the same where only a line is wanted
_PICTURES_KEPT = 64
_NEWEST = 3  # episodes named
_LARGEST = "BTC"  # what stands for all coins
_SOME = 50  # values of a past that say what is much in it
_UPWARD, _DOWNWARD = (0.9, 0.95, 0.99), (0.1, 0.05, 0.01)
_FROM_PRICE = (0.01, 0.02, 0.05)
_DIGITS = {Unit.PRICE: 4}  # that a suggested value is written with; else
_FEW_DIGITS = 2
_GATHERED = "History of {coin} is being gathered; what it would have done is said after that."
_ANYWAY = "It can be saved all the same."
# Suggested where a coin's own past says nothing.
_PLAIN = {
    Unit.RATE: ("1%", "3%", "5%"),
    Unit.PART: ("1%", "2%", "3%"),
    Unit.USD: ("50M", "100M", "500M"),
    Unit.BARE: ("1", "2", "3"),
    Unit.TIMES: ("3x", "5x", "10x"),
    Unit.PRICE: (),
}
_FUNDING = ("0.01%", "0.03%", "0.05%")


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview, ready to be said."""

    lines: tuple[str, ...]
    image: Image | None = None
    gathering: bool = False  # more can be said once the coin's past is there


@dataclass(frozen=True, slots=True)
class Levels:
    """Values that make sense for a figure of a coin: what is shown of each, and its words."""

    choices: tuple[tuple[str, str], ...]
    about: str


class Previews:
    """Runs watches over what is held of coins."""

    def __init__(self, markets: Markets, signals: SignalDesk) -> None:
        self._markets = markets
        self._signals = signals
        self._pictures: Shared[str, bytes] = Shared(_PICTURES_KEPT)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="draw-watch")

    async def of(self, watch: Watch, manners: Manners, theme: str) -> Shown:
        """Say and draw what a watch would have done. UnknownSymbol, UnknownVenue."""
        coin = _coin(watch)
        seeing = await self._seeing(coin, watch.venues, _PATIENCE)
        if isinstance(seeing, str):
            return Shown((seeing, _ANYWAY), gathering=seeing == _GATHERED.format(coin=coin))
        reading, lines = await asyncio.to_thread(_read, watch, seeing, manners)
        if reading is None:
            return Shown((*lines, _ANYWAY))
        alt = " ".join((f"{watch}:", *lines))
        parts = (alt, reading.preview, reading.as_of, theme)
        key = hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()
        png = await self._pictures.get(key, lambda: self._draw(reading, theme))
        return Shown(lines, Image(png, alt, f"{reading.base.lower()}-watch.png", key))

    async def line(self, watch: Watch, manners: Manners) -> str:
        """Say in a line what a watch would have done; "" if that takes long."""
        if isinstance(watch.what, Digest | HeatmapEvery):
            return ""
        try:
            seeing = await self._seeing(_coin(watch), watch.venues, _HURRY)
            if isinstance(seeing, str):
                return ""
            _, lines = await asyncio.to_thread(_read, watch, seeing, manners)
        except BotError as error:
            log.info("no line of a preview", watch=str(watch), why=str(error))
            return ""
        return lines[0]

    async def levels(self, coin: str, figure: Figure | None, *, upward: bool) -> Levels:
        """Suggest values of a figure by the coin's own past, or plain ones."""
        if figure is None:
            return Levels((), "")
        seeing: Seeing | str = ""
        try:
            seeing = await self._seeing(_LARGEST if coin == ALL else coin, (), _HURRY)
        except BotError as error:
            log.info("no values of a past", coin=coin, why=str(error))
        if isinstance(seeing, str):
            return _plain(figure)
        return await asyncio.to_thread(_levels, figure, seeing, upward=upward)

    async def close(self) -> None:
        """Stop drawing."""
        await self._pictures.close()
        self._worker.shutdown(cancel_futures=True)

    async def _seeing(self, coin: str, venues: Sequence[str], patience: float) -> Seeing | str:
        """Read a coin; a sentence where nothing can be said of its past yet."""
        found = await self._markets.find(coin, venues)
        try:
            async with asyncio.timeout(patience):
                return await self._signals.of(found)
        except TimeoutError:
            return _GATHERED.format(coin=found.base)
        except (NothingAnswered, NotEnoughData) as error:
            return f"What it would have done cannot be said now. {error}"

    async def _draw(self, reading: WatchReading, theme: str) -> bytes:
        work = partial(_picture, reading, theme)
        return await asyncio.get_running_loop().run_in_executor(self._worker, work)


def _coin(watch: Watch) -> str:
    return _LARGEST if not watch.markets or watch.markets == (ALL,) else watch.markets[0]


def _read(
    watch: Watch, seeing: Seeing, manners: Manners
) -> tuple[WatchReading | None, tuple[str, ...]]:
    """Run a watch over a coin's past; what is said of it, and None where nothing is to be drawn."""
    condition = watch.what
    if isinstance(condition, Digest | HeatmapEvery):
        raise ValueError("a schedule has nothing to be previewed")  # noqa: TRY004 - of its kind
    base = seeing.base
    past = past_columns(watch, seeing)
    if len(past) < 2:  # noqa: PLR2004 - there is no past
        return None, (_GATHERED.format(coin=base),)
    held = rules("", watch, manners.zone, quiet=quiet_hours(manners))
    done = preview(watch, past, held)
    last = len(past) - 1
    before = shifted(past)
    told = judged(condition, past, last, before)
    now = ", ".join(dict.fromkeys(_no(each.truth, each.leaf) + clause(each) for each in told))
    holds = truth(condition, past, last, before)
    if done.unknown > 0.99:  # noqa: PLR2004 - of all that time next to nothing is known
        lines = [f"On {base}: its past is not stored, so what it would have done cannot be said."]
    else:
        would = f"{done}".removeprefix("never ")
        fired = "would have fired" if would == f"{done}" else "would never have fired"
        lines = [f"On {base} it {fired} {would}."]
    newest = [_once(each) for each in done.told[-_NEWEST:]]
    if newest:
        lines.append(f"Newest: {'; '.join(reversed(newest))}.")
    said = {Truth.TRUE: "holds now", Truth.FALSE: "does not hold now"}.get(holds)
    lines.append(f"It {said}: {now}." if said else f"Now: {now}; not all of it is known.")
    if len(watch.markets) > 1 or watch.markets == (ALL,):
        lines.append(f"The other coins are watched alike; this is {base} alone.")
    histories = seeing.histories
    lead = max(histories, key=lambda each: len(each.candles))
    reading = WatchReading(
        base,
        str(watch),
        done,
        lead.candles.since(int(past.time[0])),
        first_line(condition, past),
        int(past.time[-1]),
        seeing.asked,
        tuple(each.instrument.exchange for each in histories),
        seeing.simulated,
    )
    return reading if len(reading.candles) else None, tuple(lines)


def _no(held: Truth, leaf: Leaf) -> str:
    """Return what a signal is said with that is not there."""
    return "no " if held is Truth.FALSE and not isinstance(leaf, Clause) else ""


def _once(once: Once) -> str:
    lasted = "" if once.ended is None else f" for {figures.span(once.ended - once.began)}"
    return f"{figures.day(once.began)} {figures.clock(once.began)} UTC{lasted}"


def _levels(figure: Figure, seeing: Seeing, *, upward: bool) -> Levels:
    """Take the values that a coin's own past was seldom beyond, in a thread."""
    unit, traits = TRAITS[figure.measure].unit, TRAITS[figure.measure]
    if unit is Unit.PRICE:
        return _prices(seeing)
    leaf = Clause(figure, Comparison.MORE, 0.0)
    past = past_columns(Watch((seeing.base,), leaf), seeing)
    values = values_of(leaf, past) if len(past) else np.empty(0)
    values = values[np.isfinite(values)]
    if len(values) < _SOME:
        return _plain(figure)
    choices: dict[str, tuple[str, str]] = {}
    for part in _UPWARD if upward else _DOWNWARD:
        value = _rounded(float(np.quantile(values, part)), _FEW_DIGITS)
        if value and traits.low <= value <= traits.high:
            share = f"{1 - part if upward else part:.0%}"
            text = written_value(value, unit)
            choices.setdefault(text, (f"{text} ({share} of the time)", text))
    if figure.measure is Measure.LIQUIDATED:
        choices["5x normal"] = ("5x normal", "5x normal")
    if not choices:
        return _plain(figure)
    now = f"{seeing.base} has been {'above' if upward else 'below'} these for so much of its past."
    return Levels(tuple(choices.values()), now)


def _prices(seeing: Seeing) -> Levels:
    price = seeing.signals.price
    choices = []
    for away in (*(-each for each in reversed(_FROM_PRICE)), *_FROM_PRICE):
        value = _rounded(price * (1 + away), _DIGITS[Unit.PRICE])
        label = f"{figures.price(value)} ({away:+.0%})".replace("-", "−")
        choices.append((label, written_value(value, Unit.PRICE)))
    return Levels(tuple(choices), f"{seeing.base} stands at {figures.price(price)}.")


def _plain(figure: Figure) -> Levels:
    unit = TRAITS[figure.measure].unit
    texts = _FUNDING if figure.measure is Measure.FUNDING else _PLAIN[unit]
    about = (
        "Its past is not known yet; type another with /watch."
        if texts
        else ("Its price is not known yet: type it, such as /watch BTC price > 98000.")
    )
    return Levels(tuple((text, text) for text in texts), about)


def _rounded(value: float, digits: int) -> float:
    """Round to significant digits.

    >>> _rounded(0.000312, 2), _rounded(97_412.0, 3)
    (0.00031, 97400.0)
    """
    if not value or not math.isfinite(value):
        return 0.0
    return float(f"{value:.{digits}g}")


def _picture(reading: WatchReading, theme: str) -> bytes:
    from renderers import watch_preview
    from renderers.theme import theme_named

    return watch_preview.render(reading, theme_named(theme))
