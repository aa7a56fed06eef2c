"""The pasts that `emberline evidence --source` names, coin by coin."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.cli.recordings import recordings
from bot.core.arrays import DAY
from bot.core.errors import BadSetting, NotEnoughData
from bot.core.instruments import QUOTES, Coin, Contract, Instrument, base_of
from bot.core.market.history import MarketHistory
from bot.core.market.join import trimmed

if TYPE_CHECKING:
    from bot.ports import MarketSource
    from bot.settings import Settings
    from storage.memory import Memory


@dataclass(frozen=True, slots=True)
class PastOf:
    """One coin's past, of one or several venues, loaded when it is its turn."""

    name: str
    load: Callable[[], Awaitable[Sequence[MarketHistory]]]


async def pasts(
    source: str, words: Sequence[str], settings: "Settings", memory: "Memory | None"
) -> list[PastOf]:
    """Name the pasts of a source, of all its coins or of those asked for.

    `live` is what the bot itself has stored; that needs its `memory`. BadSetting, MalformedData,
    NotEnoughData if there is none.
    """
    kind, _, rest = source.partition(":")
    if kind == "live" and not rest and memory is not None:
        found = await _stored(memory, settings)
    elif kind == "sim":
        from bot.wiring import market_source

        found = await _simulated(market_source(source, settings), settings.history_days)
    elif kind == "replay" and rest:
        found = [(history.instrument.base, _held(name, history)) for name, history in _read(source)]
    else:
        raise BadSetting(f"“{source}” is no past. Use live, sim or replay:DIR.")
    wanted = {Coin.of(base_of(word) or word.upper()).name for word in words}
    chosen = [past for base, past in found if not wanted or Coin.of(base).name in wanted]
    if not chosen:
        what = f"No market of {', '.join(words)}" if words else "No market"
        raise NotEnoughData(f"{what} is stored or recorded there")
    return chosen


def cut(histories: Sequence[MarketHistory], days: int | None) -> list[MarketHistory]:
    """Leave the last so many days of what there is, and nothing that has no candle."""
    held = [each for each in histories if len(each.candles)]
    if days is None or not held:
        return held
    since = max(int(each.candles.close_time[-1]) for each in held) - days * DAY
    return [each for each in (trimmed(one, since) for one in held) if len(each.candles)]


def _read(source: str) -> Iterable[tuple[str, MarketHistory]]:
    return recordings(source).items()


def _held(name: str, history: MarketHistory) -> PastOf:
    async def load() -> Sequence[MarketHistory]:
        return [history]

    return PastOf(name, load)


async def _stored(memory: "Memory", settings: "Settings") -> list[tuple[str, PastOf]]:
    """Name what the bot has gathered: coins that it collects or has listened to."""
    collected = [each.instrument for each in await memory.collections.collected()]
    known = dict.fromkeys([*collected, *await memory.history.followed(0)])

    def of(instruments: Sequence[Instrument]) -> Callable[[], Awaitable[Sequence[MarketHistory]]]:
        async def load() -> Sequence[MarketHistory]:
            found = [await memory.history.load(each, 0) for each in instruments]
            now = time.time_ns() // 1_000_000
            return [each.known_at(now) for each in found if each is not None]

        return load

    coins = _coins(known, settings.venues)
    return [(those[0].base, PastOf(coin, of(those))) for coin, those in coins.items()]


async def _simulated(source: "MarketSource", days: int) -> list[tuple[str, PastOf]]:
    def of(instruments: Sequence[Instrument]) -> Callable[[], Awaitable[Sequence[MarketHistory]]]:
        async def load() -> Sequence[MarketHistory]:
            now = source.now()
            found = [await source.history(each, now - days * DAY) for each in instruments]
            return [each.known_at(now) for each in found]

        return load

    listed = await source.instruments()
    coins = _coins(listed, tuple(dict.fromkeys(each.exchange for each in listed)))
    return [(those[0].base, PastOf(coin, of(those))) for coin, those in coins.items()]


def _coins(
    instruments: Iterable[Instrument], venues: Sequence[str]
) -> dict[str, tuple[Instrument, ...]]:
    """Sort by coin, one market a venue, as a question without further words means them."""
    coins: dict[str, dict[str, Instrument]] = defaultdict(dict)
    for each in sorted(instruments, key=_rank):
        coins[Coin.of(each.base).name].setdefault(each.exchange, each)
    place = {venue: number for number, venue in enumerate(venues)}
    return {
        coin: tuple(sorted(by.values(), key=lambda one: place.get(one.exchange, len(place))))
        for coin, by in coins.items()
    }


def _rank(item: Instrument) -> tuple[bool, int, str]:
    quote = QUOTES.index(item.quote) if item.quote in QUOTES else len(QUOTES)
    return item.contract is not Contract.LINEAR, quote, item.key
