"""Watches arrive whole, presses are read as what they are, nonsense is answered in a sentence."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chats.words import understood
from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import BotError, MissingWord, UnknownWord
from bot.core.watches import parse
from bot.core.watches.text import LONGEST
from bot.desk.requests import (
    AlertTestRequest,
    DraftRequest,
    HeatmapRequest,
    MuteRequest,
    VoteRequest,
    WatchesRequest,
    WatchRequest,
)

_LONG = "BTC, ETH (funding > 0.03% or Funding < -0.03%) and " + " and ".join(
    f"price crosses above {at},000" for at in range(90, 98)
)


@pytest.mark.parametrize("before", ["/watch ", "watch\n", "/WATCH@ember_bot   ", "w ", "/alert "])
def test_a_watch_arrives_whole_with_its_commas_and_its_case(before: str) -> None:
    assert len(_LONG) > 200
    assert understood(before + _LONG) == WatchRequest(_LONG)


def test_a_watch_of_any_length_a_person_may_type_is_read_as_it_was_typed() -> None:
    text = ("BTC price > 1 and " * 40)[:LONGEST].strip()
    request = understood(f"/watch {text}")
    assert isinstance(request, WatchRequest)
    assert request.words == text


def test_a_comparison_without_a_command_is_a_watch() -> None:
    assert understood("btc funding > 0.03%, cap 5/day") == WatchRequest(
        "btc funding > 0.03%, cap 5/day"
    )
    assert isinstance(understood("btc 7d"), HeatmapRequest)


@pytest.mark.parametrize(
    ("typed", "request_"),
    [
        ("/watch", WatchRequest()),
        ("watch BTC", WatchRequest("BTC")),
        ("watch now BTC squeeze", WatchRequest("BTC squeeze", at_once=True)),
        ("watch keep d12", DraftRequest("keep", "d12")),
        ("watch drop D12", DraftRequest("drop", "d12")),
        ("watch edit new", DraftRequest("edit")),
        ("watch edit new BTC", DraftRequest("edit", choice="BTC")),
        ("watch edit w3", DraftRequest("edit", "w3")),
        ("watch edit d12", DraftRequest("edit", "d12")),
        ("watch edit d12 15 crosses above", DraftRequest("edit", "d12", 15, "crosses above")),
        ("watch edit d1 3 >", DraftRequest("edit", "d1", 3, ">")),
        ("/watches", WatchesRequest()),
        ("watches 2", WatchesRequest(page=2)),
        ("watches W12", WatchesRequest("w12", here=True)),
        ("w12", WatchesRequest("w12", here=True)),
        ("watches w12 mute 8h", WatchesRequest("w12", "mute", 8 * HOUR, here=True)),
        ("watches mute w12 1h", WatchesRequest("w12", "mute", HOUR)),
        ("watches mute w12", WatchesRequest("w12", "mute", HOUR)),
        ("watches wake w12", WatchesRequest("w12", "wake")),
        ("watches remove w12", WatchesRequest("w12", "remove")),
        ("watches remove w12 yes", WatchesRequest("w12", "remove", sure=True)),
        ("watches useful w12/BTC/3", VoteRequest("w12/BTC/3", useful=True)),
        ("watches useless w12/1000PEPE/3", VoteRequest("w12/1000PEPE/3", useful=False)),
        ("/mute", MuteRequest()),
        ("mute 90m", MuteRequest(lasts=90 * MINUTE)),
        ("mute for 2d", MuteRequest(lasts=2 * DAY)),
        ("mute off", MuteRequest(lasts=0)),
        ("mute until 08:00", MuteRequest(until=480)),
        ("mute 23:59", MuteRequest(until=1439)),
        ("mute w12 1h", WatchesRequest("w12", "mute", HOUR)),
        ("/test", AlertTestRequest()),
    ],
)
def test_words_about_watches_mean_what_they_say(typed: str, request_: object) -> None:
    assert understood(typed) == request_


@pytest.mark.parametrize(
    "typed",
    [
        "watches nonsense",
        "watches w12 mute 99999d",
        "watches w12 explode",
        "watches useful x",
        "watches 0",
        "mute 0h",
        "mute 31d",
        "mute until 24:00",
        "mute until 8:60",
        "mute 1h please",
        "mute nonsense",
        "test me",
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(typed: str) -> None:
    with pytest.raises(UnknownWord, match="not understood"):
        understood(typed)


@pytest.mark.parametrize("typed", ["watches mute", "watches remove yes", "mute until"])
def test_what_lacks_something_is_asked_for_the_rest(typed: str) -> None:
    with pytest.raises((MissingWord, UnknownWord)):
        understood(typed)


def test_mistyped_commands_are_guessed_but_a_coin_is_not_taken_for_one() -> None:
    with pytest.raises(UnknownWord, match="/mute"):
        understood("/mut 1h")
    with pytest.raises(UnknownWord, match="/watch"):
        understood("/wacth BTC")
    assert understood("meme") == HeatmapRequest("meme")


_STARTS = (
    "watch ",
    "watch now ",
    "watch edit ",
    "watch keep ",
    "watches ",
    "mute ",
    "test ",
    "/w ",
)
_PARTS = ("d12", "w3", "1h", "BTC", "funding", ">", "0.03%", "until", "08:00", "yes", "mute", "new")


@given(
    st.sampled_from(_STARTS),
    st.lists(st.one_of(st.sampled_from(_PARTS), st.text(max_size=20)), max_size=12),
)
@settings(max_examples=1500, deadline=None)
def test_whatever_follows_is_a_request_or_a_sentence(start: str, parts: list[str]) -> None:
    with contextlib.suppress(BotError):
        assert understood(start + " ".join(parts)) is not None


@given(st.text(alphabet=st.characters(), max_size=400))
@settings(max_examples=500, deadline=None)
def test_a_watch_is_never_cut_changed_or_read_for_anything_else(text: str) -> None:
    request = understood(f"/watch BTC {text}")
    assert request == WatchRequest(f"BTC {text}".strip())


def test_the_presets_of_the_language_stay_typeable() -> None:
    for words in ("BTC digest 08:00", "BTC heatmap every 4h", "keep squeeze"):
        request = understood(f"watch {words}")
        assert isinstance(request, WatchRequest)
        assert str(parse.watch(request.words)).lower() == words.lower()
