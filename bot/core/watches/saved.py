"""The state of watches as bytes, so that a restart goes on from wherever it was."""

from dataclasses import dataclass

import msgspec

from bot.core.errors import MalformedData
from bot.core.watches.gate import State
from bot.core.watches.grouping import Group

# Raised when what a field means changes; new fields with defaults need not raise it.
VERSION = 1


@dataclass(frozen=True, slots=True)
class _Saved:
    version: int
    state: State | None = None
    groups: tuple[Group, ...] = ()


def saved(state: State) -> bytes:
    """Write the state of one watch.

    >>> restored(saved(State(messages=3))).messages
    3
    """
    return msgspec.json.encode(_Saved(VERSION, state=state))


def restored(data: bytes) -> State:
    """Read the state of one watch; MalformedData if it is none."""
    return _read(data).state or State()


def saved_groups(groups: tuple[Group, ...]) -> bytes:
    """Write the cascades that a chat is being told of."""
    return msgspec.json.encode(_Saved(VERSION, groups=groups))


def restored_groups(data: bytes) -> tuple[Group, ...]:
    """Read the cascades that a chat is being told of; MalformedData if they are none."""
    return _read(data).groups


def _read(data: bytes) -> _Saved:
    try:
        found = msgspec.json.decode(data, type=_Saved)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise MalformedData("state of a watch", None, None, str(error)) from error
    if found.version != VERSION:
        raise MalformedData("state of a watch", None, None, f"version {found.version} is unknown")
    return found
