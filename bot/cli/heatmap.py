"""`emberline heatmap SYMBOL --source … -o x.png`: one picture, without a chat."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.say import BAD_INPUT, friendly, settle, wait_for


class Theme(StrEnum):
    """The clothes of a picture."""

    DARK = "dark"
    LIGHT = "light"


@friendly
def heatmap(
    symbol: Annotated[str, typer.Argument(help="A coin: BTC, ethusdt, sol …")],
    source: Annotated[
        str, typer.Option(help="live, sim, replay:DIR or merge:SOURCE,SOURCE.")
    ] = "live",
    output: Annotated[Path, typer.Option("--output", "-o", help="Where the PNG goes.")] = Path(
        "heatmap.png"
    ),
    window: Annotated[str, typer.Option(help="12h, 24h, 3d, 7d or 30d.")] = "24h",
    venues: Annotated[str, typer.Option(help="Venues, separated by commas; all if none.")] = "",
    theme: Annotated[Theme, typer.Option(help="dark or light.")] = Theme.DARK,
    profile: Annotated[  # noqa: FBT002 - a flag of a command line
        bool, typer.Option("--map", help="The profile by price instead of the heatmap.")
    ] = False,
) -> None:
    """Draw one heatmap to a file and print its caption."""
    from rich.console import Console
    from rich.text import Text

    from bot.chats.hears import Asker
    from bot.cli.recordings import check_place, write
    from bot.wiring import house

    check_place(output)  # before the work, not after it
    chosen = settle("WARNING")
    console = Console()

    async def draw() -> bool:
        verb = "map" if profile else "heatmap"
        # A file is not completed later.
        words = f"{verb} {symbol} {window} {venues} {theme} whole"
        with console.status(f"asking {source.partition(':')[0]} …"):
            async with house(chosen, source, collect=False) as standing:
                reply = await standing.listener.answer(words, Asker("terminal", "terminal"))
        console.print(Text(reply.text()))
        if reply.image is None:
            return False
        write(output, reply.image.png)
        console.print(Text(f"picture: {output}"))
        return True

    if not wait_for(draw()):
        raise typer.Exit(BAD_INPUT)
