"""`/help` and `/start`."""

from bot.core.errors import UnknownWord
from bot.desk.commands import COMMANDS
from bot.reply import Button, Reply

_FIRST = (
    (
        Button("BTC heatmap", "heatmap BTC", fresh=True),
        Button("Watch BTC", "watch BTC", fresh=True),
    ),
)


def help_reply(topic: str = "") -> Reply:
    """List the commands, or explain one of them. UnknownWord."""
    if not topic:
        lines = [f"/{command.name} – {command.summary}" for command in COMMANDS]
        return Reply(
            "What you can ask",
            (*lines, "", "Try /heatmap BTC 24h. Everything shown is an estimate."),
            buttons=_FIRST,
        )
    for command in COMMANDS:
        if command.name == topic:
            examples = tuple(f"  {example}" for example in command.examples)
            return Reply(command.usage, (command.about, "", "For example", *examples))
    names = ", ".join(command.name for command in COMMANDS)
    raise UnknownWord(topic[:20], f"Commands are {names}.")


def start_reply() -> Reply:
    """Say hello, and offer the first heatmap."""
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
