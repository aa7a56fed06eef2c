"""Kraken Futures' messages in the form it sends them, and what they mean here."""

import json
from typing import Any

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.core.instruments import Contract
from bot.exchanges.parse import kraken, kraken_now
from tests.support.payloads import KRAKEN, KRAKEN_INVERSE, T, message, payload

BAR, QUARTER = 5 * MINUTE, 15 * MINUTE


def _listed() -> dict[str, Any]:
    return {one.id: one for one in kraken.listings(payload("kraken/instruments"))}


def test_perpetuals_that_trade_are_listed_linear_and_inverse() -> None:
    found = _listed()
    assert [(name, one.instrument.symbol) for name, one in found.items()] == [
        ("PI_XBTUSD", "BTC/USD:BTC"),
        ("PF_XBTUSD", "BTC/USD:USD"),
        ("PF_PEPEUSD", "PEPE/USD:USD"),
    ]
    assert found["PI_XBTUSD"].instrument.contract is Contract.INVERSE
    assert found["PF_XBTUSD"].instrument.contract is Contract.LINEAR


def test_margin_levels_come_with_the_list_in_dollars_for_both_kinds() -> None:
    found = _listed()
    linear, inverse = found["PF_XBTUSD"].brackets, found["PI_XBTUSD"].brackets
    assert linear.value_cap.tolist() == [500_000, 2_000_000, float("inf")]
    assert linear.maintenance_margin_rate.tolist() == [0.01, 0.02, 0.05]
    assert linear.max_leverage.tolist() == [50, 25, 10]
    assert linear.deduction.tolist() == [0, 0, 0]
    assert inverse.value_cap.tolist() == [500_000, 1_000_000, float("inf")]
    assert found["PF_PEPEUSD"].brackets is None


def test_volume_of_a_linear_contract_is_in_base_coin() -> None:
    candles = kraken.candles(payload("kraken/candles"), KRAKEN, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.volume.tolist() == [150.75, 312.5, 0.0]


def test_volume_of_an_inverse_contract_is_in_dollars_and_becomes_base_coin() -> None:
    page = payload("kraken/candles")
    page["candles"][0] |= {"open": 64000, "high": 64100, "low": 63900, "close": 64000}
    page["candles"][0]["volume"] = 128_000
    candles = kraken.candles(page, KRAKEN_INVERSE, BAR)
    assert candles.volume[0] == pytest.approx(2.0)


def test_an_answer_cut_short_is_refused_since_it_lacks_the_newest() -> None:
    page = payload("kraken/candles") | {"more_candles": True}
    with pytest.raises(MarketUnavailable, match="candles"):
        kraken.candles(page, KRAKEN, BAR)
    told = payload("kraken/open_interest")
    told["result"]["more"] = True
    with pytest.raises(MarketUnavailable, match="open interest"):
        kraken.open_interest(told, KRAKEN, QUARTER)


def test_open_interest_is_known_at_the_end_of_its_bucket() -> None:
    interest = kraken.open_interest(payload("kraken/open_interest"), KRAKEN, QUARTER)
    assert interest.time.tolist() == [T + QUARTER, T + 2 * QUARTER]
    assert interest.quantity.tolist() == [2193.7759, 2200.25]


def test_funding_is_the_share_of_value_paid_through_the_hour() -> None:
    funding = kraken.funding(payload("kraken/funding"), KRAKEN, HOUR)
    assert funding.time.tolist() == [T + HOUR, T + 2 * HOUR]
    assert funding.rate.tolist() == [0.00001, -0.00003]


def test_the_ratio_is_of_accounts_and_there_is_none_where_a_side_is_empty() -> None:
    ratio = kraken.long_short_ratio(payload("kraken/accounts"), KRAKEN, HOUR)
    assert ratio.time.tolist() == [T + HOUR, T + 2 * HOUR]
    assert ratio.ratio.tolist() == [1.25, 0.98]


def test_analytics_that_report_an_error_are_refused() -> None:
    told = payload("kraken/funding") | {"errors": [{"severity": "E", "msg": "interval"}]}
    with pytest.raises(MarketUnavailable, match="funding"):
        kraken.funding(told, KRAKEN, HOUR)
    told = payload("kraken/accounts")
    del told["result"]["data"]["shortCount"][0]
    with pytest.raises(MarketUnavailable, match="ratio"):
        kraken.long_short_ratio(told, KRAKEN, HOUR)


def test_the_overview_is_in_base_coin_and_dollars_for_both_kinds() -> None:
    found = kraken_now.overview([payload("kraken/tickers")], _listed(), T)
    by_kind = {one.contract: row for one, row in found.items()}
    linear, inverse = by_kind[Contract.LINEAR], by_kind[Contract.INVERSE]
    assert len(found) == 2
    assert (linear.price, linear.turnover, linear.open_interest) == (64000, 205_472_000, 2193.7759)
    assert linear.change == pytest.approx(0.02, rel=1e-3)
    # 64.01 cents for each BTC at 64,010, and 1.5625e-10 BTC for each dollar at 64,000.
    assert linear.funding == pytest.approx(0.00001)
    assert inverse.funding == pytest.approx(0.00001)
    assert (inverse.turnover, inverse.open_interest) == (1_920_000, 200.0)
    assert {row.funding_interval for row in found.values()} == {HOUR}


def test_the_book_of_an_inverse_contract_is_in_base_coin() -> None:
    told = payload("kraken/orderbook")
    linear = kraken_now.order_book(told, KRAKEN, T)
    assert linear.time == T + 3
    assert linear.bids.price.tolist() == [63999, 63998, 63990]
    assert linear.bids.quantity.tolist() == [1.5, 0.25, 12]
    told["orderBook"]["asks"] = [[64000, 128_000]]
    inverse = kraken_now.order_book(told, KRAKEN_INVERSE, T)
    assert inverse.asks.quantity.tolist() == [2.0]


def test_trades_are_in_order_with_the_takers_side() -> None:
    trades = kraken_now.trades(payload("kraken/history"), KRAKEN)
    assert trades.time.tolist() == [T + 1, T + 5, T + 5]
    assert sorted(zip(trades.side.tolist(), trades.quantity.tolist(), strict=True)) == [
        (-1, 0.5),
        (-1, 2.0),
        (+1, 0.02),
    ]


def test_a_long_is_liquidated_by_selling() -> None:
    (order,) = kraken.forced_orders(message("kraken/liquidation"))
    assert (order.id, order.side, order.time) == ("PI_XBTUSD", +1, T + 10)
    assert KRAKEN_INVERSE.base(order.quantity, order.price) == pytest.approx(15_000 / 63_190.5)
    bought = payload("kraken/liquidation") | {"side": "buy"}
    (order,) = kraken.forced_orders(json.dumps(bought).encode())
    assert order.side == -1


@pytest.mark.parametrize("side", ["", None, "short"])
def test_a_liquidation_without_a_side_is_refused(side: object) -> None:
    told = payload("kraken/liquidation") | {"side": side}
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        kraken.forced_orders(json.dumps(told).encode())


def test_what_is_no_liquidation_is_none() -> None:
    liquidation = payload("kraken/liquidation")
    snapshot = {"feed": "trade_snapshot", "product_id": "PI_XBTUSD", "trades": [liquidation]}
    for told in (
        liquidation | {"type": "fill"},
        liquidation | {"type": "termination"},
        snapshot,  # the past, told after each subscription
        {"event": "info", "version": 1},
        {"event": "subscribed", "feed": "trade", "product_ids": ["PI_XBTUSD"]},
    ):
        assert not kraken.forced_orders(json.dumps(told).encode())
