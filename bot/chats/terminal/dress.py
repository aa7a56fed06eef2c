"""A reply in a terminal's clothes: a panel, the picture's path, numbered buttons."""

from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from bot.reply import Button, Reply


def numbered(reply: Reply) -> list[Button]:
    """Return the reply's buttons in the order they are numbered, from 1."""
    return [button for row in reply.buttons for button in row]


def show(console: Console, reply: Reply, written: Path | None) -> None:
    """Print one reply; its text is never taken for markup."""
    parts: list[RenderableType] = [Text(line) for line in (*reply.table, *reply.lines)]
    if written is not None:
        path = Text("file: " if reply.document else "picture: ", style="dim")
        path.append(str(written), style=f"bold link file://{written.resolve()}")
        parts.append(path)
    number = 1
    for row in reply.buttons:
        line = Text()
        for button in row:
            style = "reverse" if button.chosen else "dim"
            line.append(f"[{number}] {button.label}", style=style).append("  ")
            number += 1
        parts.append(line)
    border = "red" if reply.kind == "problem" else "yellow" if reply.simulated else "cyan"
    title = Text(reply.headline, style="bold")
    if not parts:
        parts, title = [title], Text("")
    console.print(Panel(Group(*parts), title=title, title_align="left", border_style=border))
