"""Updates that Telegram sends by itself: only Telegram is heard, and each update once."""

import json
import logging
import socket
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from typing import Any

import pytest
from aiohttp import ClientSession

from bot.chats.telegram import TelegramChat
from bot.core.errors import BadSetting, MissingSetting
from tests.support.telegram_desk import SmallDesk, png
from tests.support.telegram_server import TOKEN, TelegramServer

SECRET = "only-telegram-knows"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


Made = Callable[..., TelegramChat]


@pytest.fixture
def made(telegram: TelegramServer, desk: SmallDesk) -> Made:
    def make(port: int, secret: str | None = SECRET) -> TelegramChat:
        return TelegramChat(
            desk,
            TOKEN,
            api_base=telegram.origin,
            webhook_url=f"http://127.0.0.1:{port}/hook",
            webhook_secret=secret,
            webhook_port=port,
        )

    return make


@pytest.fixture
async def hook(made: Made) -> AsyncIterator[str]:
    """The address of a running bot's webhook."""
    port = free_port()
    chat = made(port)
    await chat.start()
    yield f"http://127.0.0.1:{port}/hook"
    await chat.stop()


def heatmap(number: int, chat: int = 77) -> dict[str, Any]:
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_764_000_000,
            "chat": {"id": chat, "type": "private"},
            "from": {"id": chat, "is_bot": False, "first_name": "Ada"},
            "text": "/heatmap BTC",
        },
    }


async def post(hook: str, body: object, secret: str | None = SECRET) -> int:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {} if secret is None else {HEADER: secret}
    async with ClientSession() as client, client.post(hook, data=data, headers=headers) as answer:
        assert await answer.read() == b""
        return answer.status


async def test_telegram_is_told_where_to_send_what_and_with_which_secret(
    hook: str, telegram: TelegramServer
) -> None:
    (call,) = telegram.of("setWebhook")

    assert call.fields["url"] == hook
    assert call.fields["secret_token"] == SECRET
    assert call.fields["allowed_updates"] == [
        "message",
        "channel_post",
        "callback_query",
        "inline_query",
        "my_chat_member",
    ]


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", SECRET[:-1], "\u00e9"])
async def test_whoever_does_not_know_the_secret_is_not_heard_and_not_logged(
    hook: str, desk: SmallDesk, caplog: pytest.LogCaptureFixture, secret: str | None
) -> None:
    caplog.set_level(logging.DEBUG)

    assert await post(hook, heatmap(1), secret) == 403
    assert desk.asked == []
    assert not secret or secret not in caplog.text


async def test_an_update_that_telegram_repeats_is_answered_once(
    hook: str, telegram: TelegramServer, desk: SmallDesk
) -> None:
    for number in (5, 5, 6, 5):
        assert await post(hook, heatmap(number, number)) == 200
    await telegram.shown(1, 6)
    await telegram.shown(1, 5)

    assert len(desk.asked) == 2
    assert telegram.in_chat(5)[0].photo == png("BTC-24h")


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'{"update_id":"1"}', b"\xff\xfe"])
async def test_what_is_no_update_is_refused(hook: str, body: bytes) -> None:
    assert await post(hook, body) == 400


async def test_an_update_that_makes_no_sense_is_accepted_so_that_it_does_not_come_back(
    hook: str, telegram: TelegramServer
) -> None:
    assert await post(hook, {"update_id": 8, "message": {"message_id": "?"}}) == 200
    assert await post(hook, heatmap(9)) == 200
    await telegram.shown(1)


async def test_a_body_larger_than_any_update_is_refused(hook: str) -> None:
    async with ClientSession() as client:
        large = BytesIO(b" " * 2**21)
        async with client.post(hook, data=large, headers={HEADER: SECRET}) as answer:
            assert answer.status == 413


async def test_other_paths_and_methods_are_nothing_here(hook: str) -> None:
    async with ClientSession() as client:
        async with client.get(hook) as answer:
            assert answer.status == 405
        async with client.post(f"{hook}/more", headers={HEADER: SECRET}) as answer:
            assert answer.status == 404


async def test_a_webhook_needs_a_secret(made: Made) -> None:
    with pytest.raises(MissingSetting, match="TELEGRAM_WEBHOOK_SECRET"):
        made(1, None)
    with pytest.raises(BadSetting, match="TELEGRAM_WEBHOOK_SECRET"):
        made(1, "with spaces")


async def test_an_address_in_use_is_a_sentence_that_names_the_setting(made: Made) -> None:
    with socket.create_server(("127.0.0.1", 0)) as used:
        chat = made(used.getsockname()[1])
        with pytest.raises(BadSetting, match="TELEGRAM_WEBHOOK_LISTEN"):
            await chat.start()
