"""`/liqs` tells what was liquidated, by whom it was heard, and what nobody heard."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, floats
from bot.core.instruments import Instrument
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.offer import NONE, Offer
from bot.desk.liqs import LiqsDesk
from bot.ports import HistoryStore
from bot.reply import Live
from tests.support.asking import Asking, asking
from tests.support.histories import BTC, history
from tests.support.markets import Market
from tests.support.pictures import decoded

OKX, ETH = (Instrument(*words, "USDT", "USDT") for words in (("okx", "BTC"), ("binance", "ETH")))
BARS = 400  # of five minutes


class Memory:
    """A HistoryStore of one market, saved before the test begins."""

    def __init__(self, history: MarketHistory) -> None:
        self.history = history

    async def load(self, instrument: Instrument, since: int) -> MarketHistory | None:
        del since
        return self.history if instrument == self.history.instrument else None

    async def save(self, history: MarketHistory) -> None:
        raise AssertionError(f"{history.instrument.key} is saved by others")

    async def save_liquidations(
        self, instrument: Instrument, events: Liquidations, heard: Heard
    ) -> None:
        raise AssertionError(f"{instrument.key}: {len(events)} of {heard} are saved by others")

    async def followed(self, since: int) -> Sequence[Instrument]:
        del since
        return [self.history.instrument]


@asynccontextmanager
async def desk(source: Market, store: HistoryStore | None = None) -> AsyncIterator[Asking]:
    async with asking(
        source,
        "liqs",
        lambda markets, snapshots, tapes: LiqsDesk(source, markets, snapshots, tapes, store),
    ) as made:
        yield made


def events(now: int, *rows: tuple[int, int, float]) -> Liquidations:
    """Each row: how long before `now` [ms], side, USD at 100."""
    told = sorted((now - ago, side, usd) for ago, side, usd in rows)
    time, side, usd = zip(*told, strict=True) if told else ((), (), ())
    return Liquidations(
        np.array(time, dtype=np.int64),
        np.array(side, dtype=np.int8),
        np.full(len(told), 100.0),
        floats(usd) / 100,
    )


def source(*venues: Instrument) -> Market:
    """Markets that tell nothing of liquidations by themselves; they are heard live."""
    return Market(
        *(replace(history(venue, bars=BARS), liquidations=None, heard=None) for venue in venues)
    )


async def test_sums_by_side_venue_and_size_and_the_largest_are_told_with_a_picture() -> None:
    made = source(BTC, OKX)
    async with desk(made) as ask:
        now = made.time
        ask.tapes.take(
            BTC, events(now, (10 * MINUTE, 1, 2.5e6), (3 * HOUR, -1, 40_000.0), (2 * DAY, 1, 9e9))
        )
        ask.tapes.take(OKX, events(now, (20 * MINUTE, -1, 500.0)))
        for venue in (BTC, OKX):
            ask.tapes.hear(venue, Heard(((now - 2 * DAY, now - 5_000),)))
        reply = await ask.say("liqs btc")
    text = reply.text()
    assert reply.headline == "BTC liquidations · $2.5M in 24 h"
    for said in (
        "Last hour: $2.5M (longs $2.5M in 1, shorts $500 in 1).",
        "Last 24 h: $2.5M (longs $2.5M in 1, shorts $40K in 2).",
        "By size in 24 h: over $1M $2.5M in 1, $10K–100K $40K in 1, under $1K $500 in 1.",
        "Largest: $2.5M long at 100.00 on Binance, ",
        "By venue in 24 h: Binance $2.5M, OKX $500.",
        "2 of 2 venues heard all day (Binance, OKX)",
        "Binance; OKX: complete.",
    ):
        assert said in text, said
    assert "not counted" not in text
    assert reply.image is not None
    assert decoded(reply.image.png).shape == (1600, 1280, 3)
    assert len(text) < 1024


async def test_what_nobody_heard_is_said_and_not_taken_for_calm() -> None:
    made = source(BTC, OKX)
    made.offered = [
        Offer("binance", "", "", "", "", "", "", "", "", "", "stream", "one a second"),
        Offer("okx", "", "", "", "", "", "", "", "", "", NONE, ""),
    ]
    made.histories = {
        one: replace(told, liquidation_feed="") for one, told in made.histories.items()
    }
    async with desk(made) as ask:
        now = made.time
        heard = ((now - 5 * HOUR, now - 2 * HOUR), (now - HOUR, now - 30 * MINUTE))
        ask.tapes.hear(BTC, Heard(heard))
        text = (await ask.say("liqs btc")).text()
    assert "Last 24 h: none reported." in text
    assert "0 of 2 venues heard all day" in text
    assert "Binance (heard 3.5 of 24 h, not since " in text
    assert "UTC): one a second." in text
    assert "OKX (not heard): it publishes none." in text
    assert "What was not heard is not counted." in text


async def test_events_of_the_tape_and_of_the_history_are_counted_once() -> None:
    made = source(BTC)
    told = events(made.time, (10 * MINUTE, 1, 1_000.0), (HOUR, 1, 3_000.0))
    made.histories[BTC] = replace(
        made.histories[BTC], liquidations=told, heard=Heard(((0, made.time),))
    )
    async with desk(made) as ask:
        ask.tapes.take(BTC, told)
        text = (await ask.say("liqs btc")).text()
    assert "longs $4K in 2, shorts $0" in text


async def test_without_a_coin_all_followed_markets_are_ranked() -> None:
    made = source(BTC, ETH, OKX)
    async with desk(made) as ask:
        assert "No market is listened to yet" in (await ask.say("liqs")).headline
        now = made.time
        for one, usd in ((BTC, 2_000.0), (ETH, 50_000.0), (OKX, 3_000.0)):
            ask.tapes.take(one, events(now, (MINUTE, 1, usd)))
            ask.tapes.hear(one, Heard(((now - DAY, now),)))
        reply = await ask.say("liqs")
        only = await ask.say("liqs okx")
    assert reply.headline == "Liquidations of 2 coins · $55K in 24 h"
    assert "Most in 24 h: ETH $50K, BTC $5K." in reply.text()
    assert "Largest: $50K ETH long at " in reply.text()
    assert [button.words for button in reply.buttons[0]] == ["liqs ETH", "liqs BTC"]
    assert only.headline == "Liquidations of 1 coin · $3K in 24 h"
    assert "1 of 1 venue heard all day (OKX)" in only.text()


async def test_what_was_stored_before_a_restart_is_told_though_no_venue_answers_now() -> None:
    made = source(BTC)
    now = made.time
    told = events(now, (2 * HOUR, -1, 7_000.0))
    stored = replace(
        made.histories[BTC], liquidations=told, heard=Heard(((now - 3 * HOUR, now - HOUR),))
    )
    async with desk(made, Memory(stored)) as ask:
        assert "shorts $7K in 1" in (await ask.say("liqs")).text()  # of all that were followed
        await ask.say("liqs btc")  # so that the listing is known
        made.down = {"binance": "timed out"}
        ask.snapshots.drop(BTC)
        ask.tapes.take(BTC, events(now, (MINUTE, 1, 1_000.0)))
        ask.tapes.hear(BTC, Heard(((now - 2 * MINUTE, now),)))
        text = (await ask.say("liqs btc refresh")).text()
    assert "Binance is not answering: timed out." in text
    assert "longs $1K in 1, shorts $7K in 1" in text
    assert "heard 2 of 24 h" in text


async def test_a_live_answer_names_its_words_and_offers_to_stop() -> None:
    made = source(BTC)
    async with desk(made) as ask:
        live = await ask.say("liqs btc light live")
        plain = await ask.say("liqs btc light")
        every = await ask.say("liqs live")
    assert live.live == Live("liqs BTC light live", "liqs BTC light")
    assert live.lines[0] == "Live: this message is kept current for ten minutes."
    assert [button.words for row in live.buttons for button in row] == ["liqs BTC light"]
    assert plain.live is None
    assert "liqs BTC light live" in [button.words for row in plain.buttons for button in row]
    assert every.live == Live("liqs live", "liqs")


async def test_a_live_answer_does_not_ask_the_venues_each_time() -> None:
    made = source(BTC)
    async with desk(made) as ask:
        await ask.say("liqs btc live")
        asked = len(made.asked)
        for _ in range(5):
            made.time += 10_000
            ask.tapes.take(BTC, events(made.time, (0, 1, 100.0)))
            text = (await ask.say("liqs btc live")).text()
        assert len(made.asked) == asked
        assert "longs $500 in 5" in text
        made.time += 20_000
        await ask.say("liqs btc live")
    assert len(made.asked) == asked + 1


async def test_simulated_liquidations_are_called_so() -> None:
    made = Market(history(bars=BARS, simulated=True))
    async with desk(made) as ask:
        reply = await ask.say("liqs btc")
        every = await ask.say("liqs")
    assert reply.simulated
    assert every.simulated
    assert reply.lines[0].startswith("SIMULATED")


async def test_an_unknown_coin_is_a_problem() -> None:
    async with desk(source(BTC)) as ask:
        assert (await ask.say("liqs nosuchcoin")).kind == "problem"


async def test_a_venue_that_is_away_and_lists_the_coin_alone_is_no_silent_calm() -> None:
    made = source(BTC, OKX)
    made.down = {"okx": "timed out"}
    async with desk(made) as ask:
        reply = await ask.say("liqs btc okx")
    assert reply.kind == "problem"
    assert reply.headline.startswith("No venue answered")
