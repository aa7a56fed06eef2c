"""The recorded markets that `--source replay:DIR` names, one by one."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from bot.core.errors import BadSetting, NotEnoughData

if TYPE_CHECKING:
    from bot.core.market.history import MarketHistory

CARD = "market.json"
_HOLES_SHOWN = 5


def recordings(source: str) -> "dict[str, MarketHistory]":
    """Read every market of a recording or of the bot's own memory, by its name.

    `replay:DIR` goes by the names of folders; `stored` is every market whose liquidations the bot
    has listened to, `stored:BTC` those of one coin. BadSetting if it is neither or names nothing,
    MalformedData for a bad row, NotEnoughData if a market has no candle.
    """
    kind, _, place = source.partition(":")
    if kind == "stored":
        return _stored(place)
    if kind != "replay" or not place:
        why = "This needs --source replay:DIR, or stored:COIN for what the bot has kept."
        raise BadSetting(f"“{source}” is no recording. {why}")
    return _recorded(place)


def _stored(word: str) -> "dict[str, MarketHistory]":
    from bot.cli.say import settle, wait_for
    from bot.core.instruments import base_of
    from storage.memory import open_memory

    async def load() -> "dict[str, MarketHistory]":
        memory = await open_memory(settle("WARNING").database_url.get_secret_value())
        try:
            followed = await memory.history.followed(0)
            wanted = [each for each in followed if not word or each.base == base_of(word)]
            found = {each: await memory.history.load(each, 0) for each in wanted}
        finally:
            await memory.close()
        return {
            f"{each.exchange}-{each.base}-{each.quote}".lower(): history
            for each, history in found.items()
            if history is not None and len(history.candles)
        }

    found = wait_for(load())
    if not found:
        what = f"No market of “{word}”" if word else "No market"
        raise NotEnoughData(f"{what} has been listened to and kept; `emberline run` does that")
    return found


def _recorded(place: str) -> "dict[str, MarketHistory]":
    from bot.exchanges.replay import read_market

    folder = Path(place)
    if not folder.is_dir():
        raise BadSetting(f"There is no folder “{place}” to replay.")
    folders = [folder] if (folder / CARD).is_file() else sorted(_markets(folder))
    if not folders:
        raise BadSetting(f"“{place}” holds no {CARD}, and none of its folders does.")
    found = {each.resolve().name: read_market(each) for each in folders}
    for name, history in found.items():
        if not len(history.candles):
            raise NotEnoughData(f"{name} has no candles")
    return found


def said_missing(name: str, history: "MarketHistory") -> list[str]:
    """Say what a recording lacks: whole series, and holes in those it has."""
    from bot.core.market.gaps import gaps

    lines = [f"{name}: no {series}" for series in history.missing]
    holes = [str(gap) for gap in gaps(history)]
    lines += [f"{name}: {hole}" for hole in holes[:_HOLES_SHOWN]]
    if len(holes) > _HOLES_SHOWN:
        lines.append(f"{name}: and {len(holes) - _HOLES_SHOWN} more holes")
    return lines


def _markets(folder: Path) -> list[Path]:
    return [each for each in folder.iterdir() if (each / CARD).is_file()]


def check_place(place: Path) -> None:
    """Refuse a place that cannot be a file; BadSetting says why."""
    if place.is_dir():
        raise BadSetting(f"“{place}” cannot be written: it is a folder. Name a file in it.")
    above = next(each for each in place.resolve().parents if each.exists())
    if not above.is_dir() or not os.access(above, os.W_OK):
        raise BadSetting(f"“{place}” cannot be written: “{above}” takes no new file.")


def write(place: Path, content: bytes) -> None:
    """Write a whole file, making its folder; BadSetting if that cannot be done."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
    except OSError as error:
        raise BadSetting(f"“{place}” cannot be written: {error.strerror}.") from error
