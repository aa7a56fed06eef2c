"""`/settings`: what a chat prefers, chosen by buttons or in words."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import languages
from bot.core.errors import NotAllowed
from bot.core.estimate.strips import BELOW, USUAL_BELOW
from bot.core.language import mark, say, speaking
from bot.desk import preferences_words, zones
from bot.desk.markets import Markets
from bot.desk.own_requests import DEFAULT, NO_PANELS, SettingsRequest
from bot.desk.requests import Asker
from bot.desk.venue_names import named
from bot.ports import ChatSettings, SettingsStore
from bot.reply import Reply
from bot.watching import Manners, WatchStore

_MODERATORS = mark(
    "Only moderators change the settings of this chat. In a private chat with me you have your own."
)


@dataclass(frozen=True, slots=True)
class Preferences:
    """All that is chosen in a chat, and what holds where nothing is."""

    settings: ChatSettings
    manners: Manners
    default_theme: str
    default_window: str

    @property
    def language(self) -> str | None:
        """The language that was chosen."""
        return self.manners.language

    @property
    def theme(self) -> str:
        """The theme that holds."""
        return self.settings.theme or self.default_theme

    @property
    def window(self) -> str:
        """The window that holds."""
        return self.settings.window or self.default_window

    @property
    def panels(self) -> tuple[str, ...]:
        """What stands below a heatmap."""
        return USUAL_BELOW if self.settings.panels is None else self.settings.panels


class SettingsDesk:
    """Shows and changes what a chat prefers; who may is seen when something is changed."""

    def __init__(
        self,
        settings: SettingsStore,
        watches: WatchStore,
        markets: Markets,
        now: Callable[[], int],
        changed: Callable[[str], None] = lambda _: None,
        *,
        theme: str = "dark",
        window: str = "24h",
        language: str = "en",
    ) -> None:
        """`changed` is told of a chat that has chosen; `theme` and the others: the defaults."""
        self._settings = settings
        self._watches = watches
        self._markets = markets
        self._now = now
        self._changed = changed
        self._defaults = (theme, window)
        self._language = language

    async def answer(self, request: SettingsRequest, asker: Asker) -> Reply:
        """Answer a request. NotAllowed, UnknownZone, UnknownVenue, StoreUnavailable."""
        known = await self.of(asker.chat)
        if request.what and request.value:
            if asker.shared and not await asker.moderates():
                raise NotAllowed(say(_MODERATORS))
            known = await self._chosen(request, known)
            await self._settings.change(asker.chat, known.settings)
            await self._watches.set_manners(asker.chat, known.manners)
            self._changed(asker.chat)
        if not request.value or request.what not in {"language", "reset"}:
            return await self._page(request, known, asker)
        own = None if asker.shared else languages.known(asker.language)
        spoken = languages.tongue(known.manners.language or own or self._language)
        with speaking(spoken):
            return replace(await self._page(request, known, asker), language=spoken.code)

    async def _page(self, request: SettingsRequest, known: Preferences, asker: Asker) -> Reply:
        if request.what == "venues":
            return preferences_words.venues(known, await self._markets.venues())
        return preferences_words.page(request, known, self._now(), shared=asker.shared)

    async def of(self, chat: str) -> Preferences:
        """Return what is chosen in a chat. StoreUnavailable."""
        settings = await self._settings.settings(chat)
        manners = (await self._watches.manners([chat])).get(chat, Manners())
        return Preferences(settings, manners, *self._defaults)

    async def _chosen(self, request: SettingsRequest, known: Preferences) -> Preferences:
        """Return what is chosen after a choice."""
        settings, manners, value = known.settings, known.manners, request.value
        chosen = None if value == DEFAULT else value
        match request.what:
            case "theme":
                settings, manners = replace(settings, theme=chosen), replace(manners, theme=chosen)
            case "window":
                settings = replace(settings, window=chosen)
            case "venues":
                settings = replace(settings, venues=await self._venues(chosen, settings))
            case "panels":
                settings = replace(settings, panels=_panels(chosen, known.panels))
            case "zone":
                zone = zones.zone_of(value, self._now()) if chosen else zones.USUAL
                manners = replace(manners, zone=zone)
            case "quiet":
                quiet = preferences_words.minutes(chosen) if chosen else None
                manners = replace(manners, quiet=quiet)
            case "language":
                manners = replace(manners, language=chosen)
            case "reset":  # what is muted stays so: that was no setting
                settings, manners = ChatSettings(), Manners(muted_until=manners.muted_until)
        return replace(known, settings=settings, manners=manners)

    async def _venues(self, words: str | None, settings: ChatSettings) -> tuple[str, ...] | None:
        """Return which venues are chosen; all of them, or none, is no choice. UnknownVenue."""
        if words is None:
            return None
        known = await self._markets.venues()
        if words[0] in "+-":
            venue = named(words[1:], known)
            others = [each for each in settings.venues or () if each != venue and each in known]
            wanted = {*others, venue} if words[0] == "+" else set(others)
        else:
            wanted = {named(word, known) for word in words.split(",")}
        chosen = tuple(each for each in sorted(known) if each in wanted)
        return chosen if 0 < len(chosen) < len(known) else None


def _panels(words: str | None, before: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return which panels are chosen; the usual ones are no choice."""
    if words is None:
        return None
    if words[0] in "+-":
        others = {each for each in before if each != words[1:]}
        wanted = others | {words[1:]} if words[0] == "+" else others
    else:
        wanted = set() if words == NO_PANELS else set(words.split(","))
    chosen = tuple(each for each in BELOW if each in wanted)
    return None if chosen == USUAL_BELOW else chosen
