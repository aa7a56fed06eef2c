"""Digests and pictures: each time once, however clocks go and whatever fails."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.core.arrays import DAY, HOUR
from bot.core.errors import NotEnoughData
from bot.watching import Manners
from storage.memory import Memory
from tests.support.watched import CHAT, MINUTE, NOW, Watching, shown, watching

ZONE = "Europe/Berlin"


def ms(*wall: int, zone: str = ZONE, fold: int = 0) -> int:
    year, month, day, hour, minute = wall
    moment = datetime(year, month, day, hour, minute, fold=fold, tzinfo=ZoneInfo(zone))
    return int(moment.timestamp() * 1000)


def local(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(ZONE)).strftime("%d %H:%M")


async def test_a_picture_comes_at_its_times_and_once_at_each(desk: Watching) -> None:
    name = await desk.add("BTC heatmap every 15m")
    assert desk.desk.next_due(name) is None  # not looked at yet
    await desk.tick()
    assert await desk.shown() == []  # its first time is yet to come
    assert desk.desk.next_due(name) == NOW + 15 * MINUTE
    await desk.tick(29)
    first = NOW // (15 * MINUTE) + 1
    assert [key for key, _ in await desk.shown()] == [f"{name}/{first}", f"{name}/{first + 1}"]


async def test_a_restart_at_any_time_sends_none_twice(memory: Memory) -> None:
    at = NOW
    for minutes in (1, 14, 1, 1, 20, 3):
        async with watching(memory, at) as desk:
            if at == NOW:
                await desk.add("BTC heatmap every 15m")
            await desk.tick(minutes)
            at = desk.source.time
    assert len(await shown(memory)) == 2


async def test_two_processes_send_a_digest_once(memory: Memory) -> None:
    await memory.watches.set_manners(CHAT, Manners(zone=ZONE))
    async with watching(memory) as one, watching(memory) as other:
        await one.add("digest 13:30")
        for _ in range(60):
            await one.tick()
            await other.tick()
    assert len(await shown(memory)) == 1


async def test_what_cannot_be_had_is_tried_again_and_then_sent(desk: Watching) -> None:
    await desk.add("digest 12:10")
    desk.teller.fails = [NotEnoughData("no closed candle of BTC")] * 5
    await desk.tick(14)
    assert await desk.shown() == []
    await desk.tick(5)
    assert len(await desk.shown()) == 1
    assert len(desk.teller.calls) == 6


async def test_what_cannot_be_had_for_long_is_said_in_a_sentence_once(desk: Watching) -> None:
    await desk.add("BTC heatmap every 4h")
    desk.teller.fails = [NotEnoughData("no closed candle of BTC")] * 500
    await desk.tick(4 * 60 + 30)
    said = await desk.shown()
    assert [text for _, text in said] == ["“BTC heatmap every 4h” cannot be made now"]
    assert 14 <= len(desk.teller.calls) <= 16


async def test_a_teller_that_breaks_is_waited_out_too(desk: Watching) -> None:
    await desk.add("digest 12:05")
    desk.teller.fails = [ZeroDivisionError()]
    await desk.tick(8)
    assert len(await desk.shown()) == 1


async def test_pictures_are_left_out_while_a_chat_is_quiet_or_a_watch_is_snoozed(
    desk: Watching,
) -> None:
    await desk.memory.watches.set_manners(CHAT, Manners(quiet=(12 * 60, 13 * 60)))
    await desk.add("BTC heatmap every 15m")
    name = await desk.add("ETH heatmap every 15m", chat="telegram:8")
    await desk.memory.watches.snooze(name, NOW + 40 * MINUTE)
    await desk.tick(50)
    assert [key.partition("/")[0] for key, _ in await desk.shown()] == ["w2"]
    await desk.tick(30)
    assert len([key for key, _ in await desk.shown() if key.startswith("w1")]) == 2


@pytest.mark.parametrize(
    ("day", "at"),
    [("2026-03-29", "02:30"), ("2026-03-29", "03:00"), ("2026-10-25", "02:30")],
)
async def test_on_days_of_23_and_25_hours_a_digest_comes_once(
    memory: Memory, day: str, at: str
) -> None:
    year, month, number = map(int, day.split("-"))
    begin = ms(year, month, number, 0, 5)
    await memory.watches.set_manners(CHAT, Manners(zone=ZONE))
    async with watching(memory, begin) as desk:
        await desk.add(f"digest {at}")
        await desk.tick(6 * 60)
        assert len(await desk.shown()) == 1
        desk.source.time = begin + DAY + 5 * HOUR
        await desk.tick(2)
        assert len(await desk.shown()) == 2
        calls = [local(call.at) for call in desk.teller.calls]
    assert calls[1].endswith(at)


@pytest.mark.parametrize("jump", [-HOUR, HOUR])
async def test_a_clock_that_jumps_an_hour_sends_no_time_twice(memory: Memory, jump: int) -> None:
    async with watching(memory) as desk:
        await desk.add("BTC heatmap every 30m")
        await desk.add("digest 13:00")
        await desk.tick(65)
        desk.source.time += jump
        await desk.tick(65)
        desk.source.time -= jump
        await desk.tick(65)
        keys = [key for key, _ in await desk.shown()]
        assert len(keys) == len(set(keys))
        assert sum(key.startswith("w2") for key in keys) == 1


async def test_a_clock_that_was_years_ahead_silences_no_digest(desk: Watching) -> None:
    await desk.add("digest 12:10")
    await desk.tick(2)
    desk.source.time += 3 * 365 * DAY
    await desk.tick(20)
    desk.source.time -= 3 * 365 * DAY
    await desk.tick(3)
    before = len(await desk.shown())
    desk.source.time += DAY
    await desk.tick(30)
    assert len(await desk.shown()) == before + 1
