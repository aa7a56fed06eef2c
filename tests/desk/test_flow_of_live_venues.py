"""Books and liquidations over the production clients of several venues, one of them failing."""

from collections.abc import AsyncIterator, Iterator

import pytest
from stamina.instrumentation import set_on_retry_hooks

from bot.desk.book import BookDesk
from bot.exchanges.live import live_source
from bot.ports import MarketSource
from tests.support.asking import asking
from tests.support.venues import LoopbackVenues, loopback_venues


@pytest.fixture(autouse=True)
def _retries_are_not_logged() -> Iterator[None]:
    """Keep the retry library quiet: its log fields collide with those of standard records."""
    set_on_retry_hooks(())
    yield
    set_on_retry_hooks(None)


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


@pytest.fixture
async def source(venues: LoopbackVenues) -> AsyncIterator[MarketSource]:
    made = live_source(("gate", "kucoin", "mexc"), exchange_base=venues.base)
    yield made
    await made.close()


async def test_the_books_of_three_venues_are_told_together(source: MarketSource) -> None:
    async with asking(
        source, "book", lambda markets, snapshots, _: BookDesk(source, markets, snapshots)
    ) as ask:
        reply = await ask.say("book btc")
    text = reply.text()
    assert reply.kind == "answer"
    assert "3 of 3 venues (" in text
    for name in ("Gate", "KuCoin", "MEXC"):
        assert name in text
    assert "Takers bought $" in text
    assert "Within 1 %: $" in text
    assert reply.image is not None


async def test_a_venue_whose_books_are_down_is_named_and_the_others_are_told(
    venues: LoopbackVenues, source: MarketSource
) -> None:
    venues.fault("kucoin", "status", path="level2")
    async with asking(
        source, "book", lambda markets, snapshots, _: BookDesk(source, markets, snapshots)
    ) as ask:
        text = (await ask.say("book btc")).text()
    assert "2 of 3 venues (" in text
    assert "KuCoin is not answering: " in text
    assert "503" in text
