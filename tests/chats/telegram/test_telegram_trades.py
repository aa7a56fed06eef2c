"""A trade logged from an alert in a group is told to whoever pressed, and to nobody else."""

import pytest

from bot.reply import Button, Reply
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TelegramServer

GROUP, ANN, BOB = -100500, 91, 92
pytestmark = pytest.mark.usefixtures("bot")

WORDS = "journal log w12/BTC/3 long sweep"


async def test_pressing_log_trade_in_a_group_answers_in_private(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    log = Button("Log trade", WORDS, fresh=True)
    desk.replies["heatmap BTC"] = Reply("BTC: sweep up", buttons=((log,),))
    desk.replies[WORDS] = Reply("Logged t12 BTC long", ("Stop 59,000",), private=True)
    await telegram.write("/heatmap BTC", GROUP)
    (alert,) = await telegram.shown(1, GROUP)
    for person in (ANN, BOB):
        await telegram.press(alert, "Log trade", person=person)
        (told,) = await telegram.shown(1, person)
        assert "Logged t12 BTC long" in told.text
    assert telegram.in_chat(GROUP) == [alert]
    asked = [(asker.user, asker.chat) for words, asker in desk.asked if words == WORDS]
    assert asked == [
        (f"telegram:{ANN}", f"telegram:{GROUP}"),
        (f"telegram:{BOB}", f"telegram:{GROUP}"),
    ]


async def test_what_is_wrong_with_ones_own_trade_is_not_said_to_the_group(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    desk.replies["journal close t12"] = Reply(
        "t12 is closed already, at 61,000.", kind="problem", private=True
    )
    await telegram.write("/journal close t12", GROUP, person=ANN)
    (told,) = await telegram.shown(1, ANN)
    assert "t12 is closed already" in told.text
    assert telegram.in_chat(GROUP) == []
