"""What has been said a moment ago is not said again, and a press counts less than what is typed."""

import pytest

from bot.desk.requests import PRESSED
from bot.reply import Reply
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TelegramServer

pytestmark = pytest.mark.usefixtures("bot")


async def test_a_quiet_refusal_sends_nothing(telegram: TelegramServer, desk: SmallDesk) -> None:
    desk.replies["heatmap ETH"] = Reply("Please go on in 3 s.", kind="problem", quiet=True)
    await telegram.write("/heatmap ETH", 77)
    await telegram.write("/heatmap BTC", 77)
    (shown,) = await telegram.shown(1, 77)
    assert "BTC" in shown.text
    await telegram.until(lambda: len(desk.asked) == 2)
    assert len(telegram.in_chat(77)) == 1


async def test_a_press_is_told_from_what_is_typed(
    telegram: TelegramServer, desk: SmallDesk
) -> None:
    await telegram.write("/heatmap BTC", 77)
    (shown,) = await telegram.shown(1, 77)
    await telegram.press(shown, "7d")
    await telegram.until(lambda: len(desk.asked) == 2)
    assert [asker.effort for _, asker in desk.asked] == [1.0, PRESSED]
