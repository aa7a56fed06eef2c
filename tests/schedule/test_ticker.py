"""One tick for everything that is done again and again."""

import asyncio
import logging
from collections.abc import Callable

import pytest

from bot.schedule.ticker import Ticker


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - a test may poll
            await asyncio.sleep(0.005)


async def test_works_are_done_again_and_again_until_it_is_closed() -> None:
    done: list[str] = []
    ticker = Ticker(0.02)
    ticker.add("a", lambda: _noted(done, "a"))
    ticker.add("seldom", lambda: _noted(done, "seldom"), every=60)
    ticker.start()
    await until(lambda: done.count("a") >= 4)
    await ticker.close()
    count = len(done)
    await asyncio.sleep(0.08)
    assert len(done) == count
    assert done.count("seldom") == 1


async def test_who_is_still_at_it_is_not_called_twice_and_holds_up_nobody() -> None:
    begun: list[str] = []
    never = asyncio.Event()

    async def slow() -> None:
        begun.append("slow")
        await never.wait()

    before = asyncio.all_tasks()
    ticker = Ticker(0.02)
    ticker.add("slow", slow)
    ticker.add("quick", lambda: _noted(begun, "quick"))
    ticker.start()
    await until(lambda: begun.count("quick") >= 4)
    assert begun.count("slow") == 1
    await ticker.close()
    assert asyncio.all_tasks() == before


async def test_what_goes_wrong_is_noted_and_done_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tried: list[int] = []

    async def wrong() -> None:
        tried.append(1)
        raise ValueError("no luck")

    ticker = Ticker(0.02)
    ticker.add("wrong", wrong)
    ticker.start()
    with caplog.at_level(logging.ERROR):
        await until(lambda: len(tried) >= 3)
    await ticker.close()
    assert "a tick went wrong" in caplog.text


async def test_one_that_was_never_started_can_be_closed() -> None:
    await Ticker().close()


async def _noted(done: list[str], what: str) -> None:
    done.append(what)
