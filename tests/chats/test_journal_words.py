"""Trades of one's own are read as people tell of them; whatever else is typed is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.journal_words import LONGEST_NOTE
from bot.chats.words import is_own, understood
from bot.core.errors import BotError, MissingWord, UnknownWord
from bot.core.journal.trade import TAGS, Mistake
from bot.core.market.liquidations import PositionSide
from bot.desk.journal_requests import (
    CoachRequest,
    EditRequest,
    JournalRequest,
    JournalRequests,
    LogRequest,
    Told,
    TradeRequest,
)

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT
BARE = Told(LONG, 60_000)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/journal", JournalRequest()),
        ("/trades", JournalRequest()),
        ("journal light", JournalRequest(theme="light")),
        ("/coach", CoachRequest()),
        ("coach dark", CoachRequest("dark")),
        ("journal t12", JournalRequest("t12")),
        ("journal T12", JournalRequest("t12")),
        ("/journal add BTC long 60000", TradeRequest("BTC", BARE)),
        ("/journal@emberline_bot add btc buy @60,000", TradeRequest("btc", BARE)),
        ("journal add BTC inverse long 60k", TradeRequest("BTC inverse", BARE)),
        ("journal add BTC long", TradeRequest("BTC", Told(LONG))),
        ("journal log btc long 60000", TradeRequest("btc", BARE)),
        (
            "journal add BTC short 60000 20x 0.5 stop 61,000, target 57k signal sweep",
            TradeRequest(
                "BTC",
                Told(SHORT, 60_000, 61_000, 57_000, coins=0.5, leverage=20, signal="sweep"),
            ),
        ),
        (
            "journal add BTC stop 59000 long entry 60000 $30k exit 61000 note Waited, 3 h: “fast”",
            TradeRequest(
                "BTC",
                Told(LONG, 60_000, 59_000, exit=61_000, usd=30_000, note="Waited, 3 h: “fast”"),
            ),
        ),
        ("journal close t12", JournalRequest("t12", "close")),
        ("journal close t12 at 61,000", JournalRequest("t12", "close", 61_000)),
        ("journal t12 close 61k", JournalRequest("t12", "close", 61_000)),
        ("journal open t12", JournalRequest("t12", "open")),
        ("journal edit t12 stop none", EditRequest("t12", Told(cleared=frozenset({"stop"})))),
        ("journal edit t12 sl 59000 tp none signal own", EditRequest(
            "t12", Told(stop=59_000, signal="", cleared=frozenset({"target"}))
        )),
        ("journal edit t12 note", EditRequest("t12", Told(note=""))),
        ("journal edit t12 size 0.5", EditRequest("t12", Told(coins=0.5))),
        ("journal edit t12 size $30000 20x", EditRequest("t12", Told(usd=30_000, leverage=20))),
        ("journal add BTC long size 2", TradeRequest("BTC", Told(LONG, coins=2))),
        ("journal edit t12 exit 61000", EditRequest("t12", Told(exit=61_000))),
        ("journal tag t12 chased", JournalRequest("t12", "tag", tag=Mistake.CHASED)),
        ("journal tag t12 early", JournalRequest("t12", "tag", tag=Mistake.EARLY)),
        ("journal drop t12", JournalRequest("t12", "drop")),
        ("journal drop t12 yes", JournalRequest("t12", "drop", sure=True)),
        ("journal log sweep BTC", LogRequest("BTC", "sweep")),
        ("journal log magnet BTC inverse long okx", LogRequest(
            "BTC inverse", "magnet", LONG, ("okx",)
        )),
        ("journal log w12/BTC/3", LogRequest("BTC", message="w12/BTC/3")),
        ("journal log w12/BTC/3 short cascade", LogRequest(
            "BTC", "cascade", SHORT, message="w12/BTC/3"
        )),
    ],
)  # fmt: skip
def test_words_are_understood(typed: str, meant: JournalRequests) -> None:
    assert understood(typed) == meant


@pytest.mark.parametrize(
    ("typed", "error", "named"),
    [
        ("journal nonsense", UnknownWord, "nonsense.*add, close, edit, tag or drop"),
        ("journal add", MissingWord, "Which trade"),
        ("journal add BTC 60000", MissingWord, "Long or short"),
        ("journal add BTC long short", UnknownWord, "side was said before"),
        ("journal add BTC long 20x x30", UnknownWord, "leverage was said before"),
        ("journal add BTC long stop", MissingWord, "At which price is the stop"),
        ("journal add BTC long stop 1 stop 2", UnknownWord, "stop was said before"),
        ("journal add BTC long entry 1 entry 2", UnknownWord, "entry was said before"),
        ("journal add BTC long 0", UnknownWord, "above zero"),
        ("journal add BTC long stop 0", UnknownWord, "above zero"),
        ("journal add BTC long exit none", MissingWord, "At which price is the exit"),
        ("journal add BTC long signal moon", UnknownWord, "Signals are sweep"),
        ("journal add BTC long 60000 0.5eth", UnknownWord, "0.5eth"),
        (f"journal add BTC long note {'x' * (LONGEST_NOTE + 1)}", UnknownWord, "at most 280"),
        ("journal close", MissingWord, "Which trade"),
        ("journal close BTC", UnknownWord, "Name a trade such as t12"),
        ("journal close t12 soon", UnknownWord, "soon"),
        ("journal close t12 1 2", UnknownWord, "“2”"),
        ("journal edit t12", MissingWord, "What is to be changed"),
        ("journal edit t12 0.5", UnknownWord, "“0.5” .* Name what it is"),
        ("journal edit t12 size", MissingWord, "Which size"),
        ("journal edit t12 size 1 size 2", UnknownWord, "One size is enough"),
        ("journal tag t12", MissingWord, "Which mistake was it"),
        ("journal tag t12 unlucky", UnknownWord, "Mistakes are chased"),
        ("journal drop t12 no", UnknownWord, "“no”"),
        ("journal open t12 now", UnknownWord, "now"),
        ("journal log sweep", MissingWord, "Which coin"),
        ("journal log w12/BTC/3 sideways", UnknownWord, "sideways"),
        ("journal log sweep BTC <b>", UnknownWord, "<b>"),
        ("coach me", UnknownWord, "stands alone"),
    ],
)
def test_what_is_missing_or_wrong_is_named(typed: str, error: type[BotError], named: str) -> None:
    with pytest.raises(error, match=named):
        understood(typed)


def test_every_mistake_that_may_be_told_has_its_words() -> None:
    for tag in TAGS:
        assert understood(f"journal tag t1 {tag}") == JournalRequest("t1", "tag", tag=tag)


def test_what_is_ones_own_is_private_even_where_it_is_wrong() -> None:
    assert is_own("/journal close t99 soon")
    assert is_own("J add BTC")
    assert is_own("position btc long")
    assert not is_own("heatmap journal")
    assert not is_own("")


_WORDS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "add",
            "log",
            "close",
            "edit",
            "tag",
            "drop",
            "open",
            "note",
            "stop",
            "target",
            "exit",
            "entry",
            "signal",
            "none",
            "long",
            "short",
            "t1",
            "w1/BTC/2",
            "w1/",
            "BTC",
            "sweep",
            "20x",
            "60000",
            "@5",
            "$3k",
            "0",
            "-1",
            "1e9",
            "∞",
            "٣",
            "x5",
            "yes",
            "inverse",
            ",",
            ",,",
            "chased",
        ]
    ),
)


@given(st.sampled_from(["journal", "coach", "/journal", "j"]), st.lists(_WORDS, max_size=14))
def test_whatever_is_typed_is_read_or_refused(command: str, words: list[str]) -> None:
    try:
        request = understood(" ".join((command, *words)))
    except BotError as error:
        assert str(error)  # noqa: PT017 - what else is raised fails the test
        return
    told = getattr(request, "told", Told())
    numbers = (told.entry, told.stop, told.target, told.exit, told.coins, told.usd, told.leverage)
    assert all(each is None or each > 0 for each in numbers)
    assert len(told.note or "") <= LONGEST_NOTE


_PRICES = st.integers(1, 10**9).map(lambda cents: cents / 100)


@given(
    st.sampled_from([LONG, SHORT]),
    _PRICES,
    st.none() | _PRICES,
    st.none() | _PRICES,
    st.none() | st.integers(1, 500),
    st.permutations(range(4)),
)
def test_words_come_in_any_order(
    side: PositionSide,
    entry: float,
    stop: float | None,
    target: float | None,
    leverage: int | None,
    order: list[int],
) -> None:
    parts = [
        side.name.lower() + f" @{entry:.2f}",
        "" if stop is None else f"stop {stop:,.2f}",
        "" if target is None else f"target {target:.2f}",
        "" if leverage is None else f"{leverage}x",
    ]
    said = " ".join(parts[place] for place in order if parts[place])
    told = Told(side, entry, stop, target, leverage=leverage)
    assert understood(f"/journal add BTC {said}") == TradeRequest("BTC", told)
