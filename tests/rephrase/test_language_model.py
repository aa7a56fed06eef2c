"""A language model is asked for other words, and nobody waits for one that is slow or broken."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from bot import languages
from bot.core.language import speaking
from bot.rephrase import LanguageModel

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SENTENCES = ("BTC at 97,412.", "Longs pay.")


@asynccontextmanager
async def served(handler: Handler) -> AsyncIterator[str]:
    """Serve chat completions on loopback; gives the address they are under."""
    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    (_, port) = runner.addresses[0][:2]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def model(
    url: str, key: str | None = None, limit: float = 2.0
) -> AsyncIterator[LanguageModel]:
    made = LanguageModel(url, "small", key, limit)
    try:
        yield made
    finally:
        await made.close()


def answer(content: object) -> web.Response:
    return web.json_response({"choices": [{"message": {"content": content}}]})


async def test_the_sentences_are_sent_with_the_task_and_the_key() -> None:
    seen: list[tuple[str, dict[str, object]]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.headers.get("Authorization", ""), json.loads(await request.text())))
        return answer("  Other\n words. ")

    async with served(handler) as url, model(url + "/", "secret") as asked:
        assert await asked.rephrase(SENTENCES) == "Other words."
    (key, body) = seen[0]
    assert key == "Bearer secret"
    assert body["model"] == "small"
    assert json.dumps(body["messages"]).count("BTC at 97,412. Longs pay.") == 1


@pytest.mark.parametrize(("language", "named"), [("en", "English"), ("de", "German")])
async def test_other_words_are_asked_for_in_the_language_of_who_asks(
    language: str, named: str
) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(json.loads(await request.text())["messages"][0]["content"])
        return answer("Other words.")

    async with served(handler) as url, model(url) as asked:
        with speaking(languages.tongue(language)):
            await asked.rephrase(SENTENCES)
    assert f"in plain, calm {named}" in seen[0]


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "[]",
        "{}",
        '{"choices": []}',
        '{"choices": [{"message": {"content": 5}}]}',
        "null",
    ],
)
async def test_garbage_is_no_answer(body: str) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(text=body, content_type="application/json")

    async with served(handler) as url, model(url) as asked:
        assert await asked.rephrase(SENTENCES) is None


@pytest.mark.parametrize("status", [302, 401, 429, 500])
async def test_an_error_is_no_answer_and_it_is_left_alone_for_a_while(status: int) -> None:
    times = 0

    async def handler(_: web.Request) -> web.Response:
        nonlocal times
        times += 1
        return web.Response(status=status, headers={"Location": "http://127.0.0.1:1/"})

    async with served(handler) as url, model(url) as asked:
        assert await asked.rephrase(SENTENCES) is None
        assert await asked.rephrase(SENTENCES) is None
    assert times == 1


async def test_nobody_waits_for_a_slow_one() -> None:
    async def handler(_: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return answer("too late")

    async with served(handler) as url, model(url, limit=0.2) as asked:
        began = time.monotonic()
        assert await asked.rephrase(SENTENCES) is None
        assert time.monotonic() - began < 2


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    async def handler(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(2000):
            await response.write(b"x" * 4096)
        return response

    async with served(handler) as url, model(url) as asked:
        assert await asked.rephrase(SENTENCES) is None


async def test_an_endpoint_that_is_not_there_is_no_answer() -> None:
    async with model("http://127.0.0.1:9") as asked:
        assert await asked.rephrase(SENTENCES) is None


async def test_the_sentences_are_not_sent_on_to_where_an_endpoint_points() -> None:
    async def good(_: web.Request) -> web.Response:
        return answer("Other words.")

    async with served(good) as elsewhere:

        async def handler(_: web.Request) -> web.Response:
            return web.Response(status=307, headers={"Location": f"{elsewhere}/chat/completions"})

        async with served(handler) as url, model(url) as asked:
            assert await asked.rephrase(SENTENCES) is None
        async with model(elsewhere) as asked:
            assert await asked.rephrase(SENTENCES) == "Other words."
