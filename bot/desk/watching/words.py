"""All that watches have to say, put into words: who speaks of what."""

from collections.abc import Awaitable
from contextlib import AbstractContextManager
from dataclasses import replace

from bot.core.language import Tongue, speaking
from bot.core.watches.schedule import Call
from bot.core.watches.tree import Watch
from bot.desk.watching import ledger, sight_words
from bot.desk.watching.alerts import Alerts
from bot.desk.watching.digest import Schedules
from bot.desk.watching.followed import FollowUps
from bot.desk.watching.parts import Parts
from bot.desk.watching.telling import Telling
from bot.errands import Errand, Urgency, on
from bot.messages import FollowUp
from bot.reply import Reply
from bot.watching import KeptWatch, Manners


def _while_people_go_first() -> AbstractContextManager[Errand]:
    """Be on an errand on which nobody waits: pictures and venues are people's first."""
    return on(Errand(Urgency.COLLECTING))


class Words:
    """Puts into words what watches have to say; a bot.desk.watching.telling.Teller.

    It begins nothing that has to be ended, and the parts are taken down by whoever made them:

        Words(Parts(source, markets, snapshots, signals, evidence, held, heatmaps,
                    panels["setups"], panels["squeeze"], scoring, memory and memory.watches))
    """

    def __init__(self, parts: Parts) -> None:
        self._alerts = Alerts(parts)
        self._schedules = Schedules(parts)
        self._follow_ups = FollowUps(parts)
        self._parts = parts

    def tongue(self, manners: Manners) -> Tongue:
        """Return the language that a chat is told of watches in."""
        return self._parts.tongue(manners)

    async def episode(self, telling: Telling) -> Reply:
        """Say how an episode stands, with its picture where it is told for the first time."""
        return await self._told(telling.manners, self._alerts.episode(telling))

    async def sight(self, telling: Telling) -> Reply:
        """Say that a market cannot be judged, or can be judged again."""
        tongue = self.tongue(telling.manners)
        with speaking(tongue):
            return replace(sight_words.reply(telling), language=tongue.code)

    async def schedule(self, kept: KeptWatch, watch: Watch, manners: Manners, call: Call) -> Reply:
        """Make a digest or a picture whose time has come. BotError: it cannot be had now."""
        return await self._told(manners, self._schedules.schedule(kept, watch, manners, call))

    async def follow_up(self, due: FollowUp) -> Reply | None:
        """Say what came of an episode; None if there is nothing to say. BotError: ask again."""
        with _while_people_go_first():
            return await self._follow_ups.follow_up(due)

    async def _told(self, manners: Manners, words: Awaitable[Reply]) -> Reply:
        tongue = self.tongue(manners)
        with speaking(tongue), _while_people_go_first():
            return replace(await words, language=tongue.code)

    async def ledger(self, kept: KeptWatch) -> tuple[str, ...]:
        """Say what became of a watch's episodes, for who asks how it has done. StoreUnavailable."""
        return await ledger.lines(self._parts, kept)
