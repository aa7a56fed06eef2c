"""Whoever runs the bot is told how it is: figures, health, and a heartbeat that stops in time."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio
from aiohttp import web
from prometheus_client.parser import text_string_to_metric_families

from bot.core.errors import BadSetting, StoreUnavailable
from bot.operating.health import Health, State, fresh, started
from bot.operating.heartbeat import Heartbeat
from bot.operating.metrics import Metrics
from bot.operating.server import OperatingServer
from tests.support.listening import until

TOKEN = "123456:AAF-token-of-a-test-that-opens-nothing"


async def well() -> State:
    return State(well=True, said="as it should be")


async def ill() -> State:
    raise StoreUnavailable("the disk is full")


async def hangs() -> State:
    await asyncio.sleep(60)
    return await well()


async def breaks() -> State:
    raise RuntimeError(TOKEN)


def figures(metrics: Metrics) -> dict[tuple[str, str], float]:
    """Read what is told as Prometheus does: (name, labels) -> value."""
    return {
        (sample.name, ",".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(metrics.told().decode())
        for sample in family.samples
    }


async def got(server: OperatingServer, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{server.port}{path}") as answer,
    ):
        return answer.status, await answer.text()


@pytest_asyncio.fixture
async def server() -> AsyncIterator[OperatingServer]:
    made = OperatingServer(
        Metrics(["heatmap"]), Health({"database": ill, "data": well}), "127.0.0.1", 0
    )
    await made.start()
    yield made
    await made.close()


def test_answers_are_counted_by_command_and_what_people_typed_is_not_told() -> None:
    metrics = Metrics(["heatmap"])
    for words in ("/heatmap BTC", "heatmap@ember_bot eth", f"{TOKEN} hello", "", "HEATMAP"):
        metrics.answered(words, "answer", 0.04)
    told = figures(metrics)
    assert told["emberline_answers_total", "heatmap,answer"] == 3
    assert told["emberline_answers_total", "other,answer"] == 2
    assert told["emberline_answer_seconds_bucket", "heatmap,0.05"] == 3
    assert told["emberline_answer_seconds_bucket", "heatmap,0.02"] == 0
    assert TOKEN not in metrics.told().decode()
    assert told["process_resident_memory_bytes", ""] > 1e6


def test_one_figure_that_cannot_be_read_does_not_take_the_others_along() -> None:
    def broken() -> dict[str, float]:
        raise RuntimeError

    metrics = Metrics([])
    metrics.read(
        [
            ("emberline_broken", "Cannot be read.", "", broken),
            ("emberline_waiting", "Messages that wait.", "platform", lambda: {"telegram": 3.0}),
        ]
    )
    told = figures(metrics)
    assert told["emberline_waiting", "telegram"] == 3
    assert not any(name == "emberline_broken" for name, _ in told)


async def test_ready_says_what_is_not_well_and_that_it_is_not_ready(
    server: OperatingServer,
) -> None:
    status, said = await got(server, "/readyz")
    assert status == 503
    assert "the disk is full" in said
    assert "as it should be" in said
    assert await got(server, "/healthz") == (200, "alive\n")
    assert (await got(server, "/metrics"))[0] == 200
    assert (await got(server, "/"))[0] == 404


async def test_ready_is_said_when_all_is_well() -> None:
    made = OperatingServer(Metrics([]), Health({"data": well}), "127.0.0.1", 0)
    await made.start()
    assert (await got(made, "/readyz"))[0] == 200
    await made.close()


async def test_what_hangs_or_breaks_is_not_well_and_tells_no_secret() -> None:
    states = await Health({"slow": hangs, "broken": breaks, "good": well}, patience=0.05).states()
    assert [state.well for state in states.values()] == [False, False, True]
    assert states["slow"].said == "no answer within 0.05 s"
    assert TOKEN not in states["broken"].said


async def test_a_taken_address_is_named(server: OperatingServer) -> None:
    other = OperatingServer(Metrics([]), Health({}), "127.0.0.1", server.port)
    with pytest.raises(BadSetting, match=f"METRICS_LISTEN: 127.0.0.1:{server.port}"):
        await other.start()


async def test_what_is_old_is_not_well_and_what_is_not_there_yet_is() -> None:
    newest: list[int | None] = [None]
    look = fresh("tick", lambda: newest[0], lambda: 100_000, 60_000)
    assert (await look()).well
    newest[0] = 30_000
    assert (await look()) == State(well=False, said="tick 70 s ago")
    newest[0] = 40_000
    assert (await look()).well


async def test_a_chat_that_was_wanted_and_has_not_started_is_named() -> None:
    parts = {"telegram": "started", "discord": "its token is refused"}
    look = started(lambda: parts, ["telegram", "discord"])
    assert (await look()) == State(well=False, said="discord: its token is refused")
    parts["discord"] = "started"
    assert (await look()).well


async def test_the_heart_beats_while_all_is_well_and_no_longer() -> None:
    heard: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(request.path)
        return web.Response(status=200 if len(heard) > 1 else 500)

    application = web.Application()
    application.router.add_get("/{secret}", hear)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    good = [True]

    async def look() -> State:
        return State(well=good[0], said="")

    url = f"http://127.0.0.1:{runner.addresses[0][1]}/my-secret"
    heart = Heartbeat(url, Health({"all": look}), every=0.02)
    heart.start()
    await until(lambda: len(heard) >= 3)
    good[0] = False
    await asyncio.sleep(0.06)
    quiet = len(heard)
    await asyncio.sleep(0.1)
    assert len(heard) == quiet
    await runner.cleanup()  # nobody listens any more
    good[0] = True
    await asyncio.sleep(0.06)
    await heart.close()
