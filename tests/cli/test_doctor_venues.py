"""`emberline doctor --venues` shows what every venue offers, answers, and lacks."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import pytest
from typer.testing import CliRunner

from bot.cli import app
from bot.cli import doctor_venues as doctor
from bot.core.instruments import venue_name
from bot.settings import KNOWN_VENUES, Settings
from tests.support.venues import LoopbackVenues, loopback_venues


@pytest.fixture
async def venues() -> AsyncIterator[LoopbackVenues]:
    async with loopback_venues() as far_end:
        yield far_end


async def test_every_venue_is_asked_and_nothing_that_is_missing_is_hidden(
    venues: LoopbackVenues, capsys: pytest.CaptureFixture[str]
) -> None:
    found = await doctor.look(KNOWN_VENUES, venues.base)
    assert {one.offer.exchange for one in found} == set(KNOWN_VENUES)
    for one in found:
        assert one.failures == {}
        assert one.listed is not None
        assert one.listed >= 3
        assert one.told == one.listed
        assert one.bars is not None
        assert one.bars > 90
        assert one.took > 0
        assert set(one.missing) <= {"long/short ratio"}
    doctor.show(found)
    said = capsys.readouterr().out
    for name in KNOWN_VENUES:
        assert venue_name(name) in said
    assert "none" in said
    assert "long/short ratio is missing: it publishes none." in said
    assert (
        "Hyperliquid, liquidations: seen in the fills of HLP's vaults; market liquidations among "
        "others are not seen." in said
    )
    assert "KuCoin, liquidations: it publishes none." in said
    assert "not well" not in said


async def test_what_does_not_answer_is_said_with_the_reason(
    venues: LoopbackVenues, capsys: pytest.CaptureFixture[str]
) -> None:
    venues.fault("okx", "status", status=451)
    venues.fault("binance", "garbage", path="/ticker/24hr")
    venues.fault("bitmex", "status", status=404, path="/trade/bucketed")
    venues.fault("bybit", "garbage", path="/open-interest")
    names = ("binance", "bybit", "okx", "bitmex")
    found = {one.offer.exchange: one for one in await doctor.look(names, venues.base)}
    assert found["okx"].failures == {"the listing": "it does not serve this location (451)"}
    assert found["okx"].listed is None
    assert list(found["binance"].failures) == ["the overview"]
    assert found["binance"].bars is not None
    assert found["bitmex"].failures == {"a day of BTC/USD:BTC": "it refuses (404)"}
    assert found["bybit"].failures == {}
    assert list(found["bybit"].missing) == ["open interest"]
    doctor.show(list(found.values()))
    said = capsys.readouterr().out
    assert said.count("not well") == 3
    assert "the listing failed: it does not serve this location (451)." in said
    assert "open interest is missing: open interest came in a form that makes no sense." in said


async def test_a_venue_that_hangs_is_given_up(
    venues: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "_PATIENCE", 0.5)
    venues.fault("bitmex", "hang")
    (one,) = await doctor.look(["bitmex"], venues.base)
    assert one.failures == {"all of it": "no answer within 0.5 s"}


@pytest.fixture
def served() -> Iterator[LoopbackVenues]:
    """The venues on a loop of their own: the command runs one itself."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    over = asyncio.Event()
    running: list[LoopbackVenues] = []

    async def serve() -> None:
        async with loopback_venues() as far_end:
            running.append(far_end)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    assert ready.wait(10)
    yield running[0]
    loop.call_soon_threadsafe(over.set)
    thread.join(10)
    loop.close()


def test_the_command_fails_if_one_venue_does(
    served: LoopbackVenues, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("EXCHANGE_BASE", served.base)
    well = CliRunner().invoke(app, ["doctor", "--venues"])
    assert well.exit_code == 0, well.output
    served.fault("deribit", "status", status=503)
    assert CliRunner().invoke(app, ["doctor", "--venues"]).exit_code == 1
