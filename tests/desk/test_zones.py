"""A time zone is found by what people call it."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.errors import UnknownZone
from bot.desk.zones import OFFERED, shown, zone_of

SUMMER = 1_782_864_000_000  # 1 July 2026


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("berlin", "Europe/Berlin"),
        ("Europe/Berlin", "Europe/Berlin"),
        ("New_York", "America/New_York"),
        ("new  york", "America/New_York"),
        ("est", "America/New_York"),
        ("pst", "America/Los_Angeles"),
        ("utc", "UTC"),
        ("GMT+0", "UTC"),
        ("utc+2", "Etc/GMT-2"),
        ("UTC + 2", "Etc/GMT-2"),
        ("utc-11", "Etc/GMT+11"),
        ("+3", "Etc/GMT-3"),
        ("etc/gmt-2", "Etc/GMT-2"),
    ],
)
def test_what_people_call_a_zone_is_found(typed: str, zone: str) -> None:
    assert zone_of(typed, SUMMER) == zone
    assert ZoneInfo(zone)


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [("berln", "Europe/Berlin"), ("tokio", "Asia/Tokyo"), ("utc+5:30", "Asia/Kolkata")],
)
def test_a_zone_that_is_nearly_right_is_suggested(typed: str, suggested: str) -> None:
    with pytest.raises(UnknownZone) as refused:
        zone_of(typed, SUMMER)
    assert suggested in refused.value.suggestions
    assert len(refused.value.suggestions) <= 3


def test_a_zone_written_as_people_read_it_is_the_same_zone() -> None:
    for zone in (*OFFERED, "Etc/GMT-2", "Etc/GMT+11"):
        assert zone_of(shown(zone), SUMMER) == zone


@settings(max_examples=300)
@given(st.text(max_size=60))
def test_any_word_is_a_zone_or_refused(word: str) -> None:
    said = "found"
    try:
        assert ZoneInfo(zone_of(word, SUMMER))
    except UnknownZone as refused:
        said = str(refused)
    assert 0 < len(said) < 300
