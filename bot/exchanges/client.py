"""One venue's public endpoints: limits kept, faults translated, tries repeated.

They are asked through ccxt, which is imported when the first request is made, in a thread: it takes
a second and 100 MB. What ccxt does not know is asked by its path.
"""

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

import aiohttp
import stamina
import structlog

from bot.core.errors import BadSetting
from bot.exchanges.allowance import Allowance, pace
from bot.exchanges.direct import Direct
from bot.exchanges.faults import (
    PATIENCE,
    SERVER_ERROR,
    Gate,
    Pausing,
    Refused,
    refusal,
    unavailable,
)
from bot.exchanges.venue import Call, Venue

log = structlog.get_logger()

TIMEOUT = 10.0  # [s] for one request
# A request that hung for its whole time is not tried again: nobody waits for another.
_TRYING = 8.0  # [s] from the first try within which a next one may start
_TRIES = 3


def rebased(address: str, base: str | None) -> str:
    """Send an address to another origin, which learns the host that was meant from the path.

    >>> rebased("https://fapi.binance.com/fapi/v1", "http://127.0.0.1:9000")
    'http://127.0.0.1:9000/fapi.binance.com/fapi/v1'
    >>> rebased("wss://ws.okx.com:8443/ws/v5/public", "http://127.0.0.1:9000")
    'ws://127.0.0.1:9000/ws.okx.com:8443/ws/v5/public'
    """
    if base is None:
        return address
    meant = urlsplit(address)
    scheme, _, rest = base.rstrip("/").partition("://")
    if meant.scheme in {"ws", "wss"}:
        scheme = {"http": "ws", "https": "wss"}.get(scheme, scheme)
    return f"{scheme}://{rest}/{meant.netloc}{meant.path}"


def checked_base(base: str | None) -> str | None:
    """Return an origin that requests can be sent to; BadSetting."""
    if base is None:
        return None
    parts = urlsplit(base)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query:
        raise BadSetting(f"“{base}” is no address to ask. Use one such as http://127.0.0.1:9000.")
    return base


class _Ccxt(Protocol):
    """What is used of an exchange of ccxt."""

    urls: dict[str, Any]
    fetch: Callable[..., Any]
    on_rest_response: Callable[..., str]
    calculate_rate_limiter_cost: Callable[..., float]
    throttle: Callable[..., Awaitable[None]]
    rateLimit: float  # noqa: N815 - ccxt's own
    rollingWindowSize: float  # noqa: N815 - likewise
    rateLimiterAlgorithm: str  # noqa: N815 - likewise

    def implode_hostname(self, url: str) -> str: ...
    async def close(self) -> None: ...


class VenueClient:
    """Asks one venue; whoever makes one closes it."""

    def __init__(self, venue: Venue, base: str | None = None) -> None:
        self._venue = venue
        self._base = checked_base(base)
        self._gate = Gate(venue.name)
        self._direct = Direct(venue, self._gate, self._address, self._shut)
        self._allowance: Allowance | None = None  # of what is asked through ccxt
        self._ccxt: _Ccxt | None = None
        self._importing = asyncio.Lock()
        self._errors: Any = None  # ccxt's tree of errors, once it is imported

    @property
    def window(self) -> float:
        """For how long [s] a request may have to wait until we may ask again, others aside."""
        return max(one.window for one in (self._direct.allowance, self._allowance) if one)

    async def ask(self, call: Call) -> object:
        """Return the decoded answer. MarketUnavailable says in words what went wrong."""
        try:
            ask = await self._way(call)
            async for attempt in stamina.retry_context(
                on=self._passing,
                attempts=_TRIES,
                timeout=_TRYING,
                wait_initial=0.2,
                wait_max=2.0,
                wait_jitter=0.3,
            ):
                with attempt:
                    return await ask()
        except Exception as error:
            # Garbage can trip ccxt up in ways of its own; all of it stops at this door.
            if not self._foreseen(error):
                log.exception("unforeseen answer", exchange=self._venue.name, call=call.method)
            raise unavailable(self._venue.name, error) from error
        raise AssertionError("a retry either answers or raises")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._direct.close()
        if self._ccxt is not None:
            await self._ccxt.close()
            self._ccxt = None

    async def _way(self, call: Call) -> Callable[[], Awaitable[object]]:
        """Return what asks: by its path what is named by one, through ccxt anything else."""
        if " " in call.method:
            return lambda: self._direct.ask(call, TIMEOUT)
        method = getattr(await self._exchange(), call.method)
        return lambda: cast("Awaitable[object]", method(call.params))

    def _address(self, address: str) -> str:
        return rebased(address, self._base)

    async def _exchange(self) -> _Ccxt:
        async with self._importing:
            if self._ccxt is None:
                module = await asyncio.to_thread(importlib.import_module, "ccxt.async_support")
                self._errors = module
                self._ccxt = self._made(module)
        return self._ccxt

    def _made(self, module: Any) -> _Ccxt:
        settings = {"enableRateLimit": True, "timeout": TIMEOUT * 1000, **self._venue.ccxt}
        exchange: _Ccxt = getattr(module, self._venue.ccxt_id)(settings)
        exchange.urls["api"] = self._addresses(exchange, exchange.urls["api"])
        fetch, heard = exchange.fetch, exchange.on_rest_response

        # ccxt calls this once its limiter has let the request through: the last moment to hold
        # back one that was queued before the venue asked for a pause.
        async def fetch_past_the_gate(*args: Any, **kwargs: Any) -> Any:
            await self._gate.passed()
            try:
                return await fetch(*args, **kwargs)
            except (module.DDoSProtection, module.RateLimitExceeded) as error:
                # Some say so in the body of an answer whose status is 200.
                raise self._shut(Refused(429, self._venue.pauses.get(429, 0.0))) from error

        def heard_with_status(status: int, reason: str, *rest: Any) -> str:
            refused = refusal(status, rest[2], self._venue.pauses)
            if refused is not None:
                raise self._shut(refused)
            return heard(status, reason, *rest)

        if (weight := self._venue.weight) is not None:
            exchange.calculate_rate_limiter_cost = lambda _api, _method, _path, params, *_: weight(
                params
            )
        # Its own limiter knows no people: it serves whoever came first.
        self._allowance = Allowance(
            pace(
                {
                    "rateLimit": exchange.rateLimit,
                    "rollingWindowSize": exchange.rollingWindowSize,
                    "rateLimiterAlgorithm": exchange.rateLimiterAlgorithm,
                }
            )
        )
        allowance = self._allowance
        exchange.throttle = lambda cost=None: allowance.granted(1.0 if cost is None else cost)
        exchange.fetch = fetch_past_the_gate
        exchange.on_rest_response = heard_with_status
        return exchange

    def _shut(self, refused: Refused) -> Refused:
        if refused.pause:
            self._gate.shut(refused.status, refused.pause)
        return refused

    def _addresses(self, exchange: _Ccxt, addresses: Any) -> Any:
        if isinstance(addresses, Mapping):
            return {name: self._addresses(exchange, part) for name, part in addresses.items()}
        return self._address(exchange.implode_hostname(addresses))

    def _passing(self, error: Exception) -> bool:
        """Say whether trying again may help."""
        if isinstance(error, Refused):
            return error.status >= SERVER_ERROR or 0 < error.pause <= PATIENCE
        if isinstance(error.__cause__, aiohttp.ClientPayloadError):
            return True  # the answer broke off; ccxt counts that among the lasting errors
        if isinstance(error, (aiohttp.ClientError, OSError)):
            return True  # where ccxt is not asked, nobody has wrapped it
        return self._errors is not None and isinstance(error, self._errors.OperationFailed)

    def _foreseen(self, error: Exception) -> bool:
        ccxt_errors = () if self._errors is None else (self._errors.BaseError,)
        return isinstance(error, (Refused, Pausing, aiohttp.ClientError, OSError, *ccxt_errors))
