"""A process that is killed while it delivers: nothing is lost, and what may be a repeat says so."""

import sqlite3
from contextlib import closing
from pathlib import Path

from storage.memory import Memory
from tests.support.discord_world import in_server
from tests.support.kills import deliver_and_kill, fill_numbered, of_discord, of_telegram
from tests.support.platform_limits import Limits
from tests.support.strict_discord import StrictDiscord
from tests.support.strict_telegram import StrictTelegram

KILLS = 5
EPISODES = 4


async def test_on_telegram_nothing_is_lost_and_every_repeat_says_that_it_may_be_one(
    telegram: StrictTelegram, memory: Memory, path: Path, limits: Limits
) -> None:
    people = range(1, 41)
    await fill_numbered(memory.outbox, [f"telegram:{n}" for n in people], EPISODES)

    url = f"sqlite:///{path}"
    kills = await deliver_and_kill(
        memory.outbox, "telegram", url, telegram.origin, KILLS, patience=110
    )

    ledger = of_telegram(telegram, people, EPISODES)
    assert kills == KILLS
    assert ledger.lost == 0
    assert ledger.unmarked == 0
    assert ledger.out_of_order == 0
    # What was in the air at a kill; less than one message where the machine has nothing else to do.
    assert ledger.repeats <= 3 * KILLS
    assert limits.violations == []
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


async def test_on_discord_nothing_is_lost_and_nothing_is_repeated(
    discord: StrictDiscord, memory: Memory, path: Path
) -> None:
    channels = [in_server(discord.server.world, f"ann{n}").channel for n in range(40)]
    await fill_numbered(memory.outbox, [f"discord:{channel}" for channel in channels], EPISODES)

    url, origin = f"sqlite:///{path}", discord.server.api_base
    kills = await deliver_and_kill(memory.outbox, "discord", url, origin, KILLS, patience=110)

    ledger = of_discord(discord.server, channels, EPISODES)
    assert kills == KILLS
    assert ledger.lost == 0
    assert ledger.repeats == 0
    assert ledger.out_of_order == 0
    assert discord.inside_a_wait == []
