"""`python -m tests.fuzz [count] [seed]`: hostile words for a whole house, and for its doors.

Prints how many were answered a second, the slowest answers in words, and what any of them broke.
"""

import asyncio
import logging
import random
import sys
import tempfile
from pathlib import Path

import structlog

from tests.fuzz.doors import at_discord, at_telegram
from tests.fuzz.runner import Told, run
from tests.fuzz.standing import standing

_SHOWN = 3
_DOORS = 40  # of so many words one comes through each chat's own door


async def _all(count: int, seed: int) -> dict[str, Told]:
    rng = random.Random(seed)  # noqa: S311 - the same words for the same seed
    with tempfile.TemporaryDirectory() as folder:
        async with standing(Path(folder), rng) as house:
            return {
                "words": await run(house.listener, count, rng),
                "payloads of Discord": await at_discord(house.listener, count // _DOORS, rng),
                "updates of Telegram": await at_telegram(house.listener, count // _DOORS, rng),
            }


def main(count: int = 200_000, seed: int = 1) -> int:
    """Run, and print what came of it; 1 if there is any fault."""
    structlog.configure(
        processors=[
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.render_to_log_kwargs,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    logging.getLogger().addHandler(logging.NullHandler())
    lines, wrong = [], False
    for what, told in asyncio.run(_all(count, seed)).items():
        lines += _lines(what, told)
        wrong |= bool(told.faults)
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if wrong else 0


def _lines(what: str, told: Told) -> list[str]:
    speed = told.count / told.seconds
    lines = [
        f"{told.count:,} {what} in {told.seconds:.0f} s: {speed:,.0f} a second",
        f"{dict(told.kinds)}, {told.pictures:,} pictures",
        *(f"  {1000 * seconds:.0f} ms: {words}" for seconds, words in told.slowest),
    ]
    for fault, said in sorted(told.faults.items(), key=lambda item: -len(item[1])):
        lines += [f"FAULT {len(said)}x {fault}", *(f"    {words}" for words in said[:_SHOWN])]
    return lines


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
