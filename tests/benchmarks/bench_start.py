"""What it costs to start: help, each chat alone, the whole bot."""

import subprocess
import sys
from collections.abc import Iterator

from tests.benchmarks.table import Row

_ROLES = {
    "emberline --help": (
        "from bot.cli import app\ntry: app(['--help'])\nexcept SystemExit: pass",
        200,
    ),
    "one heatmap from a recording": (
        "import bot.wiring, bot.exchanges.replay, bot.core.estimate.read, renderers.heatmap",
        None,
    ),
    "Telegram alone": (
        "import bot.wiring, bot.chats.telegram.app, bot.core.estimate.read, renderers.heatmap",
        None,
    ),
    "Discord alone": (
        "import bot.wiring, bot.chats.discord.client, bot.core.estimate.read, renderers.heatmap",
        None,
    ),
    "the whole bot, live": (
        (
            "import bot.wiring, bot.chats.discord.client, bot.chats.telegram.app,"
            " bot.exchanges.live, storage.memory, bot.core.estimate.read, renderers.heatmap,"
            " ccxt.async_support"
        ),
        1300,
    ),
}
_MEMORY_TARGET = 125.0  # [MB] of the whole bot
# The process measures itself: its CPU time, and its greatest size since it began. (What getrusage
# calls the greatest size counts the process that started it, too.)
_MEASURE = """
import re, resource, sys
used = resource.getrusage(resource.RUSAGE_SELF)
size = int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
print(f"{1000 * (used.ru_utime + used.ru_stime)} {size / 1024}", file=sys.stderr)
"""


def _measured(script: str) -> tuple[float, float]:
    """Return CPU time [ms] and memory [MB] of a process that runs `script`, the least of three."""
    found = []
    for _ in range(3):
        done = subprocess.run(  # noqa: S603 - our own interpreter, our own words
            [sys.executable, "-c", script + _MEASURE], capture_output=True, text=True, check=True
        )
        cpu, memory = done.stderr.split()[-2:]
        found.append((float(cpu), float(memory)))
    return min(found)


def rows() -> Iterator[Row]:
    """Measure every role; bytecode is there after the first run."""
    floor, bare = _measured("")
    for role, (script, target) in _ROLES.items():
        cpu, memory = _measured(script)
        met = None if target is None else cpu <= target
        said = "" if target is None else f"<= {target} ms"
        yield Row(f"start: {role}, CPU", cpu, "ms", said, met, floor, "bare Python")
        whole = "whole" in role
        yield Row(
            f"start: {role}, memory",
            memory,
            "MB",
            f"<= {_MEMORY_TARGET:.0f} MB" if whole else "",
            memory <= _MEMORY_TARGET if whole else None,
            bare,
            "bare Python",
        )
