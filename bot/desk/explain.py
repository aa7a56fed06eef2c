"""`/explain`: a coin's setup in a few sentences, from what was read and what happened before."""

from collections.abc import Sequence
from typing import Protocol

import structlog

from bot.core import figures
from bot.core.errors import BotError
from bot.core.language import Said, code, mark, say
from bot.core.signals.explain import explained, kinds, most_urgent
from bot.core.signals.names import kind_name, way_name
from bot.core.signals.rephrased import refusal
from bot.desk import sources, steps
from bot.desk.caption import SIMULATED
from bot.desk.evidence import EvidenceDesk
from bot.desk.grades import grade_of, is_unproven
from bot.desk.markets import Found, Markets
from bot.desk.requests import PanelRequest
from bot.desk.scoring import Scoring
from bot.desk.shared import Shared
from bot.desk.signals import Seeing, SignalDesk
from bot.desk.squeeze_words import regime
from bot.reply import Button, Reply

log = structlog.get_logger()

_KEPT = 64  # rephrasings
_REWORDED = mark("Reworded by a language model; every figure is the bot's own.")


class Rephraser(Protocol):
    """Somebody who may say the same in other words."""

    async def rephrase(self, sentences: Sequence[str]) -> str | None:
        """Return other words for some sentences, in the language spoken now.

        None if there are none to be had soon.
        """
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


class ExplainDesk:
    """Explains coins; a bot.desk.panels.Panel."""

    def __init__(
        self,
        markets: Markets,
        signals: SignalDesk,
        evidence: EvidenceDesk,
        scoring: Scoring | None = None,
        rephraser: Rephraser | None = None,
    ) -> None:
        self._markets = markets
        self._signals = signals
        self._evidence = evidence
        self._scoring = scoring
        self._rephraser = rephraser
        self._reworded: Shared[tuple[str, ...], str] = Shared(_KEPT)

    async def answer(self, request: PanelRequest, theme: str) -> Reply:  # noqa: ARG002 - it is in words
        """Answer in words. UnknownSymbol, UnknownVenue, NothingAnswered, NotEnoughData."""
        found = await self._markets.find(request.symbol, request.venues)
        seeing = await self._signals.of(found, newer=request.refresh)
        grade = await grade_of(self._scoring, seeing.snapshot)
        known = {
            kind: await self._evidence.of(kind, seeing) for kind in kinds(seeing.signals, grade)
        }
        evidence = {kind: each.followed for kind, each in known.items()}
        facts = explained(found.base, seeing.signals, grade, evidence)
        reworded = await self._other_words(found.base, facts)
        said = [say(SIMULATED)] if seeing.simulated else []
        said += [reworded, say(_REWORDED)] if reworded else facts
        for over in (each.over for each in known.values() if each.over):
            said.append(say("What happened before is counted {over}.", over=over))
        venues = [each.history.instrument.exchange for each in seeing.snapshot.kept]
        said.append(sources.told(venues, found.asked, seeing.signals.time))
        said += seeing.failures
        return Reply(
            _headline(seeing, grade),
            tuple(said),
            buttons=_buttons(request, found, seeing),
            simulated=seeing.simulated,
            as_of=seeing.signals.time,
        )

    async def close(self) -> None:
        """Stop rewording."""
        await self._reworded.close()
        if self._rephraser is not None:
            await self._rephraser.close()

    async def _other_words(self, base: str, facts: tuple[str, ...]) -> str:
        """Return the facts in other words; nothing if nobody can, or not without adding to them."""
        if self._rephraser is None:
            return ""
        rephraser = self._rephraser
        key = code(), *facts
        return await self._reworded.get(key, lambda: self._reword(rephraser, base, facts))

    async def _reword(self, rephraser: Rephraser, base: str, facts: tuple[str, ...]) -> str:
        text = await rephraser.rephrase(facts)
        if text is None:
            return ""
        why = refusal(text, facts, base, await self._coins())
        if why:
            log.warning("rephrasing refused", coin=base, why=why)
            return ""
        return text

    async def _coins(self) -> Sequence[str]:
        try:
            return [item.base for item in await self._markets.listing()]
        except BotError:  # those known by name are refused in any case
            return ()


def _headline(seeing: Seeing, grade: str | Said) -> str:
    """Name the setup, or the regime, or neither."""
    base, signals = seeing.base, seeing.signals
    urgent = most_urgent(signals.current)
    spoken = kinds(signals, grade)
    if urgent is not None and urgent.kind in spoken:
        return f"{base}: {kind_name(urgent.kind)} {way_name(urgent.way)}".rstrip()
    if is_unproven(grade):
        return say("{coin}: no setup, the map is unproven", coin=base)
    if signals.regime is not None and spoken:
        return f"{base}: {regime(signals.regime)}"
    return say("{coin}: no setup and no regime", coin=base)


def _buttons(request: PanelRequest, found: Found, seeing: Seeing) -> tuple[tuple[Button, ...], ...]:
    def words(venues: tuple[str, ...], verb: str = "explain", *more: str) -> str:
        return " ".join((verb, found.symbol, *venues, *more))

    here = request.venues
    zone = seeing.signals.regime.zone if seeing.signals.regime is not None else None
    what_if: list[Button] = []
    if zone is not None and zone.distance(seeing.signals.price):
        far = zone.far / seeing.signals.price - 1
        label = say("What if {move}", move=figures.percent(far, signed=True))
        what_if = steps.step(label, words(here, "whatif", f"{far:+.1%}"))
    return steps.rows(
        steps.venues(found, here, words),
        (
            *steps.step(say("Refresh"), words(here, "explain", "refresh")),
            *steps.step(say("Heatmap"), words(here, "heatmap")),
            *steps.step(say("Squeeze"), words(here, "squeeze")),
            *what_if,
        ),
    )
