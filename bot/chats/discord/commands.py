"""What is heard: slash commands and their suggestions, as words for the desk."""

import asyncio
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, TypeVar, cast

import discord
import structlog
from discord import app_commands
from discord.app_commands import Choice

from bot.chats.discord.send import Place
from bot.core.evidence.strategies import STRATEGIES
from bot.core.windows import WINDOWS
from bot.desk.commands import COMMANDS, Command
from bot.desk.requests import MOST_DAYS

log = structlog.get_logger(__name__)

SUGGESTIONS = 25  # Discord shows no more
# Discord takes suggestions for three seconds, and a person has typed on by then.
SUGGEST_WITHIN = 2.0  # [s]

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
    return [_KINDS.get(command.name, _plain)(command) for command in COMMANDS]


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


_THEMES = ("dark", "light")
_Ask = TypeVar("_Ask", bound=Callable[..., Any])
_SYMBOL = 30  # longest name of a coin that is read
_Symbol: TypeAlias = app_commands.Range[str, 1, _SYMBOL]
_Venues: TypeAlias = app_commands.Range[str, 1, 100]
_Move: TypeAlias = app_commands.Range[str, 1, 40]
_Page: TypeAlias = app_commands.Range[int, 1, 9999]
_Days: TypeAlias = app_commands.Range[int, 1, MOST_DAYS]


def _themed(ask: _Ask) -> _Ask:
    """Offer both themes; made anew for each command, since what is offered is added to."""
    return app_commands.choices(theme=[Choice(name=name, value=name) for name in _THEMES])(ask)


def _market(command: Command) -> Slash:
    @app_commands.describe(
        symbol="The coin, such as BTC",
        window="How far back; 24h if left out",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        theme="Dark or light picture",
    )
    @app_commands.choices(window=[Choice(name=each.name, value=each.name) for each in WINDOWS])
    @_themed
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction,
        symbol: _Symbol,
        window: str | None = None,
        venues: _Venues | None = None,
        theme: str | None = None,
    ) -> None:
        await _hear(interaction, command.name, symbol, window, venues, theme)

    return _slash(command, ask)


def _accuracy(command: Command) -> Slash:
    @app_commands.describe(
        symbol="The coin, such as BTC",
        days="How many days back; 30 if left out",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        theme="Dark or light picture",
    )
    @_themed
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction,
        symbol: _Symbol,
        days: _Days | None = None,
        venues: _Venues | None = None,
        theme: str | None = None,
    ) -> None:
        back = None if days is None else f"{days}d"
        await _hear(interaction, command.name, symbol, back, venues, theme)

    return _slash(command, ask)


def _model(command: Command) -> Slash:
    @app_commands.describe(
        symbol="The coin, such as BTC",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
    )
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction, symbol: _Symbol, venues: _Venues | None = None
    ) -> None:
        await _hear(interaction, command.name, symbol, venues)

    return _slash(command, ask)


def _book(command: Command) -> Slash:
    @app_commands.describe(
        symbol="The coin, such as BTC",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        theme="Dark or light picture",
    )
    @_themed
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction,
        symbol: _Symbol,
        venues: _Venues | None = None,
        theme: str | None = None,
    ) -> None:
        await _hear(interaction, command.name, symbol, venues, theme)

    return _slash(command, ask)


def _liqs(command: Command) -> Slash:
    @app_commands.describe(
        symbol="The coin, such as BTC; all that are listened to if left out",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        live="Keep the message current for ten minutes",
        theme="Dark or light picture",
    )
    @_themed
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction,
        symbol: _Symbol | None = None,
        venues: _Venues | None = None,
        live: bool = False,  # noqa: FBT001, FBT002 - the library reads an option off each parameter
        theme: str | None = None,
    ) -> None:
        kept = "live" if live else None
        await _hear(interaction, command.name, symbol, venues, kept, theme)

    return _slash(command, ask)


def _rates(command: Command) -> Slash:
    @app_commands.describe(
        symbol="The coin, such as BTC; all markets if left out",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        theme="Dark or light picture",
    )
    @_themed
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction,
        symbol: _Symbol | None = None,
        venues: _Venues | None = None,
        theme: str | None = None,
    ) -> None:
        await _hear(interaction, command.name, symbol, venues, theme)

    return _slash(command, ask)


def _markets(command: Command) -> Slash:
    @app_commands.describe(
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        page="Which page; the most traded if left out",
    )
    async def ask(
        interaction: discord.Interaction,
        venues: _Venues | None = None,
        page: _Page | None = None,
    ) -> None:
        await _hear(interaction, command.name, venues, None if page is None else str(page))

    return _slash(command, ask)


def _whatif(command: Command) -> Slash:
    @app_commands.describe(
        symbol="The coin, such as BTC",
        move="Such as -4%, 3% up, or to 60000",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        theme="Dark or light picture",
    )
    @_themed
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction,
        symbol: _Symbol,
        move: _Move,
        venues: _Venues | None = None,
        theme: str | None = None,
    ) -> None:
        await _hear(interaction, command.name, symbol, move, venues, theme)

    return _slash(command, ask)


def _backtest(command: Command) -> Slash:
    @app_commands.describe(
        strategy="Which of the three",
        symbol="The coin, such as BTC",
        days="How many days back; 30 if left out",
        venues="Only these exchanges, such as “binance bybit”; all if left out",
        theme="Dark or light picture",
    )
    @app_commands.choices(strategy=[Choice(name=name, value=name) for name in STRATEGIES])
    @_themed
    @app_commands.autocomplete(symbol=_coins)
    async def ask(
        interaction: discord.Interaction,
        strategy: str,
        symbol: _Symbol,
        days: _Days | None = None,
        venues: _Venues | None = None,
        theme: str | None = None,
    ) -> None:
        back = None if days is None else f"{days}d"
        await _hear(interaction, command.name, strategy, symbol, back, venues, theme)

    return _slash(command, ask)


def _help(command: Command) -> Slash:
    @app_commands.describe(topic="One command explained; all of them if left out")
    @app_commands.choices(
        topic=[Choice(name=known.name, value=known.name) for known in COMMANDS],
    )
    @app_commands.rename(topic="command")
    async def ask(interaction: discord.Interaction, topic: str | None = None) -> None:
        await _hear(interaction, command.name, topic)

    return _slash(command, ask)


def _plain(command: Command) -> Slash:
    async def ask(interaction: discord.Interaction) -> None:
        await _hear(interaction, command.name)

    return _slash(command, ask)


def _slash(command: Command, ask: Callable[..., Any]) -> Slash:
    return app_commands.Command(name=command.name, description=command.summary, callback=ask)


_KINDS: dict[str, Callable[[Command], Slash]] = {
    "heatmap": _market,
    "map": _market,
    "accuracy": _accuracy,
    "model": _model,
    "liqs": _liqs,
    "book": _book,
    "funding": _rates,
    "oi": _rates,
    "ratio": _rates,
    "squeeze": _rates,
    "explain": _model,
    "whatif": _whatif,
    "setups": _rates,
    "backtest": _backtest,
    "markets": _markets,
    "help": _help,
}
