"""Every request the bot makes is one of the Bot API, field by field, by its published schema."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.reply import Reply
from tests.support.telegram_desk import SmallDesk
from tests.support.telegram_server import TelegramServer
from tests.support.telegram_shapes import Call

pytestmark = [pytest.mark.shared, pytest.mark.usefixtures("bot")]


def _is_integer(value: object) -> bool:
    # A form field is text, whatever it says.
    return isinstance(value, int) or (
        isinstance(value, str) and value.removeprefix("-").isdecimal()
    )


_PLAIN: dict[str, Callable[[object], bool]] = {
    "String": lambda value: isinstance(value, str),
    "InputFile": lambda value: isinstance(value, bytes),
    "Integer": _is_integer,
    "Boolean": lambda value: value in (True, False, "true", "false"),
}


class Schema:
    """What the Bot API takes; `wrong` names the first thing that it would not."""

    def __init__(self, path: Path) -> None:
        raw = json.loads(path.read_text())
        self._methods: dict[str, Any] = raw["methods"]
        self._types: dict[str, Any] = raw["types"]

    def wrong(self, call: Call) -> str | None:
        """Say what is wrong with a request; None if nothing is."""
        said = {**call.fields, **dict.fromkeys(call.files, b"")}
        attached = {name for name in call.files if f"attach://{name}" in str(call.fields)}
        fields = {name: value for name, value in said.items() if name not in attached}
        return self._object(call.method, self._methods[call.method].get("fields", []), fields)

    def _object(self, where: str, known: list[dict[str, Any]], said: dict[str, Any]) -> str | None:
        by_name = {field["name"]: field for field in known}
        for name in said:
            if name not in by_name:
                return f"{where} has no {name}"
        for field in known:
            name = field["name"]
            if name not in said:
                if field["required"]:
                    return f"{where} lacks {name}"
            elif not any(self._fits(kind, said[name]) for kind in field["types"]):
                return f"{where}.{name} is not {field['types']}: {said[name]!r}"
        return None

    def _fits(self, kind: str, value: Any) -> bool:
        if kind.startswith("Array of "):
            inner = kind.removeprefix("Array of ")
            return isinstance(value, list) and all(self._fits(inner, item) for item in value)
        if kind in _PLAIN:
            return _PLAIN[kind](value)
        declared = self._types[kind]
        if "subtypes" in declared:
            return any(self._fits(subtype, value) for subtype in declared["subtypes"])
        return isinstance(value, dict) and not self._object(kind, declared["fields"], value)


async def test_every_request_is_as_the_bot_api_describes_it(
    telegram: TelegramServer, desk: SmallDesk, shared: Path
) -> None:
    schema = Schema(shared / "facts" / "specs" / "tg_api.json")
    await telegram.write("/heatmap BTC", -100500, topic=4)
    (shown,) = await telegram.shown(1, -100500)
    for count, label in enumerate(("7d", "7d", "File", "New"), start=1):
        await telegram.press(shown, label)
        await telegram.called("answerCallbackQuery", count)
    linked = Reply("See www.example.org", ("data to 1 Dec 00:00 UTC",), as_of=1_764_547_200_000)
    desk.replies = {"help": linked, "status": replace(linked, simulated=True)}
    await telegram.write("/help")
    (words,) = await telegram.shown(1)
    await telegram.press_words(words, "status")
    await telegram.called("answerCallbackQuery", 5)
    await telegram.called("setMyCommands", 3)

    assert [(call.method, why) for call in telegram.calls if (why := schema.wrong(call))] == []
    assert {call.method for call in telegram.calls} >= {
        "getMe",
        "deleteWebhook",
        "setMyCommands",
        "sendChatAction",
        "sendPhoto",
        "sendDocument",
        "sendMessage",
        "editMessageMedia",
        "editMessageText",
        "answerCallbackQuery",
    }


@pytest.mark.parametrize(
    ("field", "value"), [("photos", "x"), ("chat_id", [7]), ("caption_entities", [{"type": 1}])]
)
def test_the_check_itself_refuses_what_the_bot_api_does_not_know(
    shared: Path, field: str, value: Any
) -> None:
    schema = Schema(shared / "facts" / "specs" / "tg_api.json")
    call = Call("sendPhoto", {"chat_id": "77", field: value}, {"photo": b"png"})

    assert schema.wrong(call)
    assert not schema.wrong(Call("sendPhoto", {"chat_id": "77"}, {"photo": b"png"}))
