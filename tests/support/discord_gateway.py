"""The gateway half of the small local Discord: what a bot must say to hear anything.

HELLO, IDENTIFY with token and intents, READY, HEARTBEAT, RESUME with what was missed, RECONNECT
by a cut, zlib-stream compression. Events come from simcord's world.
"""

import asyncio
import json
import zlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import discord
from aiohttp import WSMsgType, web
from simcord.backend import Backend, serializers
from simcord.intents import prune_guild_create, required_intent

_HEARTBEAT, _IDENTIFY, _RESUME, _INVALID_SESSION, _HELLO, _ACKNOWLEDGED = 1, 2, 6, 9, 10, 11

Send = Callable[[dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Session:
    """What a gateway remembers of one bot, also while it is away."""

    intents: discord.Intents
    events: list[dict[str, Any]] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, event: str, payload: Mapping[str, Any]) -> None:
        """Number an event, and let whoever is connected have it."""
        data = json.loads(json.dumps(payload, default=str))
        self.events.append({"op": 0, "t": event, "s": len(self.events) + 1, "d": data})
        self.more.set()

    async def pump(self, send: Send, seen: int) -> None:
        """Send every event after the `seen` first, for as long as the connection lasts."""
        while True:
            while seen < len(self.events):
                await send(self.events[seen])
                seen += 1
            self.more.clear()
            await self.more.wait()


class Gateway:
    """See the module; `told` is called after each thing a bot says."""

    def __init__(
        self, world: Backend, token: str, heartbeat: float, told: Callable[[], Awaitable[None]]
    ) -> None:
        self.said: list[int] = []  # opcodes of the bot, in order
        self.sessions: dict[str, Session] = {}
        self.refusing = False  # answer the handshake with 503
        self.falling = False  # take the handshake and hang up at once
        self.opened = 0
        self.url = ""
        self._world = world
        self._token = token
        self._heartbeat = heartbeat
        self._told = told
        self._open: dict[web.WebSocketResponse, web.Request] = {}
        world.subscribers.append(self._happened)

    async def connection(self, request: web.Request) -> web.StreamResponse:
        """Hold one connection."""
        self.opened += 1
        await self._told()
        if self.refusing:
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        if self.falling:
            return socket
        self._open[socket] = request
        send = _sender(socket, compressed=request.query.get("compress") == "zlib-stream")
        pump: asyncio.Task[None] | None = None
        try:
            await send({"op": _HELLO, "d": {"heartbeat_interval": self._heartbeat * 1000}})
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    break
                said = json.loads(message.data)
                if said["op"] == _HEARTBEAT:
                    await send({"op": _ACKNOWLEDGED})
                elif said["op"] in (_IDENTIFY, _RESUME):
                    pump = await self._begun(socket, send, said) or pump
                self.said.append(said["op"])
                await self._told()
        finally:
            self._open.pop(socket, None)
            if pump is not None:
                pump.cancel()
                await asyncio.gather(pump, return_exceptions=True)
        return socket

    def forget(self, token: str) -> None:
        """Take only another token from now on."""
        self._token = token

    def cut(self) -> None:
        """Cut every connection without a goodbye, as a network does."""
        for request in self._open.values():
            if request.transport is not None:
                request.transport.abort()

    async def _begun(
        self, socket: web.WebSocketResponse, send: Send, said: dict[str, Any]
    ) -> asyncio.Task[None] | None:
        data = said["d"]
        if data["token"] != self._token:
            await socket.close(code=4004, message=b"Authentication failed.")
            return None
        seen = 0
        if said["op"] == _IDENTIFY:
            session = self._identified(discord.Intents._from_value(data["intents"]))
        elif data["session_id"] in self.sessions:
            session, seen = self.sessions[data["session_id"]], data["seq"] or 0
            session.add("RESUMED", {})
        else:
            await send({"op": _INVALID_SESSION, "d": False})
            return None
        return asyncio.create_task(session.pump(send, seen))

    def _identified(self, intents: discord.Intents) -> Session:
        name = f"session-{len(self.sessions) + 1}"
        session = self.sessions[name] = Session(intents)
        guilds = self._world.guilds.values()
        session.add(
            "READY",
            {
                "v": 10,
                "user": dict(serializers.user_payload(self._world.bot_user)),
                "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
                "session_id": name,
                "resume_gateway_url": self.url,
                "application": {"id": str(self._world.application_id), "flags": 0},
            },
        )
        for guild in guilds:
            payload = dict(serializers.guild_create_payload(self._world, guild))
            prune_guild_create(payload, intents, self._world.bot_user.id)
            session.add("GUILD_CREATE", payload)
        return session

    def _happened(self, event: str, payload: Mapping[str, Any]) -> None:
        needed = required_intent(event, payload)
        for session in self.sessions.values():
            if needed is None or getattr(session.intents, needed):
                session.add(event, payload)


def _sender(socket: web.WebSocketResponse, *, compressed: bool) -> Send:
    stream = zlib.compressobj()

    async def send(message: dict[str, Any]) -> None:
        text = json.dumps(message)
        if compressed:
            data = stream.compress(text.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)
            await socket.send_bytes(data)
        else:
            await socket.send_str(text)

    return send
