"""All open positions of one simulated market, as columns that grow and close up their gaps."""

import numpy as np

from bot.core.arrays import Floats
from bot.core.simulation.traders import FAR, liquidation_level

Rows = np.ndarray[tuple[int], np.dtype[np.intp]]

COLUMNS = (
    "side",  # +1 long, -1 short
    "value",  # [quote] at entry
    "entry",  # log entry price
    "quantity",  # [base]
    "wallet",  # [quote] margin, or what the whole account holds under cross
    "leverage",  # [1] as chosen
    "rate",  # maintenance margin rate
    "deduction",  # [quote] of the bracket
    "stop",  # log distance of the stop-loss from the entry, FAR if none
    "take",  # log distance of the take-profit, FAR if none
    "liquidation",  # log price, +-FAR if none
    "down",  # log price at or below which something closes the position
    "up",  # log price at or above which something does
    "stopped",  # 1: the stop-loss comes before the liquidation
    "gap",  # log distance to the liquidation when opened or last topped up
    "patience",  # what is left of an exponential clock; at 0 the owner closes
    "pace",  # [1/ms] at which the clock runs
    "horizon",  # [log price] what the price usually does in the position's life
    "habit",  # row in the crowd
    "isolated",  # 1 isolated, 0 cross
    "tops_up",  # how often the owner would still add margin
)


class Book:
    """Positions as columns of one array: rows [0, count) are open, in no order."""

    def __init__(self, capacity: int = 4096) -> None:
        self.count = 0
        self._data = np.zeros((len(COLUMNS), capacity))

    def __getitem__(self, name: str) -> Floats:
        """Return the open part of a column, writable."""
        part: Floats = self._data[_PLACE[name], : self.count]
        return part

    def column(self, name: str, rows: Rows) -> Floats:
        """Return some rows of a column, copied."""
        taken: Floats = self._data[_PLACE[name]][rows]
        return taken

    def add(self, columns: dict[str, Floats]) -> None:
        """Append positions; every column but those derived here must be given."""
        added = len(columns["side"])
        while self.count + added > self._data.shape[1]:
            self._data = np.concatenate((self._data, np.zeros_like(self._data)), axis=1)
        part = slice(self.count, self.count + added)
        for name, values in columns.items():
            self._data[_PLACE[name], part] = values
        self.count += added

    def remove(self, rows: Rows) -> None:
        """Close up over rows that have left; the last rows move into their places."""
        kept = self.count - len(rows)
        stays = np.ones(len(rows), dtype=np.bool_)  # of the rows past the new end
        beyond = rows[rows >= kept] - kept
        stays[beyond] = False
        self._data[:, rows[rows < kept]] = self._data[:, kept + np.flatnonzero(stays)]
        self.count = kept

    def relevel(self, rows: Rows) -> None:
        """Work out again where rows are liquidated, after their wallets changed."""
        if len(rows) == 0:
            return
        names = ("side", "entry", "value", "wallet", "rate", "deduction", "stop", "take")
        side, entry, value, wallet, rate, deduction, stop, take = (
            self.column(name, rows) for name in names
        )
        level = liquidation_level(side, entry, value, wallet, rate, deduction)
        down, up, stopped = closing_levels(side, entry, level, stop, take)
        changed = {"liquidation": level, "down": down, "up": up, "stopped": stopped}
        for name, values in changed.items():
            self._data[_PLACE[name], rows] = values

    def net(self) -> float:
        """Longs less shorts [base].

        Not a dot product: that may be shared out to threads, which costs more than it gives and
        adds up in another order on another machine.
        """
        return float((self["side"] * self["quantity"]).sum())


_PLACE = {name: place for place, name in enumerate(COLUMNS)}


def closing_levels(
    side: Floats, entry: Floats, liquidation: Floats, stop: Floats, take: Floats
) -> tuple[Floats, Floats, Floats]:
    """Log prices below and above which positions close, and whether by the stop (1) first."""
    stop_level = entry - side * stop
    adverse = side * np.maximum(side * liquidation, side * stop_level)
    target = entry + side * take
    is_long = side > 0
    down = np.where(is_long, adverse, np.where(take < FAR, target, -FAR))
    up = np.where(is_long, np.where(take < FAR, target, FAR), adverse)
    stopped = (side * stop_level > side * liquidation).astype(np.float64)
    return down, up, stopped
