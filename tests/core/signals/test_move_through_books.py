"""A move is followed through the books as they stand, and no further than they tell."""

from itertools import pairwise

import numpy as np
import pytest

from bot.core.errors import UnknownWord
from bot.core.estimate.maps import Cluster
from bot.core.market.liquidations import PositionSide
from bot.core.signals.whatif_reading import FURTHEST, followed, zones_of
from bot.desk.requests import WhatIfRequest
from bot.desk.whatif import moved
from tests.support.flows import Venue
from tests.support.squeezes import books_of, map_of, whatif_reading, zones_near

PRICE = 97_000.0


def test_deeper_books_are_pushed_less_far() -> None:
    ends = []
    for times in (1, 4, 16):
        deep = [Venue("binance", reach=0.09, usd=times * 8e7)]
        found, told, lost = followed(map_of(), -0.04, books_of(PRICE, deep), zones_near())
        assert not lost
        assert found.measured
        assert 0 <= told <= 1
        ends.append(found.end)
    assert ends == sorted(ends)
    assert ends[0] < ends[-1]


def test_books_that_tell_far_too_little_end_the_chain_and_it_is_said() -> None:
    thin = [Venue("binance", reach=0.002, usd=1e5)]
    found, _, lost = followed(map_of(), -0.04, books_of(PRICE, thin), zones_near())
    assert lost
    assert all(abs(link.end / link.start - 1) <= FURTHEST for link in found.chain)
    _, told, _ = followed(
        map_of(), -0.04, books_of(PRICE, [Venue("binance", reach=0.004, usd=2e8)]), zones_near()
    )
    assert told < 0.95


def test_nothing_is_followed_beyond_the_map() -> None:
    thin = [Venue("binance", reach=0.09, usd=3e7)]
    found, _, _ = followed(map_of(), -0.19, books_of(PRICE, thin), zones_near())
    edge = float(map_of().edges[0])
    assert all(link.start >= edge for link in found.chain)
    out, _, _ = followed(map_of(), -0.4, books_of(), zones_near())
    assert out.beyond
    assert not out.chain


def test_without_a_book_the_move_stands_alone() -> None:
    found, told, lost = followed(map_of(), 0.05, [], zones_near())
    assert found.side is PositionSide.SHORT
    assert not found.chain
    assert not found.measured
    assert (told, lost) == (1.0, False)


def test_sums_and_ranges_are_those_of_all_links() -> None:
    reading = whatif_reading(-0.04)
    links = (reading.found.first, *reading.found.chain)
    assert len(links) > 2
    assert reading.found.usd == pytest.approx(sum(link.usd for link in links))
    assert reading.low == pytest.approx(sum(link.low for link in links))
    assert reading.low < reading.found.usd < reading.high
    for one, following in pairwise(links):
        assert one.end == following.start


def test_clusters_become_zones_largest_first() -> None:
    small, large = (
        Cluster(PositionSide.LONG, 90.0, 91.0, 90.5, usd, usd / 2, 2 * usd, -0.09)
        for usd in (1e6, 2e6)
    )
    zones = zones_of([small, large])
    assert [zone.usd for zone in zones] == [2e6, 1e6]
    assert zones[0].near == 91.0


def test_a_price_is_a_move_and_what_is_too_far_names_what_would_fit() -> None:
    assert moved(WhatIfRequest("BTC", to=60_000.0), 50_000.0) == pytest.approx(0.2)
    assert moved(WhatIfRequest("BTC", -0.04), 50_000.0) == -0.04
    for request in (
        WhatIfRequest("BTC", to=1.0),
        WhatIfRequest("BTC", to=50_000.0),
        WhatIfRequest("BTC", 0.6),
        WhatIfRequest("BTC", -0.0001),
    ):
        with pytest.raises(UnknownWord, match=r"Name a move .* 25,000 to 75,000; it is 50,000 now"):
            moved(request, 50_000.0)
    assert np.isfinite(moved(WhatIfRequest("BTC", 0.5), 1.0))
