"""Whether all is well: each thing that is needed is looked at, and says how it stands."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from bot.core.errors import BotError

_PATIENCE = 3.0  # [s] that one look may take


@dataclass(frozen=True, slots=True)
class State:
    """How one thing stands."""

    well: bool
    said: str  # a few words, without a secret


Look = Callable[[], Awaitable[State]]


class Health:
    """Looks at everything side by side."""

    def __init__(self, looks: Mapping[str, Look], *, patience: float = _PATIENCE) -> None:
        self._looks = dict(looks)
        self._patience = patience

    async def states(self) -> Mapping[str, State]:
        """Return how each thing stands; one that does not say so in time is not well."""
        found = await asyncio.gather(*(self._try(look) for look in self._looks.values()))
        return dict(zip(self._looks, found, strict=True))

    async def _try(self, look: Look) -> State:
        try:
            async with asyncio.timeout(self._patience):
                return await look()
        except BotError as error:
            return State(well=False, said=str(error))
        except TimeoutError:
            return State(well=False, said=f"no answer within {self._patience:g} s")
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not well
            return State(well=False, said=type(error).__name__)


def fresh(what: str, newest: Callable[[], int | None], now: Callable[[], int], most: int) -> Look:
    """Make a look at the age of something [ms]; None is that there is nothing yet to be old."""

    async def look() -> State:
        at = newest()
        if at is None:
            return State(well=True, said=f"no {what} yet")
        age = max(now() - at, 0)
        return State(well=age <= most, said=f"{what} {age / 1000:,.0f} s ago")

    return look


def started(parts: Callable[[], Mapping[str, str]], wanted: Sequence[str]) -> Look:
    """Make a look at the chats that were to be started."""

    async def look() -> State:
        now = parts()
        waiting = {name: now.get(name, "not started") for name in wanted}
        waiting = {name: state for name, state in waiting.items() if state != "started"}
        said = ", ".join(f"{name}: {state}" for name, state in waiting.items())
        return State(well=not waiting, said=said or f"{', '.join(wanted) or 'no chat'} started")

    return look
