"""`/heatmap` and `/map`, from words to picture, over markets in memory."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np
import pytest

import renderers.heatmap
from bot.chats.hears import Listener
from bot.core.arrays import MINUTE
from bot.core.instruments import Instrument
from bot.desk.accuracy import AccuracyDesk
from bot.desk.front import Front
from bot.desk.heatmap import HeatmapDesk
from bot.desk.markets import Markets
from bot.desk.requests import Asker
from bot.desk.scoring import Scoring
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running
from bot.ports import ChatSettings, KeptMap
from bot.reply import Button, Reply
from tests.support.histories import BTC, history
from tests.support.markets import Market

BYBIT = Instrument("bybit", "BTC", "USDT", "USDT")
OKX = Instrument("okx", "BTC", "USDT", "USDT")
WHO = Asker("test:1", "test:2")
PNG = b"\x89PNG\r\n\x1a\n"


class Maps:
    """A MapStore that keeps what it is given."""

    def __init__(self) -> None:
        self.maps: list[KeptMap] = []

    async def keep(self, kept: KeptMap) -> int:
        self.maps.append(kept)
        return len(self.maps)

    async def kept(self, market: str, since: int) -> Sequence[KeptMap]:
        return [kept for kept in self.maps if kept.market == market and kept.map.time >= since]


class Preferences:
    """A SettingsStore in which every chat likes light pictures."""

    async def settings(self, chat: str) -> ChatSettings:
        assert chat == WHO.chat
        return ChatSettings(theme="light")

    async def change(self, chat: str, settings: ChatSettings) -> None:
        raise AssertionError(f"nobody asked to change {chat} to {settings}")

    async def uploaded(self, platform: str, key: str) -> str | None:
        raise AssertionError(f"the desk does not upload {key} to {platform}")

    async def remember_upload(self, platform: str, key: str, file_id: str) -> None:
        raise AssertionError(f"the desk does not upload {key} to {platform} as {file_id}")


@asynccontextmanager
async def desk(
    source: Market, maps: Maps | None = None, preferences: Preferences | None = None
) -> AsyncIterator[Listener]:
    markets, snapshots = Markets(source), Snapshots(source, None)
    scoring = Scoring(source, snapshots)
    heatmaps = HeatmapDesk(markets, snapshots, settings=preferences, maps=maps, scoring=scoring)
    accuracies = AccuracyDesk(markets, snapshots, scoring)
    front = Front(source, markets, snapshots, heatmaps, accuracies, Running())
    try:
        yield Listener(front)
    finally:
        await scoring.close()
        await front.close()


def labels(reply: Reply) -> list[list[str]]:
    return [[button.label for button in row] for row in reply.buttons]


def button(reply: Reply, label: str) -> Button:
    return next(button for row in reply.buttons for button in row if button.label == label)


async def test_a_heatmap_comes_with_its_words_and_next_steps() -> None:
    async with desk(Market(history())) as listener:
        reply = await listener.answer("heatmap btc", WHO)
    assert reply.kind == "answer"
    assert reply.image is not None
    assert reply.image.png.startswith(PNG)
    assert reply.headline.startswith("BTC liquidation heatmap · 24h · ")
    text = reply.text()
    for said in ("Largest above", "Largest below", "Open interest $", "funding", "stimated"):
        assert said in text
    assert "1 of 1 venue (Binance) · data to 3 Dec 02:00 UTC" in text
    assert "SIMULATED" not in text
    assert labels(reply) == [["12h", "24h", "3d", "7d", "30d"], ["Refresh", "Profile", "File"]]
    assert button(reply, "24h").chosen


async def test_every_button_is_understood_and_leads_where_it_says() -> None:
    whole = history()
    source = Market(whole, replace(whole, instrument=BYBIT), replace(whole, instrument=OKX))
    async with desk(source) as listener:
        first = await listener.answer("heatmap btc 12h light", WHO)
        for row in first.buttons:
            for each in row:
                reply = await listener.answer(each.words, WHO)
                assert reply.kind == "answer", each
                assert reply.image is not None
        bybit = await listener.answer(button(first, "Bybit").words, WHO)
        assert "1 of 1 venue (Bybit)" in bybit.text()
        assert button(bybit, "Bybit").chosen
        profile = await listener.answer(button(bybit, "Profile").words, WHO)
        assert profile.headline.startswith("BTC liquidation map")
        assert button(profile, "Heatmap").words == "heatmap BTC 12h bybit light"


async def test_three_venues_are_one_picture_of_their_sum() -> None:
    whole = history()
    both = Market(whole, replace(whole, instrument=BYBIT))
    maps = Maps()
    async with desk(both, maps) as listener:
        await listener.answer("heatmap btc", WHO)
        await listener.answer("heatmap btc binance", WHO)
    merged, alone = maps.maps
    assert merged.market == "binance BTC/USDT:USDT + bybit BTC/USDT:USDT"
    assert alone.market == "binance BTC/USDT:USDT"
    # The two venues have the same bars, and rules of margin that differ only slightly.
    assert merged.map.long_usd.sum() == pytest.approx(2 * alone.map.long_usd.sum(), rel=0.1)


async def test_a_venue_down_leaves_a_partial_picture_that_says_so() -> None:
    whole = history()
    markets = (whole, replace(whole, instrument=BYBIT), replace(whole, instrument=OKX))
    async with desk(Market(*markets, down={"okx": "HTTP 503"})) as listener:
        reply = await listener.answer("heatmap btc", WHO)
    assert "2 of 3 venues (Binance, Bybit)" in reply.text()
    assert "OKX is not answering: HTTP 503." in reply.text()


async def test_nothing_is_drawn_when_nothing_answers() -> None:
    async with desk(Market(history(), down={"binance": "no connection"})) as listener:
        reply = await listener.answer("heatmap btc", WHO)
    assert reply.kind == "problem"
    assert reply.image is None
    assert "Binance is not answering: no connection." in reply.headline


async def test_the_same_question_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = 0
    render = renderers.heatmap.render

    def counted(*given: object) -> bytes:
        nonlocal drawn
        drawn += 1
        return render(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(renderers.heatmap, "render", counted)
    source = Market(history())
    end = source.time
    source.time = end - 30 * MINUTE
    async with desk(source) as listener:
        replies = await asyncio.gather(*(listener.answer("heatmap btc", WHO) for _ in range(500)))
        assert drawn == 1
        assert len({reply.image.key for reply in replies if reply.image}) == 1
        source.time = end  # new data, a new picture
        newer = await listener.answer("heatmap btc", WHO)
    assert drawn == 2
    assert newer.image is not None
    assert replies[0].image is not None
    assert newer.image.key != replies[0].image.key


async def test_a_chat_that_prefers_light_pictures_gets_them() -> None:
    async with desk(Market(history()), preferences=Preferences()) as listener:
        default = await listener.answer("heatmap btc", WHO)
        light = await listener.answer("heatmap btc light", WHO)
        dark = await listener.answer("heatmap btc dark", WHO)
    assert default.image is not None
    assert light.image is not None
    assert dark.image is not None
    assert default.image.png == light.image.png != dark.image.png


async def test_a_simulated_market_says_so_and_is_not_kept() -> None:
    maps = Maps()
    async with desk(Market(history(simulated=True)), maps) as listener:
        reply = await listener.answer("heatmap btc", WHO)
    assert reply.simulated
    assert reply.lines[0].startswith("SIMULATED")
    assert maps.maps == []


async def test_a_market_without_open_interest_and_funding_says_so() -> None:
    bare = replace(history(), open_interest=None, funding=None)
    async with desk(Market(bare)) as listener:
        reply = await listener.answer("heatmap btc", WHO)
    assert "No open interest to be had, no funding to be had." in reply.text()


async def test_missing_candles_are_said_not_filled() -> None:
    whole = history(bars=600)
    kept = np.r_[0:500, 536:600]  # three hours are missing
    names = ("open_time", "open", "high", "low", "close", "volume", "taker_buy_volume")
    holed = replace(whole.candles, **{name: getattr(whole.candles, name)[kept] for name in names})
    async with desk(Market(replace(whole, candles=holed))) as listener:
        reply = await listener.answer("heatmap btc", WHO)
    assert "Binance lacks 3 h of candles, last on 2 Dec 17:40 UTC." in reply.lines


async def test_a_market_just_listed_says_that_there_is_too_little() -> None:
    young = history(bars=2)
    source = Market(young)
    source.time = int(young.candles.open_time[0])  # no bar has closed yet
    async with desk(source) as listener:
        reply = await listener.answer("heatmap btc", WHO)
    assert reply.kind == "problem"
    assert "Not enough data" in reply.headline


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("heatmap xyzzy", "No perpetual called “xyzzy”"),
        ("heatmap btcc", "Did you mean BTC?"),
        ("heatmap btc 25h", "12h, 24h, 3d, 7d or 30d"),
        ("heatmap btc kraken", "Connected: binance"),
        ("haetmap btc", "Did you mean /heatmap?"),
        ("heatmap", "Which coin?"),
        ("help nothing", "Commands are heatmap"),
    ],
)
async def test_bad_input_is_answered_with_what_would_be_right(words: str, said: str) -> None:
    async with desk(Market(history())) as listener:
        reply = await listener.answer(words, WHO)
    assert reply.kind == "problem"
    assert said in reply.headline


async def test_a_suggestion_is_one_tap_away() -> None:
    async with desk(Market(history())) as listener:
        reply = await listener.answer("heatmap btcc", WHO)
        assert labels(reply) == [["BTC"]]
        assert (await listener.answer(reply.buttons[0][0].words, WHO)).image is not None


async def test_what_was_not_foreseen_is_answered_with_an_apology_and_no_detail() -> None:
    class Broken(Market):
        async def instruments(self) -> Sequence[Instrument]:
            raise RuntimeError("secret detail")

    async with desk(Broken(history())) as listener:
        reply = await listener.answer("heatmap btc", WHO)
        assert await listener.suggest("b") == ()
    assert reply.kind == "problem"
    assert "secret" not in reply.text()
    assert "ask again" in reply.headline


async def test_status_tells_sources_markets_and_troubles() -> None:
    whole = history()
    source = Market(whole, replace(whole, instrument=BYBIT), down={"bybit": "HTTP 451"})
    async with desk(source) as listener:
        before = await listener.answer("status", WHO)
        assert "No market has been asked for yet." in before.lines
        await listener.answer("heatmap btc", WHO)
        after = await listener.answer("status", WHO)
    assert BTC.symbol in after.text()
    assert "Bybit: not answering, HTTP 451" in after.lines
    assert "600 bars" in after.text()


@pytest.mark.parametrize("words", ["start", "help", "help heatmap", "help map"])
async def test_help_needs_no_market(words: str) -> None:
    async with desk(Market(history(), down={"binance": "down"})) as listener:
        reply = await listener.answer(words, WHO)
    assert reply.kind == "answer"
    assert "/heatmap" in reply.text() or "/map" in reply.text()


async def test_the_profile_speaks_of_the_prices_that_it_shows() -> None:
    async with desk(Market(history(bars=2_000))) as listener:
        near = await listener.answer("heatmap btc 12h", WHO)
        far = await listener.answer("map btc 12h", WHO)

    def largest(reply: Reply) -> float:
        line = next(line for line in reply.lines if line.startswith("Largest above"))
        return float(line.partition("$")[2].partition("M")[0])

    assert largest(far) >= largest(near)
