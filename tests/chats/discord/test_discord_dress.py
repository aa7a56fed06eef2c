"""What a reply looks like on Discord, for every text there can be."""

import re
import unicodedata

from hypothesis import example, given
from hypothesis import strategies as st

from bot.chats.discord import dress
from bot.reply import Button, Image, Reply

SIGNS = [
    "@everyone",
    "@HERE",
    *"*_~`|\\[]()<>@#-+:/.&! \n\u202e\u200b\x1b🔥",
    "https://x.y",
    "```",
    "||",
    "<t:1:R>",
]
HOSTILE = st.lists(st.one_of(st.sampled_from(SIGNS), st.characters()), max_size=200).map("".join)
LONG = st.one_of(HOSTILE, st.integers(1, 9000).map(lambda n: "*<@1>🔥\\" * (n // 7)))


def units(text: str | None) -> int:
    return len((text or "").encode("utf-16-le", "surrogatepass")) // 2


def shown(markup: str) -> str:
    """Undo escapes, as Discord does for every sign that is neither letter, digit nor space."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markup)


def unescaped(markup: str) -> str:
    """Put a letter for each escaped sign; the rest is what Discord may take for markup."""
    return re.sub(r"\\[^0-9A-Za-z\s]", "x", markup)


@example("\x1b\n\x08", [], None, False)  # noqa: FBT003 - hypothesis takes it by its place
@given(LONG, st.lists(LONG, max_size=4), st.none() | st.integers(0, 2**42), st.booleans())
def test_a_card_never_breaks_a_limit_of_discord(
    headline: str,
    lines: list[str],
    as_of: int | None,
    simulated: bool,  # noqa: FBT001 - hypothesis hands it over by its place
) -> None:
    card = dress.card(Reply(headline, tuple(lines), simulated=simulated, as_of=as_of))

    assert (card.title or card.description or "").strip()
    assert units(card.title) <= 256
    assert units(card.description) <= 4096
    assert sum(map(units, (card.title, card.description, card.author.name))) <= 6000


@given(HOSTILE)
def test_nothing_that_is_said_can_mention_link_or_format(text: str) -> None:
    card = dress.card(Reply(text, (text,)))

    for markup in (card.title or "", card.description or ""):
        left = unescaped(markup)
        assert not re.search(r"[*_~`|\[<@]|://", left)
        assert not re.search(r"^\s*[#>+-]", left, re.MULTILINE)


@given(HOSTILE, st.sampled_from(["@everyone", "@here", "@Everyone"]))
async def test_words_that_call_everybody_are_none_wherever_they_stand(text: str, call: str) -> None:
    said = f"{text} {call} x"
    reply = Reply(said, (said,), buttons=((Button(said, "x"),),), table=(said,))
    card, view = dress.card(reply), dress.steps(reply)
    assert view is not None
    alt = dress.picture(Image(b"png", said, "x.png", "k")).description or ""

    sent = f"{card.to_dict()}{view.to_components()}{alt}".lower()
    assert "@everyone" not in sent
    assert "@here" not in sent


@given(HOSTILE)
def test_what_is_read_is_what_was_said(text: str) -> None:
    description = dress.card(Reply("x", (text,))).description or ""

    visible = "".join(
        letter
        for letter in text
        if letter in "\n\u200d" or not unicodedata.category(letter).startswith("C")
    )
    assert shown(description).replace("@\u200b", "@") == visible.strip()


@given(st.integers(0, 9), st.sampled_from("*<\\🔥x"))
def test_a_cut_never_tears_an_escape_apart(room: int, sign: str) -> None:
    description = dress.card(Reply("BTC", ("x" * room + sign * 5000,))).description or ""

    assert 4080 <= units(description) <= 4096
    assert description.endswith("…")
    assert not re.search(r"(?<!\\)(\\\\)*\\…$", description)


def test_a_long_problem_is_told_in_full() -> None:
    sentence = "binance is not answering: timeout. " * 20

    card = dress.card(Reply(sentence, ("Please ask again.",), kind="problem"))

    assert card.title is None
    assert card.description == f"{sentence.strip()}\nPlease ask again."


def test_a_reader_sees_the_age_of_the_data_in_local_time() -> None:
    card = dress.card(Reply("BTC", ("One line",), as_of=1_764_000_000_999))

    assert card.description == "One line\n\nData from <t:1764000000:R>"
    assert dress.card(Reply("BTC", as_of=1_764_000_000_000)).description == (
        "Data from <t:1764000000:R>"
    )


def test_the_age_of_the_data_survives_any_length_of_text() -> None:
    card = dress.card(Reply("BTC", ("long " * 2000,), as_of=1_764_000_000_000))

    assert (card.description or "").endswith("…\n\nData from <t:1764000000:R>")


def test_the_clock_of_an_invented_market_is_not_held_against_the_readers() -> None:
    assert dress.card(Reply("BTC", simulated=True, as_of=1_764_000_000_000)).description is None


def test_a_simulated_market_cannot_be_mistaken_for_a_market() -> None:
    pretended, real = dress.card(Reply("BTC", simulated=True)), dress.card(Reply("BTC"))

    assert "SIMULATED" in (pretended.author.name or "")
    assert real.author.name is None
    assert pretended.colour != real.colour


def test_a_problem_looks_unlike_an_answer() -> None:
    assert dress.card(Reply("x", kind="problem")).colour != dress.card(Reply("x")).colour


def test_a_picture_says_what_it_shows_to_people_who_cannot_see_it() -> None:
    file = dress.picture(Image(b"png", "Longs below, shorts above", "btc-24h.png", "k"))

    assert (file.filename, file.description) == ("btc-24h.png", "Longs below, shorts above")
    assert file.fp.read() == b"png"


@given(HOSTILE, LONG)
def test_no_name_of_a_picture_leads_out_of_a_folder(name: str, alt: str) -> None:
    file = dress.picture(Image(b"png", alt, name, "k"))

    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]*\.png", file.filename)
    assert not file.spoiler or file.filename.startswith("SPOILER_")
    assert units(file.description) <= 1024


button = st.builds(
    Button,
    label=LONG,
    words=HOSTILE.map(lambda text: text.encode("utf-8", "ignore")[:64].decode("utf-8", "ignore")),
    chosen=st.booleans(),
    fresh=st.booleans(),
)


@given(st.lists(st.lists(button, max_size=8).map(tuple), max_size=8).map(tuple))
async def test_any_buttons_fit_into_what_discord_takes(
    rows: tuple[tuple[Button, ...], ...],
) -> None:
    view = dress.steps(Reply("x", buttons=rows))

    if view is None:
        assert not any(each.words for row in rows for each in row if "file" not in each.words)
        return
    sent = view.to_components()
    ids = [each["custom_id"] for row in sent for each in row["components"]]
    assert 1 <= len(sent) <= 5
    assert all(1 <= len(row["components"]) <= 5 for row in sent)
    labels = [each["label"] for row in sent for each in row["components"]]
    assert all(label.strip() and units(label) <= 80 for label in labels)
    assert len(set(ids)) == len(ids)
    assert all(1 <= units(each) <= 100 for each in ids)


@given(button)
async def test_a_press_says_exactly_the_words_of_its_button(pressed: Button) -> None:
    view = dress.steps(Reply("x", buttons=((pressed,),)))
    if view is None:
        return

    (custom_id,) = (each["custom_id"] for row in view.to_components() for each in row["components"])
    heard = dress.PRESSED.fullmatch(custom_id)
    assert heard is not None
    assert heard["words"] == pressed.words
    assert (heard["how"] == "+") is pressed.fresh


async def test_what_is_shown_now_stands_out_among_the_buttons() -> None:
    row = (Button("24h", "heatmap BTC 24h", chosen=True), Button("3d", "heatmap BTC 3d"))
    view = dress.steps(Reply("x", buttons=(row,)))
    assert view is not None
    now, other = view.to_components()[0]["components"]

    assert now["style"] != other["style"]


async def test_no_button_offers_the_file_that_discord_shows_already() -> None:
    row = (Button("As a file", "file heatmap BTC"), Button("3d", "heatmap BTC 3d"))
    view = dress.steps(Reply("x", buttons=(row,)))
    assert view is not None

    assert [each["label"] for each in view.to_components()[0]["components"]] == ["3d"]


@given(HOSTILE, st.lists(LONG, max_size=4))
def test_nothing_in_a_table_ends_its_block_early_or_breaks_a_limit(
    text: str, rows: list[str]
) -> None:
    card = dress.card(Reply("x", ("after",), table=(f"> {text}", *rows)))
    description = card.description or ""
    assert units(description) <= 4096
    assert description.startswith("```\n")
    block = description.split("```")
    assert len(block) == 3
    assert block[2].strip() == "after"


def test_a_table_keeps_its_columns() -> None:
    card = dress.card(Reply("x", ("after",), table=("coin   price", "BTC   90,000")))
    assert card.description == "```\ncoin   price\nBTC   90,000\n```\nafter"
