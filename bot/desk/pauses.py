"""Growing pauses for what fails again and again."""

from collections.abc import Hashable
from dataclasses import dataclass

from bot.core.arrays import MINUTE
from bot.core.language import Said

_FIRST, _LONGEST = MINUTE // 4, 15 * MINUTE  # [ms]


@dataclass(frozen=True, slots=True)
class _Pause:
    why: str | Said
    length: int  # [ms]
    until: int  # [ms]


class Pauses:
    """What is left alone for now, by any name; each failure in a row doubles the pause."""

    def __init__(self) -> None:
        self._pauses: dict[Hashable, _Pause] = {}

    def begin(self, name: Hashable, now: int, why: str | Said) -> None:
        """Leave something alone from `now` [ms] on, longer than the last time."""
        before = self._pauses.get(name)
        if before is not None and now < before.until:
            return  # it failed once for several who tried
        length = _FIRST if before is None else min(2 * before.length, _LONGEST)
        self._pauses[name] = _Pause(why, length, now + length)

    def over(self, name: Hashable) -> None:
        """Forget that something has failed: it works."""
        self._pauses.pop(name, None)

    def under_way(self, name: Hashable, now: int) -> tuple[str | Said, int] | None:
        """Say why something is left alone at `now` [ms], and until when [ms]; None if it is not."""
        pause = self._pauses.get(name)
        return (pause.why, pause.until) if pause is not None and now < pause.until else None
