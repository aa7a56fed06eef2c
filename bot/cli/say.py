"""How the command line speaks: sentences for what was foreseen, never a traceback."""

import asyncio
import functools
import sys
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar

import typer

from bot.core.errors import BotError

if TYPE_CHECKING:
    from bot.settings import Settings

BAD_INPUT = 2  # exit code for what the person can put right

_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def refuse(error: BotError) -> NoReturn:
    """Print what is wrong to stderr and leave."""
    typer.secho(str(error), err=True, fg=typer.colors.RED if sys.stderr.isatty() else None)
    raise typer.Exit(BAD_INPUT) from error


def friendly(command: Callable[_Given, _Result]) -> Callable[_Given, _Result]:
    """Let a command raise BotError; the person reads one sentence."""

    @functools.wraps(command)
    def run(*given: _Given.args, **named: _Given.kwargs) -> _Result:
        try:
            return command(*given, **named)
        except BotError as error:
            refuse(error)

    return run


def settle(level: str | None = None) -> "Settings":
    """Read the settings and start the logs; `level` where a command is quieter than the bot."""
    from bot.logs import start_logging
    from bot.settings import settings

    chosen = settings()
    start_logging(level or chosen.log_level, chosen.log_format, chosen.secrets())
    return chosen


def wait_for(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run the waiting part of a command; Ctrl-C ends it without a traceback."""
    try:
        return asyncio.run(work)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
