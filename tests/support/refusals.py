"""What a person is told of a venue that does not answer."""

import pytest

from bot.core.arrays import DAY
from bot.core.errors import MarketUnavailable
from bot.core.instruments import venue_name
from bot.exchanges.live import VenueSource
from tests.support.markets_of import BTC


async def refusal_of(source: VenueSource) -> str:
    """Ask for a day of a market, which fails, and return what a person is told."""
    with pytest.raises(MarketUnavailable) as failed:
        await source.history(BTC[source.name], source.now() - DAY)
    said = str(failed.value)
    assert said.startswith(f"{venue_name(source.name)} is not answering: ")
    for leak in ("http", "127.0.0.1", "secret", "symbol=", "Traceback", "Error(", "{"):
        assert leak not in said
    assert source.failures() == {source.name: failed.value.reason}
    return failed.value.why
