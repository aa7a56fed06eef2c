"""The local Discord with its limits: buckets by route, fifty a second, nonces that are enforced."""

import json
import time
from typing import Any

from aiohttp import web

from tests.support.discord_server import DiscordServer
from tests.support.platform_limits import Sliding, Trouble, Weather

_NONCE_HOLDS = 120.0  # [s]
_WAIT = {"message": "You are being rate limited.", "global": False}


class StrictDiscord:
    """Stands in front of a DiscordServer's REST side; put there by `strict`."""

    def __init__(self, server: DiscordServer) -> None:
        self.server = server
        self.weather = Weather()
        self.violations: list[str] = []  # 429s that a good bot never earns
        self.inside_a_wait: list[str] = []
        self.times: list[float] = []  # [s] of what was taken
        self._inner = server._answer
        self._all = Sliding(50, 1.0)
        self._buckets: dict[str, Sliding] = {}
        self._closed: dict[str, float] = {}
        self._nonces: dict[tuple[str, str], tuple[float, bytes]] = {}

    async def answer(
        self, request: web.Request, path: str, body: Any, files: Any
    ) -> web.StreamResponse:
        """Answer a request, or refuse it; stands in for DiscordServer._answer."""
        if not path.startswith("/channels/"):
            return await self._inner(request, path, body, files)
        now = time.monotonic()
        key = f"{request.method} {path.split('/messages', maxsplit=1)[0]}"
        bucket = self._buckets.setdefault(key, Sliding(5, 5.0))
        if self._closed.get(key, 0.0) > now:
            self.inside_a_wait.append(key)
            return self._refused(key, self._closed[key] - now, bucket, now)
        for name, limit in (("all", self._all), (key, bucket)):
            if limit.left(now) <= 0:
                self.violations.append(name)
                return self._refused(key, limit.reset_after(now), bucket, now)
        self._all.take(now)
        bucket.take(now)
        self.times.append(now)
        trouble = self.weather.next()
        if trouble is Trouble.FLOOD:
            return self._refused(key, 1.0, bucket, now)
        if trouble is Trouble.ERROR:
            return web.Response(status=502, text="<html>Bad Gateway</html>")
        answer: web.StreamResponse = web.Response(status=500)
        if trouble is not Trouble.LOST:
            answer = await self._once(request, path, body, files)
            answer.headers.update(_told(bucket, now))
        if trouble is not None and request.transport is not None:
            request.transport.abort()
        return answer

    async def _once(
        self, request: web.Request, path: str, body: Any, files: Any
    ) -> web.StreamResponse:
        """Make a message; for a nonce that is known, give back the one already made."""
        nonce = body.get("nonce") if isinstance(body, dict) else None
        if request.method != "POST" or not nonce or not body.get("enforce_nonce"):
            return await self._inner(request, path, body, files)
        if len(nonce) > 25:
            body = {"message": "Invalid Form Body", "code": 50035}
            return web.Response(status=400, body=json.dumps(body), content_type="application/json")
        made = self._nonces.get((path, nonce))
        if made is not None and time.monotonic() - made[0] < _NONCE_HOLDS:
            return web.Response(body=made[1], headers={"Content-Type": "application/json"})
        answer = await self._inner(request, path, body, files)
        if answer.status == 200 and isinstance(answer, web.Response):
            assert isinstance(answer.body, bytes)
            self._nonces[path, nonce] = (time.monotonic(), answer.body)
        return answer

    def _refused(self, key: str, wait: float, bucket: Sliding, now: float) -> web.Response:
        self._closed[key] = now + wait
        headers = {
            "Content-Type": "application/json",
            "Via": "1.1 google",
            "Retry-After": f"{wait:.3f}",
            **_told(bucket, now),
        }
        body = json.dumps({**_WAIT, "retry_after": wait})
        return web.Response(status=429, body=body, headers=headers)


def _told(bucket: Sliding, now: float) -> dict[str, str]:
    return {
        "X-RateLimit-Limit": str(bucket.count),
        "X-RateLimit-Remaining": str(bucket.left(now)),
        "X-RateLimit-Reset-After": f"{bucket.reset_after(now):.3f}",
        "X-RateLimit-Bucket": "messages",
    }


def strict(server: DiscordServer) -> StrictDiscord:
    """Let a server enforce what Discord does."""
    front = StrictDiscord(server)
    server._answer = front.answer  # type: ignore[method-assign]
    return front
