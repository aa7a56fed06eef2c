"""Follow-ups: said at their time in the same thread, once, also by the process that comes next."""

from dataclasses import dataclass, field

from bot.core.errors import NotEnoughData
from bot.messages import Chat, FollowUp
from bot.reply import Reply
from storage.memory import Memory
from tests.support.delivery import SetClock, alert, judged, sending
from tests.support.strict_telegram import StrictTelegram

MINUTE, HOUR = 60_000, 3_600_000


@dataclass
class Historian:
    """Knows what came of an episode, once it has been given time."""

    asked: list[FollowUp] = field(default_factory=list)
    not_yet: int = 0

    async def follow_up(self, due: FollowUp) -> Reply | None:
        self.asked.append(due)
        if self.not_yet > 0:
            self.not_yet -= 1
            raise NotEnoughData("the minute is not over")
        return Reply(f"after {due.after // MINUTE} m")


async def test_each_follow_up_answers_the_alert_in_its_topic(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    clock, historian = SetClock(), Historian(not_yet=1)
    began = clock.now()
    made = alert("e", "telegram:-100/7", "telegram:77", began=began)
    async with sending(memory.outbox, post, clock=clock, follow_ups=historian) as outbox:
        await outbox.put(judged(made))
        await telegram.shown(1, -100)
        for number, after in enumerate((15 * MINUTE, HOUR, 4 * HOUR, 24 * HOUR), 2):
            clock.set_by = after + 1
            shown = await telegram.shown(number, 77)
            assert shown[-1].text == f"after {after // MINUTE} m"
            assert shown[-1].reply_to == shown[0].number
        group = await telegram.shown(2, -100)
    # Groups are told at their own pace: of what follows, so much has come by now, in order.
    said = [each.text.split("\n")[0] for each in group]
    assert said == ["e", "after 15 m", "after 60 m", "after 240 m", "after 1440 m"][: len(said)]
    assert group[1].thread == 7
    assert group[1].reply_to == group[0].number
    assert len(historian.asked) == 5  # one was not ready at first


async def test_a_process_that_comes_later_says_what_is_due_once(
    telegram: StrictTelegram, memory: Memory, post: Chat
) -> None:
    clock, historian = SetClock(), Historian()
    async with sending(memory.outbox, post, clock=clock) as outbox:
        await outbox.put(judged(alert("e", "telegram:77", began=clock.now())))
        await telegram.shown(1)
    clock.set_by = 2 * HOUR  # it was down meanwhile
    for _ in range(2):
        async with sending(memory.outbox, post, clock=clock, follow_ups=historian):
            shown = await telegram.shown(2)
    assert [each.text.split("\n")[0] for each in shown] == ["e", "after 60 m"]
    assert len(telegram.in_chat()) == 2
