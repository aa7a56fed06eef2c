"""Who comes for the first time: hello, help by example, a group that is set up."""

import pytest

from bot.chats.words import understood
from bot.core.errors import UnknownWord
from bot.desk.commands import COMMANDS
from bot.desk.help import help_reply, start_reply
from bot.desk.requests import HeatmapRequest, WatchRequest


def test_help_shows_what_one_would_type_for_each_command() -> None:
    reply = help_reply()
    shown = [line.partition(" – ")[0] for line in reply.lines[: len(COMMANDS)]]

    assert [each.split()[0] for each in shown] == [f"/{command.name}" for command in COMMANDS]
    assert "/heatmap BTC" in shown
    assert "/whatif BTC -4%" in shown
    for each in shown:
        if " " in each:
            assert understood(each)


@pytest.mark.parametrize("name", [command.name for command in COMMANDS])
def test_each_command_is_explained_by_examples_that_can_be_tried(name: str) -> None:
    reply = help_reply(name)

    for row in reply.buttons:
        for button in row:
            assert button.fresh
            assert f"/{button.words}" in "\n".join(reply.lines)
            assert understood(button.words)


@pytest.mark.parametrize("name", ["mute", "test", "watch", "watches", "journal", "forget"])
def test_what_changes_something_is_not_tried_by_a_tap_on_its_example(name: str) -> None:
    assert help_reply(name).buttons == ()


def test_help_of_what_is_no_command_names_those_that_are() -> None:
    with pytest.raises(UnknownWord, match="heatmap, map, liqs"):
        help_reply("nonsense")


@pytest.mark.parametrize("shared", [False, True])
def test_hello_offers_the_first_heatmap_and_the_first_watch(*, shared: bool) -> None:
    ((heatmap, watch),) = start_reply(shared=shared).buttons

    assert isinstance(understood(heatmap.words), HeatmapRequest)
    assert understood(watch.words) == WatchRequest("BTC")


def test_a_group_is_told_how_its_moderator_sets_it_up() -> None:
    said = start_reply(shared=True).text()

    for word in ("Moderators", "/test", "/mute 8h", "/watches"):
        assert word in said
