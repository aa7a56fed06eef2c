"""Positions that real accounts held, from the venue's message to what is drawn apart."""

import csv
import gzip
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.core.estimate.exact import exact_layer
from bot.core.estimate.maps import STEP
from bot.core.market.positions import Positions
from bot.exchanges.accounts import _positions
from bot.exchanges.parse import hyperliquid
from tests.support.histories import history

Rows = Sequence[Mapping[str, str]]


@pytest.fixture
def accounts(shared: Path) -> dict[str, Rows]:
    found: dict[str, list[Mapping[str, str]]] = defaultdict(list)
    file = shared / "data/positions/hyperliquid_2026-02-12.csv.gz"
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["account"]].append(row)
    return dict(found)


def _message(rows: Rows) -> object:
    """Say an account in the venue's own form."""

    def asset(row: Mapping[str, str]) -> object:
        position = {
            "coin": row["coin"],
            "szi": row["size"] if row["side"] == "long" else f"-{row['size']}",
            "leverage": {"type": "cross", "value": float(row["leverage"])},
            "entryPx": row["entry_px"],
            "liquidationPx": row["liq_px"] or None,
        }
        return {"type": "oneWay", "position": position}

    return {"assetPositions": [asset(row) for row in rows]}


def _of(coin: str, accounts: dict[str, Rows], at: int) -> Positions:
    held = [one for rows in accounts.values() for one in hyperliquid.positions(_message(rows))]
    return _positions([(at, one) for one in held if one.id == coin])


def test_every_position_of_every_account_is_read(accounts: dict[str, Rows]) -> None:
    for rows in accounts.values():
        found = hyperliquid.positions(_message(rows))
        assert [one.id for one in found] == [row["coin"] for row in rows]


@pytest.mark.parametrize("coin", ["BTC", "ETH", "SOL", "HYPE"])
def test_sums_by_side_are_those_of_the_accounts_and_each_on_its_side_of_the_price(
    accounts: dict[str, Rows], coin: str
) -> None:
    rows = [row for each in accounts.values() for row in each if row["coin"] == coin]
    mark = float(rows[0]["mark_px"])
    whole = history(bars=10, price=mark)
    # Seen after the last bar, so that none of this invented walk can have reached it.
    at = int(whole.candles.close_time[-1])
    market = replace(whole, positions=_of(coin, accounts, at))
    first, count = int(np.floor(np.log(mark) / STEP)) - 20_000, 40_001
    layer = exact_layer([market], first, count, None, at)
    assert layer is not None
    assert layer.count == len(rows)
    edge = int(np.floor(np.log(mark) / STEP)) - first
    for side, usd in (("long", layer.long_usd), ("short", layer.short_usd)):
        drawn = [row for row in rows if row["side"] == side and row["liq_px"]]
        low, high = np.exp(STEP * first), np.exp(STEP * (first + count))
        expected = sum(
            float(row["size"]) * float(row["liq_px"])
            for row in drawn
            if low <= float(row["liq_px"]) < high
        )
        assert usd.sum() == pytest.approx(expected)
        assert usd.sum() > 0
        wrong = usd[edge + 1 :] if side == "long" else usd[:edge]
        assert wrong.sum() == 0
