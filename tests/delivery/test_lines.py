"""Who goes first, how many at once, and what is written together."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.gate import Gate
from bot.delivery.gathered import Gathered
from bot.delivery.window import Window
from bot.messages import Urgency

NOW, SOON, LATER, ANSWER = Urgency.NOW, Urgency.SOON, Urgency.LATER, Urgency.ANSWER


class Time:
    """A clock that sleeping moves; sleepers wake in the order of their time."""

    def __init__(self) -> None:
        self.now = 0.0

    async def sleep(self, seconds: float) -> None:
        self.now += seconds


requests = st.tuples(st.sampled_from(Urgency), st.floats(0, 0.3), st.floats(0, 2))


@given(st.integers(1, 10), st.lists(requests, min_size=1, max_size=60))
def test_however_late_the_platform_counts_it_never_counts_too_many(
    count: int, made: list[tuple[Urgency, float, float]]
) -> None:
    """Each request: its urgency, how long its answer takes, and the pause after it."""
    time = Time()
    window = Window(count, 1.0, lambda: time.now, time.sleep)
    spans: list[tuple[float, float]] = []

    async def ask() -> None:
        for urgency, takes, pause in made:
            await window.take(urgency)
            start = time.now
            time.now += takes
            spans.append((start, time.now))
            window.give()
            time.now += pause

    asyncio.run(ask())
    for counted in (0, 1):  # at the start or at the end of each request
        at = [span[counted] for span in spans]
        assert max(sum(start <= each < start + 0.999 for each in at) for start in at) <= count


async def test_an_answer_goes_before_alerts_and_a_cascade_before_a_digest() -> None:
    window = Window(1, 0.05)
    order: list[Urgency] = []

    async def ask(urgency: Urgency) -> None:
        await window.take(urgency)
        order.append(urgency)
        window.give()

    await window.take(LATER)
    tasks = [asyncio.create_task(ask(each)) for each in (LATER, SOON, NOW, ANSWER)]
    await asyncio.sleep(0)
    window.give()
    await asyncio.gather(*tasks)
    assert order == [ANSWER, NOW, SOON, LATER]


async def test_whoever_gives_up_waiting_takes_no_place() -> None:
    window = Window(1, 0.01)
    await window.take(SOON)
    gone = asyncio.create_task(window.take(NOW))
    next_one = asyncio.create_task(window.take(SOON))
    await asyncio.sleep(0)
    gone.cancel()
    await asyncio.gather(gone, return_exceptions=True)
    window.give()
    await asyncio.wait_for(next_one, 60)


async def test_a_gate_lets_in_a_few_the_urgent_first_and_none_twice() -> None:
    gate = Gate(1)
    order: list[Urgency] = []

    async def enter(urgency: Urgency) -> None:
        await gate.enter(urgency)
        order.append(urgency)

    await gate.enter(SOON)
    tasks = [asyncio.create_task(enter(each)) for each in (LATER, NOW, SOON)]
    await asyncio.sleep(0)
    assert order == []
    tasks[1].cancel()
    await asyncio.sleep(0)
    gate.leave()
    await asyncio.sleep(0)
    assert order == [SOON]
    gate.leave()
    await asyncio.gather(tasks[0], tasks[2])
    assert order == [SOON, LATER]


async def test_room_given_to_one_who_has_just_left_goes_to_the_next() -> None:
    gate = Gate(1)
    await gate.enter(SOON)
    first = asyncio.create_task(gate.enter(SOON))
    second = asyncio.create_task(gate.enter(SOON))
    await asyncio.sleep(0)
    gate.leave()
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    await asyncio.wait_for(second, 60)


async def test_what_comes_in_while_one_is_written_is_written_together() -> None:
    written: list[Sequence[int]] = []

    async def write(items: Sequence[int]) -> Sequence[int]:
        written.append(items)
        await asyncio.sleep(0.01)
        return [10 * item for item in items]

    gathered = Gathered(write)
    results = await asyncio.gather(*(gathered.do(n) for n in range(5)))
    assert results == [0, 10, 20, 30, 40]
    more = asyncio.create_task(gathered.do(5))
    await asyncio.sleep(0)
    await asyncio.gather(more, gathered.do(6), gathered.do(7))
    assert [list(each) for each in written] == [[0, 1, 2, 3, 4], [5], [6, 7]]


async def test_what_cannot_be_written_is_told_to_everyone_who_waits() -> None:
    async def write(items: Sequence[int]) -> Sequence[int]:
        raise OSError(str(items))

    gathered = Gathered(write)
    tried = await asyncio.gather(*(gathered.do(n) for n in range(2)), return_exceptions=True)
    assert [type(each) for each in tried] == [OSError, OSError]
    with pytest.raises(OSError, match="2"):
        await gathered.do(2)
