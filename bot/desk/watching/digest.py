"""What is sent at a time: a summary of what a chat watches, or a picture."""

import asyncio
from collections.abc import Sequence

import structlog

from bot.core.arrays import DAY
from bot.core.errors import BotError, NotEnoughData
from bot.core.instruments import Coin
from bot.core.language import Said, later, say
from bot.core.signals.episode import Episode
from bot.core.signals.setups import KINDS, shown
from bot.core.watches.digested import CoinDay, Spoken, coin_day, spoken
from bot.core.watches.schedule import Call
from bot.core.watches.tree import ALL, HeatmapEvery, Watch
from bot.desk.grades import grade_of, is_unproven
from bot.desk.held import One
from bot.desk.requests import Asker, HeatmapRequest, PanelRequest
from bot.desk.signals import Seeing
from bot.desk.watching import digest_words
from bot.desk.watching.parts import Parts, watch_of
from bot.reply import Button, Image, Reply
from bot.watching import KeptWatch, Manners

log = structlog.get_logger()

_PATIENCE = 8.0  # [s] coins are waited for; those not read by then are left out, and named
_PICTURE = 4.0  # [s] the picture is waited for
_AT_ONCE = 3  # coins read side by side
_COINS = 12


class Schedules:
    """Makes digests and pictures."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._room = asyncio.Semaphore(_AT_ONCE)

    async def schedule(self, kept: KeptWatch, watch: Watch, manners: Manners, call: Call) -> Reply:
        """Make what is due. BotError: it cannot be had now."""
        theme = await self._parts.theme(kept, manners)
        if isinstance(watch.what, HeatmapEvery):
            return await self._heatmaps(kept, watch, theme)
        return await self._digest(kept, watch, theme, call)

    # Pictures at equal times

    async def _heatmaps(self, kept: KeptWatch, watch: Watch, theme: str) -> Reply:
        """Answer with the first coin's picture; the others are a tap away."""
        coins = await self._coins(kept, watch)
        if not coins:
            raise NotEnoughData(later("no coin is held here yet"))
        request = HeatmapRequest(coins[0], venues=watch.venues, theme=theme, whole=True)
        asker = Asker(kept.address.chat, kept.owner)
        reply = await self._parts.heatmaps.answer(request, asker)
        others = tuple(Button(coin, f"heatmap {coin} 24h", fresh=True) for coin in coins[1:4])
        lines = (*reply.lines, f"{kept.id}: {kept.words}")
        rows = (
            (Button(say("Refresh"), f"heatmap {coins[0]} 24h refresh", fresh=True), *others),
            (Button(say("Watches"), "watches", fresh=True),),
        )
        return Reply(
            reply.headline,
            lines,
            reply.image,
            rows,
            simulated=reply.simulated,
            as_of=reply.as_of,
        )

    # Digests

    async def _digest(self, kept: KeptWatch, watch: Watch, theme: str, call: Call) -> Reply:
        asked = await self._coins(kept, watch)
        found = await self._read(watch, asked)
        coins = digest_words.notable_first([self._day(one) for one in found])
        read = {one.base for one in coins}
        missing = [name for name in asked if not _among(name, read)]
        said = await self._spoken(kept, call)
        simulated = any(one.seeing.simulated for one in found) or self._parts.source.simulated
        head = digest_words.headline(coins, max(len(asked), len(coins)))
        return Reply(
            head,
            digest_words.lines(coins, missing, said, simulated=simulated, head=head),
            await self._picture(coins, watch, theme, kept),
            digest_words.buttons(coins),
            simulated=simulated,
            as_of=max((one.as_of for one in coins), default=call.at),
        )

    async def _coins(self, kept: KeptWatch, watch: Watch) -> tuple[str, ...]:
        """Name the coins a schedule is of: its own, else those that its chat watches.

        None of these: every coin that is held, the most notable ones.
        """
        if watch.markets and watch.markets != (ALL,):
            return watch.markets[:_COINS]
        store = self._parts.store
        named: list[str] = []
        if not watch.markets and store is not None:
            for each in await store.of_chat(kept.address.chat):
                watched = watch_of(each)
                named += () if watched is None else watched.markets
        if named and ALL not in named:
            return tuple(dict.fromkeys(named))[:_COINS]
        told = await self._parts.held.of(watch.venues)
        days = digest_words.notable_first([self._day(one) for one in told.coins])
        return tuple(one.base for one in days[:_COINS])

    async def _read(self, watch: Watch, coins: Sequence[str]) -> list[One]:
        """Read coins side by side; those that take too long are left out."""
        tasks = [asyncio.create_task(self._one(name, watch.venues)) for name in coins]
        if not tasks:
            return []
        done, _ = await asyncio.wait(tasks, timeout=_PATIENCE)
        for task in tasks:
            task.cancel()
        return [one for task in tasks if task in done and (one := task.result()) is not None]

    async def _one(self, name: str, venues: Sequence[str]) -> One | None:
        parts = self._parts
        async with self._room:
            try:
                found = await parts.markets.find(name, venues)
                seeing = await parts.signals.of(found)
                return One(seeing, await grade_of(parts.scoring, seeing.snapshot))
            except BotError as error:
                log.info("coin left out of a digest", coin=name, why=error)
                return None

    def _day(self, one: One) -> CoinDay:
        return coin_day(
            one.seeing.base,
            one.seeing.signals,
            _current(one.seeing, one.grade),
            one.seeing.histories,
            one.grade,
        )

    async def _spoken(self, kept: KeptWatch, call: Call) -> Spoken:
        """Count what the watches of the chat have told since the digest of the day before."""
        store = self._parts.store
        if store is None:
            return Spoken(0, 0, 0, {})
        watches = await store.of_chat(kept.address.chat)
        ledger = [told for each in watches for told in await store.ledger(each.id)]
        return spoken(ledger, call.at - DAY, call.at)

    async def _picture(
        self, coins: Sequence[CoinDay], watch: Watch, theme: str, kept: KeptWatch
    ) -> Image | None:
        """Draw the ranking of squeezes, of one coin its heatmap; None if that takes too long."""
        if not coins:
            return None
        try:
            async with asyncio.timeout(_PICTURE):
                if len(coins) > 1:
                    request = PanelRequest("squeeze", venues=watch.venues)
                    reply = await self._parts.squeeze.answer(request, theme)
                    if reply.image is not None:
                        return reply.image
                picture = HeatmapRequest(coins[0].base, venues=watch.venues, theme=theme)
                asker = Asker(kept.address.chat, kept.owner)
                return (await self._parts.heatmaps.answer(picture, asker)).image
        except (TimeoutError, BotError) as error:
            log.info("digest without a picture", watch=kept.id, why=error)
            return None


def _current(seeing: Seeing, grade: str | Said) -> list[Episode]:
    """Return the setups under way, the most urgent first; an unproven map raises none."""
    told = shown(seeing.signals, proven=not is_unproven(grade))
    going = [states[-1] for states in told if states[-1].ended is None]
    return sorted(going, key=lambda each: KINDS.index(each.kind))


def _among(name: str, bases: set[str]) -> bool:
    return Coin.of(name).name in {Coin.of(base).name for base in bases}
