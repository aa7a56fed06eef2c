"""Discord, small and local: real HTTP and a real gateway in front of simcord's world.

Its own: sockets, tokens, multipart, rate-limit headers, faults on request, the gateway (see
discord_gateway), and that a message has one thread. simcord's: every route and all state, with
Discord's own error codes. A route or field that simcord lacks is answered 501 and fails the test at
its end; nothing is made up.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatch
from io import BytesIO
from typing import Any

from aiohttp import BodyPartReader, web
from simcord.backend import Backend
from simcord.backend.errors import BackendError
from simcord.http import routes as _routes  # noqa: F401 - importing registers every route
from simcord.http.router import RouteNotImplemented, UnsupportedField, dispatch

from tests.support.discord_gateway import Gateway

# Shaped like a Discord token.
TOKEN = "MTIzNDU2Nzg5MDEyMzQ1Njc4.Gcanar.never-to-be-seen-in-any-log-0123456789"
_API = "/api/v10"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as it came off the wire."""

    method: str
    path: str
    body: Any
    files: tuple[bytes, ...]


@dataclass(slots=True)
class Fault:
    """Something that goes wrong with the next requests to `method path`."""

    method: str
    path: str  # with * as in a shell
    times: int
    status: int | None = None  # None: the connection is reset
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = '{"message": "out of order", "code": 0}'
    after: bool = False  # only once the request has taken effect
    silent: float = 0.0  # [s] without a word before that
    meanwhile: Callable[[], object] | None = None  # happens in the world before the request


@dataclass(frozen=True, slots=True)
class _Upload:
    """A received file, as simcord's routes read it."""

    filename: str
    description: str | None
    fp: BytesIO


class DiscordServer:
    """See the module; made by `discord_server`."""

    def __init__(self, token: str, heartbeat: float) -> None:
        self.world = Backend()
        self.gateway = Gateway(self.world, token, heartbeat, self._tell)
        self.requests: list[Request] = []
        self.unknown: list[str] = []  # what simcord lacks
        self.api_base = ""
        self._token = token
        self._faults: list[Fault] = []
        self._changed = asyncio.Condition()

    @property
    def gateway_url(self) -> str:
        """Address of the gateway, for DISCORD_GATEWAY_URL."""
        return self.gateway.url

    def listens_on(self, port: int) -> None:
        """Learn the port that the system has chosen."""
        self.api_base = f"http://127.0.0.1:{port}{_API}"
        self.gateway.url = f"ws://127.0.0.1:{port}/gateway"

    def fail(self, method: str, path: str, times: int = 1, **how: Any) -> None:
        """Let the next requests to a path go wrong; see Fault."""
        self._faults.append(Fault(method, path, times, **how))

    def sent(self, method: str, path: str) -> list[Request]:
        """Return the requests so far to a path."""
        return [
            each for each in self.requests if each.method == method and fnmatch(each.path, path)
        ]

    async def until(self, happened: Callable[[], bool], within: float = 60.0) -> None:
        """Wait for something that a request or a gateway message brings about. TimeoutError."""
        async with asyncio.timeout(within), self._changed:
            await self._changed.wait_for(happened)

    async def rest(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        path = request.path.removeprefix(_API)
        body, files = await _read(request)
        received = tuple(file.fp.getvalue() for file in files)
        self.requests.append(Request(request.method, path, body, received))
        try:
            return await self._answer(request, path, body, files)
        finally:
            await self._tell()

    async def _answer(
        self, request: web.Request, path: str, body: Any, files: list[_Upload]
    ) -> web.StreamResponse:
        # What carries its own token in the path needs no other.
        open_to_all = path.startswith(("/interactions/", "/webhooks/"))
        if not open_to_all and request.headers.get("Authorization") != f"Bot {self._token}":
            return _json(401, {"message": "401: Unauthorized", "code": 0})
        fault = self._fault(request.method, path)
        if fault is None:
            return self._dispatched(request, path, body, files)
        if fault.meanwhile:
            fault.meanwhile()
            return self._dispatched(request, path, body, files)
        await asyncio.sleep(fault.silent)
        if fault.after:
            self._dispatched(request, path, body, files)
        return _broken(request, fault)

    def _dispatched(
        self, request: web.Request, path: str, body: Any, files: list[_Upload]
    ) -> web.Response:
        made = re.fullmatch(r"/channels/\d+/messages/(\d+)/threads", path)
        if made and int(made[1]) in self.world.channels:
            return _json(400, {"message": "A thread has already been created", "code": 160004})
        try:
            result = dispatch(
                self.world,
                request.method,
                path,
                json=body,
                params=dict(request.query),
                files=files,
            )
        except (RouteNotImplemented, UnsupportedField) as error:
            self.unknown.append(str(error))
            return _json(501, {"message": str(error), "code": 0})
        except BackendError as error:
            return _json(error.status, error.to_json())
        return web.Response(status=204) if result is None else _json(200, result)

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self._faults:
            if fault.times > 0 and fault.method == method and fnmatch(path, fault.path):
                fault.times -= 1
                return fault
        return None

    async def _tell(self) -> None:
        async with self._changed:
            self._changed.notify_all()


async def _read(request: web.Request) -> tuple[Any, list[_Upload]]:
    if not request.content_type.startswith("multipart/"):
        text = await request.text()
        return (json.loads(text) if text else None), []
    body: Any = {}
    contents: list[tuple[str, bytes]] = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader), "Discord nests no multipart"
        data = bytes(await part.read())
        if part.name == "payload_json":
            body = json.loads(data)
        else:
            contents.append((part.filename or "", data))
    about = [each.get("description") for each in body.get("attachments", [])]
    return body, [
        _Upload(name, description, BytesIO(data))
        for (name, data), description in zip(contents, about, strict=True)
    ]


def _json(status: int, value: Any) -> web.Response:
    # Discord names the bucket and what is left of it; `Via` tells its own 429 from a ban's.
    # The type must stand alone: with "; charset=utf-8" the library would not read it as JSON.
    headers = {
        "Content-Type": "application/json",
        "Via": "1.1 google",
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": "49",
        "X-RateLimit-Reset-After": "1.0",
        "X-RateLimit-Bucket": "local",
    }
    body = json.dumps(value, default=str).encode()
    return web.Response(body=body, status=status, headers=headers)


def _broken(request: web.Request, fault: Fault) -> web.Response:
    if fault.status is None:
        if request.transport is not None:
            request.transport.abort()
        return web.Response(status=500)  # nobody is left to read it
    kind = "text/html" if fault.body.startswith("<") else "application/json"
    headers = {"Content-Type": kind, **fault.headers}
    return web.Response(status=fault.status, body=fault.body.encode(), headers=headers)


@asynccontextmanager
async def discord_server(
    token: str = TOKEN, *, heartbeat: float = 41.25, port: int = 0
) -> AsyncIterator[DiscordServer]:
    """Serve a small Discord on loopback."""
    server = DiscordServer(token, heartbeat)
    app = web.Application(client_max_size=32 * 2**20)
    app.router.add_get("/gateway", server.gateway.connection)
    app.router.add_route("*", _API + "/{path:.*}", server.rest)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    server.listens_on(runner.addresses[0][1])
    try:
        yield server
    finally:
        server.gateway.cut()
        await runner.cleanup()
    assert not server.unknown, f"asked of simcord in vain: {server.unknown}"
