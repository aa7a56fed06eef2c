"""A reply in Telegram's clothes: nothing that is said can break the message."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import MessageEntity

from bot.chats.telegram.dress import BUTTON, CAPTION, TEXT, clean, cut, dress, pressed, whole
from bot.reply import Button, Reply

# Anything that can come out of JSON: lone surrogates, controls, bidirectional marks, emoji.
hostile = st.text(st.characters() | st.sampled_from("\x00\u202e\u2066@<>&_*`[\ud800\udc00😀\u030a"))
replies = st.builds(
    Reply,
    hostile,
    st.lists(hostile | st.text("long 😀", min_size=200, max_size=2000), max_size=12).map(tuple),
    simulated=st.booleans(),
    as_of=st.none() | st.integers(0, 4_000_000_000_000),
    table=st.lists(hostile | st.text("BTC $", min_size=20, max_size=400), max_size=9).map(tuple),
)
words = st.text(min_size=1, max_size=64).filter(
    lambda text: not re.search(r"[\ud800-\udfff]", text) and 0 < len(text.encode()) <= BUTTON
)
buttons = st.builds(Button, hostile, words, chosen=st.booleans(), fresh=st.booleans())


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@given(replies, st.sampled_from([CAPTION, TEXT]))
def test_no_reply_is_too_long_or_empty_or_has_formatting_outside_of_its_text(
    reply: Reply, limit: int
) -> None:
    dressed = dress(reply, limit)

    assert 0 < units(dressed.text) <= limit
    assert dressed.text == dressed.text.strip()
    assert dressed.text.encode()  # can be sent at all
    for entity in dressed.entities:
        assert 0 <= entity.offset < entity.offset + entity.length <= units(dressed.text)


@given(replies)
def test_a_simulated_market_is_said_to_be_one_however_long_the_reply(reply: Reply) -> None:
    assert ("SIMULATED" in dress(reply, CAPTION).text.split("\n")[0]) or not reply.simulated


@given(hostile)
def test_no_text_mentions_anybody_or_turns_the_reading_direction(text: str) -> None:
    cleaned = clean(text)

    assert "@" not in cleaned
    assert not any(
        unicodedata.bidirectional(character) in {"RLO", "LRO", "RLE", "LRE", "RLI", "LRI", "FSI"}
        for character in cleaned
    )


@given(hostile.map(whole), st.integers(0, 30))
def test_a_text_is_cut_between_characters(text: str, limit: int) -> None:
    short = cut(text, limit)

    assert units(short) <= limit
    assert text.startswith(short.removesuffix("…"))
    assert short.encode("utf-16-le").decode("utf-16-le") == short


@given(st.lists(st.lists(buttons, max_size=20).map(tuple), max_size=20).map(tuple))
def test_any_buttons_make_a_keyboard_that_telegram_takes(
    rows: tuple[tuple[Button, ...], ...],
) -> None:
    keyboard = dress(Reply("Emberline", buttons=rows), TEXT).keyboard
    made = keyboard.inline_keyboard if keyboard else ()

    assert all(1 <= len(row) <= 8 for row in made)
    assert sum(len(row) for row in made) == min(100, sum(len(row) for row in rows))
    for button in (button for row in made for button in row):
        assert isinstance(button.callback_data, str)
        assert 1 <= len(button.callback_data.encode()) <= 64
        assert button.text.strip()


@given(words.filter(lambda text: not text.startswith("+")), st.booleans())
def test_a_press_says_the_words_of_its_button(text: str, fresh: bool) -> None:  # noqa: FBT001 - hypothesis hands it in
    keyboard = dress(Reply("E", buttons=((Button("go", text, fresh=fresh),),)), TEXT).keyboard
    assert keyboard is not None
    data = keyboard.inline_keyboard[0][0].callback_data
    assert isinstance(data, str)

    assert pressed(data)[0] == text
    assert pressed(data)[1] == (fresh and len(text.encode()) < BUTTON)


def test_the_headline_is_bold_and_the_lines_are_not() -> None:
    dressed = dress(Reply("BTC 😀 <b>", ("Largest cluster above: 64,200",)), CAPTION)

    assert dressed.text == "BTC 😀 <b>\nLargest cluster above: 64,200"
    assert dressed.entities == (MessageEntity(MessageEntity.BOLD, 0, 10),)


def test_lines_that_do_not_fit_are_left_out_whole_and_it_is_said() -> None:
    lines = tuple(f"{number}: {'x' * 96}" for number in range(100, 120))

    text = dress(Reply("BTC", lines), CAPTION).text

    kept = text.split("\n")
    assert kept[-1] == "…"
    assert kept[1:-1] == list(lines[: len(kept) - 2])
    assert len(kept) == 11


def test_the_time_of_the_data_is_shown_in_the_readers_own_time_zone() -> None:
    reply = Reply("😀", ("data to 1 Dec 00:00 UTC",), as_of=1_764_547_200_123)

    bold, time = dress(reply, CAPTION).entities

    assert bold.type == MessageEntity.BOLD
    assert (time.type, time.offset, time.length) == (MessageEntity.DATE_TIME, 11, 15)
    assert time.to_dict()["unix_time"] == 1_764_547_200


def test_a_reply_of_nothing_visible_is_still_a_message() -> None:
    assert dress(Reply("\u3164", ("\u200b", " ")), TEXT).text == "…"


@pytest.mark.parametrize("limit", [CAPTION, TEXT])
def test_a_headline_longer_than_a_message_is_cut_but_the_market_stays_marked(limit: int) -> None:
    text = dress(Reply("😀" * 5000, ("gone",), simulated=True), limit).text

    assert limit - 4 <= units(text) <= limit
    assert text.startswith("SIMULATED")


def test_a_table_stands_below_the_headline_in_letters_of_one_width() -> None:
    reply = Reply("Markets", ("2 of 2 venues",), table=("coin   price", "BTC   90,000", ""))
    dressed = dress(reply, TEXT)
    assert dressed.text == "Markets\ncoin   price\nBTC   90,000\n\n2 of 2 venues"
    kinds = [(entity.type, entity.offset, entity.length) for entity in dressed.entities]
    assert kinds == [
        (MessageEntity.BOLD, 0, len("Markets")),
        (MessageEntity.PRE, len("Markets\n"), len("coin   price\nBTC   90,000\n")),
    ]


def test_of_a_table_that_is_too_long_whole_rows_are_kept() -> None:
    rows = tuple(f"row {number:03d} of the table" for number in range(200))
    dressed = dress(Reply("Markets", ("the end",), table=rows), CAPTION)
    (_, table) = dressed.entities
    kept = dressed.text[table.offset : table.offset + table.length].split("\n")
    assert kept[:-1] == list(rows[: len(kept) - 1])
    assert kept[-1] == "…"
    assert dressed.text.endswith("…")
