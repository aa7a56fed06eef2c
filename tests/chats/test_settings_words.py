"""What is typed about settings, and about what is kept, is read or refused in a sentence."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chats.words import understood
from bot.core.errors import BotError
from bot.core.windows import window
from bot.desk.own_requests import (
    ExportRequest,
    ForgetRequest,
    MapExportRequest,
    PrivacyRequest,
    SettingsRequest,
)
from bot.desk.requests import HeatmapRequest, PanelRequest, Request


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/settings", SettingsRequest()),
        ("/settings theme", SettingsRequest("theme")),
        ("/Settings THEME Light", SettingsRequest("theme", "light")),
        ("/settings venues binance,bybit", SettingsRequest("venues", "binance,bybit")),
        ("/settings venues Binance  bybit binance", SettingsRequest("venues", "binance,bybit")),
        ("/settings venues all", SettingsRequest("venues", "default")),
        ("settings venues +okx", SettingsRequest("venues", "+okx")),
        ("settings venues -okx", SettingsRequest("venues", "-okx")),
        ("/settings panels OI", SettingsRequest("panels", "oi")),
        ("/settings panels oi, funding", SettingsRequest("panels", "oi,funding")),
        ("/settings panels all", SettingsRequest("panels", "oi,funding,liqs")),
        ("/settings panels default", SettingsRequest("panels", "default")),
        ("/settings panels off", SettingsRequest("panels", "none")),
        ("settings panels -funding", SettingsRequest("panels", "-funding")),
        ("/settings window 7D", SettingsRequest("window", "7d")),
        ("/settings zone Europe/Berlin", SettingsRequest("zone", "europe/berlin")),
        ("/settings time zone new york", SettingsRequest("zone", "new york")),
        ("/settings tz utc+2", SettingsRequest("zone", "utc+2")),
        ("/settings quiet 22:00-07:00", SettingsRequest("quiet", "22:00-07:00")),
        ("/settings quiet hours 22 to 7", SettingsRequest("quiet", "22:00-07:00")),
        ("/settings quiet off", SettingsRequest("quiet", "default")),
        ("/settings language de", SettingsRequest("language", "de")),
        ("/settings reset", SettingsRequest("reset")),
        ("/settings reset yes", SettingsRequest("reset", "yes")),
        ("/export", ExportRequest()),
        ("/export@ember_bot chat", ExportRequest(chat=True)),
        ("/export BTC", MapExportRequest("BTC")),
        ("/export btc 7d csv", MapExportRequest("btc", window("7d"), form="csv")),
        ("/export csv btc okx", MapExportRequest("btc", venues=("okx",), form="csv")),
        ("/forget", ForgetRequest()),
        ("/forget chat", ForgetRequest(chat=True)),
        ("forget me 0123456789abcdef", ForgetRequest(token="0123456789abcdef")),
        ("forget chat 0123456789abcdef", ForgetRequest(chat=True, token="0123456789abcdef")),
        ("/privacy", PrivacyRequest()),
    ],
)
def test_words_about_settings_and_what_is_kept_are_understood(typed: str, meant: Request) -> None:
    found = understood(typed)
    if isinstance(found, MapExportRequest):
        assert (found.named, "7d" in typed) in {(True, True), (False, False)}
        assert isinstance(meant, MapExportRequest)
        named = (found.symbol, found.window, found.venues, found.form)
        assert named == (meant.symbol, meant.window, meant.venues, meant.form)
    else:
        assert found == meant


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("/settings colour red", "Settings are theme"),
        ("/settings theme blue", "Themes are dark and light"),
        ("/settings window 5y", "is not a window"),
        ("/settings quiet 25:00-07:00", "22:00-07:00"),
        ("/settings quiet 07:00-07:00", "22:00-07:00"),
        ("/settings quiet soon", "22:00-07:00"),
        ("/settings venues $$$", "Name venues"),
        ("/settings panels volume", "Panels are oi, funding and liqs"),
        ("/settings panels oi -funding", "Panels are oi, funding and liqs"),
        ("/settings panels +-oi", "Panels are oi, funding and liqs"),
        ("/settings language tlh", "Languages are en and de"),
        ("/settings reset all of it", "stands alone"),
        ("/export csv", "Which coin"),
        ("/export BTC 5y", "is not a window"),
        ("/forget everything now", "asks once more"),
        ("/forget me ../../etc", "asks once more"),
        ("/privacy please", "stands alone"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_what_could(typed: str, said: str) -> None:
    with pytest.raises(BotError, match=said):
        understood(typed)


def test_whether_a_window_was_named_is_known() -> None:
    open_, named = understood("/heatmap BTC"), understood("/heatmap BTC 24h")
    assert isinstance(open_, HeatmapRequest)
    assert isinstance(named, HeatmapRequest)
    assert (open_.named, named.named) == (False, True)


def test_all_is_every_venue_and_no_coin() -> None:
    assert understood("/funding all") == PanelRequest("funding", venues=("all",))
    assert understood("/oi BTC all") == PanelRequest("oi", "BTC", ("all",))


@pytest.mark.parametrize("typed", ["export", "forget"])
def test_a_slip_of_the_finger_is_never_taken_for_a_wish_to_delete(typed: str) -> None:
    assert understood(typed[:-1] + "z") == HeatmapRequest(typed[:-1] + "z")


words = st.sampled_from(
    ["theme", "zone", "quiet", "venues", "window", "language", "reset", "btc", "csv", "chat", "me"]
)
anything = st.text(st.characters(), max_size=300)


@settings(max_examples=2000)
@given(
    st.sampled_from(["settings", "export", "forget", "privacy"]),
    st.lists(words | anything, max_size=6).map(" ".join),
)
def test_any_words_are_read_or_refused_in_a_sentence(command: str, rest: str) -> None:
    for typed in (f"/{command} {rest}", f"{command}\n{rest}", f"/{command}{rest}"):
        said = "understood"
        try:
            understood(typed)
        except BotError as refused:
            said = str(refused)
        assert 0 < len(said) < 400
