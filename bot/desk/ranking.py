"""All coins that are held, ranked by how near they are to a squeeze."""

from collections.abc import Sequence

from bot.core.evidence.words import before
from bot.core.language import say
from bot.core.signals.names import capital, kind_name
from bot.core.signals.squeeze import Ranked, RankingReading, ranked
from bot.desk.evidence import EvidenceDesk
from bot.desk.held import Held, One
from bot.desk.signals import Seeing


class Ranking:
    """Ranks every coin that is held in memory."""

    def __init__(self, held: Held, evidence: EvidenceDesk) -> None:
        self._held = held
        self._evidence = evidence

    async def of(self, venues: Sequence[str] = ()) -> RankingReading:
        """Rank the coins that are held, of all venues or of some."""
        read = await self._held.of(venues)
        seen = [one.seeing for one in read.coins]
        told = ranked(one for each in read.coins if (one := _ranked(each)) is not None)
        return RankingReading(
            max((one.as_of for one in told), default=read.now),
            told,
            len(seen) + read.unread - len(told),
            read.waiting,
            read.old,
            await self._sentences(told, seen),
            any(seeing.simulated for seeing in seen),
        )

    async def _sentences(self, told: Sequence[Ranked], seen: Sequence[Seeing]) -> tuple[str, ...]:
        """Say what followed each regime that is named, as the first coin in it tells."""
        first = {}
        for one in reversed(told):
            if one.reading.kind is not None:
                first[one.reading.kind] = one.base
        said = []
        for kind, base in first.items():
            seeing = next(each for each in seen if each.base == base)
            found = await self._evidence.of(kind, seeing)
            where = found.over or say("on {coin}", coin=base)
            followed = before(kind, found.followed)
            said.append(f"{capital(kind_name(kind))}, {where}: {followed}")
        return tuple(said)


def _ranked(one: One) -> Ranked | None:
    """Return a coin's place among others; None where its past says nothing yet."""
    signals, base = one.seeing.signals, one.seeing.base
    if signals.regime is None or not signals.regime.facts:
        return None
    interest = signals.look.interest if signals.look is not None else 0.0
    return Ranked(base, signals.price, signals.time, signals.regime, interest, one.grade)
