"""Which market, which venue, which page: the same words in every chat."""

import pytest

from bot.chats.words import understood
from bot.core.errors import UnknownWord
from bot.core.windows import window
from bot.desk.requests import (
    AccuracyRequest,
    HeatmapRequest,
    MarketsRequest,
    ModelRequest,
    PanelRequest,
)


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("funding", PanelRequest("funding")),
        ("/funding BTC", PanelRequest("funding", "BTC")),
        ("oi btc okx,bybit light", PanelRequest("oi", "btc", ("okx", "bybit"), "light")),
        ("oi btc inverse", PanelRequest("oi", "btc inverse")),
        ("oi btc binance coin-m", PanelRequest("oi", "btc coin-m", ("binance",))),
        ("ratio btc usdc perp okx", PanelRequest("ratio", "btc usdc perp", ("okx",))),
        ("ratio dark", PanelRequest("ratio", theme="dark")),
        ("ratio light eth refresh", PanelRequest("ratio", "eth", (), "light", refresh=True)),
        ("heatmap btc inverse 7d", HeatmapRequest("btc inverse", window("7d"))),
        ("map btc 24h usdc", HeatmapRequest("btc usdc", window("24h"), profile=True)),
        ("accuracy btc inverse 7d", AccuracyRequest("btc inverse", 7)),
        ("model btc usdt okx", ModelRequest("btc usdt", ("okx",))),
    ],
)
def test_what_follows_a_coin_may_say_which_contract_is_meant(typed: str, request_: object) -> None:
    assert understood(typed) == request_


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("markets", MarketsRequest()),
        ("/markets 3", MarketsRequest(page=3)),
        ("markets OKX 2", MarketsRequest(("okx",), 2)),
        ("markets binance coinm", MarketsRequest(("binancecoinm",))),
        ("markets binance COIN-M bybit inverse", MarketsRequest(("binancecoinm", "bybitinverse"))),
        ("markets gate.io,okx okx", MarketsRequest(("gate.io", "okx"))),
    ],
)
def test_markets_take_venues_and_a_page(typed: str, request_: object) -> None:
    assert understood(typed) == request_


@pytest.mark.parametrize("word", ["0", "-1", "99999", "7%", "<b>"])
def test_a_word_that_is_neither_venue_nor_page_is_not_guessed_at(word: str) -> None:
    with pytest.raises(UnknownWord, match="venues, or the number of a page"):
        understood(f"markets {word}")


@pytest.mark.parametrize("typed", ["fundng btc", "markts", "rato btc"])
def test_a_misspelt_panel_is_answered_with_the_nearest(typed: str) -> None:
    with pytest.raises(UnknownWord, match=r"Did you mean /(funding|markets|ratio)"):
        understood(typed)
