"""Many ask, one works."""

import asyncio

import pytest

from bot.desk.shared import Shared


async def test_five_hundred_askers_cause_one_piece_of_work() -> None:
    shared: Shared[str, int] = Shared()
    runs = 0

    async def work() -> int:
        nonlocal runs
        runs += 1
        await asyncio.sleep(0.01)
        return 7

    answers = await asyncio.gather(*(shared.get("btc", work) for _ in range(500)))
    assert answers == [7] * 500
    assert runs == 1


async def test_a_result_is_kept_until_newer_ones_push_it_out() -> None:
    shared: Shared[int, int] = Shared(keep=2)
    runs = []

    async def work(key: int) -> int:
        runs.append(key)
        return key

    for key in (1, 2, 1, 3, 1, 2):
        assert await shared.get(key, lambda key=key: work(key)) == key  # type: ignore[misc]
    assert runs == [1, 2, 3, 2]


async def test_a_failure_reaches_all_who_waited_and_is_not_kept() -> None:
    shared: Shared[str, int] = Shared(keep=2)
    broken = True

    async def work() -> int:
        await asyncio.sleep(0)
        if broken:
            raise ValueError("broken")
        return 1

    results = await asyncio.gather(
        shared.get("a", work), shared.get("a", work), return_exceptions=True
    )
    assert [str(result) for result in results] == ["broken", "broken"]
    broken = False
    assert await shared.get("a", work) == 1


async def test_an_asker_who_leaves_does_not_stop_the_work_of_the_others() -> None:
    shared: Shared[str, str] = Shared()
    go = asyncio.Event()

    async def work() -> str:
        await go.wait()
        return "done"

    first = asyncio.create_task(shared.get("a", work))
    second = asyncio.create_task(shared.get("a", work))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await second == "done"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_closing_stops_what_is_under_way() -> None:
    shared: Shared[str, str] = Shared()
    stopped = asyncio.Event()

    async def work() -> str:
        try:
            await asyncio.sleep(60)
        finally:
            stopped.set()
        return "late"

    asking = asyncio.create_task(shared.get("a", work))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await shared.close()
    assert stopped.is_set()
    with pytest.raises(asyncio.CancelledError):
        await asking
