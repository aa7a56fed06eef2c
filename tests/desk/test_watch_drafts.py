"""A watch put together by buttons is one that could have been typed, step by step."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import WatchRefused
from bot.core.watches import parse
from bot.core.watches.text import LONGEST
from bot.core.watches.tree import ALL
from bot.desk.watch_drafts import AGAIN, APART, BACK, answered, question, whole
from bot.desk.watch_fixes import fixed, fixes
from bot.watching import Draft
from tests.support.markets import Market
from tests.support.panels import told
from tests.support.watching_desk import BOB, WatchingDesk, labels, watching_desk

_VALUES = ("0.03%", "5%", "500M", "98000", "2.5", "5x normal", "-1%", "nonsense", "7 and oi", "")


@pytest.fixture
async def desk() -> AsyncIterator[WatchingDesk]:
    source = Market(told("binance", days=6), told(base="ETH", price=3400.0, days=6))
    async with watching_desk(source) as made:
        yield made


@st.composite
def a_walk(draw: st.DrawFn) -> list[str]:
    """Press buttons at random, and send values; what is refused changes nothing."""
    words, walk = "", [""]
    for _ in range(draw(st.integers(1, 24))):
        asked = question(words)
        pieces = [choice.piece for choice in asked.choices] or list(_VALUES)
        piece = draw(st.sampled_from([*pieces, BACK, *([AGAIN] if len(walk) % 7 == 0 else [])]))
        try:
            words = answered(words, piece)
        except (ValueError, WatchRefused):
            continue
        walk.append(words)
    return walk


@given(a_walk())
@settings(max_examples=120, deadline=None)
def test_whatever_is_pressed_the_draft_can_go_on_and_is_whole_or_asks(walk: list[str]) -> None:
    for words in walk:
        asked = question(words)
        assert str(asked)
        assert asked.choices or asked.name == "value"
        if asked.name == "more":
            watch = whole(words)
            assert watch is not None
            assert str(watch) == words  # normalised, as if typed
            assert len(words) <= LONGEST


@given(a_walk())
@settings(max_examples=60, deadline=None)
def test_one_step_back_undoes_one_step_within_a_clause(walk: list[str]) -> None:
    words = walk[-1]
    for choice in question(words).choices:
        try:
            on = answered(words, choice.piece)
        except WatchRefused:
            continue
        if on.startswith(words + APART) and words:
            assert answered(on, BACK) == words


@given(st.text(max_size=60), st.sampled_from(["", "BTC", "BTC  funding", "BTC  funding  >", "x"]))
@settings(max_examples=200, deadline=None)
def test_forged_answers_are_refused_or_make_a_watch_that_can_be_read(
    piece: str, words: str
) -> None:
    try:
        made = answered(words, piece)
    except (ValueError, WatchRefused):
        return
    assert question(made).choices or question(made).name == "value"


@pytest.mark.parametrize(
    ("pieces", "words"),
    [
        (["BTC", "funding", ">", "0.03%"], "BTC funding > 0.03%"),
        (["ETH", "oi", "rising", "4h"], "ETH oi rising 4h"),
        (["BTC", "oi change", "4h", ">", "5%"], "BTC oi change 4h > 5%"),
        (["SOL", "price", "moves", "3%", "1h"], "SOL price moves 3% in 1h"),
        (["BTC", "clusters above >", "500M", "within 3%"], "BTC clusters above > 500M within 3%"),
        (["BTC", "liquidations longs", "1h", ">", "5x normal"], None),
        (["BTC", "nearest cluster distance <", "1%"], "BTC nearest cluster distance < 1%"),
        ([ALL, "cascade", "quiet", "22:00-07:00"], "all cascade quiet 22:00-07:00"),
        (["BTC", "squeeze", "for", "10m", "cap", "5/day"], "BTC squeeze for 10m cap 5/day"),
        (
            ["BTC", "squeeze", "or", "magnet", "and", "oi", "rising", "4h"],
            "BTC (squeeze or magnet) and oi rising 4h",
        ),
        (
            ["BTC", "squeeze", "for", "10m", "and", "funding", ">", "0.01%"],
            "BTC squeeze and funding > 0.01% for 10m",
        ),
        (["BTC", "funding", ">", "0.03%", "until", "funding", "<", "0.01%"], None),
    ],
)
def test_pieces_make_the_watch_that_they_say(pieces: list[str], words: str | None) -> None:
    draft = ""
    for piece in pieces:
        draft = answered(draft, piece)
    assert whole(draft) is not None
    assert draft == (words or draft)
    assert question(draft).name == "more"


def test_what_cannot_last_cannot_be_held_for_a_time() -> None:
    with pytest.raises(WatchRefused, match="over in a moment"):
        answered("BTC price crosses above 98000  for", "10m")


def test_a_full_watch_takes_no_more_clauses() -> None:
    words = "BTC " + " and ".join(f"price > {at}" for at in range(1, parse.MOST_CLAUSES + 1))
    pieces = [choice.piece for choice in question(words).choices]
    assert "and" not in pieces
    assert "for" in pieces


@given(st.text(max_size=200))
@settings(max_examples=60, deadline=None)
def test_whatever_is_refused_is_put_right_by_its_buttons_or_has_none(text: str) -> None:
    words = " ".join(f"BTC {text}".split())
    for word in fixes(words)[:2]:
        better = fixed(words, word)
        assert better != words


@pytest.mark.parametrize(
    ("wrong", "word", "right"),
    [
        ("BTC fundin > 0.03%", "funding", "BTC funding > 0.03%"),
        ("BTC funding >", "0.03%", "BTC funding > 0.03%"),
        ("BTC oi rising", "4h", "BTC oi rising 4h"),
        ("BTC price crosses 3 for 10m", "above", "BTC price above 3 for 10m"),
        ("funding > 0.03%", "BTC", "BTC funding > 0.03%"),
    ],
)
def test_a_word_is_put_where_it_leads_furthest(wrong: str, word: str, right: str) -> None:
    assert word in fixes(wrong)
    assert fixed(wrong, word) == right


def test_what_does_not_help_is_not_put_anywhere() -> None:
    with pytest.raises(ValueError, match="does not help"):
        fixed("BTC fundin > 0.03%", "BTC")


# At the desk


async def test_values_are_those_that_the_coin_was_seldom_beyond() -> None:
    async with watching_desk(Market(told("binance", days=30))) as desk:
        step = await desk.press(await desk.say("watch edit new BTC"), "funding")
        above = labels(await desk.press(step, "above"))[:3]
    assert [each.partition("(")[2] for each in above] == [
        "10 % of the time)",
        "5 % of the time)",
        "1 % of the time)",
    ]
    numbers = [float(each.partition("%")[0]) for each in above]
    assert numbers == sorted(numbers)


async def test_prices_are_offered_around_where_the_price_stands(desk: WatchingDesk) -> None:
    step = await desk.press(await desk.say("watch edit new ETH"), "price")
    step = await desk.press(step, "crosses above")
    assert [each.partition("(")[2] for each in labels(step)[:6]] == [
        "−5 %)",
        "−2 %)",
        "−1 %)",
        "+1 %)",
        "+2 %)",
        "+5 %)",
    ]
    step = await desk.press(step, labels(step)[3])
    assert "Save" in labels(step)
    assert step.headline.startswith("ETH price crosses above 3")


async def test_a_watch_is_put_together_previewed_and_saved(desk: WatchingDesk) -> None:
    step = await desk.say("watch edit new")
    for label in ("BTC", "funding", "above"):
        step = await desk.press(step, label)
    step = await desk.press(step, labels(step)[0])
    for label in ("and", "oi", "rising", "4h", "for 10 min", "10m"):
        step = await desk.press(step, label)
    assert any("would" in line for line in step.lines)
    shown = await desk.press(step, "Preview")
    assert shown.image is not None
    back = await desk.press(shown, "Change")
    saved = await desk.press(back, "Save")
    assert saved.headline.startswith("Watching as")
    (kept,) = await desk.store.watches()
    assert kept.words.endswith("and oi rising 4h for 10m")


async def test_a_step_from_before_is_answered_with_where_the_draft_stands(
    desk: WatchingDesk,
) -> None:
    first = await desk.say("watch edit new BTC")
    second = await desk.press(first, "funding")
    stale = await desk.press(first, "price")
    assert "That step is past" in stale.lines[0]
    assert stale.headline == second.headline
    assert (await desk.press(stale, "above")).headline.startswith("BTC funding >")


async def test_forged_presses_change_nothing(desk: WatchingDesk) -> None:
    await desk.say("watch edit new BTC")
    before = dict(desk.store.drafts)
    for words in ("watch edit d1 3 nonsense", "watch edit d1 3 funding  >", "watch keep d1"):
        assert (await desk.say(words)).kind == "problem"
    assert (await desk.say("watch edit d99 3 funding")).kind == "problem"
    assert (await desk.say("watch edit d1 9999 funding")).kind == "answer"
    assert (await desk.say("watch edit d1 3 funding", BOB)).kind == "problem"
    assert desk.store.drafts == before


async def test_a_draft_that_memory_garbled_breaks_nothing(desk: WatchingDesk) -> None:
    for number, words in enumerate(("  ", "  x  y", "BTC  no figure", "BTC squeeze  and  x", "\n")):
        desk.store.drafts[f"d{number}"] = Draft(
            f"d{number}", "test:ann", "test:ann", words, "guided"
        )
        reply = await desk.say(f"watch edit d{number}")
        assert reply.headline
        assert "Start over" in labels(reply)
        again = await desk.press(reply, "Start over")
        assert "BTC" in labels(again)


async def test_a_draft_goes_on_after_a_restart() -> None:
    source = Market(told("binance", days=6))
    async with watching_desk(source) as desk:
        step = await desk.press(await desk.say("watch edit new BTC"), "oi")
        drafts = dict(desk.store.drafts)
    async with watching_desk(Market(told("binance", days=6))) as later:
        later.store.drafts = drafts
        on = await later.press(await later.press(step, "rising"), "4h")
        assert on.headline == "BTC oi rising 4h"
