"""The product as it is run: a process of its own, killed and started again on what it has kept."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

_OURS = ("TELEGRAM_", "DISCORD_", "DATABASE_", "METRICS_", "HEARTBEAT_", "COLLECT")


class Running:
    """`emberline run`, with settings of its own and its memory in a folder."""

    def __init__(self, folder: Path, source: str, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._source = source
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        self._env = {
            **kept,
            "DATABASE_URL": f"sqlite:///{folder}/emberline.sqlite3",
            "ALIVE_FILE": f"{folder}/alive",
            "LOG_FORMAT": "json",
            **settings,
        }
        self._process: asyncio.subprocess.Process | None = None

    @property
    def logs(self) -> str:
        """What all processes have said so far."""
        return (self._folder / "logs").read_text()

    async def start(self, chat: str) -> None:
        """Begin a process for one chat."""
        command = (sys.executable, "-m", "bot", "run", chat, "--source", self._source)
        with (self._folder / "logs").open("ab") as logs:
            self._process = await asyncio.create_subprocess_exec(
                *command, env=self._env, stdout=logs, stderr=logs
            )

    async def kill(self) -> None:
        """End the process as a power cut does."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """Ask the process to end, if there is one; returns its exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        if self._process is None:
            return 0
        process, self._process = self._process, None
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(how)
        return await process.wait()
