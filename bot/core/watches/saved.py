"""The state of watches as bytes, so that a restart goes on from wherever it was."""

from dataclasses import dataclass

import msgspec

from bot.core.errors import MalformedData
from bot.core.watches.gate import State
from bot.core.watches.grouping import Group
from bot.core.watches.schedule import Scheduled

# Raised when what a field means changes; new fields with defaults need not raise it.
VERSION = 1


@dataclass(frozen=True, slots=True)
class Saved:
    """What is kept of a watch, or of a chat's cascades, and the newest tick it has seen."""

    version: int
    state: State | None = None
    groups: tuple[Group, ...] = ()
    scheduled: Scheduled | None = None
    tick: int = 0  # [ms] UTC; it only rises, wherever the clock is set to


def saved(state: State | Scheduled, tick: int = 0) -> bytes:
    """Write the state of one watch, as it is after a tick.

    >>> restored(saved(State(messages=3))).messages
    3
    """
    if isinstance(state, Scheduled):
        return msgspec.json.encode(Saved(VERSION, scheduled=state, tick=tick))
    return msgspec.json.encode(Saved(VERSION, state=state, tick=tick))


def restored(data: bytes) -> State:
    """Read the state of one watch; MalformedData if it is none."""
    return read(data).state or State()


def saved_groups(groups: tuple[Group, ...], tick: int = 0) -> bytes:
    """Write the cascades that a chat is being told of."""
    return msgspec.json.encode(Saved(VERSION, groups=groups, tick=tick))


def restored_groups(data: bytes) -> tuple[Group, ...]:
    """Read the cascades that a chat is being told of; MalformedData if they are none."""
    return read(data).groups


def read(data: bytes) -> Saved:
    """Read whatever was saved; MalformedData if it was not saved here."""
    try:
        found = msgspec.json.decode(data, type=Saved)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedData("state of a watch", None, None, str(error)) from error
    if found.version != VERSION:
        raise MalformedData("state of a watch", None, None, f"version {found.version} is unknown")
    return found
