"""All watches as they are judged: compiled once, and again only where something has changed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.desk.watching.judging import (
    Block,
    On,
    at_once,
    condition_of,
    keys_of_rows,
    markets_of,
    stamp,
)
from bot.desk.watching.kept import Watched
from bot.desk.watching.rows import Keys
from bot.desk.watching.walk import coin_of
from bot.desk.watching.wanted import Row

# So many watches are compiled together: one that is new has only these compiled anew.
_BLOCK = 1_000

_Judged = Sequence[tuple[Watched, Sequence[On]]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """All watches that wait for something, as they are judged."""

    blocks: tuple[Block, ...] = ()
    of: Mapping[str, Block] = field(default_factory=dict)  # by watch
    rows: Mapping[Row, int] = field(default_factory=dict)  # where each stands among the columns
    on: Mapping[str, Sequence[On]] = field(default_factory=dict)  # the markets of each watch
    cascades: Mapping[str, Sequence[Watched]] = field(default_factory=dict)  # by chat
    at_once: Mapping[str, Sequence[str]] = field(default_factory=dict)  # watches by coin

    def took(self, watched: Watched) -> None:
        """Take note of where a watch stands now."""
        block = self.of.get(watched.kept.id)
        if block is not None:
            block.took(watched)


def compiled(
    watches: Iterable[Watched], followed: Mapping[tuple[str, ...], Iterable[str]], before: Compiled
) -> tuple[Compiled, Keys]:
    """Compile watches, with the figures that each row needs; takes a thread's time.

    `followed` are the coins that are held, by venues. What stands `before` serves on where nothing
    has changed.
    """
    judged = [(each, _on(each, followed, before)) for each in watches if each.of_time is None]
    keys = keys_of_rows(judged)
    # Rows keep their places as long as none is gone, so that blocks need not be made anew.
    anew = any(row not in keys for row in before.rows)
    order = () if anew else tuple(before.rows)
    rows = {row: at for at, row in enumerate(dict.fromkeys((*order, *keys)))}
    old = {} if anew else {block.stamp: block for block in before.blocks}
    blocks: list[Block] = []
    for some in _blocks(judged):
        known = old.get(stamp(some))
        blocks.append(Block(some, rows) if known is None else known)
    of = {name: block for block in blocks for name in block.at}
    cascades: dict[str, list[Watched]] = defaultdict(list)
    quick: dict[str, list[str]] = defaultdict(list)
    for watched, markets in judged:
        if watched.rules.cascade:
            cascades[watched.kept.address.chat].append(watched)
        if at_once(condition_of(watched)):
            for coin in {coin_of(on.market) for on in markets}:
                quick[coin].append(watched.kept.id)
    on = {watched.kept.id: markets for watched, markets in judged}
    made = Compiled(tuple(blocks), of, rows, on, dict(cascades), dict(quick))
    return made, {row: keys[row] for row in rows}


def _on(
    watched: Watched, followed: Mapping[tuple[str, ...], Iterable[str]], before: Compiled
) -> Sequence[On]:
    """Return a watch's markets; the same as before where nothing changed, not as many anew."""
    found, known = markets_of(watched, followed), before.on.get(watched.kept.id)
    return known if known is not None and known == found else found


def _blocks(judged: _Judged) -> Iterable[_Judged]:
    """Sort watches into blocks by their numbers: one that goes leaves the others as they are."""
    found: dict[int, list[tuple[Watched, Sequence[On]]]] = defaultdict(list)
    for each in judged:
        number = each[0].kept.id.removeprefix("w")
        found[int(number) // _BLOCK if number.isdecimal() else -1].append(each)
    return found.values()
