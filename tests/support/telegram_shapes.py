"""What goes over the wire to and from Telegram, and what people see of it."""

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came off the wire; JSON fields are decoded."""

    method: str
    fields: dict[str, Any]
    files: dict[str, bytes]


@dataclass(slots=True)
class Shown:
    """A message as the people in the chat see it now."""

    chat: int
    number: int
    text: str = ""
    photo: bytes | None = None
    file: bytes | None = None
    keyboard: list[list[dict[str, str]]] = field(default_factory=list)
    thread: int | None = None
    reply_to: int | None = None

    def button(self, label: str) -> str:
        """Return what pressing a button sends."""
        for row in self.keyboard:
            for button in row:
                if button["text"].removeprefix("✓ ") == label:
                    return button["callback_data"]
        raise LookupError(f"no button {label!r} in {self.keyboard}")


def decoded(value: Any) -> Any:
    """Decode a form field that holds JSON; text that merely looks like a number stays text."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def check_entities(fields: dict[str, Any]) -> None:
    text = str(fields.get("text", fields.get("caption", "")))
    length = len(text.encode("utf-16-le")) // 2
    for entity in fields.get("entities", fields.get("caption_entities", [])):
        end = entity["offset"] + entity["length"]
        if not 0 <= entity["offset"] < end <= length:
            raise ValueError("can't parse entities: out of the text")


def keyboard_of(fields: dict[str, Any]) -> list[list[dict[str, str]]]:
    rows: list[list[dict[str, str]]] = fields.get("reply_markup", {}).get("inline_keyboard", [])
    return rows


def as_photo(file_id: str, png: bytes) -> dict[str, Any]:
    width, height = (int.from_bytes(png[start : start + 4], "big") for start in (16, 20))
    return {
        "file_id": file_id,
        "file_unique_id": f"{file_id}-unique",
        "width": width,
        "height": height,
    }


def as_member(person: int, status: str) -> dict[str, Any]:
    """Somebody in a group, as Telegram describes them."""
    rights = (
        "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
        "can_restrict_members can_promote_members can_change_info can_invite_users "
        "can_post_stories can_edit_stories can_delete_stories"
    )
    more = dict.fromkeys(rights.split(), True) if status == "administrator" else {}
    return {"user": as_person(person), "status": status, "is_anonymous": False, **more}


def as_query(number: int, person: int, data: str) -> dict[str, Any]:
    return {
        "id": str(number),
        "from": as_person(person),
        "chat_instance": "1",
        "data": data,
    }


def as_person(number: int) -> dict[str, Any]:
    return {"id": number, "is_bot": False, "first_name": "Ada"}


def as_chat(number: int) -> dict[str, Any]:
    if number > 0:
        return {"id": number, "type": "private", "first_name": "Ada"}
    return {"id": number, "type": "supergroup", "title": "Traders", "is_forum": True}
