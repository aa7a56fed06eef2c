"""`/help` and `/start`."""

from bot.core.errors import UnknownWord
from bot.desk.commands import COMMANDS, Command
from bot.desk.steps import rows, step
from bot.reply import Button, Reply

_FIRST = (
    (
        Button("BTC heatmap", "heatmap BTC", fresh=True),
        Button("Watch BTC", "watch BTC", fresh=True),
    ),
)
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
        lines = [f"{_example(command)} – {command.summary}" for command in COMMANDS]
        return Reply(
            "What you can ask",
            (*lines, "", "/help heatmap explains one. Everything shown is an estimate."),
            buttons=_FIRST,
        )
    for command in COMMANDS:
        if command.name == topic:
            examples = tuple(f"  {example}" for example in command.examples)
            return Reply(
                command.usage,
                (command.about, "", "For example", *examples),
                buttons=_to_try(command),
            )
    names = ", ".join(command.name for command in COMMANDS)
    raise UnknownWord(topic[:20], f"Commands are {names}.")


def start_reply(*, shared: bool = False) -> Reply:
    """Say hello, and offer the first heatmap; where others read, say how it is set up for all."""
    if shared:
        return Reply(
            "Emberline is here",
            (
                "Anybody: /heatmap BTC draws where leveraged positions would be liquidated.",
                "Moderators, in a minute: press Watch BTC and choose what is to be told here.",
                "/test shows that it arrives, /mute 8h is silence, /watches lists it all.",
                "I read nothing but commands. It is an estimate from public data, not advice.",
            ),
            buttons=_FIRST,
        )
    return Reply(
        "Emberline",
        (
            "Send /heatmap BTC for one picture of where leveraged positions would be liquidated,",
            "with open interest and funding beside it.",
            "Or let me watch: /watch tells you by itself when longs or shorts are squeezed.",
            "It is an estimate from public data, not advice. /help lists everything.",
        ),
        buttons=_FIRST,
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
