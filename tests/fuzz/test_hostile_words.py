"""Some of what `python -m tests.fuzz` sends, at each run of the tests."""

import logging
import random
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chats.harmless import seen, whole
from bot.desk.requests import Asker
from bot.reply import Button, Reply
from tests.fuzz.manners import faults
from tests.fuzz.runner import run
from tests.fuzz.standing import standing

if TYPE_CHECKING:
    from bot.chats.hears import Listener

_COUNT = 3_000


async def test_no_words_and_no_press_bring_a_house_to_fall(tmp_path: Path) -> None:
    rng = random.Random(7)  # noqa: S311 - the same words at each run
    async with standing(tmp_path, rng) as house:
        told = await run(house.listener, _COUNT, rng)
    assert told.faults == {}
    assert told.count == _COUNT
    assert told.kinds["problem"] > _COUNT / 3  # refused
    assert told.pictures > _COUNT / 100  # and some reach as far as a picture


class Bad:
    """Answers as no house should."""

    def __init__(self, reply: Reply | None) -> None:
        self.reply = reply

    async def answer(self, _words: str, _asker: Asker) -> Reply:
        if self.reply is None:
            raise KeyError("d7")
        logging.getLogger("bot").error("request failed")
        return self.reply


@pytest.mark.parametrize(
    ("reply", "fault"),
    [
        (None, "raised KeyError('d7')"),
        (Reply("Fine."), "noted: request failed"),
        (Reply("Something went wrong here, and it has been noted. Please ask again in a minute.",
               kind="problem"), "an apology for what was not foreseen"),
        (Reply("x" * 601 + ".", kind="problem"), "a refusal that is too long"),
        (Reply("KeyError 'd7'", kind="problem"), "a refusal that is no sentence"),
        (Reply("“\u202ecte”?", kind="problem"), "a refusal repeats signs that nobody sees"),
        (Reply(" "), "nothing is said"),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_found(reply: Reply | None, fault: str) -> None:
    listener = cast("Listener", Bad(reply))
    told = await run(listener, 20, random.Random(1))  # noqa: S311 - likewise
    assert len(told.faults[fault]) == 20


@given(st.text(st.characters(), max_size=700))
def test_whatever_is_repeated_pings_nobody_and_hides_nothing(text: str) -> None:
    button = Button("Again", whole(text)[:16])
    said = f"“{whole(text)[:500]}” is not understood here."
    reply = seen(Reply(said, (whole(text)[:20],), buttons=((button,),), kind="problem"))
    assert set(faults(reply)) <= {"a refusal that is no sentence"}  # its last line is any text
