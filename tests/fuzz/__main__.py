"""`python -m tests.fuzz [count] [seed]`: hostile words for a whole house.

Prints how many were answered a second, the slowest answers in words, and what any of them broke.
"""

import asyncio
import logging
import random
import sys
import tempfile
from pathlib import Path

import structlog

from tests.fuzz.runner import Told, run
from tests.fuzz.standing import standing

_SHOWN = 3


async def _all(count: int, seed: int) -> Told:
    rng = random.Random(seed)  # noqa: S311 - the same words for the same seed
    with tempfile.TemporaryDirectory() as folder:
        async with standing(Path(folder), rng) as house:
            return await run(house.listener, count, rng)


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
    told = asyncio.run(_all(count, seed))
    lines = [
        f"{told.count:,} words in {told.seconds:.0f} s: {told.count / told.seconds:,.0f} a second",
        f"{dict(told.kinds)}, {told.pictures:,} pictures",
        *(f"  {1000 * seconds:.0f} ms: {words}" for seconds, words in told.slowest),
    ]
    for fault, said in sorted(told.faults.items(), key=lambda item: -len(item[1])):
        lines += [f"FAULT {len(said)}x {fault}", *(f"    {words}" for words in said[:_SHOWN])]
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if told.faults else 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
