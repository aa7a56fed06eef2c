"""Pictures are drawn a few at a time, people's first, and a full line is said so."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from bot.core.errors import Busy
from bot.desk.drawing import AHEAD, AT_ONCE, WAITING, Drawing
from bot.errands import Errand, Urgency, on


class Easel:
    """Work that lasts until it is let end, and remembers who was drawn when."""

    def __init__(self) -> None:
        self.drawn: list[str] = []
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._ends = threading.Event()

    def work(self, name: str) -> Callable[[], str]:
        def draw() -> str:
            with self._lock:
                self.drawn.append(name)
                self._now += 1
                self.most = max(self.most, self._now)
            assert self._ends.wait(5)
            with self._lock:
                self._now -= 1
            return name

        return draw

    def end(self) -> None:
        self._ends.set()


async def asked(room: Drawing, easel: Easel, *names: str) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(room.do(easel.work(name))) for name in names]
    await asyncio.sleep(0.01)
    return tasks


async def test_no_more_than_a_few_are_drawn_at_once_and_all_come_in_their_order() -> None:
    room, easel = Drawing(2, ahead=0), Easel()
    tasks = await asked(room, easel, *"abcdef")
    assert room.waiting == 4
    easel.end()
    assert await asyncio.gather(*tasks) == list("abcdef")
    assert easel.most == 2
    assert sorted(easel.drawn[:2]) == ["a", "b"]
    assert room.waiting == 0
    await room.close()


async def test_whoever_comes_to_a_full_line_is_told_so_at_once() -> None:
    room, easel = Drawing(), Easel()
    names = [str(at) for at in range(AT_ONCE + AHEAD + WAITING)]
    tasks = await asked(room, easel, *names)
    with pytest.raises(Busy, match="I am drawing for many people right now; ask again"):
        await room.do(easel.work("late"))
    easel.end()
    assert await asyncio.gather(*tasks) == names
    assert easel.most == AT_ONCE
    assert await room.do(easel.work("later")) == "later"  # there is room again
    await room.close()


async def test_people_s_pictures_come_before_those_nobody_waits_for() -> None:
    room, easel = Drawing(1, ahead=0), Easel()
    first = await asked(room, easel, "first")
    with on(Errand(Urgency.COLLECTING)):
        alert = await asked(room, easel, "alert")
    person = await asked(room, easel, "person")
    easel.end()
    await asyncio.gather(*first, *alert, *person)
    assert easel.drawn == ["first", "person", "alert"]
    await room.close()


async def test_in_a_full_line_an_alert_s_picture_gives_its_place_to_a_person_s() -> None:
    room, easel = Drawing(1, waiting=2, ahead=0), Easel()
    first = await asked(room, easel, "first")
    with on(Errand(Urgency.COLLECTING)):
        alerts = await asked(room, easel, "alert", "another")
    person = await asked(room, easel, "person")
    with pytest.raises(Busy):
        await alerts[1]
    with on(Errand(Urgency.COLLECTING)), pytest.raises(Busy):
        await room.do(easel.work("one more"))
    easel.end()
    await asyncio.gather(*first, alerts[0], *person)
    assert easel.drawn == ["first", "person", "alert"]
    await room.close()


async def test_who_goes_away_leaves_the_line_and_holds_nobody_up() -> None:
    room, easel = Drawing(1, ahead=0), Easel()
    tasks = await asked(room, easel, "a", "b", "c")
    tasks[1].cancel()
    await asyncio.sleep(0)
    easel.end()
    await asyncio.gather(tasks[0], tasks[2])
    assert easel.drawn == ["a", "c"]
    for name in "de":  # the place of one who left just as its turn came is not lost
        (task,) = await asked(room, easel, name)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert await room.do(easel.work("f")) == "f"
    await room.close()


async def test_a_picture_that_fails_gives_its_place_free() -> None:
    room = Drawing(1, ahead=0)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            await room.do(lambda: 1 // 0)
    assert await room.do(lambda: "drawn") == "drawn"
    await room.close()


async def test_at_the_end_nothing_is_left_waiting() -> None:
    room, easel = Drawing(1, ahead=0), Easel()
    tasks = await asked(room, easel, "a", "b", "c")
    easel.end()
    await room.close()
    done = await asyncio.gather(*tasks, return_exceptions=True)
    assert done[0] == "a"
    assert all(isinstance(one, asyncio.CancelledError) for one in done[1:])
