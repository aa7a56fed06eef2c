"""Whatever is said fits into what each platform takes, and what matters most is never cut."""

import re
from dataclasses import replace
from itertools import product

import discord
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.discord import dress as on_discord
from bot.chats.telegram.dress import CAPTION, TEXT, dress
from bot.core.errors import UnknownWord
from bot.core.instruments import venue_name
from bot.desk import caption
from bot.desk.front import problem
from bot.reply import Button, Reply
from tests.support.readings import reading

VENUES = (
    *("binance", "binancecoinm", "bybit", "bybitinverse", "okx", "hyperliquid", "bitmex"),
    *("bitget", "gate", "kucoin", "mexc", "htx", "kraken", "dydx", "deribit", "bitfinex"),
    "lighter",
)
SIGNS = [
    "😀",
    "👩‍👩‍👧",
    "*",
    "_",
    "`",
    "```",
    "<@1>",
    "@everyone",
    "[",
    "](x)",
    "\\",
    "\n",
    "> ",
    "\u202e",
]
pieces = st.sampled_from(SIGNS) | st.text(st.characters(exclude_categories=["Cs"]), max_size=9)
texts = st.lists(pieces, max_size=8).map("".join)
long = texts | st.builds(lambda text, times: (text or "x") * times, texts, st.integers(1, 700))
words = texts.map(lambda text: f"w{text}".encode()[:64].decode("utf-8", "ignore"))
buttons = st.builds(Button, long, words, chosen=st.booleans(), fresh=st.booleans())
replies = st.builds(
    Reply,
    headline=long,
    lines=st.lists(long, max_size=9).map(tuple),
    table=st.lists(texts | long, max_size=9).map(tuple),
    buttons=st.lists(st.lists(buttons, max_size=9).map(tuple), max_size=7).map(tuple),
    private=st.booleans(),
    kind=st.sampled_from(["answer", "problem", "note"]),
    simulated=st.booleans(),
    as_of=st.none() | st.integers(0, 4_000_000_000_000),
)


def units(text: str | None) -> int:
    """Count as Telegram does."""
    return len((text or "").encode("utf-16-le")) // 2


@given(replies, st.sampled_from([CAPTION, TEXT]))
def test_any_reply_fits_into_telegrams_message(reply: Reply, limit: int) -> None:
    dressed = dress(reply, limit)

    assert 1 <= units(dressed.text) <= limit
    assert len(dressed.entities) <= 100
    for entity in dressed.entities:
        assert entity.type in {"bold", "pre", "date_time"}
        assert 0 <= entity.offset < entity.offset + entity.length <= units(dressed.text)
    if reply.simulated:
        assert dressed.text.startswith("SIMULATED")
    rows = dressed.keyboard.inline_keyboard if dressed.keyboard else ()
    assert sum(map(len, rows)) <= 100
    assert all(1 <= len(row) <= 8 for row in rows)
    for button in (button for row in rows for button in row):
        assert 1 <= len(str(button.callback_data).encode()) <= 64
        assert button.text.strip()


@given(replies, st.text("0123456789abcdef#", min_size=11, max_size=11))
async def test_any_reply_fits_into_discords_message(reply: Reply, mark: str) -> None:
    card = on_discord.card(reply).set_footer(text=mark)
    view = on_discord.steps(reply)

    for count in (units, lambda text: len(text or "")):
        assert count(card.title) <= 256
        assert count(card.description) <= 4096
        said = (card.title, card.description, card.author.name, card.footer.text)
        assert sum(map(count, said)) <= 6000
    assert (card.title or card.description or "").strip()
    if reply.simulated:
        assert "SIMULATED" in (card.author.name or "")
    rows = view.to_components() if view else []
    assert len(rows) <= 5
    for row in rows:
        assert 1 <= len(row["components"]) <= 5
        for button in row["components"]:
            assert 1 <= units(button["label"]) <= 80
            assert 1 <= units(button["custom_id"]) <= 100


@given(st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=900), replies)
def test_the_sentence_of_a_problem_is_told_whole(sentence: str, reply: Reply) -> None:
    sentence = f"No: {' '.join(sentence.split())}."
    told = replace(reply, headline=sentence, kind="problem", image=None)
    card = on_discord.card(told)

    spoken = dress(told, TEXT).text
    shown = f"{card.title or ''}\n{card.description or ''}"
    normal = dress(Reply(sentence), TEXT).text
    assert normal in spoken
    assert on_discord.unescaped(shown).strip().startswith(sentence)
    assert card.colour == discord.Colour(0x8A8F98)


@pytest.mark.parametrize(
    ("profile", "stale", "simulated", "exact"),
    [*product([False, True], [0, 1, 17], [False, True], [None, 0.12])],
)
def test_a_caption_of_seventeen_venues_says_all_of_them_under_the_picture(
    *, profile: bool, stale: int, simulated: bool, exact: float | None
) -> None:
    usual = reading(venues=VENUES, simulated=simulated, exact_share=exact)
    old = tuple(
        replace(venue, as_of=usual.as_of - 90 * 60_000) if place < stale else venue
        for place, venue in enumerate(usual.venues)
    )
    shown = replace(usual, venues=old)
    lines = caption.lines(shown, profile=profile)
    headline = caption.headline(shown, profile=profile)
    reply = Reply(headline, lines, simulated=simulated, as_of=shown.as_of)
    said = dress(reply, CAPTION)

    assert not said.text.endswith("…")
    for part in ("17 of 17 venues", *map(venue_name, VENUES), "Measured accuracy", "data to"):
        assert part in said.text
    assert said.text.startswith("SIMULATED") is simulated
    assert ("more stale" in said.text) is (stale > 3)
    assert any(entity.type == "date_time" for entity in said.entities)


def test_of_seventeen_venues_those_that_failed_leave_the_rest_of_the_caption_standing() -> None:
    why = tuple(
        f"{venue_name(name)} is not answering: HTTP 451 from this place." for name in VENUES
    )
    shown = reading(venues=VENUES[:1], failed=VENUES[1:], failures=why[1:], simulated=False)
    text = dress(Reply("BTC", caption.lines(shown, profile=False)), CAPTION).text

    assert "1 of 17 venues" in text
    assert "data to" in text
    assert units(text) <= CAPTION


def test_a_problem_keeps_its_suggestions() -> None:
    reply = problem(UnknownWord("x" * 300, "y" * 5000))
    assert dress(reply, TEXT).text.startswith("“x")
    assert re.match(r"“x", on_discord.card(reply).description or "")
