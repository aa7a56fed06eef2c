"""What the loopback venues do instead of answering."""

import asyncio
from dataclasses import dataclass
from typing import Literal

from aiohttp import web

Kind = Literal["status", "hang", "garbage", "truncated", "reset", "deaf"]
BODY = '{"code": -1003, "msg": "a secret-looking body that nobody should see"}'
_GARBAGE = b'<html><body>\xff\xfe{"retCode": [[[ nonsense'


@dataclass(slots=True)
class Fault:
    """What a venue does instead of answering.

    status: answers with one (and Retry-After); hang: never answers; garbage, truncated: what it
    sends is no JSON, or breaks off; reset: drops the connection; deaf: takes a websocket and
    subscriptions but sends nothing more, not even pongs.
    """

    kind: Kind
    path: str = ""  # only for paths that contain this
    status: int = 503
    retry_after: str | None = None
    body: str = BODY
    times: int | None = None  # only so often; None: until healed

    def strikes(self, path: str) -> bool:
        """Say whether this request is struck, and count it."""
        if self.path not in path or self.times == 0:
            return False
        if self.times is not None:
            self.times -= 1
        return True


async def wrong(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Do what a fault says."""
    if fault.kind == "status":
        headers = {} if fault.retry_after is None else {"Retry-After": fault.retry_after}
        return web.Response(
            status=fault.status, headers=headers, text=fault.body, content_type="application/json"
        )
    if fault.kind == "garbage":
        return web.Response(body=_GARBAGE, content_type="application/json")
    if fault.kind == "hang":
        await asyncio.sleep(3600)
    if fault.kind == "truncated":
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(b'{"retCode": 0, "data": [[')
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
