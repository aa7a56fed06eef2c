"""`/help` and `/start`."""

from bot.core.errors import UnknownWord
from bot.core.language import mark, say
from bot.desk.commands import COMMANDS, Command
from bot.desk.steps import rows, step
from bot.reply import Button, Reply

# Examples of these may be tried with a tap, for they only ask.
_TRIED = frozenset(
    (
        *("heatmap", "map", "liqs", "book", "funding", "oi", "ratio", "squeeze", "explain"),
        *("setups", "backtest", "whatif", "position", "markets", "accuracy", "model", "status"),
    )
)

_SHOWN = _TRIED | {"watch", "mute"}


def help_reply(topic: str = "") -> Reply:
    """List the commands by what one would type, or explain one of them. UnknownWord."""
    if not topic:
        lines = [f"{_example(command)} – {say(command.summary)}" for command in COMMANDS]
        about = say("/help heatmap explains one. Everything shown is an estimate.")
        return Reply(say("What you can ask"), (*lines, "", about), buttons=_first())
    for command in COMMANDS:
        if command.name == topic:
            examples = tuple(f"  {example}" for example in command.examples)
            return Reply(
                command.usage,
                (say(command.about), "", say("For example"), *examples),
                buttons=_to_try(command),
            )
    names = ", ".join(command.name for command in COMMANDS)
    raise UnknownWord(topic[:20], say("Commands are {names}.", names=names))


_TO_ALL = (
    mark("Anybody: /heatmap BTC draws where leveraged positions would be liquidated."),
    mark("Moderators, in a minute: press Watch BTC and choose what is to be told here."),
    mark("/test shows that it arrives, /mute 8h is silence, /watches lists it all."),
    mark("I read nothing but commands. It is an estimate from public data, not advice."),
)
_TO_ONE = (
    mark("Send /heatmap BTC for one picture of where leveraged positions would be liquidated,"),
    mark("with open interest and funding beside it."),
    mark("Or let me watch: /watch tells you by itself when longs or shorts are squeezed."),
    mark("It is an estimate from public data, not advice. /help lists everything."),
)


def start_reply(*, shared: bool = False) -> Reply:
    """Say hello, and offer the first heatmap; where others read, say how it is set up for all."""
    headline = say("Emberline is here") if shared else "Emberline"
    lines = tuple(say(line) for line in (_TO_ALL if shared else _TO_ONE))
    return Reply(headline, lines, buttons=_first())


def _first() -> tuple[tuple[Button, ...], ...]:
    return (
        (
            Button(say("BTC heatmap"), "heatmap BTC", fresh=True),
            Button(say("Watch BTC"), "watch BTC", fresh=True),
        ),
    )


def _example(command: Command) -> str:
    """Return the shortest thing one would type; what changes something is only named."""
    longer = (each for each in command.examples if " " in each)
    return next(longer, command.examples[0]) if command.name in _SHOWN else f"/{command.name}"


def _to_try(command: Command) -> tuple[tuple[Button, ...], ...]:
    if command.name not in _TRIED:
        return ()
    words = (example.lstrip("/") for example in command.examples)
    return rows(*(step(each, each, fresh=True) for each in words))
