"""Several streams heard as one."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import TypeVar

_T = TypeVar("_T")
_WAITING = 100  # things heard; a full queue makes the streams wait, and loses nothing


class _Ended(Exception):
    """A stream has come to its end; never leaves this module."""


async def together(streams: Sequence[AsyncGenerator[_T, None]]) -> AsyncGenerator[_T, None]:
    """Yield what any of them yields, as it comes; whoever stops listening closes it.

    Ends when all have ended, and raises what one of them raises. All are closed in the end.
    """
    queue: asyncio.Queue[_T | Exception] = asyncio.Queue(_WAITING)
    passing = [asyncio.create_task(_pass_on(stream, queue)) for stream in streams]
    running = len(passing)
    try:
        while running:
            heard = await queue.get()
            if isinstance(heard, _Ended):
                running -= 1
            elif isinstance(heard, Exception):
                raise heard
            else:
                yield heard
    finally:
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)


async def _pass_on(stream: AsyncGenerator[_T, None], queue: asyncio.Queue[_T | Exception]) -> None:
    try:
        async with aclosing(stream):
            async for one in stream:
                await queue.put(one)
    except Exception as error:  # noqa: BLE001 - raised again where it is heard
        await queue.put(error)
    else:
        await queue.put(_Ended())
