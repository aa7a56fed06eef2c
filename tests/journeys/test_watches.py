"""A watch from its words to its mute, on each platform, through a kill: the whole product.

`emberline run` is a process of its own, over a simulated market that is cascading; the far end
enforces its platform's limits. The market runs an hour a minute, and from its beginning again at
each start.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.phones import Phone, Seen, discord_phone, telegram_phone
from tests.support.running import Running

# In its first hour SOL falls twice: 38 and 53 minutes after the start.
MARKET = "sim:12"
WORDS = "SOL price > 1 and clusters below > 10K within 20%"
SECOND_FALL = 58  # [s] after the start it is over
REPEAT = "Possible repeat"
PHONES = {"telegram": telegram_phone, "discord": discord_phone}


@pytest.fixture(params=PHONES)
async def phone(request: pytest.FixtureRequest) -> AsyncIterator[Phone]:
    async with PHONES[request.param]() as person:
        yield person


@pytest.fixture
async def bot(phone: Phone, tmp_path: Path) -> AsyncIterator[Running]:
    running = Running(tmp_path, MARKET, {**phone.settings, "HISTORY_DAYS": "3"})
    await running.start(phone.platform)
    yield running
    await running.stop()


def of_watch(watch: str, phone: Phone) -> list[Seen]:
    """Return the alerts and follow-ups of a watch: they end with its words."""
    return [each for each in phone.shows() if f"{watch}: SOL" in each.text]


def alerts(watch: str, phone: Phone) -> list[Seen]:
    return [each for each in of_watch(watch, phone) if each.answers is None]


@pytest.mark.timeout(300)
@pytest.mark.filterwarnings("ignore:unread_data:DeprecationWarning")  # aiohttp's own
async def test_what_is_watched_is_told_edited_followed_up_and_muted_through_a_kill(
    phone: Phone, bot: Running
) -> None:
    # Said in words, seen before it is saved; in a group only by who moderates it.
    await phone.connected(1)
    await phone.types("watch", WORDS)
    shown = await phone.sees(lambda seen: "Save" in seen.labels and seen.pictured, 90)
    assert "would have fired" in shown.text
    assert "Not saved yet" in shown.text
    assert "Only moderators" in await phone.refused("watch", WORDS)
    held = phone.hold("w1: SOL")
    await phone.presses(shown, "Save")
    await phone.sees(lambda seen: "Watching as w1" in seen.text)

    # The market is as the watch says. The alert is there, and the bot is killed before it knows.
    await asyncio.wait_for(held.wait(), 90)
    await bot.kill()
    (first,) = alerts("w1", phone)
    assert first.pictured
    assert {"Mute 1h", "Explain", "Chart"} <= {*first.labels}

    # Started again it tells at least once, and says where that may be twice.
    await bot.start(phone.platform)
    begun = time.monotonic()
    await phone.connected(2)
    await phone.types("watch", "now SOL cascade")
    await phone.sees(lambda seen: "Watching as w2" in seen.text)
    await phone.sees(lambda _: len(alerts("w1", phone)) > phone.repeats)
    told = alerts("w1", phone)
    assert [REPEAT in each.text for each in told] == [False, True][: 1 + phone.repeats]

    # It is one message that changes as the episode goes on.
    living = told[-1]
    await phone.sees(lambda seen: seen.number == living.number and seen.text != living.text)

    # The market squeezes its longs: told at once, and muted with a tap.
    fall = await phone.sees(lambda seen: "w2: SOL" in seen.text, 60)
    assert fall.pictured
    assert "cascade down" in fall.text
    await phone.presses(fall, "Mute 1h")

    # Followed up under the message itself, by the market's clock.
    for lapse in ("15 min", "1 h"):
        later = await phone.sees(lambda seen: f"After {lapse}" in seen.text, 80)  # noqa: B023
        assert later.answers == living.number
        assert "w1: SOL" in later.text
    # Of the fall that was muted nothing more was sent: neither what came of it nor the second one.
    assert time.monotonic() - begun > SECOND_FALL
    assert of_watch("w2", phone) == alerts("w2", phone)
    assert len(alerts("w2", phone)) == 1
    assert len(alerts("w1", phone)) == 1 + phone.repeats

    # All of it is shown.
    await phone.types("watches")
    listed = await phone.sees(lambda seen: "2 watches in this" in seen.text)
    assert "firing since" in listed.text
    assert "muted until" in listed.text
    assert phone.violations == 0
    assert await bot.stop() == 0
    assert "Traceback" not in bot.logs
