"""What comes over the wire may be anything; hearing and speaking go on."""

import json
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update
from telegram.error import BadRequest, NetworkError, TelegramError, TimedOut

from bot.chats.telegram.wire import Line, PollingLine, may_pass, never_left, readable

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
names = st.sampled_from(
    ["update_id", "message", "callback_query", "chat", "from", "id", "type", "data", "entities"]
)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5)
)
updates = st.dictionaries(names, anything, max_size=5) | st.fixed_dictionaries(
    {"update_id": st.integers(), "message": anything}
)


@given(st.lists(updates | anything, max_size=4))
def test_of_any_batch_of_updates_each_is_read_or_skipped(batch: list[Any]) -> None:
    answer = PollingLine.parse_json_payload(json.dumps({"ok": True, "result": batch}).encode())

    numbers = [
        raw["update_id"]
        for raw in batch
        if isinstance(raw, dict) and isinstance(raw.get("update_id"), int)
    ]
    assert [update["update_id"] for update in answer["result"]] == numbers
    assert len(Update.de_list(answer["result"], None)) == len(numbers)


@given(st.binary() | anything.map(json.dumps).map(str.encode))
def test_any_answer_is_one_of_the_bot_api_or_a_foreseen_error(payload: bytes) -> None:
    for line in (Line, PollingLine):
        try:
            answer = line.parse_json_payload(payload)
        except TelegramError:
            continue
        assert isinstance(answer, dict)
        assert "result" in answer or not answer.get("ok")


def test_an_update_that_can_be_read_is_left_as_it_is() -> None:
    raw = {"update_id": 3, "my_poll": {"from": "a later Telegram"}}

    assert readable(raw) == raw
    assert readable({"update_id": 3, "message": {"chat": 1}}) == {"update_id": 3}
    assert readable(["update_id"]) is None


@pytest.mark.parametrize(
    ("cause", "left", "passes"),
    [
        (httpx.ConnectError("refused"), False, True),
        (httpx.ConnectTimeout("slow"), False, True),
        (httpx.PoolTimeout("busy"), False, True),
        (httpx.ReadTimeout("silent"), True, True),
        (httpx.WriteTimeout("thin"), True, True),
        (httpx.ReadError("reset"), True, True),
        (httpx.RemoteProtocolError("cut off"), True, True),
        (None, True, True),
    ],
)
def test_only_a_request_that_never_left_may_be_sent_again(
    cause: Exception | None,
    left: bool,  # noqa: FBT001 - a table
    passes: bool,  # noqa: FBT001 - a table
) -> None:
    error = TimedOut() if isinstance(cause, httpx.TimeoutException) else NetworkError("line")
    error.__cause__ = cause

    assert never_left(error) is not left
    assert may_pass(error) is passes


def test_a_refusal_does_not_pass_by_asking_again() -> None:
    assert not may_pass(BadRequest("message is not modified"))
    assert not never_left(BadRequest("chat not found"))
