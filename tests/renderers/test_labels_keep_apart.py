"""Labels are moved as little as keeps them readable."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from renderers.canvas import Box
from renderers.labels import free_place, spread

_ROOM = (240, 1176)
_WANTED = st.lists(st.floats(-500, 3000), max_size=20)


@given(_WANTED)
def test_labels_never_overlap_and_stay_in_the_room(wanted: list[float]) -> None:
    tops = sorted(spread(wanted, 40, *_ROOM))
    assert all(later - earlier >= 40 for earlier, later in pairwise(tops))
    assert all(_ROOM[0] <= top and top + 40 <= _ROOM[1] for top in tops)


@given(_WANTED)
def test_labels_keep_the_order_of_what_they_name(wanted: list[float]) -> None:
    tops = spread(wanted, 40, *_ROOM)
    named = sorted(zip(wanted, tops, strict=True))
    assert [top for _, top in named] == sorted(tops) or len(set(wanted)) < len(wanted)


@given(st.lists(st.integers(0, 15), unique=True, max_size=16))
def test_labels_with_room_stand_where_they_belong(places: list[int]) -> None:
    wanted = [_ROOM[0] + 30.0 + 55 * place for place in places]
    tops = spread(wanted, 40, *_ROOM)
    assert [top + 20 for top in tops] == [round(middle) for middle in wanted]


def test_two_labels_for_one_price_share_the_way() -> None:
    assert spread([500.0, 500.0], 40, *_ROOM) == [460, 500]


def test_a_box_moves_left_past_what_is_taken() -> None:
    taken = [Box(80, 0, 100, 50)]
    assert free_place(Box(90, 10, 120, 20), taken, Box(0, 0, 200, 50), 10) == Box(50, 10, 80, 20)


def test_a_box_without_a_free_place_is_told_so() -> None:
    assert free_place(Box(90, 10, 120, 20), [Box(0, 0, 200, 50)], Box(0, 0, 200, 50), 10) is None
