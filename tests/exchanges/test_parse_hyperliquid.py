"""Hyperliquid's messages as it sends them, and what they mean here."""

from dataclasses import replace

import numpy as np
import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.estimate.strips import funding_strip
from bot.core.margin.bundled import brackets_for
from bot.core.market.series import FundingRates
from bot.exchanges.parse import hyperliquid
from bot.exchanges.parse.common import Listing
from tests.support.histories import history
from tests.support.payloads import HYPERLIQUID, T, message, payload

BAR = 15 * MINUTE


def _listed(told: object) -> dict[str, Listing]:
    return {listing.id: listing for listing in hyperliquid.listings(told)}


def test_dollar_perpetuals_that_trade_are_listed_and_thousands_are_named_as_elsewhere() -> None:
    found = _listed(payload("hyperliquid/meta_and_asset_ctxs"))
    assert {name: one.instrument.symbol for name, one in found.items()} == {
        "BTC": "BTC/USDC:USDC",
        "kPEPE": "1000PEPE/USDC:USDC",
        "NEW": "NEW/USDC:USDC",
    }
    assert {one.contract_size for one in found.values()} == {1.0}


def test_open_interest_comes_with_the_list_in_base_coin_and_a_zero_is_none() -> None:
    found = _listed(payload("hyperliquid/meta_and_asset_ctxs"))
    assert {name: one.open_interest for name, one in found.items()} == {
        "BTC": 28911.25432,
        "kPEPE": 4120055101.0,
        "NEW": None,
    }


def test_a_market_that_cannot_be_read_does_not_shift_what_belongs_to_the_others() -> None:
    told = payload("hyperliquid/meta_and_asset_ctxs")
    told[0]["universe"][0] = {"name": 7}
    found = _listed(told)
    assert found["kPEPE"].open_interest == 4120055101.0
    assert "BTC" not in found


def test_markets_and_figures_that_do_not_match_are_refused() -> None:
    told = payload("hyperliquid/meta_and_asset_ctxs")
    del told[1][0]
    with pytest.raises(MarketUnavailable, match="makes no sense"):
        hyperliquid.listings(told)


def test_maintenance_margin_is_half_the_initial_at_each_steps_greatest_leverage() -> None:
    found = _listed(payload("hyperliquid/meta_and_asset_ctxs"))
    tiered, flat, unlisted = (found[name].brackets for name in ("BTC", "kPEPE", "NEW"))
    assert tiered is not None
    bundled = brackets_for(HYPERLIQUID.instrument)
    for name in ("value_cap", "maintenance_margin_rate", "max_leverage", "deduction"):
        assert getattr(tiered, name) == pytest.approx(getattr(bundled, name))
    assert tiered.deduction.tolist() == [0.0, 1_875_000.0]
    assert flat is not None
    assert (flat.maintenance_margin_rate.tolist(), flat.max_leverage.tolist()) == ([0.05], [10])
    assert unlisted is not None  # a table below 50 that is not listed is one step
    assert unlisted.max_leverage.tolist() == [3]


def test_brackets_that_make_no_sense_leave_the_market_to_the_bundled_table() -> None:
    told = payload("hyperliquid/meta_and_asset_ctxs")
    told[0]["marginTables"][1][1]["marginTiers"] *= 2
    assert _listed(told)["BTC"].brackets is None


def test_candles_are_in_base_coin() -> None:
    candles = hyperliquid.candles(payload("hyperliquid/candles"), HYPERLIQUID, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.close.tolist() == [64110.0, 63890.0, 63901.0]
    assert candles.volume.tolist() == [150.75, 312.5, 8.125]
    assert candles.taker_buy_volume is None


@pytest.mark.parametrize(("field", "value"), [("s", "ETH"), ("T", T + HOUR - 1), ("h", "63000.0")])
def test_candles_of_another_coin_or_length_or_shape_are_refused(field: str, value: object) -> None:
    told = payload("hyperliquid/candles")
    told[0][field] = value
    with pytest.raises(MarketUnavailable, match="candles came in a form"):
        hyperliquid.candles(told, HYPERLIQUID, BAR)


def test_funding_is_paid_each_hour_and_compared_for_eight() -> None:
    funding = hyperliquid.funding(payload("hyperliquid/funding"), HYPERLIQUID, HOUR)
    assert funding.time.tolist() == [T + 31, T + HOUR + 12]
    assert funding.rate.tolist() == [0.0000125, -0.0000042]

    whole = history(bars=300)
    start = int(whole.candles.open_time[0])
    hours = start + HOUR * np.arange(20) + 31
    hourly = replace(whole, funding=FundingRates(hours, np.full(20, 0.0000125)))
    strip = funding_strip([hourly], start + 2 * HOUR, start + 19 * HOUR)
    assert strip is not None
    assert strip.value == pytest.approx(0.0001)


def test_the_sign_of_a_position_is_its_side() -> None:
    found = {
        one.id: one for one in hyperliquid.positions(payload("hyperliquid/clearinghouse_state"))
    }
    assert {name: (one.side, one.quantity) for name, one in found.items()} == {
        "BTC": (1, 12.5),
        "ETH": (-1, 250.0),
        "kPEPE": (1, 26_000_000.0),
    }
    assert [one.entry_price for one in found.values()] == [61250.4, 3180.2, 0.0069]
    assert [one.leverage for one in found.values()] == [20, 5, 3]
    assert [one.isolated for one in found.values()] == [False, True, False]
    assert found["ETH"].liquidation_price == pytest.approx(3725.4901960784)
    assert found["ETH"].mark_price == 3200.0


def test_a_position_that_no_price_liquidates_has_no_such_price() -> None:
    told = payload("hyperliquid/clearinghouse_state")
    told["assetPositions"][0]["position"]["liquidationPx"] = "-12.5"
    found = {one.id: one for one in hyperliquid.positions(told)}
    assert np.isnan(found["kPEPE"].liquidation_price)
    assert np.isnan(found["BTC"].liquidation_price)


def test_a_position_that_cannot_be_read_is_left_out_and_a_closed_one_is_none() -> None:
    told = payload("hyperliquid/clearinghouse_state")
    told["assetPositions"][0]["position"]["szi"] = "0.0"
    told["assetPositions"][1]["position"]["leverage"]["type"] = "portfolio"
    assert [one.id for one in hyperliquid.positions(told)] == ["kPEPE"]


def test_an_account_of_which_nothing_can_be_read_is_refused_and_an_empty_one_is_not() -> None:
    told = payload("hyperliquid/clearinghouse_state")
    for asset in told["assetPositions"]:
        del asset["position"]["szi"]
    with pytest.raises(MarketUnavailable, match="an account came in a form"):
        hyperliquid.positions(told)
    assert hyperliquid.positions({**told, "assetPositions": []}) == []


def test_the_largest_accounts_come_first() -> None:
    told = message("hyperliquid/leaderboard")
    third, first = "0x" + "1" * 40, "0xabcdefabcdef0000000000000000000000000002"
    assert hyperliquid.largest(told, 5) == [first, "0x" + "3" * 40, third]
    assert hyperliquid.largest(told, 1) == [first]


def test_accounts_that_cannot_be_read_are_left_out_of_the_list() -> None:
    told = message("hyperliquid/leaderboard")
    spoilt = told.replace(b'"0xABCDEF', b'"0xnohex').replace(b'"30000000.0"', b'"-1"')
    assert hyperliquid.largest(spoilt, 5) == ["0x" + "1" * 40]


@pytest.mark.parametrize(
    "told", [b"", b"\xff", b"[]", b"{}", b'{"leaderboardRows": []}', b"<html>", b"[" * 100_000]
)
def test_a_list_without_any_account_is_refused(told: bytes) -> None:
    with pytest.raises(MarketUnavailable, match="the list of accounts came in a form"):
        hyperliquid.largest(told, 5)
