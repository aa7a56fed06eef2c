"""A trade is one tap away from an alert: on the side that it speaks for, else on either."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from bot.chats.words import understood
from bot.core.journal.plan import side_of
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Kind
from bot.core.signals.weeks import by_weeks
from bot.core.simulation.simulate import simulate
from bot.core.watches.gate import Act
from bot.desk.journal_requests import LogRequest
from bot.reply import Button
from tests.desk.test_setups_desk import SOL, undisturbed
from tests.support.telling import Teller, later, teller

LONG, SHORT = PositionSide.LONG, PositionSide.SHORT


@pytest.fixture(scope="module")
def history() -> MarketHistory:
    return simulate("crash", 7, 12 * 288, instrument=SOL).history


@pytest_asyncio.fixture
async def desk(history: MarketHistory) -> AsyncIterator[Teller]:
    async with teller(history) as made:
        yield made


def logging(buttons: tuple[tuple[Button, ...], ...]) -> dict[str, object]:
    """Return what each button that logs is understood as, by its label."""
    every = [each for row in buttons for each in row if each.label.startswith("Log")]
    assert all(each.fresh for each in every)  # the alert stays as it is
    return {each.label: understood(each.words) for each in every}


async def test_an_alert_that_speaks_for_no_side_offers_both(desk: Teller) -> None:
    reply = await desk.words.episode(await desk.telling("SOL funding > 0.001%"))
    message = "w12/SOL/3"
    assert logging(reply.buttons) == {
        "Log long": LogRequest("SOL", "watch", LONG, message=message),
        "Log short": LogRequest("SOL", "watch", SHORT, message=message),
    }


async def test_an_alert_of_a_setup_offers_its_side(desk: Teller, history: MarketHistory) -> None:
    found = by_weeks(SOL.key, [history])
    assert found is not None
    magnet = undisturbed(found.told)
    desk.market.time = magnet.time
    reply = await desk.words.episode(await desk.telling("SOL magnet"))
    side = side_of(magnet)
    assert side is not None
    assert logging(reply.buttons) == {
        "Log trade": LogRequest("SOL", "magnet", side, message="w12/SOL/3")
    }


async def test_a_sweep_that_is_no_setup_yet_speaks_for_no_side(
    desk: Teller, history: MarketHistory
) -> None:
    found = by_weeks(SOL.key, [history])
    assert found is not None
    last = {(each.name, each.time): each for each in found.told if each.kind is Kind.SWEEP}
    swept = [each for each in last.values() if each.phase == "swept"][-1]
    desk.market.time = swept.time
    reply = await desk.words.episode(await desk.telling("SOL sweep"))
    assert list(logging(reply.buttons)) == ["Log long", "Log short"]


@pytest.mark.parametrize(("way", "side"), [("up", LONG), ("down", SHORT)])
async def test_a_cascade_speaks_for_its_way(desk: Teller, way: str, side: PositionSide) -> None:
    telling = await desk.telling("SOL funding > 0.001%")
    effect = replace(telling.effect, cascade=True, way=way)
    reply = await desk.words.episode(replace(telling, effect=effect))
    assert logging(reply.buttons) == {
        "Log trade": LogRequest("SOL", "cascade", side, message="w12/SOL/3")
    }


async def test_what_is_over_is_not_offered(desk: Teller) -> None:
    desk.market.time -= 3_600_000
    first = await desk.telling("SOL funding > 0.001%")
    desk.market.time += 1_800_000
    reply = await desk.words.episode(later(first, Act.CLOSE, 30, 175.0))
    assert not logging(reply.buttons)
