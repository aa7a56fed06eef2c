"""A running bot tells its operator how it is."""

from pathlib import Path

import aiohttp
from pydantic import SecretStr

from bot.desk.requests import Asker
from bot.settings import Settings
from bot.wiring import house
from bot.wiring_operating import operating
from tests.support.listening import until
from tests.support.ports import free_port


async def got(port: int, path: str) -> tuple[int, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}{path}") as answer,
    ):
        return answer.status, await answer.text()


async def test_a_house_is_ready_once_its_chats_are_and_counts_what_it_answers(
    tmp_path: Path,
) -> None:
    port = free_port()
    settings = Settings(
        _env_file=None,
        history_days=2,
        database_url=SecretStr(f"sqlite:///{tmp_path / 'ember.sqlite3'}"),
        metrics_listen=f"127.0.0.1:{port}",
    )
    async with (
        house(settings, "sim:3", watch=True) as standing,
        operating(standing, ["telegram"]),
    ):
        status, said = await got(port, "/readyz")
        assert status == 503
        assert "telegram: not started" in said
        standing.running.parts["telegram"] = "started"
        assert standing.watching is not None
        standing.watching.start()
        await until(lambda: standing.running.watching() is not None)
        status, said = await got(port, "/readyz")
        assert status == 200, said
        reply = await standing.listener.answer("status", Asker("telegram:7", "telegram:7"))
        assert reply.kind == "answer"
        _, figures = await got(port, "/metrics")
        assert 'emberline_answers_total{command="status",kind="answer"} 1.0' in figures
        assert 'emberline_chat_up{chat="telegram"} 1.0' in figures
        assert 'emberline_count{what="watches"} 0.0' in figures
        assert "telegram:7" not in figures


async def test_without_a_setting_nothing_listens(tmp_path: Path) -> None:
    settings = Settings(
        _env_file=None,
        history_days=2,
        database_url=SecretStr(f"sqlite:///{tmp_path / 'ember.sqlite3'}"),
    )
    async with house(settings, "sim:3") as standing, operating(standing, []):
        assert standing.listener.told is None
