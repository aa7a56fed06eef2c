"""A whole house over a small market that stands still, in which hardly anything is drawn."""

import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot import wiring
from bot.core.instruments import Instrument
from bot.settings import Settings
from bot.wiring import House, house
from tests.support.histories import history
from tests.support.markets import Market

_RENDERERS = (
    *(
        "heatmap",
        "profile",
        "liqs",
        "book",
        "panel",
        "squeeze",
        "ranking",
        "setup",
        "watch_preview",
    ),
    *("position", "journal", "backtest", "accuracy", "whatif"),
)
_BLANK = b"\x89PNG\r\n\x1a\n"
_DRAWN = 0.005  # of all pictures are drawn


def market() -> Market:
    """Two coins of three venues, one of them listed twice."""
    instruments = [
        *(Instrument(venue, "BTC", "USDT", "USDT") for venue in ("binance", "bybit", "okx")),
        Instrument("binance", "ETH", "USDT", "USDT"),
        Instrument("okx", "1000PEPE", "USDT", "USDT"),
        Instrument("bybit", "BTC", "USD", "BTC"),
    ]
    histories = (history(bars=300, seed=at) for at in range(len(instruments)))
    return Market(
        *(replace(one, instrument=item) for one, item in zip(histories, instruments, strict=True))
    )


@asynccontextmanager
async def standing(folder: Path, rng: random.Random) -> AsyncIterator[House]:
    """Build everything as in production, but for the market, and for most of the pictures."""
    settings = Settings(
        _env_file=None,
        history_days=2,
        ask_per_minute=0,
        database_url=SecretStr(f"sqlite:///{folder / 'fuzz.sqlite3'}"),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wiring, "market_source", lambda *_args, **_more: market())
        for name in _RENDERERS:
            module = import_module(f"renderers.{name}")
            patch.setattr(module, "render", _seldom(module.render, rng))
        async with house(settings, "replay:of-nothing", watch=True) as built:
            yield built


def _seldom(render: Callable[..., bytes], rng: random.Random) -> Callable[..., bytes]:
    def drawn(*said: Any, **more: Any) -> bytes:
        return render(*said, **more) if rng.random() < _DRAWN else _BLANK

    return drawn
