"""`emberline run`: the chats, until they are told to stop; `emberline demo`: a simulated one."""

import asyncio
import json
import signal
import sys
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from bot.cli.say import BAD_INPUT, friendly, settle, wait_for
from bot.core.errors import BotError, MissingSetting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from bot.chats.terminal.chat import TerminalChat
    from bot.messages import Chat as Carrier
    from bot.operating.health import Health, State
    from bot.settings import Settings
    from bot.wiring import House

_SIGN_EVERY = 30.0  # [s]
PICTURES = Path("out")
DEMO_SCRIPT = ("/heatmap BTC", "3", "/status")  # a question, a button (3 days), a question


class Chat(StrEnum):
    """Which chats to start."""

    TELEGRAM = "telegram"
    DISCORD = "discord"
    TERMINAL = "terminal"
    ALL = "all"


@friendly
def run(
    chat: Annotated[Chat, typer.Argument(help="Which chat; all starts those with a token.")] = (
        Chat.ALL
    ),
    source: Annotated[
        str, typer.Option(help="live, sim, replay:DIR or merge:SOURCE,SOURCE.")
    ] = "live",
) -> None:
    """Answer in the chats until told to stop (Ctrl-C or SIGTERM)."""
    chosen = settle("WARNING" if chat is Chat.TERMINAL else None)
    wanted = _with_token(chat, chosen)
    wait_for(_terminal(chosen, source) if chat is Chat.TERMINAL else _chats(chosen, source, wanted))


def _with_token(chat: Chat, settings: "Settings") -> list[Chat]:
    """Return the chats that can start; name the variables of those that cannot."""
    tokens = {
        Chat.TELEGRAM: ("TELEGRAM_TOKEN", settings.telegram_token),
        Chat.DISCORD: ("DISCORD_TOKEN", settings.discord_token),
    }
    if chat is Chat.TERMINAL:
        return []
    asked = list(tokens) if chat is Chat.ALL else [chat]
    missing = [tokens[each][0] for each in asked if tokens[each][1] is None]
    if len(missing) == len(asked):
        what = "a chat needs its token; set it in .env, or try `emberline run terminal`."
        raise MissingSetting(" or ".join(missing), what)
    for variable in missing:
        typer.echo(f"{variable} is not set, so that chat is not started.", err=True)
    return [each for each in asked if tokens[each][1] is not None]


class _Talker(Protocol):
    """What every chat can do."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def _chats(settings: "Settings", source: str, wanted: list[Chat]) -> None:
    """Run the chats side by side: one that cannot start does not keep the others from it."""
    from bot.wiring import discord_chat, house, telegram_chat
    from bot.wiring_operating import operating
    from bot.wiring_watches import WallClock

    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with (
        house(settings, source, watch=True) as standing,
        operating(standing, [str(each) for each in wanted]) as health,
    ):
        if standing.watching is not None:
            standing.watching.start()
        chats: dict[Chat, _Talker] = {}
        carriers: dict[Chat, Callable[[], Carrier]] = {}
        if Chat.TELEGRAM in wanted:
            telegram = chats[Chat.TELEGRAM] = telegram_chat(standing)
            carriers[Chat.TELEGRAM] = lambda: telegram.post
        if Chat.DISCORD in wanted:
            discord = chats[Chat.DISCORD] = discord_chat(standing)
            carriers[Chat.DISCORD] = lambda: discord.post(WallClock())
        starts = asyncio.gather(
            *(_start(standing, each, chats[each], carriers[each]) for each in chats)
        )
        living = asyncio.create_task(_live_until(stop, settings.alive_file, health))
        try:
            await asyncio.wait((starts, living), return_when=asyncio.FIRST_COMPLETED)
            failures = starts.result() if starts.done() else []
            if failures and all(failures):
                raise typer.Exit(BAD_INPUT)  # each has said why
            await living
        finally:
            living.cancel()
            starts.cancel()
            await asyncio.gather(starts, living, return_exceptions=True)
            if standing.watching is not None:  # what is on its way arrives while chats still speak
                await standing.watching.close()
            await asyncio.gather(*(chat.stop() for chat in chats.values()))


async def _start(
    standing: "House", chat: Chat, talker: _Talker, carrier: "Callable[[], Carrier]"
) -> BotError | None:
    """Start one chat, and have it carry alerts; return why it cannot run."""
    parts = standing.running.parts
    parts[chat] = "starting"
    try:
        await talker.start()
    except BotError as error:
        parts[chat] = str(error)
        typer.echo(str(error), err=True)
        return error
    if standing.watching is not None:
        standing.watching.outbox.carry(carrier())
    parts[chat] = "started"
    typer.echo(f"{chat} has been started. Stop with Ctrl-C.", err=True)
    return None


async def _live_until(stop: asyncio.Event, sign: Path, health: "Health") -> None:
    """Show life in a file until told to stop; a disk that is full does not end the bot."""
    try:
        while not stop.is_set():
            _show(sign, await health.states())
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), _SIGN_EVERY)
    finally:
        _gone(sign)


def _show(sign: Path, states: "Mapping[str, State]") -> None:
    """Write down how the bot is, for whoever looks at it from outside."""
    told = {name: {"well": state.well, "said": state.said} for name, state in states.items()}
    with suppress(OSError):
        sign.parent.mkdir(parents=True, exist_ok=True)
        sign.write_text(json.dumps(told))


def _gone(sign: Path) -> None:
    """Take the sign back: who looks next is not told that the bot still lives."""
    with suppress(OSError):
        sign.unlink(missing_ok=True)


async def _terminal(settings: "Settings", source: str) -> None:
    from bot.chats.terminal.chat import TerminalChat
    from bot.wiring import house

    async with house(settings, source, watch=True) as standing:
        await _converse(standing, TerminalChat(standing.listener, PICTURES))


async def _converse(standing: "House", chat: "TerminalChat") -> None:
    """Talk to whoever types, who is told of what is watched between two questions."""
    watching = standing.watching
    if watching is None:
        await chat.converse()
        return
    watching.start()
    watching.outbox.carry(chat.post)
    try:
        await chat.converse()
    finally:
        await watching.close()


@friendly
def demo(
    seed: Annotated[int, typer.Option(help="Another number, another invented market.")] = 1,
) -> None:
    """Chat with a simulated market that runs live, an hour a minute; a script without a TTY."""
    if not wait_for(_demo(settle("WARNING"), seed)):
        raise typer.Exit(BAD_INPUT)


async def _demo(settings: "Settings", seed: int) -> bool:
    from rich.console import Console
    from rich.progress import Progress

    from bot.chats.terminal.chat import TerminalChat
    from bot.wiring import house

    console = Console()
    with Progress(console=console, transient=console.is_terminal) as bar:
        task = bar.add_task(f"simulating {settings.history_days} days of markets", total=1.0)
        async with house(
            settings,
            f"sim:{seed}",
            progress=lambda part: bar.update(task, completed=part),
            watch=sys.stdin.isatty(),
        ) as standing:
            await _ready(standing)
            bar.update(task, completed=1.0)
            bar.stop()
            chat = TerminalChat(standing.listener, PICTURES, console)
            replies = []
            if sys.stdin.isatty():
                await chat.play(DEMO_SCRIPT[:1])
                await _converse(standing, chat)
            else:
                replies = await chat.play(DEMO_SCRIPT)
    for picture in chat.pictures:
        console.print(f"{picture}  {picture.stat().st_size:,} bytes", highlight=False)
    return all(reply.kind == "answer" for reply in replies)


async def _ready(standing: "House") -> None:
    """Make the first market, so that the first answer comes as quickly as the next."""
    listing = await standing.source.instruments()
    await standing.source.history(listing[0], standing.source.now())
