"""What a chat chooses holds in all its answers, and only who may changes it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.errors import StoreUnavailable
from bot.desk.requests import Asker
from bot.ports import ChatSettings
from bot.watching import Manners
from tests.support.markets import Market
from tests.support.own_desk import OwnWorld, own_world
from tests.support.panels import told
from tests.support.watching_desk import ANN, BOB, labels, person

MEMBER, MODERATOR = person("carl", "group"), person("mo", "group", moderates=True)


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[OwnWorld]:
    source = Market(
        told("binance"), told("okx"), told("bybit"), told("okx", base="OKB", price=40.0)
    )
    async with own_world(source, tmp_path) as made:
        yield made


async def settings(world: OwnWorld, chat: str = ANN.chat) -> ChatSettings:
    return await world.memory.settings.settings(chat)


async def manners(world: OwnWorld, chat: str = ANN.chat) -> Manners:
    return (await world.memory.watches.manners([chat])).get(chat, Manners())


async def test_everything_is_chosen_in_words_and_shown(world: OwnWorld) -> None:
    await world.say("/settings theme light")
    await world.say("/settings window 7d")
    await world.say("/settings venues okx, binance")
    await world.say("/settings panels funding")
    await world.say("/settings zone berlin")
    await world.say("/settings quiet 22-7")
    assert await settings(world) == ChatSettings("light", "7d", ("binance", "okx"), ("funding",))
    assert await manners(world) == Manners("Europe/Berlin", (1320, 420), theme="light")
    shown = await world.say("/settings")
    assert shown.headline == "Your settings"
    assert shown.lines[:3] == ("Theme: light", "Window: 7d", "Venues: Binance, OKX")
    assert shown.lines[3] == "Panels: funding"
    assert shown.lines[4].startswith("Time zone: Europe/Berlin, ")
    assert shown.lines[5] == "Quiet hours: 22:00-07:00"


async def test_everything_is_chosen_by_buttons_and_marked(world: OwnWorld) -> None:
    for page, choice, marked in (
        ("Theme", "Light", "Light"),
        ("Window", "3d", "3d"),
        ("Time zone", "Tokyo", "Tokyo"),
        ("Quiet hours", "23:00-08:00", "23:00-08:00"),
    ):
        shown = await world.press(await world.say("/settings"), page)
        after = await world.press(shown, choice)
        assert [b.label for row in after.buttons for b in row if b.chosen] == [marked]
        back = await world.press(after, "All settings")
        assert back.headline == "Your settings"
    assert await settings(world) == ChatSettings("light", "3d")
    assert await manners(world) == Manners("Asia/Tokyo", (1380, 480), theme="light")


async def test_venues_are_tapped_in_and_out(world: OwnWorld) -> None:
    shown = await world.say("/settings venues")
    assert shown.headline == "Venues: all"
    shown = await world.press(shown, "OKX")
    shown = await world.press(shown, "Binance")
    assert (await settings(world)).venues == ("binance", "okx")
    shown = await world.press(shown, "OKX")
    assert (await settings(world)).venues == ("binance",)
    shown = await world.press(shown, "Binance")
    assert (await settings(world)).venues is None, "none is no choice"
    await world.say("/settings venues binance,okx,bybit")
    assert (await settings(world)).venues is None, "every venue is no choice"


async def test_panels_are_tapped_in_and_out(world: OwnWorld) -> None:
    shown = await world.press(await world.say("/settings"), "Panels")
    assert shown.headline == "Panels: open interest, funding"
    for tapped, left in (
        ("Open interest", ("funding",)),
        ("Funding", ()),
        ("Open interest", ("oi",)),
        ("Liquidations", ("oi", "liqs")),
        ("Funding", ("oi", "funding", "liqs")),
        ("Liquidations", None),  # the usual ones are no choice
    ):
        shown = await world.press(shown, tapped)
        assert (await settings(world)).panels == left
    await world.say("/settings panels none")
    assert (await world.say("/settings")).lines[3] == "Panels: none"
    await world.say("/settings panels default")
    assert await settings(world) == ChatSettings()


async def test_a_button_pressed_twice_chooses_the_same(world: OwnWorld) -> None:
    shown = await world.say("/settings venues")
    await world.press(shown, "OKX")
    await world.press(shown, "OKX")
    assert (await settings(world)).venues == ("okx",)


async def test_a_wrong_zone_is_put_right_with_a_tap(world: OwnWorld) -> None:
    refused = await world.say("/settings zone berln")
    assert refused.kind == "problem"
    await world.press(refused, "Europe/Berlin")
    assert (await manners(world)).zone == "Europe/Berlin"


async def test_a_venue_that_is_none_is_refused_and_changes_nothing(world: OwnWorld) -> None:
    refused = await world.say("/settings venues binnance,nonsense")
    assert refused.kind == "problem"
    assert await settings(world) == ChatSettings()


async def test_a_reset_asks_once_more_and_keeps_a_mute(world: OwnWorld) -> None:
    await world.memory.watches.set_manners(ANN.chat, Manners(muted_until=9_999))
    await world.say("/settings theme light")
    await world.say("/settings zone tokyo")
    asked = await world.say("/settings reset")
    assert (await manners(world)).zone == "Asia/Tokyo"
    await world.press(asked, "Reset all")
    assert await settings(world) == ChatSettings()
    assert await manners(world) == Manners(muted_until=9_999)


async def test_a_language_is_chosen_by_a_tap_and_answered_in_at_once(world: OwnWorld) -> None:
    choices = await world.press(await world.say("/settings"), "Language")
    assert labels(choices)[:2] == ["English", "Deutsch"]
    answered = await world.press(choices, "Deutsch")
    assert (answered.language, (await manners(world)).language) == ("de", "de")
    assert "Deutsch" in answered.headline
    assert [button.label for row in answered.buttons for button in row if button.chosen] == [
        "Deutsch"
    ]


# Whose they are


async def test_everybody_sees_the_settings_of_a_group_and_only_moderators_change_them(
    world: OwnWorld,
) -> None:
    shown = await world.say("/settings", MEMBER)
    assert (shown.headline, shown.private) == ("Settings of this chat", False)
    for words in ("/settings theme light", "settings venues +okx", "settings reset yes"):
        refused = await world.say(words, MEMBER)
        assert (refused.kind, refused.private) == ("problem", True)
    assert await settings(world, MEMBER.chat) == ChatSettings()
    assert not world.changes

    await world.say("/settings theme light", MODERATOR)
    assert (await settings(world, MODERATOR.chat)).theme == "light"
    assert await settings(world, ANN.chat) == ChatSettings()
    assert world.changes, "watches go on by the old hours"


async def test_rights_are_asked_for_when_the_button_is_pressed(world: OwnWorld) -> None:
    shown = await world.say("/settings theme", MODERATOR)
    refused = await world.press(shown, "Light", MEMBER)
    assert (refused.kind, refused.private) == ("problem", True)


# What they do


async def test_a_heatmap_looks_as_far_back_as_its_chat_has_chosen(world: OwnWorld) -> None:
    await world.say("/settings window 12h")
    assert "12h" in (await world.say("/heatmap BTC")).headline
    assert "24h" in (await world.say("/heatmap BTC 24h")).headline
    assert "24h" in (await world.say("/heatmap BTC", BOB)).headline


async def test_where_no_venue_is_named_the_chats_own_are_asked(world: OwnWorld) -> None:
    await world.say("/settings venues okx")
    shown = await world.say("/heatmap BTC")
    assert "1 of 1 venue (OKX)" in shown.text()
    assert "1 of 1 venue (OKX)" not in (await world.say("/heatmap BTC", BOB)).text()
    named = await world.say("/heatmap BTC binance")
    assert "1 of 1 venue (Binance)" in named.text()


async def test_all_means_every_venue_and_stays_so_under_its_buttons(world: OwnWorld) -> None:
    await world.say("/settings venues okx")
    every = await world.press(await world.say("/heatmap BTC"), "All")
    assert "3 of 3 venues" in every.text()
    wider = await world.press(every, "12h")
    assert "3 of 3 venues" in wider.text()
    assert "3 of 3 venues" in (await world.press(wider, "Refresh")).text()
    assert "OKX" in labels(wider)
    assert "all" not in labels(wider)


async def test_all_is_also_said_where_a_chat_has_chosen_nothing(world: OwnWorld) -> None:
    plain, every = await world.say("/heatmap BTC"), await world.say("/heatmap BTC all")
    assert every.buttons == plain.buttons
    assert every.image == plain.image


async def test_a_coin_that_none_of_them_lists_is_shown_from_all(world: OwnWorld) -> None:
    await world.say("/settings venues binance")
    shown = await world.say("/heatmap OKB")
    assert "1 of 1 venue (OKX)" in shown.text()


async def test_a_venue_that_is_misspelt_is_not_quietly_all_of_them(world: OwnWorld) -> None:
    await world.say("/settings venues binance")
    await world.say("/settings window 7d")
    assert (await world.say("/heatmap BTC binanse")).kind == "problem"


async def test_a_venue_that_is_connected_no_more_is_not_asked_for(world: OwnWorld) -> None:
    await world.memory.settings.change(ANN.chat, ChatSettings(venues=("mtgox", "okx")))
    assert "1 of 1 venue (OKX)" in (await world.say("/heatmap BTC")).text()
    await world.memory.settings.change(ANN.chat, ChatSettings(venues=("mtgox",)))
    assert "3 of 3 venues" in (await world.say("/heatmap BTC")).text()


async def test_panels_ask_the_chats_own_venues_too(world: OwnWorld) -> None:
    await world.say("/settings venues okx")
    shown = await world.say("/funding BTC")
    assert [b.label for row in shown.buttons for b in row if b.chosen] == ["Funding", "OKX"]
    other = await world.say("/funding binance")
    assert other.kind == "answer"
    assert not any("okx" in b.words for row in other.buttons for b in row)


async def test_the_theme_of_a_chat_is_that_of_its_pictures(world: OwnWorld) -> None:
    dark = await world.say("/heatmap BTC")
    await world.say("/settings theme light")
    light = await world.say("/heatmap BTC")
    assert dark.image is not None
    assert light.image is not None
    assert dark.image.png != light.image.png


async def test_below_a_heatmap_stands_what_its_chat_has_chosen(world: OwnWorld) -> None:
    async def pictures(asker: Asker) -> list[bytes]:
        shown = [await world.say(words, asker) for words in ("/heatmap BTC", "/map BTC")]
        assert all(each.image is not None for each in shown)
        return [each.image.png for each in shown if each.image]

    before = await pictures(ANN)
    await world.say("/settings panels oi")
    heatmap, profile = await pictures(ANN)
    assert heatmap != before[0]
    assert profile == before[1], "nothing stands below a map"
    assert await pictures(BOB) == before
    await world.say("/settings panels all")
    assert (await pictures(ANN))[0] not in {heatmap, before[0]}
    await world.say("/settings panels default")
    assert await pictures(ANN) == before


async def test_settings_that_cannot_be_read_never_keep_an_answer_back(
    world: OwnWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.say("/settings venues okx")

    async def broken(chat: str) -> ChatSettings:
        raise StoreUnavailable(f"{chat} cannot be read")

    monkeypatch.setattr(world.memory.settings, "settings", broken)
    assert "3 of 3 venues" in (await world.say("/heatmap BTC")).text()
    assert (await world.say("/settings")).kind == "problem"
