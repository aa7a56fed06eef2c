"""Whatever goes wrong at whichever door: no token, password or secret address is ever told.

Every server here repeats what it was sent, address, headers and body, in its refusals.
"""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.support.ports import free_port

SECRETS = {
    "TELEGRAM_TOKEN": "123456789:AAcanaryCANARYcanaryCANARYcanary00",
    "TELEGRAM_WEBHOOK_SECRET": "canary-webhook-secret-1",
    "DISCORD_TOKEN": "MTIzNDU2Nzg5MDEyMzQ1Njc4.GcAnAr.canaryCANARYcanaryCANARYcanaryCAN",
    "EXPLAIN_LLM_KEY": "canary-language-model-key-2",
    "HEARTBEAT": "canary-heartbeat-path-3",
    "PASSWORD": "canary-database-password-4",
}
ME = {"id": 123456789, "is_bot": True, "first_name": "Ember", "username": "ember_bot"}
_DOORS = {"bot", "api", "v1"}  # Telegram's, Discord's and the language model's
_WELL = {"getMe": ME, "setWebhook": True, "deleteWebhook": True, "setMyCommands": True}


class Spiteful:
    """Answers for Telegram, Discord, a language model and a watchman; badly, and repeating all."""

    def __init__(self, *, first: int = 0) -> None:
        """The first so many requests of Telegram are refused even where it would be well."""
        self.origin = ""
        self.said: list[tuple[str, bytes]] = []  # method and body of what Telegram was told
        self.doors: set[str] = set()
        self.first = first

    def sent(self) -> int:
        """Count what the bot tried to say."""
        return sum(method.startswith("send") for method, _ in self.said)

    async def handle(self, request: web.Request) -> web.Response:
        body = await request.read()
        door = request.path.split("/")[1][:3]
        self.doors.add(door)
        echo = f"{request.url} {dict(request.headers)} {body[:400]!r}"
        if door == "bot":
            return self._telegram(request.path.rpartition("/")[2], body, echo)
        if door == "api" and request.path.endswith("/users/@me"):
            return web.json_response({"message": f"401: {echo}", "code": 0}, status=401)
        return web.Response(status=500, text=f"<html>{echo}</html>")

    def _telegram(self, method: str, body: bytes, echo: str) -> web.Response:
        self.first -= 1
        if self.first < 0 and method in _WELL:
            return web.json_response({"ok": True, "result": _WELL[method]})
        self.said.append((method, body))
        refused = {"ok": False, "error_code": 400, "description": f"Bad Request: {echo}"}
        kinds = [
            web.json_response(refused, status=400),
            web.Response(status=502, text=f"<html>{echo}</html>"),
            web.json_response(refused | {"error_code": 403}, status=403),
        ]
        return kinds[len(self.said) % 3]


@pytest.fixture
async def spiteful() -> AsyncIterator[Spiteful]:
    server = Spiteful()
    application = web.Application(client_max_size=10**8)
    application.router.add_route("*", "/{tail:.*}", server.handle)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    server.origin = f"http://127.0.0.1:{port}"
    yield server
    await runner.cleanup()


def environment(folder: Path, spiteful: Spiteful, **more: str) -> dict[str, str]:
    """Return settings that plant every secret and lead each door to the spiteful server."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    base = spiteful.origin
    return {
        **kept,
        **{name: secret for name, secret in SECRETS.items() if "_" in name},
        "TELEGRAM_API_BASE": base,
        "DISCORD_API_BASE": f"{base}/api/v10",
        "DISCORD_GATEWAY_URL": base.replace("http", "ws") + "/gateway",
        "EXPLAIN_LLM_URL": f"{base}/v1",
        "EXPLAIN_LLM_MODEL": "any",
        "HEARTBEAT_URL": f"{base}/ping/{SECRETS['HEARTBEAT']}",
        "DATABASE_URL": f"sqlite:///{folder / 'ember.sqlite3'}",
        "ALIVE_FILE": str(folder / "alive"),
        "HISTORY_DAYS": "2",
        "LOG_LEVEL": "DEBUG",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        **more,
    }


async def emberline(folder: Path, env: dict[str, str], *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=folder,
        env=env,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


def check(told: str | bytes, where: str) -> None:
    """See to it that none of the secrets is told."""
    text = told.decode("utf-8", "replace") if isinstance(told, bytes) else told
    for name, secret in SECRETS.items():
        at = text.find(secret)
        assert at < 0, f"{name} in {where}: …{text[max(0, at - 300) : at + 60]}"


async def got(session: aiohttp.ClientSession, url: str) -> str:
    for _ in range(200):
        try:
            async with session.get(url) as answer:
                return await answer.text()
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.1)
    raise AssertionError(f"nothing listens at {url}")


def typed(number: int, text: str) -> dict[str, object]:
    person = {"id": 77, "is_bot": False, "first_name": "Ann"}
    chat = {"id": 77, "type": "private", "first_name": "Ann"}
    entity = {"type": "bot_command", "offset": 0, "length": len(text.split(maxsplit=1)[0])}
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_764_547_200,
            "chat": chat,
            "from": person,
            "text": text,
            "entities": [entity],
        },
    }


@pytest.mark.parametrize("form", ["console", "json"])
async def test_a_bot_at_spiteful_doors_tells_nothing(
    tmp_path: Path, spiteful: Spiteful, form: str
) -> None:
    hook, metrics = free_port(), free_port()
    env = environment(
        tmp_path,
        spiteful,
        LOG_FORMAT=form,
        TELEGRAM_WEBHOOK_URL=f"http://127.0.0.1:{hook}/hook",
        TELEGRAM_WEBHOOK_LISTEN=f"127.0.0.1:{hook}",
        METRICS_LISTEN=f"127.0.0.1:{metrics}",
    )
    process = await emberline(tmp_path, env, "run", "--source", "sim:3")
    assert process.stdout is not None
    reading = asyncio.create_task(process.stdout.read())
    try:
        async with aiohttp.ClientSession() as session, asyncio.timeout(90):
            figures = f"http://127.0.0.1:{metrics}"
            await got(session, f"{figures}/healthz")
            await got(session, f"http://127.0.0.1:{hook}/hook")
            for secret in ("wrong", "", SECRETS["TELEGRAM_WEBHOOK_SECRET"]):
                header = {"X-Telegram-Bot-Api-Secret-Token": secret}
                address = f"http://127.0.0.1:{hook}/hook"
                for number, text in enumerate(("/status", "/explain BTC", "/heatmap BTC", "/x"), 1):
                    async with session.post(
                        address, json=typed(number, text), headers=header
                    ) as answer:
                        check(await answer.text(), "the webhook's answer")
                async with session.post(address, data=b"{", headers=header) as answer:
                    check(await answer.text(), "the webhook's answer")
            while spiteful.sent() < 8 or not spiteful.doors >= _DOORS:  # noqa: ASYNC110 - it may poll
                await asyncio.sleep(0.1)
            for path in ("metrics", "healthz", "readyz"):
                check(await got(session, f"{figures}/{path}"), path)
    finally:
        process.terminate()
        said = await reading
        await process.wait()
    check(said, "what the process said")
    assert b"answer" in said  # it did say something of its troubles
    for method, body in spiteful.said:
        if method != "setWebhook":
            check(body, f"what is sent by {method}")
    assert spiteful.doors >= _DOORS


async def test_the_doctor_tells_what_is_wrong_and_no_secret(
    tmp_path: Path, spiteful: Spiteful
) -> None:
    spiteful.first = 50
    env = environment(tmp_path, spiteful)
    process = await emberline(tmp_path, env, "doctor", "--source", "sim:3")
    try:
        async with asyncio.timeout(90):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    check(said, "what the doctor says")
    assert b"DISCORD_TOKEN" in said
    assert process.returncode == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DATABASE_URL", "postgresql://ember:{PASSWORD}@127.0.0.1:{port}/ember"),
        ("DATABASE_URL", "mysql://ember:{PASSWORD}@127.0.0.1/ember"),
        ("DATABASE_URL", "postgresql://ember:{PASSWORD}@[::1/ember"),
        ("HEARTBEAT_URL", "ftp://x/{HEARTBEAT}"),
        ("HEARTBEAT_URL", "http://[{HEARTBEAT}"),
        ("TELEGRAM_TOKEN", "{TELEGRAM_TOKEN} {TELEGRAM_TOKEN}"),
        ("TELEGRAM_WEBHOOK_SECRET", "{TELEGRAM_WEBHOOK_SECRET} with spaces"),
    ],
)
async def test_a_setting_that_cannot_be_used_is_named_without_its_value(
    tmp_path: Path, spiteful: Spiteful, variable: str, value: str
) -> None:
    written = value.format(**SECRETS, port=free_port())
    env = environment(tmp_path, spiteful, TELEGRAM_WEBHOOK_URL="http://127.0.0.1:1/hook")
    process = await emberline(tmp_path, env | {variable: written}, "run", "--source", "sim:3")
    try:
        async with asyncio.timeout(90):
            said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    check(said, "what is said of a setting")
    assert process.returncode != 0
    assert said.strip()


def test_what_is_planted_would_be_found() -> None:
    for secret in SECRETS.values():
        with pytest.raises(AssertionError):
            check(json.dumps({"why": f"at {secret}"}), "here")
