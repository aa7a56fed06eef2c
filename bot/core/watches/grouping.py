"""One cascade over many symbols is one message; and it stands before a squeeze on the same market.

Both are matters of a chat, over all of its watches.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.arrays import MINUTE
from bot.core.watches.gate import Act, Effect, State
from bot.core.watches.presets import Rules

# A cascade that begins so soon after another one of the same way is part of it.
TOGETHER = 10 * MINUTE


@dataclass(frozen=True, slots=True)
class Group:
    """A cascade's message in a chat, with every episode that it tells of."""

    message: str  # key of the first episode's message
    way: str  # "up", "down"; empty: not said
    newest: int  # [ms] UTC when the newest episode joined
    going: tuple[str, ...]  # keys of the episodes under way
    over: tuple[str, ...] = ()

    def takes(self, effect: Effect) -> bool:
        """Say whether an episode that opens is part of it."""
        late = effect.time - self.newest > TOGETHER
        return effect.way == self.way and not late and bool(self.going)


def together(
    groups: Sequence[Group], effects: Iterable[Effect]
) -> tuple[tuple[Group, ...], tuple[Effect, ...]]:
    """Lead the effects of a chat's cascades to one message for each group.

    What opens within a group joins it; what closes edits it, until the last one closes it.
    """
    kept = list(groups)
    said: list[Effect] = []
    for effect in effects:
        if not effect.cascade:
            said.append(effect)
        elif effect.act is Act.OPEN:
            said.append(_opened(kept, effect))
        else:
            said.append(_went_on(kept, effect))
    return tuple(group for group in kept if group.going), tuple(said)


def _opened(groups: list[Group], effect: Effect) -> Effect:
    for place, group in enumerate(groups):
        if effect.message in group.going or group.takes(effect):
            going = tuple(dict.fromkeys((*group.going, effect.message)))
            groups[place] = replace(group, going=going, newest=effect.time)
            return replace(effect, act=Act.JOIN, message=group.message)
    groups.append(Group(effect.message, effect.way, effect.time, (effect.message,)))
    return effect


def _went_on(groups: list[Group], effect: Effect) -> Effect:
    for place, group in enumerate(groups):
        if effect.message not in group.going:
            continue
        if effect.act is not Act.CLOSE:
            return replace(effect, message=group.message)
        going = tuple(key for key in group.going if key != effect.message)
        groups[place] = replace(group, going=going, over=(*group.over, effect.message))
        act = Act.EDIT if going else Act.CLOSE
        return replace(effect, act=act, message=group.message)
    return effect


def cascading(states: Iterable[tuple[Rules, State]]) -> frozenset[str]:
    """Return the markets whose cascade a chat has been told of, over all its watches."""
    return frozenset(
        market
        for rules, state in states
        if rules.cascade
        for market, course in state.courses.items()
        if course.told and course.phase.lasts
    )


def held_back(states: Iterable[State]) -> Mapping[str, int]:
    """Count what was held back over all watches of a chat, by reason, for `/watches`."""
    counts: dict[str, int] = {}
    for state in states:
        for why, count in state.held_in_all.items():
            counts[why] = counts.get(why, 0) + count
    return counts
