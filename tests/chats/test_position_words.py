"""A position is read as people tell of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.position_words import position_request
from bot.core.errors import BotError, MissingWord, UnknownWord
from bot.core.margin.rules import MarginMode
from bot.core.market.liquidations import PositionSide
from bot.desk.requests import PositionRequest

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
CROSS = MarginMode.CROSS


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("long 60000 20x", PositionRequest("BTC", LONG, 20, 60_000)),
        ("20x short 60k", PositionRequest("BTC", SHORT, 20, 60_000)),
        ("buy @60000 x20", PositionRequest("BTC", LONG, 20, 60_000)),
        ("long 20x", PositionRequest("BTC", LONG, 20)),
        ("long $60000 20x 0.5", PositionRequest("BTC", LONG, 20, 60_000, 0.5, dollars=True)),
        ("long 60000 20x 0.5btc", PositionRequest("BTC", LONG, 20, 60_000, 0.5)),
        ("long 60000 20x $30k", PositionRequest("BTC", LONG, 20, 60_000, usd=30_000)),
        ("long 20x $30k", PositionRequest("BTC", LONG, 20, usd=30_000)),
        ("long 60000 20x 30000usdt", PositionRequest("BTC", LONG, 20, 60_000, usd=30_000)),
        (
            "long 60000 20x 0.5 cross 5000",
            PositionRequest("BTC", LONG, 20, 60_000, 0.5, mode=CROSS, wallet=5_000),
        ),
        (
            "short 60000 20x cross wallet $5k okx light",
            PositionRequest(
                "BTC", SHORT, 20, 60_000, mode=CROSS, wallet=5_000, venues=("okx",), theme="light"
            ),
        ),
        ("long 60000 20x iso binance okx", PositionRequest(
            "BTC", LONG, 20, 60_000, venues=("binance", "okx")
        )),
    ],
)  # fmt: skip
def test_words_are_understood(typed: str, meant: PositionRequest) -> None:
    assert position_request("BTC", typed.split()) == meant


@pytest.mark.parametrize(
    ("typed", "error", "named"),
    [
        ("60000 20x", MissingWord, "Long or short"),
        ("long 60000", MissingWord, "Which leverage"),
        ("long short 20x", UnknownWord, "side was said before"),
        ("long 20x 30x", UnknownWord, "leverage was said before"),
        ("long 60000 20x 1 2", UnknownWord, "One size is enough"),
        ("long 60000 20x 0.5eth", UnknownWord, "0.5eth"),
        ("long 0 20x", UnknownWord, "above zero"),
        ("long 60000 20x <b>", UnknownWord, "<b>"),
    ],
)
def test_what_is_missing_or_wrong_is_named(typed: str, error: type[BotError], named: str) -> None:
    with pytest.raises(error, match=named):
        position_request("BTC", typed.split())


@given(st.lists(st.text(max_size=20), max_size=12))
def test_whatever_is_typed_is_read_or_refused(words: list[str]) -> None:
    try:
        request = position_request("BTC", words)
    except BotError as error:
        assert str(error)  # noqa: PT017 - what else is raised fails the test
    else:
        assert request.leverage > 0
