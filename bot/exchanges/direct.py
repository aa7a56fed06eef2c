"""A venue's public endpoints asked without ccxt: for what it does not know, or knows no more."""

import json
from collections.abc import Callable

import aiohttp
import msgspec

from bot.exchanges.allowance import Allowance, pace
from bot.exchanges.faults import Gate, Refused, refusal
from bot.exchanges.venue import Call, Params, Venue


class Direct:
    """Asks the endpoints of one venue by their paths; whoever makes one closes it.

    `address` turns an address of the venue into the one to ask; `shut` is told of every refusal.
    """

    def __init__(
        self,
        venue: Venue,
        gate: Gate,
        address: Callable[[str], str],
        shut: Callable[[Refused], Refused],
    ) -> None:
        self._venue = venue
        self._gate = gate
        self._address = address
        self._shut = shut
        self.allowance = Allowance(pace(venue.ccxt))
        self._session: aiohttp.ClientSession | None = None

    async def ask(self, call: Call, timeout: float) -> object:  # noqa: ASYNC109 - aiohttp's own
        """Return the decoded answer, or its text if it is no JSON. Refused, aiohttp.ClientError."""
        verb, _, path = call.method.partition(" ")
        weigh = self._venue.weight
        await self.allowance.granted(1.0 if weigh is None else weigh(call.params))
        await self._gate.passed()
        if self._session is None:
            self._session = aiohttp.ClientSession()
        async with self._session.request(
            verb,
            self._address(self._venue.root + path),
            params=_query(call.params) if verb == "GET" else None,
            json=call.params if verb != "GET" else None,
            timeout=aiohttp.ClientTimeout(total=timeout),
        ) as answer:
            refused = refusal(answer.status, answer.headers, self._venue.pauses)
            if refused is not None:
                raise self._shut(refused)
            body = await answer.read()
        try:
            return msgspec.json.decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return body.decode("utf-8", "replace")  # no parser takes text for an answer

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


def _query(params: Params) -> dict[str, str]:
    """Write parameters as a query: what is no text or number as JSON, and nothing for None.

    >>> _query({"symbol": "XBTUSD", "count": 1000, "reverse": False, "filter": {"open": True}})
    {'symbol': 'XBTUSD', 'count': '1000', 'reverse': 'false', 'filter': '{"open": true}'}
    """
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in params.items()
        if value is not None
    }
