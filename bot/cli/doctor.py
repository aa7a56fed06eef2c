"""`emberline doctor`: does everything that a running bot needs work, and if not, what then."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.doctor_findings import Finding
from bot.cli.doctor_machine import alive as living
from bot.cli.doctor_machine import clock, disk, fonts, running
from bot.cli.say import friendly, settle, wait_for
from bot.core.errors import BotError

if TYPE_CHECKING:
    from bot.desk.requests import Asker
    from bot.reply import Reply
    from bot.settings import Settings


@friendly
def doctor(
    source: Annotated[str, typer.Option(help="The source to look at.")] = "live",
    alive: Annotated[  # noqa: FBT002 - a flag of a command line
        bool, typer.Option("--alive", help="Only: has the running bot shown life lately?")
    ] = False,
    venues: Annotated[  # noqa: FBT002 - likewise
        bool, typer.Option("--venues", help="Only: what does each venue offer, and answer now?")
    ] = False,
) -> None:
    """Check tokens, database, venues, clock, fonts, disk, the running bot; exit 1 if one is ill."""
    chosen = settle("CRITICAL" if venues else "ERROR")
    if alive:
        finding = living(chosen)
        typer.echo(finding.said)
        raise typer.Exit(0 if finding.well else 1)
    if venues:
        raise typer.Exit(wait_for(_each_venue(chosen)))
    findings = wait_for(_look(chosen, source))
    _show(findings)
    raise typer.Exit(0 if all(finding.well is not False for finding in findings) else 1)


async def _each_venue(settings: "Settings") -> int:
    """Show what all venues that are known offer and answer; 1 if one does not."""
    from bot.cli.doctor_venues import look, show
    from bot.settings import KNOWN_VENUES

    found = await look(KNOWN_VENUES, settings.exchange_base)
    show(found)
    return int(any(one.failures for one in found))


async def _look(settings: "Settings", source: str) -> list[Finding]:
    """Look at everything side by side; each look has its own end."""
    looks: dict[str, Callable[[], Awaitable[Finding]]] = {
        "Telegram": lambda: _telegram(settings),
        "Discord": lambda: _discord(settings),
        "database": lambda: _database(settings),
        f"source {source}": lambda: _venues(settings, source),
        "clock": lambda: clock(settings, source),
    }
    found = await asyncio.gather(*(_try(what, look) for what, look in looks.items()))
    return [*found, fonts(), disk(settings), running(settings)]


async def _try(what: str, look: Callable[[], Awaitable[Finding]]) -> Finding:
    try:
        async with asyncio.timeout(30):
            return await look()
    except BotError as error:
        return Finding(what, well=False, said=str(error))
    except TimeoutError:
        return Finding(what, well=False, said="no answer within 30 s")


async def _telegram(settings: "Settings") -> Finding:
    if settings.telegram_token is None:
        return Finding("Telegram", well=None, said="not used: TELEGRAM_TOKEN is not set")
    from bot.chats.telegram import TelegramChat

    chat = TelegramChat(
        _Nobody(), settings.telegram_token.get_secret_value(), api_base=settings.telegram_api_base
    )
    return Finding("Telegram", well=True, said=await chat.check())


async def _discord(settings: "Settings") -> Finding:
    if settings.discord_token is None:
        return Finding("Discord", well=None, said="not used: DISCORD_TOKEN is not set")
    from bot.chats.discord import DiscordChat

    chat = DiscordChat(
        _Nobody(),
        settings.discord_token.get_secret_value(),
        api_base=settings.discord_api_base,
        gateway_url=settings.discord_gateway_url,
    )
    return Finding("Discord", well=True, said=await chat.check())


async def _database(settings: "Settings") -> Finding:
    from storage.database import check_writable, open_database, revision

    database = await open_database(settings.database_url.get_secret_value())
    try:
        await check_writable(database)
        current, head = await revision(database)
    finally:
        await database.close()
    said = f"can be written, schema {current} of {head}"
    return Finding("database", well=current == head, said=said)


async def _venues(settings: "Settings", source: str) -> Finding:
    from bot.wiring import market_source

    market = market_source(source, settings)
    try:
        listing = await market.instruments()
        failures = market.failures()
    finally:
        await market.close()
    venues = list(dict.fromkeys(item.exchange for item in listing))
    said = f"{len(listing)} perpetuals on {', '.join(venues)}"
    said += "".join(f"; {venue}: {why}" for venue, why in failures.items())
    return Finding(f"source {source}", well=not failures, said=said)


class _Nobody:
    """A desk for a chat that is only looked at; it is never asked."""

    async def answer(self, words: str, asker: "Asker") -> "Reply":
        from bot.reply import Reply

        return Reply(f"nobody is here to answer {asker.user}'s {words}", kind="problem")

    async def suggest(self, typed: str) -> Sequence[str]:
        return (typed,)


def _show(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    marks = {True: ("well", "green"), False: ("not well", "red"), None: ("not used", "dim")}
    table = Table("part", "", "")
    for finding in findings:
        word, colour = marks[finding.well]
        table.add_row(finding.what, Text(word, style=colour), Text(finding.said))
    Console().print(table)
