"""A message that is kept current: asked for again, shown in place, and over in time."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import pytest

from bot.chats.live import ENDED, LiveCards
from bot.desk.requests import Asker
from bot.reply import Live, Reply

WHO = Asker("test:1", "test:2")


class Desk:
    """Counts how often it is asked; problems come back while `broken`."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.broken = False

    async def answer(self, words: str, asker: Asker) -> Reply:
        assert asker == WHO
        self.asked.append(words)
        if self.broken:
            return Reply("No venue answered.", kind="problem")
        live = Live(words, "liqs BTC") if words.endswith("live") else None
        return Reply(f"{words} {len(self.asked)}", ("a line",), live=live)

    async def suggest(self, typed: str) -> Sequence[str]:
        return (typed,)


@dataclass
class Message:
    """What a chat shows; `gone` when it was deleted."""

    shown: list[Reply] = field(default_factory=list)
    gone: bool = False

    async def show(self, reply: Reply) -> bool:
        if self.gone:
            return False
        self.shown.append(reply)
        return True


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - waits for what others do
            await asyncio.sleep(0.005)


def live(*, every: float = 0.02, lasts: float = 30.0) -> Live:
    return Live("liqs BTC live", "liqs BTC", every, lasts)


async def test_a_card_is_asked_for_again_and_says_when_it_has_ended() -> None:
    desk, message = Desk(), Message()
    cards = LiveCards(desk)
    cards.begin("chat", 1, live(lasts=0.09), WHO, message.show)
    await until(lambda: message.shown and message.shown[-1].lines[0] == ENDED)
    await cards.close(1)
    assert len(message.shown) >= 3
    assert set(desk.asked[:-1]) == {"liqs BTC live"}
    assert desk.asked[-1] == "liqs BTC"
    assert [reply.lines[0] for reply in message.shown].count(ENDED) == 1
    assert message.shown[-1].live is None


async def test_a_message_that_is_gone_is_let_go_without_a_word() -> None:
    desk, message = Desk(), Message()
    cards = LiveCards(desk)
    cards.begin("chat", 1, live(), WHO, message.show)
    await until(lambda: message.shown)
    message.gone = True
    await until(lambda: not cards._tasks)
    asked = len(desk.asked)
    await asyncio.sleep(0.06)
    assert len(desk.asked) == asked
    assert "liqs BTC" not in desk.asked


async def test_a_chat_has_one_card_and_the_older_one_says_that_it_has_ended() -> None:
    desk, old, new, other = Desk(), Message(), Message(), Message()
    cards = LiveCards(desk)
    cards.begin("chat", 1, live(), WHO, old.show)
    cards.begin("elsewhere", 1, live(), WHO, other.show)
    await until(lambda: old.shown and other.shown)
    cards.begin("chat", 2, live(), WHO, new.show)
    await until(lambda: old.shown[-1].lines[0] == ENDED and new.shown)
    count = len(old.shown)
    await until(lambda: len(new.shown) > 2 and len(other.shown) > 3)
    assert len(old.shown) == count
    await cards.close(1)


async def test_a_message_that_somebody_changes_is_left_alone() -> None:
    desk, message = Desk(), Message()
    cards = LiveCards(desk)
    cards.begin("chat", 1, live(), WHO, message.show)
    await until(lambda: message.shown)
    cards.touched("chat", 2)  # some other message
    count = len(message.shown)
    await until(lambda: len(message.shown) > count)
    cards.touched("chat", 1)
    count = len(message.shown)
    await asyncio.sleep(0.06)
    assert len(message.shown) == count
    assert all(reply.lines[0] != ENDED for reply in message.shown)
    await cards.close(1)


async def test_a_desk_that_fails_for_a_moment_is_asked_again_and_for_long_ends_the_card() -> None:
    desk, message = Desk(), Message()
    cards = LiveCards(desk)
    cards.begin("chat", 1, live(), WHO, message.show)
    await until(lambda: message.shown)
    desk.broken = True
    asked = len(desk.asked)
    await until(lambda: len(desk.asked) > asked)
    desk.broken = False
    count = len(message.shown)
    await until(lambda: len(message.shown) > count)
    desk.broken = True
    await until(lambda: message.shown[-1].lines[0] == ENDED)
    assert message.shown[-1].kind == "answer"  # the last good one stays
    await cards.close(1)


async def test_when_the_bot_stops_all_cards_say_so_in_time() -> None:
    desk, message = Desk(), Message()
    cards = LiveCards(desk)
    cards.begin("chat", 1, live(every=60), WHO, message.show)
    await asyncio.sleep(0)
    await cards.close(1)
    assert message.shown[-1].lines[0] == ENDED


async def test_a_chat_that_hangs_does_not_hold_up_the_end() -> None:
    desk = Desk()

    async def hangs(_reply: Reply) -> bool:
        await asyncio.sleep(600)
        return True

    cards = LiveCards(desk)
    cards.begin("chat", 1, live(), WHO, hangs)
    await until(lambda: desk.asked)
    async with asyncio.timeout(60):
        await cards.close(0.05)
    assert not cards._tasks


async def test_a_chat_that_breaks_ends_its_own_card_only() -> None:
    desk, other = Desk(), Message()

    async def breaks(_reply: Reply) -> bool:
        raise RuntimeError("unforeseen")

    cards = LiveCards(desk)
    cards.begin("chat", 1, live(), WHO, breaks)
    cards.begin("elsewhere", 1, live(), WHO, other.show)
    await until(lambda: len(other.shown) > 2)
    assert set(cards._cards) == {"elsewhere"}
    await cards.close(1)


class Coming(Desk):
    """Tells a little more each time it is asked, until all is told; waits for its gate."""

    def __init__(self, parts: int) -> None:
        super().__init__()
        self.parts = parts
        self.gate = asyncio.Event()
        self.gate.set()

    async def answer(self, words: str, asker: Asker) -> Reply:
        reply = await super().answer(words, asker)
        await self.gate.wait()
        told = min(len(self.asked), self.parts)
        coming = words if told < self.parts else ""
        return replace(reply, headline="BTC", lines=(f"part {told}",), coming=coming)


@pytest.mark.parametrize(("parts", "changes"), [(1, 1), (2, 2), (5, 2)])
async def test_a_message_is_completed_in_one_change_or_two(parts: int, changes: int) -> None:
    desk, message = Coming(parts), Message()
    cards = LiveCards(desk)
    cards.complete("chat", 1, "heatmap BTC whole", WHO, message.show)
    await until(lambda: len(message.shown) == changes)
    await asyncio.sleep(0.05)
    assert [reply.lines for reply in message.shown] == [(f"part {n + 1}",) for n in range(changes)]
    assert len(desk.asked) == changes
    await cards.close(1)


async def test_a_message_is_not_changed_to_the_same_or_to_a_problem() -> None:
    desk, message = Coming(2), Message()
    desk.broken = True
    cards = LiveCards(desk)
    cards.complete("chat", 1, "heatmap BTC whole", WHO, message.show)
    await until(lambda: desk.asked)
    await asyncio.sleep(0.02)
    assert message.shown == []
    await cards.close(1)


async def test_what_somebody_changes_to_something_else_is_not_completed() -> None:
    desk, message, other = Coming(1), Message(), Message()
    desk.gate.clear()
    cards = LiveCards(desk)
    cards.complete("chat", 1, "heatmap BTC whole", WHO, message.show)
    cards.complete("chat", 2, "heatmap ETH whole", WHO, other.show)
    await until(lambda: len(desk.asked) == 2)
    cards.touched("chat", 1)
    desk.gate.set()
    await until(lambda: other.shown)
    assert message.shown == []
    await cards.close(1)


async def test_closing_lets_go_of_what_is_still_on_its_way() -> None:
    desk, message = Coming(1), Message()
    desk.gate.clear()
    cards = LiveCards(desk)
    cards.complete("chat", 1, "heatmap BTC whole", WHO, message.show)
    await until(lambda: desk.asked)
    async with asyncio.timeout(60):
        await cards.close(600)
    desk.gate.set()
    await asyncio.sleep(0.02)
    assert message.shown == []
