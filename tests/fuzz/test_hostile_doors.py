"""Some of what `python -m tests.fuzz` sends to the doors of the chats, at each run of the tests."""

import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from bot.chats.hears import Desk
from bot.languages import known
from tests.fuzz.doors import LANGUAGES, at_discord, at_telegram
from tests.fuzz.runner import Told
from tests.fuzz.standing import standing

_COUNT = 200
Door = Callable[[Desk, int, random.Random], Awaitable[Told]]


@pytest.mark.parametrize("door", [at_discord, at_telegram])
async def test_no_forged_payload_brings_a_chat_to_fall_or_stays_without_an_answer(
    door: Door, tmp_path: Path
) -> None:
    rng = random.Random(11)  # noqa: S311 - the same at each run
    async with standing(tmp_path, rng) as house:
        told = await door(house.listener, _COUNT, rng)
    assert told.faults == {}
    assert told.count == _COUNT
    assert told.kinds["problem"] > _COUNT / 10  # refused in words


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_phone_s_language_is_one_that_is_spoken_or_none(code: str) -> None:
    assert known(code) in {"de", "en", None}
