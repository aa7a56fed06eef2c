"""`emberline doctor` on the machine itself: its clock, its fonts, and what a running bot says."""

import json
import os
import time
from email.utils import formatdate
from pathlib import Path

import pytest
from aiohttp import web

from bot.cli.doctor_machine import clock, fonts, running, told_apart
from bot.settings import Settings

NOW = 1_760_000_000.0


def settings(tmp_path: Path, base: str | None = None) -> Settings:
    return Settings(_env_file=None, alive_file=tmp_path / "alive", exchange_base=base)


@pytest.mark.parametrize(
    ("there", "well", "said"),
    [
        (NOW, True, "agrees to a second"),
        (NOW - 4, True, "4 s ahead"),
        (NOW + 61, False, "62 s behind: set it, by NTP for instance"),
    ],
)
def test_a_clock_that_is_off_is_found(there: float, *, well: bool, said: str) -> None:
    found = told_apart(formatdate(there, usegmt=True), NOW)
    assert (found.well, found.said) == (well, said)


def test_a_server_that_tells_no_time_proves_nothing() -> None:
    assert told_apart("yesterday", NOW).well is None


async def test_the_clock_is_compared_with_a_server_outside(tmp_path: Path) -> None:
    async def answer(_request: web.Request) -> web.Response:
        return web.Response(headers={"Date": formatdate(time.time() - 600, usegmt=True)})

    application = web.Application()
    application.router.add_get("/", answer)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    found = await clock(settings(tmp_path, base), "live")
    assert found.well is False
    assert "ahead" in found.said
    await runner.cleanup()
    assert (await clock(settings(tmp_path, base), "live")).well is None
    assert "not used" in (await clock(settings(tmp_path, base), "sim")).said


def test_fonts_are_tried() -> None:
    assert fonts().well


def test_what_the_running_bot_says_of_itself_is_told(tmp_path: Path) -> None:
    chosen = settings(tmp_path)
    assert running(chosen).well is None
    parts = {"chats": {"well": True, "said": "telegram started"}}
    chosen.alive_file.write_text(json.dumps(parts))
    found = running(chosen)
    assert found.well
    assert found.said.startswith("chats: telegram started (")
    parts["watching"] = {"well": False, "said": "tick 700 s ago"}
    chosen.alive_file.write_text(json.dumps(parts))
    found = running(chosen)
    assert found.well is False
    assert found.said.startswith("watching: tick 700 s ago (")
    old = time.time() - 3600
    os.utime(chosen.alive_file, (old, old))
    assert running(chosen).well is None


@pytest.mark.parametrize("body", ["", "[]", "null", '{"a": 1}', "\x00"])
def test_a_sign_of_life_that_says_nothing_is_one_all_the_same(tmp_path: Path, body: str) -> None:
    chosen = settings(tmp_path)
    chosen.alive_file.write_text(body)
    found = running(chosen)
    assert found.well
