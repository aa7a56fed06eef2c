"""A move is understood however people write it, and an error names what would fit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.words import understood
from bot.core.errors import BotError, MissingWord, UnknownWord
from bot.desk.requests import PanelRequest, WhatIfRequest


@pytest.mark.parametrize(
    ("text", "move"),
    [
        ("-4%", -0.04),
        ("−4%", -0.04),
        ("- 4 %", -0.04),
        ("4% down", -0.04),
        ("4 percent down", -0.04),
        ("down 4", -0.04),
        ("drops by 4%", -0.04),
        ("+3", 0.03),
        ("3.5 up", 0.035),
        ("up .5%", 0.005),
        ("rise 3%", 0.03),
    ],
)
def test_a_move_is_understood(text: str, move: float) -> None:
    request = understood(f"/whatif btc {text}")
    assert isinstance(request, WhatIfRequest)
    assert request.symbol == "btc"
    assert request.move == pytest.approx(move)
    assert request.to is None
    assert request.venues == ()


@pytest.mark.parametrize(
    ("text", "to"), [("to 60000", 6e4), ("to $60k", 6e4), ("@ 60,000", 6e4), ("at 0.0123", 0.0123)]
)
def test_a_price_is_understood(text: str, to: float) -> None:
    request = understood(f"whatif BTC {text}".replace("60,000", "60000"))
    assert isinstance(request, WhatIfRequest)
    assert request.to == pytest.approx(to)


def test_venues_and_theme_stand_anywhere_after_the_coin() -> None:
    request = understood("whatif BTCUSDC okx -4% light bybit")
    assert request == WhatIfRequest("BTCUSDC", -0.04, None, ("okx", "bybit"), "light")
    assert understood("whatif btc inverse -4%") == WhatIfRequest("btc inverse", -0.04)


@pytest.mark.parametrize(
    ("text", "error", "why"),
    [
        ("whatif", MissingWord, "which move"),
        ("whatif btc", MissingWord, "Which move? Write a move such as -4%"),
        ("whatif btc okx", MissingWord, "Which move"),
        ("whatif btc 4%", UnknownWord, "Up or down?"),
        ("whatif btc -4% up", UnknownWord, "Up or down?"),
        ("whatif btc up down 4", UnknownWord, "Up or down?"),
        ("whatif btc -4% -5%", UnknownWord, "One move at a time"),
        ("whatif btc -4% to 60000", UnknownWord, "One move at a time"),
        ("whatif btc to moon", UnknownWord, "After “to” comes a price"),
        ("whatif btc to 0", UnknownWord, "After “to” comes a price"),
        ("whatif btc -4% ???", UnknownWord, "a move, venues, dark or light"),
    ],
)
def test_what_is_not_understood_says_what_would_fit(
    text: str, error: type[BotError], why: str
) -> None:
    with pytest.raises(error) as caught:
        understood(text)
    assert why in str(caught.value)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_a_request_or_a_foreseen_error(text: str) -> None:
    try:
        request = understood(f"whatif btc {text}")
    except BotError:
        return
    assert isinstance(request, WhatIfRequest)


def test_squeeze_takes_a_coin_or_none_and_explain_needs_one() -> None:
    assert understood("squeeze") == PanelRequest("squeeze")
    assert understood("regime sol okx") == PanelRequest("squeeze", "sol", ("okx",))
    assert understood("why btc") == PanelRequest("explain", "btc")
    with pytest.raises(MissingWord, match="/explain BTC"):
        understood("explain")
