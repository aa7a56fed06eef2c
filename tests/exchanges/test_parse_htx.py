"""HTX's messages in the form it sends them, and what they mean here."""

import gzip
import json

import pytest

from bot.core.arrays import HOUR, MINUTE
from bot.core.errors import MarketUnavailable
from bot.exchanges.parse import htx, htx_now
from bot.exchanges.parse.frames import refuses
from tests.support.payloads import HTX, T, message, payload

BAR = 5 * MINUTE
OVERVIEW = (
    "htx/overview_tickers",
    "htx/overview_open_interest",
    "htx/overview_funding",
    "htx/contract_info",
)


def test_swaps_that_trade_are_listed_with_the_size_of_a_contract() -> None:
    found = htx.listings(payload("htx/contract_info"))
    assert [(one.id, one.instrument.symbol, one.contract_size) for one in found] == [
        ("BTC-USDT", "BTC/USDT:USDT", 0.001),
        ("PEPE-USDT", "PEPE/USDT:USDT", 1_000_000),
    ]


def test_what_was_traded_counts_once_though_it_is_told_on_both_sides() -> None:
    candles = htx.candles(payload("htx/klines"), HTX, BAR)
    assert candles.open_time.tolist() == [T, T + BAR, T + 2 * BAR]
    assert candles.volume.tolist() == [150.75, 312.5, 0.0]
    assert candles.high.tolist() == [64080.5, 64060.0, 63933.0]
    assert candles.taker_buy_volume is None


def test_candles_of_another_contract_are_not_taken() -> None:
    page = payload("htx/klines") | {"ch": "market.ETH-USDT.kline.5min"}
    with pytest.raises(MarketUnavailable, match="candles"):
        htx.candles(page, HTX, BAR)


def test_open_interest_counts_once_though_it_is_told_on_both_sides() -> None:
    interest = htx.open_interest(payload("htx/open_interest"), HTX, HOUR)
    assert interest.time.tolist() == [T, T + HOUR]
    assert interest.quantity.tolist() == [16005.0, 16238.046]


def test_funding_is_what_fell_due_at_its_time() -> None:
    funding = htx.funding(payload("htx/funding"), HTX, 8 * HOUR)
    assert funding.time.tolist() == [T, T + 8 * HOUR]
    assert funding.rate.tolist() == [0.0001, -0.00005]


def test_accounts_that_hold_both_sides_are_not_in_the_ratio() -> None:
    ratio = htx.long_short_ratio(payload("htx/ratio"), HTX, HOUR)
    assert ratio.time.tolist() == [T, T + HOUR]
    assert ratio.ratio == pytest.approx([1.25, 0.98])


def test_a_maintenance_rate_is_a_factor_of_the_margin_at_the_greatest_leverage() -> None:
    brackets = htx.tiers(payload("htx/adjust_factor"), HTX, 64_000.0)
    # 2,000 contracts of 0.001 BTC at 64,000.
    assert brackets.value_cap.tolist() == [128_000, 640_000, float("inf")]
    assert brackets.maintenance_margin_rate == pytest.approx([0.005, 0.006, 0.008])
    assert brackets.max_leverage.tolist() == [100, 100, 100]
    assert brackets.deduction.tolist() == [0, 0, 0]


def test_brackets_of_another_contract_are_not_taken() -> None:
    told = payload("htx/adjust_factor")
    told["data"][0]["contract_code"] = "ETH-USDT"
    with pytest.raises(MarketUnavailable, match="margin brackets"):
        htx.tiers(told, HTX, 64_000.0)


def test_a_refusal_of_either_form_is_no_answer() -> None:
    for refusal in (
        {"status": "error", "err_code": 1332, "err_msg": "The contract doesn't exist.", "data": []},
        {"code": 1067, "message": "The limit field is invalid", "data": []},
    ):
        with pytest.raises(MarketUnavailable, match="funding"):
            htx.funding(refusal, HTX, 8 * HOUR)


def test_the_overview_joins_what_is_told_by_four_answers() -> None:
    listings = {one.id: one for one in htx.listings(payload("htx/contract_info"))}
    told = [payload(name) for name in OVERVIEW]
    found = {one.base: row for one, row in htx_now.overview(told, listings, T).items()}
    assert set(found) == {"BTC", "PEPE"}
    bitcoin, pepe = found["BTC"], found["PEPE"]
    assert (bitcoin.time, bitcoin.price, bitcoin.turnover) == (T, 64000.1, 640_000_000.25)
    assert bitcoin.open_interest == 16238.046
    assert (bitcoin.funding, bitcoin.funding_interval) == (0.0001, 8 * HOUR)
    assert bitcoin.change == pytest.approx(0.02, rel=1e-3)
    assert (pepe.open_interest, pepe.funding_interval) == (None, 4 * HOUR)


def test_the_book_is_in_base_coin_and_in_order() -> None:
    book = htx_now.order_book(payload("htx/depth"), HTX, T)
    assert book.time == T + 3
    assert book.bids.price.tolist() == [64000.1, 64000.0, 63999.5]
    assert book.bids.quantity.tolist() == pytest.approx([1.5, 0.02, 7.3])
    assert book.asks.price.tolist() == [64000.2, 64001.0]


def test_trades_of_all_batches_are_in_order_with_the_takers_side() -> None:
    trades = htx_now.trades(payload("htx/trades"), HTX)
    assert trades.time.tolist() == [T + 1, T + 5, T + 5]
    assert trades.side.tolist() == [-1, +1, +1]
    assert trades.quantity.tolist() == pytest.approx([1.0, 0.01, 0.003])


def _packed(name: str) -> bytes:
    return gzip.compress(message(name))


def test_a_long_is_liquidated_by_selling_and_counted_in_contracts() -> None:
    orders = htx.forced_orders(_packed("htx/liquidations"))
    assert [(one.id, one.side, one.price, one.quantity, one.time) for one in orders] == [
        ("BTC-USDT", +1, 63190.1, 500.0, T + 10),
        ("BTC-USDT", -1, 64950.0, 12.0, T + 20),
    ]
    assert HTX.base(500.0, 63190.1) == 0.5


def test_one_row_that_cannot_be_read_does_not_take_the_others_with_it() -> None:
    told = payload("htx/liquidations")
    told["data"][0]["price"] = 0
    (left,) = htx.forced_orders(gzip.compress(json.dumps(told).encode()))
    assert left.time == T + 20
    del told["data"][1]
    with pytest.raises(MarketUnavailable, match="a liquidation"):
        htx.forced_orders(gzip.compress(json.dumps(told).encode()))


@pytest.mark.parametrize(
    "said",
    [
        b'{"op":"sub","cid":"1","topic":"public.*.liquidation_orders","ts":1,"err-code":0}',
        b'{"op":"ping","ts":"1492420473058"}',
        b'{"op":"notify","topic":"public.BTC-USDT.funding_rate","ts":1,"data":[{}]}',
    ],
)
def test_what_is_no_liquidation_is_none(said: bytes) -> None:
    assert not htx.forced_orders(gzip.compress(said))
    assert not refuses(gzip.compress(said))


@pytest.mark.parametrize("stamp", ['"1492420473058"', "1492420473058"])
def test_a_ping_is_answered_with_its_time_as_it_came(stamp: str) -> None:
    ping = gzip.compress(f'{{"op":"ping","ts":{stamp}}}'.encode())
    assert htx.pong(ping) == f'{{"op":"pong","ts":{stamp}}}'
    assert htx.pong(_packed("htx/liquidations")) is None


def test_a_subscription_that_is_refused_is_noticed() -> None:
    said = b'{"op":"sub","cid":"1","topic":"x","ts":1,"err-code":2011,"err-msg":"no"}'
    assert refuses(gzip.compress(said))
