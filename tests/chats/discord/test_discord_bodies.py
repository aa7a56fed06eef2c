"""Whatever is sent to Discord keeps to Discord's own description of its interface."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from bot.chats.discord import DiscordChat
from bot.reply import Button, Image, Reply
from tests.support.discord_desk import SmallDesk, png
from tests.support.discord_server import DiscordServer, Request
from tests.support.discord_world import answer, answered, in_private, in_server

_TOKENED = "/webhooks/{webhook_id}/{webhook_token}"


def described(request: Request) -> str | None:
    """Name the path, as the description writes it, of a request with a body."""
    parts = request.path.strip("/").split("/")
    if parts[0] == "applications":
        return "/applications/{application_id}/commands"
    if parts[0] == "interactions":
        return "/interactions/{interaction_id}/{interaction_token}/callback"
    if parts[0] == "webhooks":
        return f"{_TOKENED}/messages/@original" if len(parts) > 3 else _TOKENED
    return None


def sent_so_often(server: DiscordServer, edits: int) -> bool:
    return len(server.sent("PATCH", "*")) >= edits


def complaints(specification: dict[str, Any], request: Request) -> list[str]:
    """List what the description has against a request's body."""
    path = described(request)
    assert path is not None, request.path
    operation = specification["paths"][path][request.method.lower()]
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    whole = {**schema, "components": specification["components"]}
    body = json.loads(json.dumps(request.body))
    for each in body.get("attachments", []) if isinstance(body, dict) else []:
        # The library numbers its uploads, and Discord's own examples do so too.
        each["id"] = str(each["id"])
    errors = Draft202012Validator(whole).iter_errors(body)
    return [f"{request.method} {path} {error.json_path}: {error.message}" for error in errors]


@pytest.mark.shared
async def test_every_body_is_as_discord_describes_it(
    shared: Path, server: DiscordServer, desk: SmallDesk, chat: DiscordChat
) -> None:
    del chat
    text = (shared / "facts" / "specs" / "discord_openapi.json").read_text()
    specification = json.loads(text)
    ann, bob = in_server(server.world), in_private(server.world)
    asked = ann.slash("heatmap", symbol="BTC", window="24h", venues="bybit", theme="dark")
    await server.until(lambda: answered(asked))
    message = answer(server.world, asked)
    for label in ("3d", "ETH too"):
        edited = len(server.sent("PATCH", "*")) + 1
        ann.press(message, label)
        await server.until(partial(sent_so_often, server, edited))
    typed = bob.types("map", "symbol", "b")
    await server.until(lambda: typed.autocomplete_choices is not None)
    desk.next_reply = Reply(
        "Yours", ("x" * 9000,), Image(png("x"), "a" * 2000, "x.png", "x"), private=True
    )
    yours = bob.slash("help", command="map")
    await server.until(lambda: bool(yours.followup_ids))
    desk.next_reply = Reply("x" * 999, buttons=((Button("y" * 99, "status"),) * 30,) * 9)
    many = bob.slash("status")
    await server.until(lambda: answered(many))
    for _ in range(12):
        refused = bob.slash("start")
        await server.until(partial(getattr, refused, "responded"))

    bodies = [each for each in server.requests if each.body is not None]
    assert {described(each) for each in bodies} == {
        "/applications/{application_id}/commands",
        "/interactions/{interaction_id}/{interaction_token}/callback",
        _TOKENED,
        f"{_TOKENED}/messages/@original",
    }
    assert [each for body in bodies for each in complaints(specification, body)] == []
    # The description would complain if there were something to complain about.
    broken = Request("PATCH", bodies[-1].path, {"embeds": [{"title": "x" * 257}]}, ())
    original = f"/webhooks/1/{'t' * 8}/messages/@original"
    assert complaints(specification, Request("PATCH", original, broken.body, ()))
