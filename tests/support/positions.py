"""Positions told in a venue's terms, checked as an example of a file is."""

from typing import Any

from bot.core.margin.examples import Checked, check, read_example

INVERSE: dict[str, Any] = {"contract_type": "inverse"}
CROSS: dict[str, Any] = {"margin_mode": "cross"}
BANKRUPTCY: dict[str, Any] = {"asks": "bankruptcy_price"}


def told(
    exchange: str, inputs: dict[str, Any], expected: float, tolerance: float = 1e-5, **more: Any
) -> Checked:
    raw = {
        "id": "one",
        "exchange": exchange,
        "contract_type": "linear",
        "margin_mode": "isolated",
        "inputs": inputs,
        "expected_price": expected,
        "tolerance": tolerance,
        **more,
    }
    return check(read_example(raw, 1))
