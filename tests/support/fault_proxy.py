"""A line that fails on request: an HTTP proxy on loopback between a client and its server.

One request at a time on each connection; a fault is told by a word in the request's path, and what
each fault does happens on real sockets (a reset is a TCP reset).
"""

import asyncio
import json
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import TracebackType
from typing import Self


class Kind(Enum):
    """What goes wrong with a request."""

    RESET_BEFORE = auto()  # the connection is reset, the server never hears of it
    RESET_AFTER = auto()  # the server does what was asked, then the connection is reset
    ANSWER = auto()  # the proxy answers instead of the server
    TRUNCATED = auto()  # the server's answer stops in the middle
    SILENCE = auto()  # nobody ever answers


@dataclass(slots=True)
class Fault:
    """A fault for the next `times` requests whose path contains `word`; None: for all of them."""

    word: str
    kind: Kind
    times: int | None = 1
    status: int = 502
    body: bytes = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
    headers: Mapping[str, str] = field(default_factory=lambda: {"Content-Type": "text/html"})


def flood(word: str, retry_after: int, times: int = 1) -> Fault:
    """Answer 429 as Telegram does."""
    body = {
        "ok": False,
        "error_code": 429,
        "description": f"Too Many Requests: retry after {retry_after}",
        "parameters": {"retry_after": retry_after},
    }
    kind = {"Content-Type": "application/json"}
    return Fault(word, Kind.ANSWER, times, 429, json.dumps(body).encode(), kind)


class FaultProxy:
    """Forwards to `port` on loopback, but for the faults in `faults`."""

    def __init__(self, port: int) -> None:
        self.faults: list[Fault] = []
        self.paths: list[str] = []  # of every request that came in
        self.port = 0
        self._upstream = port
        self._open: set[asyncio.StreamWriter] = set()

    @property
    def origin(self) -> str:
        """The address that clients use instead of the server's."""
        return f"http://127.0.0.1:{self.port}"

    def count(self, word: str) -> int:
        """Count the requests whose path contains `word`."""
        return sum(word in path for path in self.paths)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.close()
        for writer in list(self._open):
            writer.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            while (request := await _message(reader)) is not None:
                handling = asyncio.ensure_future(self._handle(request, writer))
                while not handling.done():
                    await asyncio.wait([handling], timeout=0.02)
                    if reader.at_eof():
                        handling.cancel()  # hang up on the server as the client did
                if not await handling:
                    break
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away
        finally:
            self._open.discard(writer)
            writer.close()

    async def _handle(self, request: bytes, writer: asyncio.StreamWriter) -> bool:
        """Handle one request; False if the connection is over."""
        path = request.split(b" ", 2)[1].decode()
        self.paths.append(path)
        fault = self._next(path)
        kind = fault.kind if fault else None
        if kind is Kind.RESET_BEFORE:
            _reset(writer)
            return False
        if kind is Kind.SILENCE:
            await asyncio.Event().wait()
        if fault is not None and kind is Kind.ANSWER:
            writer.write(_answer(fault))
            await writer.drain()
            return True
        answer = await self._ask(request)
        if kind is Kind.RESET_AFTER:
            _reset(writer)
            return False
        if kind is Kind.TRUNCATED:
            head, _, body = answer.partition(b"\r\n\r\n")
            writer.write(head + b"\r\n\r\n" + body[: len(body) // 2])
            await writer.drain()
            return False
        writer.write(answer)
        await writer.drain()
        return True

    def _next(self, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.word in path and fault.times != 0:
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    async def _ask(self, request: bytes) -> bytes:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._upstream)
        try:
            writer.write(request)
            await writer.drain()
            answer = await _message(reader)
            if answer is None:
                raise ConnectionResetError("the server said nothing")
            return answer
        finally:
            writer.close()


async def _message(reader: asyncio.StreamReader) -> bytes | None:
    """Read one request or answer whole; both sides here always state the length."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    length = 0
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return head + await reader.readexactly(length)


def _answer(fault: Fault) -> bytes:
    headers = {**fault.headers, "Content-Length": str(len(fault.body))}
    lines = [f"HTTP/1.1 {fault.status} Fault", *(f"{k}: {v}" for k, v in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + fault.body


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of a farewell."""
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
