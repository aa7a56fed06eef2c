"""How the loopback venues talk over their websockets: subscriptions, pings, liquidations."""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from tests.support import loopback_binancecoinm
from tests.support.loopback_markets import MARKETS

Frame: TypeAlias = str | bytes  # bytes where a venue packs them


class Forced(NamedTuple):
    """A liquidation to be told, in our own words."""

    base: str  # "BTC"
    side: int  # +1 a long is liquidated, -1 a short
    price: float
    quantity: float  # [base]
    time: int | None = None  # [ms], None: now
    inverse: bool = False  # where a venue trades both kinds: it is the inverse contract's


@dataclass(frozen=True, slots=True)
class Stream:
    """One venue's way of talking."""

    # To a message; subscribed topics are added.
    replies: Callable[[str, set[str]], Sequence[Frame]]
    messages: Callable[[Sequence[Forced], int], Iterable[tuple[str, Frame]]]  # (topic, message)


def _binance_replies(message: str, topics: set[str]) -> list[str]:
    request = json.loads(message)
    topics.update("!forceOrder@arr" for name in request["params"] if "forceOrder" in name)
    return [json.dumps({"result": None, "id": request["id"]})]


def _binance_messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    for one in forced:
        order = {
            "s": f"{one.base}USDT",
            "S": "SELL" if one.side > 0 else "BUY",
            "o": "LIMIT",
            "f": "IOC",
            "q": f"{one.quantity:.10g}",
            "p": f"{one.price * (1 - 0.01 * one.side):.10g}",
            "ap": f"{one.price:.10g}",
            "X": "FILLED",
            "l": f"{one.quantity / 4:.10g}",
            "z": f"{one.quantity:.10g}",
            "T": one.time or now,
        }
        yield "!forceOrder@arr", json.dumps({"e": "forceOrder", "E": now, "o": order})


def _coinm_messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    for one in forced:
        contracts = one.quantity * one.price / loopback_binancecoinm.CONTRACTS[one.base]
        order = {
            "s": f"{one.base}USD_PERP",
            "ps": f"{one.base}USD",
            "S": "SELL" if one.side > 0 else "BUY",
            "q": f"{contracts:.12g}",
            "p": f"{one.price * (1 - 0.01 * one.side):.10g}",
            "ap": f"{one.price:.10g}",
            "X": "FILLED",
            "l": f"{contracts / 4:.12g}",
            "z": f"{contracts:.12g}",
            "T": one.time or now,
        }
        yield "!forceOrder@arr", json.dumps({"e": "forceOrder", "E": now, "o": order})


def _bybit_replies(quote: str) -> Callable[[str, set[str]], list[str]]:
    def replies(message: str, topics: set[str]) -> list[str]:
        request = json.loads(message)
        if request["op"] == "ping":
            return [json.dumps({"success": True, "ret_msg": "pong", "op": "ping"})]
        known = {f"allLiquidation.{base}{quote}" for base in MARKETS}
        unknown = [name for name in request["args"] if name not in known]
        if unknown:
            refusal = {"success": False, "ret_msg": f"error:handler not found,topic:{unknown[0]}"}
            return [json.dumps({**refusal, "op": "subscribe"})]
        topics.update(request["args"])
        return [json.dumps({"success": True, "ret_msg": "", "op": "subscribe"})]

    return replies


def _bybit_messages(
    quote: str, *, dollars: bool
) -> Callable[[Sequence[Forced], int], Iterator[tuple[str, str]]]:
    def messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
        for base in dict.fromkeys(one.base for one in forced):
            topic = f"allLiquidation.{base}{quote}"
            rows = [
                {
                    "T": one.time or now,
                    "s": f"{base}{quote}",
                    "S": "Buy" if one.side > 0 else "Sell",
                    "v": f"{one.quantity * (one.price if dollars else 1):.12g}",
                    "p": f"{one.price:.10g}",
                }
                for one in forced
                if one.base == base
            ]
            yield topic, json.dumps({"topic": topic, "type": "snapshot", "ts": now, "data": rows})

    return messages


def _okx_replies(message: str, topics: set[str]) -> list[str]:
    if message == "ping":
        return ["pong"]
    request = json.loads(message)
    topics.update(arg["channel"] for arg in request["args"])
    return [json.dumps({"event": "subscribe", "arg": arg}) for arg in request["args"]]


def _okx_messages(forced: Sequence[Forced], now: int) -> Iterator[tuple[str, str]]:
    data = []
    for base in dict.fromkeys(one.base for one in forced):
        details = [
            {
                "side": "sell" if one.side > 0 else "buy",
                "posSide": "long" if one.side > 0 else "short",
                "bkPx": f"{one.price:.10g}",
                "sz": f"{one.quantity / MARKETS[base].contract_size:.10g}",
                "bkLoss": "0",
                "ccy": "",
                "ts": str(one.time or now),
            }
            for one in forced
            if one.base == base
        ]
        family = f"{base}-USDT"
        data.append(
            {"details": details, "instFamily": family, "instId": f"{family}-SWAP",
             "instType": "SWAP", "uly": family}
        )  # fmt: skip
    arg = {"channel": "liquidation-orders", "instType": "SWAP"}
    yield "liquidation-orders", json.dumps({"arg": arg, "data": data})


STREAMS = {
    "binance": Stream(_binance_replies, _binance_messages),
    "binancecoinm": Stream(_binance_replies, _coinm_messages),
    "bybit": Stream(_bybit_replies("USDT"), _bybit_messages("USDT", dollars=False)),
    "bybitinverse": Stream(_bybit_replies("USD"), _bybit_messages("USD", dollars=True)),
    "okx": Stream(_okx_replies, _okx_messages),
}
