"""Venues that are asked by their paths: how often, with what, and what comes back."""

import asyncio
import time
from dataclasses import replace

import pytest

from bot.exchanges.allowance import Allowance, Pace, Spacing, Window, pace
from bot.exchanges.client import VenueClient
from bot.exchanges.registry import ALL_VENUES
from bot.exchanges.venue import Call
from tests.support.venues import loopback_venues

BITMEX = ALL_VENUES["bitmex"]


class Noted:
    """A pace that notes when it let something through [s]."""

    def __init__(self, pace: Pace) -> None:
        self.window = pace.window
        self.passed: list[float] = []
        self.wait, self.behind = pace.wait, pace.behind
        self._spend = pace.spend

    def spend(self, weight: float) -> None:
        self.passed.append(time.monotonic())
        self._spend(weight)


async def _granted(pace: Pace, weights: list[float]) -> tuple[int, list[float]]:
    """Ask for all at once; returns how many went at once, and when each was let through [s]."""
    noted = Noted(pace)
    asked = Allowance(noted)
    asking = [asyncio.create_task(asked.granted(weight)) for weight in weights]
    await asyncio.sleep(0)
    at_once = len(noted.passed)
    await asyncio.gather(*asking)
    return at_once, noted.passed


async def test_no_stretch_of_time_sees_more_than_is_allowed() -> None:
    at_once, times = await _granted(Window(3, 0.5), [1.0] * 8)
    assert at_once == 3
    for first, fourth in zip(times, times[3:], strict=False):
        assert fourth - first >= 0.5


async def test_heavy_requests_count_for_several_and_one_too_heavy_goes_alone() -> None:
    at_once, times = await _granted(Window(4, 0.5), [3.0, 1.0, 1.0, 99.0])
    assert at_once == 2
    assert times[2] >= times[0] + 0.5
    assert times[3] >= times[2] + 0.5


async def test_requests_are_let_through_in_the_order_in_which_they_came() -> None:
    allowance, order = Allowance(Spacing(0.02)), list[int]()

    async def one(number: int) -> None:
        await allowance.granted()
        order.append(number)

    await asyncio.gather(*(one(number) for number in range(6)))
    assert order == [0, 1, 2, 3, 4, 5]


async def test_settings_mean_what_they_mean_to_the_exchange_library() -> None:
    at_once, times = await _granted(pace({"rateLimit": 50}), [1.0] * 4)
    assert at_once == 1
    assert times[3] - times[0] >= 0.15
    settings = {"rateLimit": 125, "rollingWindowSize": 500}
    at_once, times = await _granted(pace(settings), [1.0] * 5)
    assert at_once == 4
    assert times[4] - times[0] >= 0.5
    assert BITMEX.ccxt == {"rateLimit": 2400, "rollingWindowSize": 60_000}  # 25 a minute, of 30


async def test_parameters_go_into_the_query_or_the_body_by_the_verb() -> None:
    async with loopback_venues() as venues:
        root = "https://api.hyperliquid.xyz"
        asker = VenueClient(
            replace(ALL_VENUES["hyperliquid"], root=root, ccxt={"rateLimit": 1}), venues.base
        )
        told = await asker.ask(Call("POST /info", {"type": "metaAndAssetCtxs"}))
        await asker.close()
        assert isinstance(told, list)
        assert venues.asked("hyperliquid")[0].path == "/info/metaAndAssetCtxs"
        asker = VenueClient(BITMEX, venues.base)
        params = {"symbol": "XBTUSD", "count": 3, "reverse": True, "start": None}
        told = await asker.ask(Call("GET /api/v1/trade", dict(params)))
        await asker.close()
        assert isinstance(told, list)
        assert 2 <= len(told) <= 3
        (asked,) = venues.asked("bitmex")
        assert asked.params == {"symbol": "XBTUSD", "count": "3", "reverse": "true"}


@pytest.mark.parametrize("body", ["<html>", "", "[1, 2", "\ufeff[]"])
async def test_what_is_no_json_comes_back_as_text_which_no_parser_takes(body: str) -> None:
    async with loopback_venues() as venues:
        venues.fault("bitmex", "status", status=200, body=body)
        asker = VenueClient(BITMEX, venues.base)
        assert await asker.ask(BITMEX.listings("")) == body
        await asker.close()
