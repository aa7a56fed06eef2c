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
    """Read every market under a replay source, by the name of its folder; in order of names.

    BadSetting if it is no replay source or no such folder, MalformedData for a bad row,
    NotEnoughData if a market has no candle.
    """
    from bot.exchanges.replay import read_market

    kind, _, place = source.partition(":")
    if kind != "replay" or not place:
        raise BadSetting(f"“{source}” is no recording. This needs --source replay:DIR.")
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
