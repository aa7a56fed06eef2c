"""The messages of Lighter in the form it sends them, and what they mean here."""

import json
from typing import Any

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import lighter
from bot.exchanges.parse.frames import refuses
from tests.support.payloads import LIGHTER, T, message, payload

BAR = 5 * MINUTE


def _listed() -> dict[str, Any]:
    return {one.id: one for one in lighter.listings(payload("lighter/details"))}


def test_perpetuals_that_trade_are_listed_by_their_number_with_their_one_bracket() -> None:
    found = _listed()
    assert [(name, one.instrument.symbol) for name, one in found.items()] == [
        ("0", "ETH/USDC:USDC"),
        ("4", "1000PEPE/USDC:USDC"),
    ]
    brackets = found["0"].brackets
    assert brackets.value_cap.tolist() == [float("inf")]
    assert brackets.maintenance_margin_rate.tolist() == [0.012]
    assert brackets.max_leverage.tolist() == [50]


def test_candles_are_in_base_coin() -> None:
    candles = lighter.candles(payload("lighter/candles"), LIGHTER, BAR)
    assert candles.open_time.tolist() == [T, T + BAR]
    assert candles.volume.tolist() == [55.1632, 150.75]
    assert candles.close.tolist() == [3235.39, 3240.25]
    assert candles.taker_buy_volume is None


def test_funding_is_in_percent_and_signed_by_who_paid() -> None:
    funding = lighter.funding(payload("lighter/fundings"), LIGHTER, HOUR)
    assert funding.time.tolist() == [T, T + HOUR]
    assert funding.rate == pytest.approx([0.000012, -0.00005])


def test_funding_that_nobody_pays_is_refused() -> None:
    told = payload("lighter/fundings")
    told["fundings"][0]["direction"] = "both"
    with pytest.raises(MarketUnavailable, match="funding"):
        lighter.funding(told, LIGHTER, HOUR)


def test_the_overview_tells_its_own_rate_by_the_hour() -> None:
    answers = [payload("lighter/details"), payload("lighter/funding_rates")]
    found = {one.base: row for one, row in lighter.overview(answers, _listed(), T).items()}
    summary = found["ETH"]
    assert (summary.price, summary.turnover) == (3550.69, 1671431095.263844)
    assert summary.open_interest == 39559.3278
    assert summary.funding == pytest.approx(0.000012)
    assert summary.funding_interval == HOUR
    assert summary.change == pytest.approx(0.0052943)
    pepe = found["1000PEPE"]
    assert (pepe.funding, pepe.open_interest) == (None, None)
    assert set(found) == {"ETH", "1000PEPE"}


def test_orders_at_one_price_are_one_level() -> None:
    book = lighter.order_book(payload("lighter/orders"), LIGHTER, T)
    assert book.asks.price.tolist() == [3430.0, 3431.5]
    assert book.asks.quantity == pytest.approx([1.5, 4.0])
    assert book.bids.quantity.tolist() == [1.3237]


def test_trades_are_in_order_with_the_takers_side() -> None:
    trades = lighter.trades(payload("lighter/trades"), LIGHTER)
    assert trades.time.tolist() == [T + 1, T + 500]
    assert trades.side.tolist() == [+1, -1]


def test_trades_of_another_market_are_not_taken() -> None:
    told = payload("lighter/trades")
    told["trades"][0]["market_id"] = 1
    with pytest.raises(MarketUnavailable, match="trades"):
        lighter.trades(told, LIGHTER)


def test_who_is_liquidated_takes_so_that_a_long_sells() -> None:
    told = payload("lighter/liquidations")
    orders = lighter.forced_orders(message("lighter/liquidations"))
    assert [tuple(one) for one in orders] == [
        ("0", 1760040869198, +1, 4335.02, 1.3792),
        ("0", 1760040868100, -1, 4335.31, 0.0651),
    ]
    # The position that the taker had before says the same.
    rows = told["liquidation_trades"][:2]
    before = [float(row["taker_position_size_before"]) for row in rows]
    assert [one.side for one in orders] == [+1 if size > 0 else -1 for size in before]


def test_what_happened_before_somebody_listened_is_not_told_as_new() -> None:
    told = payload("lighter/liquidations") | {"type": "subscribed/trade"}
    assert lighter.forced_orders(json.dumps(told).encode()) == ()


@pytest.mark.parametrize("nothing", [None, []])
def test_trades_without_a_liquidation_among_them_are_none(nothing: object) -> None:
    told = payload("lighter/liquidations") | {"liquidation_trades": nothing}
    said = json.dumps(told).encode()
    assert lighter.forced_orders(said) == ()
    assert not refuses(said)


def test_one_row_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    told = payload("lighter/liquidations")
    told["liquidation_trades"][0]["price"] = "0"
    (left,) = lighter.forced_orders(json.dumps(told).encode())
    assert left.side == -1
    told["liquidation_trades"] = told["liquidation_trades"][:1]
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        lighter.forced_orders(json.dumps(told).encode())


def test_it_is_answered_when_it_asks_whether_somebody_listens() -> None:
    assert json.loads(lighter.pong(b'{"type": "ping"}') or "") == {"type": "pong"}
    assert lighter.pong(message("lighter/liquidations")) is None


def test_a_channel_that_it_does_not_have_is_a_refusal() -> None:
    said = b'{"error": {"code": 30005, "message": "Invalid Channel: (trade/77)"}}'
    assert lighter.forced_orders(said) == ()
    assert refuses(said)
    assert not refuses(b'{"session_id": "8d354239", "type": "connected"}')
