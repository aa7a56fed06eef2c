"""What is heard: slash commands and their suggestions, as words for the desk."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from inspect import Parameter, Signature
from typing import Any, Protocol, TypeAlias, cast

import discord
import structlog
from discord import app_commands
from discord.app_commands import Choice

from bot.chats.discord.send import Place
from bot.core.evidence.strategies import STRATEGIES
from bot.core.language import ENGLISH, mark, say
from bot.core.watches.text import LONGEST
from bot.core.windows import WINDOWS
from bot.desk.commands import COMMANDS, Command
from bot.desk.requests import MOST_DAYS
from bot.languages import known, spoken

log = structlog.get_logger(__name__)

SUGGESTIONS = 25  # Discord shows no more
# Discord takes suggestions for three seconds, and a person has typed on by then.
SUGGEST_WITHIN = 2.0  # [s]

_Suggest: TypeAlias = Callable[[discord.Interaction, str], Coroutine[Any, Any, list[Choice[str]]]]
Slash: TypeAlias = app_commands.Command[Any, ..., None]


class Listener(Protocol):
    """The client, as far as what is heard concerns it."""

    async def hear(self, interaction: discord.Interaction, words: str, place: Place) -> None:
        """Answer these words."""
        ...

    async def suggest(self, typed: str) -> list[str]:
        """Name coins."""
        ...


def slash_commands() -> list[Slash]:
    """Make a slash command of each command there is."""
    return [_slash(command) for command in COMMANDS]


def hearing(interaction: discord.Interaction) -> Listener:
    """Return whoever hears what is typed and pressed."""
    return cast("Listener", interaction.client)


async def _hear(interaction: discord.Interaction, *words: str | None) -> None:
    said = " ".join(word.strip() for word in words if word)
    await hearing(interaction).hear(interaction, said, Place.NEW)


async def _coins(interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
    """Suggest coins; an empty list if that takes too long or fails."""
    try:
        async with asyncio.timeout(SUGGEST_WITHIN):
            names = await hearing(interaction).suggest(typed)
    except Exception as error:  # noqa: BLE001 - a failed suggestion must not disturb the typing
        log.warning("no suggestions", why=type(error).__name__)
        return []
    known = list(dict.fromkeys(name for name in names if 0 < len(name) <= _SYMBOL))
    return [Choice(name=name, value=name) for name in known[:SUGGESTIONS]]


def _beginning(names: tuple[str, ...]) -> _Suggest:
    """Return what suggests those of some names that begin like what is typed."""

    async def suggest(_interaction: discord.Interaction, typed: str) -> list[Choice[str]]:
        start = typed.strip().lstrip("/").lower()
        found = [name for name in names if name.startswith(start)]
        return [Choice(name=name, value=name) for name in found[:SUGGESTIONS]]

    return suggest


_SYMBOL = 30  # longest name of a coin that is read
_Text: TypeAlias = app_commands.Range[str, 1, 100]


@dataclass(frozen=True, slots=True)
class _Option:
    """One option of a slash command, in the order in which its word is said."""

    name: str
    about: str
    kind: Any = str  # as the library reads it off a parameter
    needed: bool = False
    choices: tuple[str, ...] = ()
    coins: bool = False  # coins are suggested while it is typed
    among: tuple[str, ...] = ()  # the same of these, where they are too many to be choices
    shown: str = ""  # the name a person sees, where it is another
    said: Callable[[Any], str | None] = str

    @property
    def parameter(self) -> Parameter:
        """What the library reads it from."""
        kind, default = (self.kind, Parameter.empty) if self.needed else (self.kind | None, None)
        return Parameter(self.name, Parameter.KEYWORD_ONLY, default=default, annotation=kind)


def _symbol(about: str = "") -> _Option:
    """The coin; `about` is for where it may be left out."""
    told = about or mark("The coin, such as BTC")
    return _Option("symbol", told, app_commands.Range[str, 1, _SYMBOL], not about, coins=True)


_WINDOW = _Option(
    "window",
    mark("How far back; 24h if left out"),
    choices=tuple(window.name for window in WINDOWS),
)
_VENUES = _Option(
    "venues", mark("Only these exchanges, such as “binance bybit”; all if left out"), _Text
)
_THEME = _Option("theme", mark("Dark or light picture"), choices=("dark", "light"))
_DAYS = _Option(
    "days",
    mark("How many days back; 30 if left out"),
    app_commands.Range[int, 1, MOST_DAYS],
    said=lambda days: f"{days}d",
)
_LIVE = _Option(
    "live",
    mark("Keep the message current for ten minutes"),
    bool,
    said=lambda live: "live" if live else None,
)
_MOVE = _Option(
    "move", mark("Such as -4%, 3% up, or to 60000"), app_commands.Range[str, 1, 40], needed=True
)
_SIDE = _Option("side", mark("Long or short"), needed=True, choices=("long", "short"))
_LEVERAGE = _Option(
    "leverage",
    mark("Such as 20"),
    app_commands.Range[float, 1, 500],
    needed=True,
    said=lambda leverage: f"{leverage:g}x",
)
_ENTRY = _Option(
    "entry",
    mark("Price you entered at, such as 60000; now if left out"),
    _Text,
    said=lambda at: f"@{at}",
)
_HELD = _Option("size", mark("Such as 0.5 or $30k; small if left out"), _Text)
_MARGIN = _Option("margin", mark("Isolated if left out; cross 5000 has a wallet behind it"), _Text)
_STRATEGY = _Option("strategy", mark("Which of the three"), needed=True, choices=tuple(STRATEGIES))
_PAGE = _Option(
    "page", mark("Which page; the most traded if left out"), app_commands.Range[int, 1, 9999]
)
_TOPIC = _Option(
    "topic",
    mark("One command explained; all of them if left out"),
    app_commands.Range[str, 1, 20],
    among=tuple(command.name for command in COMMANDS),
    shown="command",
)
_SETTING = _Option(
    "what",
    mark("What to choose; all of them if left out"),
    choices=("theme", "window", "venues", "panels", "zone", "quiet", "language", "reset"),
    shown="setting",
)
_VALUE = _Option(
    "value", mark("Such as light, 7d, binance,bybit, Berlin, 22:00-07:00 or default"), _Text
)
_FORM = _Option("form", mark("As what; JSON if left out"), choices=("json", "csv"), shown="format")
_WHOSE = _Option(
    "whose", mark("Yours if left out; of the chat by its moderators"), choices=("chat",)
)
_CONDITION = _Option(
    "condition",
    mark("Such as BTC funding > 0.03%, or a coin; presets if left out"),
    app_commands.Range[str, 1, LONGEST],
)
_TRADE = _Option(
    "trade",
    mark(
        "Such as add BTC long 60000 20x stop 59000, close t12, edit, tag or drop; all if left out"
    ),
    app_commands.Range[str, 1, 500],
)
_KEPT = _Option(
    "watch", mark("One of them, such as w12; all if left out"), app_commands.Range[str, 1, 40]
)
_HOW_LONG = _Option(
    "lasts",
    mark("Such as 1h, 8h, until 08:00, or off; how things stand if left out"),
    app_commands.Range[str, 1, 20],
    shown="for",
)

_PICTURE = (_VENUES, _THEME)
_ANY_MARKET = (_symbol(mark("The coin, such as BTC; all markets if left out")), *_PICTURE)
_OPTIONS: dict[str, tuple[_Option, ...]] = {
    "heatmap": (_symbol(), _WINDOW, *_PICTURE),
    "map": (_symbol(), _WINDOW, *_PICTURE),
    "accuracy": (_symbol(), _DAYS, *_PICTURE),
    "model": (_symbol(), _VENUES),
    "liqs": (
        _symbol(mark("The coin, such as BTC; all that are listened to if left out")),
        _VENUES,
        _LIVE,
        _THEME,
    ),
    "book": (_symbol(), *_PICTURE),
    "funding": _ANY_MARKET,
    "oi": _ANY_MARKET,
    "ratio": _ANY_MARKET,
    "squeeze": _ANY_MARKET,
    "explain": (_symbol(), _VENUES),
    "whatif": (_symbol(), _MOVE, *_PICTURE),
    "position": (_symbol(), _SIDE, _LEVERAGE, _ENTRY, _HELD, _MARGIN, *_PICTURE),
    "setups": _ANY_MARKET,
    "backtest": (_STRATEGY, _symbol(), _DAYS, *_PICTURE),
    "journal": (_TRADE,),
    "watch": (_CONDITION,),
    "watches": (_KEPT,),
    "mute": (_HOW_LONG,),
    "markets": (_VENUES, _PAGE),
    "settings": (_SETTING, _VALUE),
    "export": (
        _symbol(mark("The coin, such as BTC; all that is kept of you if left out")),
        _WINDOW,
        _VENUES,
        _FORM,
    ),
    "forget": (_WHOSE,),
    "help": (_TOPIC,),
}

# In a server these change what a channel is told: hidden from others unless the server says
# otherwise. Whether somebody may is seen to when he asks.
_MODERATORS = frozenset({"watch", "mute", "test"})


def _slash(command: Command) -> Slash:
    """Make a slash command whose options are said as words, in their order."""
    options = _OPTIONS.get(command.name, ())

    async def ask(interaction: discord.Interaction, **given: Any) -> None:
        words = [
            None if given.get(option.name) is None else option.said(given[option.name])
            for option in options
        ]
        await _hear(interaction, command.name, *words)

    heard = Parameter(
        "interaction", Parameter.POSITIONAL_OR_KEYWORD, annotation=discord.Interaction
    )
    # The library reads options off a signature, and this one depends on the command.
    cast("Any", ask).__signature__ = Signature([heard, *(each.parameter for each in options)])
    told = {each.name: app_commands.locale_str(each.about) for each in options}
    app_commands.describe(**told)(ask)
    app_commands.rename(**{each.name: each.shown for each in options if each.shown})(ask)
    app_commands.choices(
        **{
            each.name: [Choice(name=name, value=name) for name in each.choices]
            for each in options
            if each.choices
        }
    )(ask)
    suggested: dict[str, _Suggest] = {each.name: _coins for each in options if each.coins}
    suggested |= {each.name: _beginning(each.among) for each in options if each.among}
    app_commands.autocomplete(**suggested)(ask)
    if command.name in _MODERATORS:
        app_commands.default_permissions(manage_guild=True)(ask)
    about = app_commands.locale_str(command.summary)
    return app_commands.Command(name=command.name, description=about, callback=ask)


class Translator(app_commands.Translator):
    """Describes commands and their options to phones of each language there is."""

    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContextTypes,  # noqa: ARG002 - Discord's
    ) -> str | None:
        """Return a description in a person's language, None if it is not spoken here."""
        language = known(locale.value)
        if language is None or language == ENGLISH.code:
            return None
        with spoken(language):
            told = say(string.message)
        return told if told != string.message else None
