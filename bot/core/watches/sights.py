"""That there is no data is one message in a chat, over however many watches and markets.

A venue that is down blinds all watches at the same moment; when all see again it is said there.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from bot.core.watches.gate import Act, Effect
from bot.core.watches.grouping import Group, together

OF_SIGHT = frozenset({Act.BLIND, Act.BROKEN, Act.SEES})
_WAY = "no data"  # no cascade goes there, so that groups of both are kept side by side


def sights(
    groups: Sequence[Group], effects: Iterable[Effect], silent: Collection[str] = ()
) -> tuple[tuple[Group, ...], tuple[Effect, ...]]:
    """Lead what a chat cannot see to one message; what is no matter of sight is left out.

    Watches that are to be `silent` say nothing new. That there is data again is said when it is so
    everywhere, and only where it was said that there is none.
    """
    told = [each for each in effects if each.act in OF_SIGHT]
    acts = {each.key: each.act for each in told}
    known = {key for group in groups for key in group.going}
    opened = [
        replace(each, act=Act.CLOSE if each.act is Act.SEES else Act.OPEN, cascade=True, way=_WAY)
        for each in told
        if (each.act is not Act.SEES and each.watch not in silent) or each.message in known
    ]
    kept, said = together(groups, opened)
    return kept, tuple(
        replace(each, act=acts[each.key], cascade=False, way="")
        for each in said
        if each.act is not Act.EDIT
    )
