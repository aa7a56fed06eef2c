"""The line fails while a question is answered; nobody is told anything twice, or nothing."""

import asyncio
from typing import Any

import pytest

from bot.chats.discord import DiscordChat
from bot.reply import Reply
from tests.support.discord_desk import SmallDesk, png
from tests.support.discord_server import DiscordServer
from tests.support.discord_world import (
    CALLBACK,
    ORIGINAL,
    Person,
    answer,
    answered,
    follow_ups,
    in_server,
    picture,
    shown,
    words_of,
)


async def test_discord_hears_at_once_that_an_answer_will_follow(
    server: DiscordServer, desk: SmallDesk, trader: Person
) -> None:
    desk.gate.clear()
    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: asked.responded)
    assert asked.loading

    desk.gate.set()
    await server.until(lambda: answered(asked))
    assert picture(server.world, answer(server.world, asked)) == png("heatmap BTC")


async def test_suggestions_come_in_time_or_not_at_all(
    monkeypatch: pytest.MonkeyPatch, server: DiscordServer, desk: SmallDesk, trader: Person
) -> None:
    monkeypatch.setattr("bot.chats.discord.commands.SUGGEST_WITHIN", 0.05)
    desk.gate.clear()

    typed = trader.types("heatmap", "symbol", "b")
    await server.until(lambda: typed.autocomplete_choices is not None)

    assert typed.autocomplete_choices == []


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
async def test_a_reset_line_delays_the_picture_and_does_not_double_it(
    server: DiscordServer, trader: Person, *, after: bool
) -> None:
    server.fail("PATCH", ORIGINAL, times=2, after=after)

    assert await shown(server, trader) == png("heatmap BTC")
    await server.until(lambda: len(server.sent("PATCH", ORIGINAL)) == 3)
    assert len(server.world.messages[trader.channel]) == 1


async def test_a_silent_server_does_not_hold_an_answer_for_ever(
    server: DiscordServer, trader: Person
) -> None:
    server.fail("PATCH", ORIGINAL, silent=30.0)

    assert await shown(server, trader) == png("heatmap BTC")


@pytest.mark.parametrize("headers", [{"Retry-After": "0.05"}, {"Retry-After": "soon"}, {}])
async def test_a_429_that_names_no_proxy_is_waited_for_like_any_other(
    monkeypatch: pytest.MonkeyPatch,
    server: DiscordServer,
    trader: Person,
    headers: dict[str, str],
) -> None:
    monkeypatch.setattr("bot.chats.discord.send.UNSAID_WAIT", 0.05)
    server.fail("PATCH", ORIGINAL, status=429, headers=headers)

    assert await shown(server, trader) == png("heatmap BTC")


async def test_a_ban_for_an_hour_is_not_waited_for(
    logs: list[Any], server: DiscordServer, trader: Person
) -> None:
    server.fail(
        "PATCH", ORIGINAL, status=429, headers={"Retry-After": "3600"}, body="<html>banned</html>"
    )

    trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: len(server.sent("PATCH", ORIGINAL)) == 1)
    await asyncio.sleep(0.2)

    assert len(server.sent("PATCH", ORIGINAL)) == 1
    assert any(each["event"] == "reply not delivered" for each in logs)


async def test_an_answer_cut_short_is_asked_for_again(
    server: DiscordServer, trader: Person
) -> None:
    server.fail("PATCH", ORIGINAL, status=200, body='{"id": "12', after=True)

    assert await shown(server, trader) == png("heatmap BTC")
    await server.until(lambda: len(server.sent("PATCH", ORIGINAL)) == 2)


async def test_an_html_page_instead_of_an_answer_harms_nothing(
    server: DiscordServer, trader: Person
) -> None:
    server.fail("PATCH", ORIGINAL, status=200, body="<html>welcome</html>")

    assert await shown(server, trader) == png("heatmap BTC")


async def test_a_follow_up_that_may_have_arrived_is_not_sent_again(
    logs: list[Any], server: DiscordServer, desk: SmallDesk, trader: Person
) -> None:
    desk.next_reply = Reply("Yours", private=True)
    server.fail("POST", "/webhooks/*", after=True)

    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: bool(asked.followup_ids))
    await asyncio.sleep(0.2)

    assert len(follow_ups(server.world, asked)) == 1
    assert any(each["event"] == "reply not delivered" for each in logs)


async def test_an_acknowledgement_whose_answer_was_lost_still_counts(
    server: DiscordServer, trader: Person
) -> None:
    server.fail("POST", CALLBACK, after=True)

    assert await shown(server, trader) == png("heatmap BTC")


async def test_an_acknowledgement_that_was_lost_is_given_again(
    server: DiscordServer, trader: Person
) -> None:
    server.fail("POST", CALLBACK)

    assert await shown(server, trader) == png("heatmap BTC")


async def test_a_question_three_seconds_old_is_let_go_quietly(
    logs: list[Any], server: DiscordServer, desk: SmallDesk, trader: Person
) -> None:
    server.fail("POST", CALLBACK, meanwhile=lambda: server.world.advance_clock(4))

    logs.clear()

    trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: len(server.sent("POST", CALLBACK)) == 1)
    await asyncio.sleep(0.1)

    assert desk.asked == []
    assert [each["log_level"] for each in logs] == ["info"]


async def test_what_somebody_else_has_acknowledged_is_left_to_them(
    server: DiscordServer, desk: SmallDesk, trader: Person
) -> None:
    """Two instances with one token hear every question both."""
    server.fail("POST", CALLBACK, status=400, body='{"code": 40060, "message": "acknowledged"}')

    trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: len(server.sent("POST", CALLBACK)) == 1)
    await asyncio.sleep(0.1)

    assert desk.asked == []


async def test_an_answer_that_nobody_waits_for_any_more_is_dropped_quietly(
    logs: list[Any], server: DiscordServer, desk: SmallDesk, trader: Person
) -> None:
    desk.gate.clear()
    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: asked.responded)

    server.world.advance_clock(16 * 60)
    desk.gate.set()
    await server.until(lambda: len(server.sent("PATCH", ORIGINAL)) == 1)
    await asyncio.sleep(0.1)

    assert all(each["log_level"] == "info" for each in logs)


async def test_a_press_with_a_forged_id_reaches_nobody(
    server: DiscordServer, desk: SmallDesk, trader: Person
) -> None:
    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked))
    message = answer(server.world, asked)

    for forged in ("", "ember:", "ember:00=:", "ember:99=:forget everything", "x" * 100):
        trader.press_id(message, forged)
    await asyncio.sleep(0.1)

    assert [words for words, _ in desk.asked] == ["heatmap BTC"]


async def test_an_app_of_ones_own_answers_in_a_server_that_never_heard_of_it(
    server: DiscordServer, chat: DiscordChat
) -> None:
    del chat
    eve = in_server(server.world, "eve", installed=True)

    assert await shown(server, eve) == png("heatmap BTC")


async def test_a_reply_that_discord_will_not_take_is_not_passed_over_in_silence(
    server: DiscordServer, trader: Person
) -> None:
    server.fail("PATCH", ORIGINAL, status=413, body='{"code": 40005, "message": "too large"}')

    asked = trader.slash("heatmap", symbol="BTC")
    await server.until(lambda: answered(asked))

    said = list(words_of(answer(server.world, asked)))
    assert "Discord did not take the answer. It has been noted." in said
