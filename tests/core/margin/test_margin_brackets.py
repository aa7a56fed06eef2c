"""The bundled brackets are the venues' own, as far as they are known."""

import json
from pathlib import Path

import numpy as np
import pytest

from bot.core.arrays import floats
from bot.core.instruments import Contract, Instrument
from bot.core.margin import bracket_tables
from bot.core.margin.bundled import brackets_by_rule, brackets_for

_OPEN_END = 1e12  # [quote] more than any position


def perpetual(exchange: str, base: str, quote: str = "USDT") -> Instrument:
    return Instrument(exchange, base, quote, quote)


def binance_coins() -> list[str]:
    texts = " ".join(bracket_tables.BINANCE.values()).split()
    return [word for word in texts if not word[0].isdigit() and word != "*"]


@pytest.mark.parametrize("coin", binance_coins())
def test_binance_brackets_are_those_it_publishes(coin: str, shared: Path) -> None:
    published = json.loads((shared / "facts/tiers/binance.json").read_text())["tiers"]
    base = coin if f"{coin}/USDT:USDT" in published else f"1000{coin}"
    tiers = published[f"{base}/USDT:USDT"]
    ours = brackets_for(perpetual("binance", base))
    assert ours.value_cap == pytest.approx([tier["maxNotional"] for tier in tiers])
    rates = [tier["maintenanceMarginRate"] for tier in tiers]
    assert ours.maintenance_margin_rate == pytest.approx(rates)
    assert ours.max_leverage == pytest.approx([tier["maxLeverage"] for tier in tiers])
    assert ours.deduction == pytest.approx([tier["maintAmt"] for tier in tiers])


@pytest.mark.parametrize(
    ("exchange", "symbol", "file"),
    [
        ("bybit", "BTC/USDC:USDC", "bybit"),
        ("bybit", "BTC/USDT:USDT", "bybit"),
        ("bybit", "RVN/USDT:USDT", "bybit"),
        ("bitget", "BTC/USDT:USDT", "bitget"),
        ("bitget", "BTC/USDC:USDC", "bitget"),
        ("bitget", "SAFE/USDT:USDT", "bitget"),
        ("gate", "BTC/USDT:USDT", "gate"),
        ("hyperliquid", "BTC/USDC:USDC", "hyperliquid"),
        ("hyperliquid", "ETH/USDC:USDC", "hyperliquid"),
        ("hyperliquid", "SOL/USDC:USDC", "hyperliquid"),
        ("kraken", "BTC/USD:BTC", "krakenfutures"),
        ("kraken", "ETH/USD:ETH", "krakenfutures"),
        ("kucoin", "BTC/USDT:USDT", "kucoin"),
    ],
)
def test_other_venues_brackets_are_theirs(
    exchange: str, symbol: str, file: str, shared: Path
) -> None:
    tiers = json.loads((shared / f"facts/tiers/{file}.json").read_text())["tiers"][symbol]
    base, quote, settle = symbol.replace(":", "/").split("/")
    contract = Contract.INVERSE if settle == base else Contract.LINEAR
    ours = brackets_for(Instrument(exchange, base, quote, settle, contract))
    caps = [tier["maxNotional"] or _OPEN_END for tier in tiers]
    assert np.minimum(ours.value_cap, _OPEN_END) == pytest.approx(caps)
    rates = [tier["maintenanceMarginRate"] for tier in tiers]
    assert ours.maintenance_margin_rate == pytest.approx(rates)
    assert ours.max_leverage == pytest.approx([tier["maxLeverage"] for tier in tiers])
    assert ours.deduction == pytest.approx([tier["maintAmt"] for tier in tiers], rel=1e-6)


def test_a_large_bitcoin_position_may_use_less_leverage() -> None:
    table = brackets_for(perpetual("binance", "BTC"))
    small, large = table.at(floats([10_000.0, 5_000_000.0]))
    assert (table.max_leverage[small], table.max_leverage[large]) == (150, 50)
    assert table.deduction[large] == pytest.approx(12_000)


@pytest.mark.parametrize("base", ["PEPE", "1000PEPE", "kPEPE"])
def test_a_coin_counted_in_thousands_is_the_same_coin(base: str) -> None:
    table = brackets_for(perpetual("binance", base))
    assert (table.value_cap[0], table.maintenance_margin_rate[0]) == (20_000, 0.0065)


def test_a_coin_that_no_table_has_gets_what_most_have() -> None:
    usual = brackets_for(perpetual("binance", "NOSUCHCOIN"))
    assert (usual.value_cap[0], usual.max_leverage[0], usual.max_leverage[-1]) == (5000, 50, 1)
    assert brackets_for(perpetual("hyperliquid", "NOSUCHCOIN", "USDC")).max_leverage == [10]


def test_a_venue_without_a_table_gets_binances() -> None:
    ours = brackets_for(perpetual("blofin", "SOL"))
    assert ours.value_cap == pytest.approx(brackets_for(perpetual("binance", "SOL")).value_cap)


def test_where_a_venue_has_no_deduction_the_margin_jumps_at_a_brackets_end() -> None:
    binance, kraken = (perpetual(name, "BTC") for name in ("binance", "kraken"))
    steps = floats([50e3, 250e3]), floats([0.004, 0.005]), floats([125.0, 100.0])
    assert brackets_by_rule(binance, *steps).deduction.tolist() == pytest.approx([0, 50])
    assert brackets_by_rule(kraken, *steps).deduction.tolist() == [0, 0]


def test_brackets_counted_in_coin_need_a_price_to_become_value() -> None:
    market = perpetual("coinex", "BTC")
    first = brackets_for(market)
    assert (len(first.value_cap), first.max_leverage[0]) == (1, 100)
    valued = brackets_for(market, 50_000.0)
    assert valued.value_cap[:3] == pytest.approx([1e6, 2.5e6, 5e6])
