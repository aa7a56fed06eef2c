"""`/status` says what is collected, how old it is, who is left alone, and what is still missing."""

from dataclasses import replace

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.instruments import Instrument
from bot.desk.collectors import Report
from bot.desk.live import Listening
from bot.desk.snapshot import Snapshots
from bot.desk.status import Running, Watching, status_reply
from tests.support.histories import BTC, START, history
from tests.support.markets import Market

OKX = Instrument("okx", "BTC", "USDT", "USDT")
ETH = Instrument("binance", "ETH", "USDT", "USDT")


def report(now: int) -> Report:
    return Report(
        markets=(BTC, OKX, ETH),
        ticked=now - 2_000,
        paused={"okx": ("it took too long", now + 2 * MINUTE)},
        filling={OKX: 0.639},
        not_had={OKX: {"open interest": 25 * DAY, "long/short ratio": HOUR}, BTC: {"funding": DAY}},
    )


async def said(source: Market, running: Running, *asked: Instrument) -> tuple[str, ...]:
    snapshots = Snapshots(source, None)
    if asked:
        await snapshots.of(asked)
        source.time += 20 * MINUTE
    return status_reply(source, snapshots, running).lines


async def test_nothing_is_said_of_collecting_where_nothing_is_collected() -> None:
    lines = await said(Market(history()), Running())
    assert lines == ("No market has been asked for yet.",)


async def test_what_is_collected_who_is_left_alone_and_what_is_being_filled_in() -> None:
    source = Market(history())
    lines = await said(source, Running(collecting=lambda: report(source.time)))
    assert lines[:6] == (
        "collecting 3 markets on 2 venues · last tick just now",
        "OKX: left alone, asked again in 2 min: it took too long",
        "back-filling BTC on OKX: 63 %",
        "OKX has no open interest of BTC for 25 d",
        "Binance has no funding of BTC for 1 d",
        "OKX has no long/short ratio of BTC for 1 h",
    )


async def test_of_many_gaps_only_the_longest_are_told_and_the_rest_counted() -> None:
    source = Market(history())
    many = {Instrument("okx", f"C{n}", "USDT", "USDT"): {"funding": n * HOUR} for n in range(1, 9)}
    lines = await said(
        source, Running(collecting=lambda: replace(report(source.time), not_had=many))
    )
    assert "OKX has no funding of C8 for 8 h" in lines
    assert "OKX has no funding of C4 for 4 h" not in lines
    assert "and 4 more gaps that venues cannot fill" in lines


async def test_feeds_say_since_when_they_are_heard() -> None:
    feeds = (Listening("binance", 2, START + HOUR), Listening("okx", 1, None))
    lines = await said(Market(history(bars=100)), Running(feeds=lambda: feeds))
    assert lines[:3] == (
        "listening to liquidations of 3 markets",
        "Binance liquidations: since 01:00",
        "OKX liquidations: not heard now",
    )


async def test_each_venue_says_how_old_its_data_are_and_what_is_stale_is_called_so() -> None:
    source = Market(
        history(bars=400), history(OKX, bars=400 // 3, interval=15 * MINUTE), history(ETH, bars=400)
    )
    source.time = START + 400 * 5 * MINUTE
    lines = await said(source, Running(), BTC, OKX, ETH)
    venue = "Binance: 2 markets, data to 2 Dec 09:20 UTC (20 min ago), 2 of them stale"
    assert venue in lines
    assert any(
        line.startswith("Binance BTC/USDT:USDT: data to 2 Dec 09:20 UTC")
        and ", stale since 09:20, 400 bars" in line
        for line in lines
    )
    okx = next(line for line in lines if line.startswith("OKX: 1 market"))
    assert "stale" not in okx  # bars of a quarter of an hour are not old yet


async def test_a_bar_that_was_forming_when_it_was_gathered_is_as_old_as_that() -> None:
    source = Market(history(bars=400))
    source.time = START + 399 * 5 * MINUTE + 30_000
    whole = source.histories[BTC]
    snapshots = Snapshots(source, None)
    await snapshots.of([BTC])
    kept = snapshots.kept[BTC.key]
    snapshots._kept[BTC.key] = replace(kept, history=whole)  # its last bar closes at 09:20
    source.time += 4 * MINUTE
    lines = status_reply(source, snapshots, Running()).lines
    assert any("data to 2 Dec 09:15 UTC (4 min ago), 400 bars" in line for line in lines), lines


def test_how_watches_stand_is_said_in_words() -> None:
    source = Market(history())
    now = source.time
    told = Watching(3, now - 60_000, 2, {"telegram": 5}, 120_000)
    lines = status_reply(source, Snapshots(source, None), Running(watching=lambda: told)).lines
    assert lines[:4] == (
        "watching 3 watches · last tick 1 min ago",
        "2 watches not kept yet: the memory cannot be used",
        "5 messages to be shown on Telegram",
        "the oldest has waited 2 min",
    )
    calm = Watching(1, None, 0, {}, None)
    lines = status_reply(source, Snapshots(source, None), Running(watching=lambda: calm)).lines
    assert lines[0] == "watching 1 watch · last tick not yet"
