"""Clusters are zones, not prices, and stand out from what is around them."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bot.core.estimate.clusters import NARROW, WIDE, clusters, zones
from bot.core.estimate.maps import STEP, Cluster
from bot.core.estimate.parameters import LONG, SHORT
from bot.core.market.liquidations import PositionSide

BINS = 401
FIRST = 10_000
PRICE = float(np.exp((FIRST + 200.5) * STEP))


def found(
    longs: np.ndarray, shorts: np.ndarray, doubt: float = 0.5, grain: float = 0.0
) -> tuple[Cluster, ...]:
    usd = np.zeros((2, 1, BINS))
    usd[LONG, 0, :201] = longs
    usd[SHORT, 0, 200:] = shorts
    return clusters(PRICE, FIRST, usd, np.full((2, 1), doubt), np.full(1, grain))


@settings(max_examples=100, deadline=None)
@given(hnp.arrays(np.float64, st.integers(0, 300), elements=st.floats(0, 1e9)))
def test_zones_are_half_a_percent_to_one_percent_wide_and_never_overlap(usd: np.ndarray) -> None:
    listed = list(zones(usd))
    for zone in listed:
        assert NARROW <= zone.high - zone.low <= WIDE
        assert zone.usd == pytest.approx(usd[zone.low : zone.high].sum())
    in_place = sorted(listed, key=lambda zone: zone.low)
    assert all(one.high <= other.low for one, other in pairwise(in_place))


def test_an_even_map_has_no_cluster() -> None:
    assert list(zones(np.ones(200))) == []
    assert list(zones(np.zeros(200))) == []


def test_a_lump_is_found_where_it_lies() -> None:
    usd = np.ones(200)
    usd[100:107] = 50.0
    (zone,) = list(zones(usd))
    assert (zone.low, zone.high) == (100, 107)


def test_the_largest_comes_first_and_both_sides_are_told_apart() -> None:
    longs, shorts = np.ones(201), np.ones(201)
    longs[150:156] = 40.0
    shorts[60:66] = 90.0
    first, second = found(longs, shorts)
    assert first.side is PositionSide.SHORT
    assert second.side is PositionSide.LONG
    assert first.usd > second.usd
    assert first.low > PRICE > second.high
    assert first.distance == pytest.approx(first.low / PRICE - 1)
    assert second.distance == pytest.approx(second.high / PRICE - 1)
    assert second.distance < 0 < first.distance
    assert second.low < second.peak < second.high


def test_a_clusters_range_holds_it_and_is_wider_where_less_is_known() -> None:
    longs, shorts = np.ones(201), np.ones(201)
    longs[150:156] = 40.0
    (sure,) = found(longs, shorts * 0, doubt=0.1)
    (unsure,) = found(longs, shorts * 0, doubt=0.8)
    assert sure.usd_low < sure.usd < sure.usd_high
    assert unsure.usd_low < sure.usd_low
    assert unsure.usd_high > sure.usd_high


def test_a_zone_of_few_positions_is_less_sure_than_one_of_many() -> None:
    longs = np.ones(201)
    longs[150:156] = 40.0
    for size, widest in ((1.0, 8.0), (1e4, 1.5)):
        (plain,) = found(size * longs, np.zeros(201), doubt=0.1)
        (grainy,) = found(size * longs, np.zeros(201), doubt=0.1, grain=100.0)
        wider = (grainy.usd_high / grainy.usd_low) / (plain.usd_high / plain.usd_low)
        assert 1 < wider < widest
    assert wider < 1.01


def test_a_zone_that_many_tiers_share_is_surer_than_one_that_hangs_on_a_single_tier() -> None:
    lump = np.ones(201)
    lump[150:156] = 40.0
    usd = np.zeros((2, 4, BINS))
    usd[LONG, :, :201] = lump / 4
    (shared,) = clusters(PRICE, FIRST, usd, np.full((2, 4), 0.5), np.zeros(4))
    (single,) = found(lump, np.zeros(201))
    assert shared.usd == pytest.approx(single.usd)
    assert shared.usd_low > single.usd_low
    assert shared.usd_high < single.usd_high
