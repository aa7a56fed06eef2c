"""What alerts, digests and follow-ups are read from."""

from dataclasses import dataclass

from bot import languages
from bot.core.errors import WatchRefused
from bot.core.language import ENGLISH, Tongue
from bot.core.watches.parse import watch
from bot.core.watches.tree import Watch
from bot.desk.cascades import CascadeDesk
from bot.desk.evidence import EvidenceDesk
from bot.desk.heatmap import HeatmapDesk, Look
from bot.desk.held import Held
from bot.desk.markets import Found, Markets
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.setups import SetupsDesk
from bot.desk.signals import SignalDesk
from bot.desk.snapshot import Snapshot, Snapshots
from bot.desk.squeeze import SqueezeDesk
from bot.ports import MarketSource
from bot.watching import KeptWatch, Manners, WatchStore


def watch_of(kept: KeptWatch) -> Watch | None:
    """Read a watch as it is kept; None if its words can no longer be read."""
    try:
        return watch(kept.words)
    except WatchRefused:
        return None


@dataclass(frozen=True, slots=True)
class Parts:
    """The desks and the memory that words of watches rest on; Words takes none down."""

    source: MarketSource
    markets: Markets
    snapshots: Snapshots
    signals: SignalDesk
    evidence: EvidenceDesk
    held: Held
    heatmaps: HeatmapDesk
    setups: SetupsDesk
    squeeze: SqueezeDesk
    scoring: Scoring | None = None
    store: WatchStore | None = None  # None: nothing is remembered of episodes
    cascades: CascadeDesk | None = None
    language: str = ENGLISH.code  # of chats that have chosen none

    def tongue(self, manners: Manners) -> Tongue:
        """Return the language that a chat is told of watches in."""
        return languages.tongue(languages.known(manners.language) or self.language)

    def snapshot(self, found: Found) -> Snapshot | None:
        """Return what is held of a coin's markets, without asking anybody for more."""
        held = self.snapshots.kept
        kept = tuple(held[each.key] for each in found.instruments if each.key in held)
        if not kept:
            return None
        return Snapshot(kept, (), max(each.gathered for each in kept))

    async def theme(self, kept: KeptWatch, manners: Manners) -> str:
        """Return the theme that a chat's pictures wear."""
        if manners.theme is not None:
            return manners.theme
        return (await self.look(kept, manners)).theme

    async def look(self, kept: KeptWatch, manners: Manners) -> Look:
        """Return how a chat's pictures look."""
        look = await self.heatmaps.look_of(Asker(kept.address.chat, kept.owner))
        return look if manners.theme is None else look._replace(theme=manners.theme)
