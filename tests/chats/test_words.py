"""Words mean the same whoever types them, and nonsense is answered in a sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.words import understood, wants_file
from bot.core.errors import BotError, MissingWord, UnknownWindow, UnknownWord
from bot.core.windows import window
from bot.desk.requests import (
    AccuracyRequest,
    BacktestRequest,
    HeatmapRequest,
    HelpRequest,
    ModelRequest,
    PanelRequest,
    StartRequest,
    StatusRequest,
)


@pytest.mark.parametrize(
    "typed",
    [
        "heatmap btc 7d bybit okx light",
        "/heatmap btc light 7d bybit,okx",
        "/HEATMAP@emberline_bot btc bybit 7D okx LIGHT",
        "hm btc 7d bybit okx bybit light",
        "file heatmap btc 7d bybit okx light",
    ],
)
def test_the_order_and_case_of_words_do_not_matter(typed: str) -> None:
    assert understood(typed) == HeatmapRequest(
        "btc", window("7d"), venues=("bybit", "okx"), theme="light"
    )


def test_a_chat_has_its_own_window_when_none_is_named() -> None:
    request = understood("map eth", window("3d"))
    assert request == HeatmapRequest("eth", window("3d"), profile=True)


def test_a_coin_alone_asks_for_its_heatmap() -> None:
    assert understood("btc 7d") == HeatmapRequest("btc", window("7d"))
    assert understood("ETHUSDT.P") == HeatmapRequest("ethusdt.p")


@pytest.mark.parametrize("typed", ["/btc 7d", "/nonsense", "<b>", "…"])
def test_what_is_neither_command_nor_coin_is_answered_with_help(typed: str) -> None:
    with pytest.raises(UnknownWord, match="/help lists the commands"):
        understood(typed)


def test_refresh_is_a_word_of_its_own() -> None:
    request = understood("heatmap BTC 24h refresh")
    assert isinstance(request, HeatmapRequest)
    assert request.refresh
    assert request.venues == ()


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("", HelpRequest()),
        ("/", HelpRequest()),
        ("help", HelpRequest()),
        ("help /Heatmap", HelpRequest("heatmap")),
        ("status", StatusRequest()),
        ("/start abc", StartRequest()),
    ],
)
def test_the_other_commands_are_understood(typed: str, request_: object) -> None:
    assert understood(typed) == request_


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("accuracy btc", AccuracyRequest("btc", 30)),
        ("accuracy btc 7", AccuracyRequest("btc", 7)),
        ("/ACCURACY btc 7D", AccuracyRequest("btc", 7)),
        ("acc eth light 90d okx,bybit okx", AccuracyRequest("eth", 90, ("okx", "bybit"), "light")),
        ("accuracy 1000PEPE 1", AccuracyRequest("1000PEPE", 1)),
    ],
)
def test_accuracy_takes_days_with_or_without_the_letter(typed: str, request_: object) -> None:
    assert understood(typed) == request_


@pytest.mark.parametrize("days", ["0", "0d", "91", "91d", "12h", "7dd", "1.5d", "99999999999", "٧"])
def test_days_that_are_none_are_answered_with_what_would_be_right(days: str) -> None:
    with pytest.raises(UnknownWord, match="1 to 90 days, such as 30d"):
        understood(f"accuracy btc {days}")


def test_accuracy_of_nothing_asks_for_a_coin() -> None:
    with pytest.raises(MissingWord, match="such as /accuracy BTC"):
        understood("accuracy")


def test_a_model_is_asked_for_by_coin_and_venues() -> None:
    assert understood("model btc") == ModelRequest("btc")
    assert understood("/model ETH Binance,okx okx") == ModelRequest("ETH", ("binance", "okx"))
    with pytest.raises(MissingWord, match="such as /model BTC"):
        understood("model")
    with pytest.raises(UnknownWord, match="After the coin: venues"):
        understood("model btc 7%")


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("liqs", PanelRequest("liqs")),
        ("liq btc", PanelRequest("liqs", "btc")),
        ("/liqs live", PanelRequest("liqs", live=True)),
        (
            "liqs btc okx,bybit live light",
            PanelRequest("liqs", "btc", ("okx", "bybit"), "light", live=True),
        ),
        ("liqs dark btc", PanelRequest("liqs", "btc", theme="dark")),
        ("book btc refresh", PanelRequest("book", "btc", refresh=True)),
        ("orderbook ETH okx", PanelRequest("book", "ETH", ("okx",))),
        ("book btc live", PanelRequest("book", "btc", ("live",))),  # no venue, as the desk will say
    ],
)
def test_panels_take_a_coin_venues_theme_and_some_are_kept_current(
    typed: str, request_: object
) -> None:
    assert understood(typed) == request_


@pytest.mark.parametrize("typed", ["book", "book dark", "book refresh"])
def test_a_book_of_nothing_asks_for_a_coin(typed: str) -> None:
    with pytest.raises(MissingWord, match="such as /book BTC"):
        understood(typed)


def test_a_misspelt_command_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownWord, match="Did you mean /heatmap"):
        understood("haetmap btc")


def test_an_unknown_window_is_answered_with_those_there_are() -> None:
    with pytest.raises(UnknownWindow, match="12h, 24h, 3d, 7d or 30d"):
        understood("heatmap btc 25h")


def test_a_heatmap_of_nothing_asks_for_a_coin() -> None:
    with pytest.raises(MissingWord, match="such as /heatmap BTC"):
        understood("heatmap")


def test_the_file_is_asked_for_by_its_own_word() -> None:
    assert wants_file("file heatmap BTC")
    assert not wants_file("heatmap file")


@given(st.text(max_size=400))
def test_any_text_is_understood_or_refused_in_a_short_sentence(text: str) -> None:
    said = "understood"
    try:
        understood(text)
    except BotError as error:
        said = str(error)
    assert 0 < len(said) < 200


@pytest.mark.parametrize(
    "typed",
    [
        "backtest sweep btc 90d okx light",
        "/backtest btc sweep 90 okx light",
        "BT SWEEP btc okx 90d light",
    ],
)
def test_a_strategy_may_be_named_before_or_after_the_coin(typed: str) -> None:
    assert understood(typed) == BacktestRequest("sweep", "btc", 90, ("okx",), "light")


def test_a_backtest_lists_the_strategies_that_would_fit() -> None:
    for typed in ("backtest", "backtest btc", "backtest reversal btc"):
        with pytest.raises((MissingWord, UnknownWord), match="sweep, magnet, cascade"):
            understood(typed)
    with pytest.raises(MissingWord, match="/backtest magnet BTC"):
        understood("backtest magnet")
    with pytest.raises(UnknownWord, match="1 to 90 days"):
        understood("backtest magnet btc 400d")


def test_setups_need_no_coin() -> None:
    assert understood("setups") == PanelRequest("setups")
    assert understood("setup sol okx") == PanelRequest("setups", "sol", ("okx",))
