"""Labels that never cover one another: moved along their column, or to a free place beside it."""

from collections.abc import Sequence

from renderers.canvas import Box


def spread(wanted: Sequence[float], height: int, top: int, bottom: int) -> list[int]:
    """Return tops of equally high labels, in the order given, as near as can be to their middles.

    They are pushed apart without changing their order from top to bottom; all lie within
    `top`..`bottom` if there is room for them.
    """
    order = sorted(range(len(wanted)), key=lambda index: wanted[index])
    # Groups that touch share one place: the mean of what their members wish for.
    groups: list[list[int]] = []
    for index in order:
        groups.append([index])
        while len(groups) > 1 and _top(groups[-1], wanted, height, top, bottom) < (
            _top(groups[-2], wanted, height, top, bottom) + height * len(groups[-2])
        ):
            groups[-2:] = [groups[-2] + groups[-1]]
    tops = [0] * len(wanted)
    for group in groups:
        start = _top(group, wanted, height, top, bottom)
        for place, index in enumerate(group):
            tops[index] = start + place * height
    return tops


def _top(group: list[int], wanted: Sequence[float], height: int, top: int, bottom: int) -> int:
    mean = sum(wanted[index] - height * place for place, index in enumerate(group)) / len(group)
    return round(max(min(mean - height / 2, bottom - height * len(group)), top))


def free_place(box: Box, taken: Sequence[Box], room: Box, step: int) -> Box | None:
    """Move a box to the left in steps until it covers nothing taken; None if there is no place."""
    while box.left >= room.left:
        if not any(box.overlaps(other) for other in taken):
            return box
        box = Box(box.left - step, box.top, box.right - step, box.bottom)
    return None
