"""How soon a question to seventeen venues is answered: anew, beside a silent one, after a restart.

The venues are a process of their own, and so is whoever asks: what it takes to import is in it.
"""

import asyncio
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection

from bot.exchanges.registry import ALL_VENUES
from tests.benchmarks.table import Row
from tests.support.venues import loopback_venues

SILENT = "kraken"
_WITHIN = 3.5  # [s] of the first answer: 3 s of patience, and the picture

# Told from the process's start: the first answer, how many venues are in it, and when all are that
# will be.
_ASK = """
import asyncio, json, logging, os, re, sys, time
started = time.monotonic() - (time.time() - float(sys.argv[1]))
import structlog
structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
from bot.chats.hears import Asker
from bot.settings import settings
from bot.wiring import house

def venues(reply):
    found = re.search(r"(\\d+) of (\\d+) venues", reply.text())
    return int(found[1]) if found else 0

async def main(wanted, rest):
    async with house(settings(None), "live") as standing:
        who = Asker("bench:1", "bench:1")
        await asyncio.sleep(float(rest))
        asked = time.monotonic()
        reply = await standing.listener.answer("heatmap BTC", who)
        told = [time.monotonic() - asked, time.monotonic() - started, venues(reply)]
        while venues(reply) < wanted and time.monotonic() - asked < 60:
            await asyncio.sleep(0.5)
            reply = await standing.listener.answer("heatmap BTC", who)
        whole = time.monotonic() - asked, venues(reply)
        others = []  # slowest first answer, and venues that we might not ask for it
        for coin in ("ETH", "SOL"):
            began = time.monotonic()
            reply = await standing.listener.answer(f"heatmap {coin}", who)
            others += [time.monotonic() - began, reply.text().count("We may not ask BitMEX")]
        print(json.dumps([*told, *whole, *others]))

asyncio.run(main(int(sys.argv[2]), sys.argv[3]))
"""


def _serve(pipe: Connection, silent: Sequence[str]) -> None:
    """Play the venues until told to stop."""

    async def run() -> None:
        async with loopback_venues() as venues:
            for venue in silent:
                venues.fault(venue, "hang")
            pipe.send(venues.base)
            await asyncio.to_thread(pipe.recv)

    asyncio.run(run())


@contextmanager
def _venues(silent: Sequence[str] = ()) -> Iterator[str]:
    spawn = multiprocessing.get_context("spawn")
    ours, theirs = spawn.Pipe()
    server = spawn.Process(target=_serve, args=(theirs, silent), daemon=True)
    server.start()
    try:
        yield ours.recv()
    finally:
        ours.send("")
        server.join()


def _asked(base: str, folder: str, wanted: int, rest: float = 0.0) -> tuple[float, ...]:
    """Ask once, `rest` [s] after the house stands, and again until so many venues are in it."""
    environment = {
        **os.environ,
        "EXCHANGE_BASE": base,
        "VENUES": ",".join(ALL_VENUES),
        "DATABASE_URL": f"sqlite:///{folder}/memory.sqlite3",
    }
    now = str(time.time())
    done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
        [sys.executable, "-c", _ASK, now, str(wanted), str(rest)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr)
    return tuple(json.loads(done.stdout.splitlines()[-1]))


def rows() -> Iterator[Row]:
    """Measure all well, then with one venue silent; each asked anew and after a restart."""
    many = len(ALL_VENUES)
    for silent, said in (((), "all well"), ((SILENT,), "one silent")):
        wanted = many - len(silent)
        with _venues(silent) as base, tempfile.TemporaryDirectory() as folder:
            first, _, count, whole, all_, *others = _asked(base, folder, wanted, rest=5.0)
            yield Row(
                f"pace: first answer of {many} venues, {said}, {count:.0f} of them in it",
                first,
                "s",
                f"<= {_WITHIN} s",
                first <= _WITHIN,
            )
            yield Row(f"pace: {all_:.0f} of them in it", whole, "s", "", None)
            slowest = max(others[::2])
            yield Row(
                f"pace: then of two more coins, {sum(others[1::2]):.0f} without BitMEX, whose "
                "25 requests of the minute were spent",
                slowest,
                "s",
                f"<= {_WITHIN} s",
                slowest <= _WITHIN,
            )
            first, since, count, whole, all_, *_ = _asked(base, folder, wanted)
            yield Row(
                f"pace: process start to the first picture of {count:.0f} venues, restarted",
                since,
                "s",
                "<= 5 s",
                since <= 5,
                first,
                "of it from the question on",
            )
            yield Row(f"pace: {all_:.0f} of them in it, restarted", whole, "s", "", None)
