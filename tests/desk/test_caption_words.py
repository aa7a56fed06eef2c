"""What a caption says of open interest is what stands everywhere, not only where a past is told."""

from dataclasses import replace

from bot.desk import caption
from tests.support.readings import reading


def context(said: tuple[str, ...]) -> str:
    return next(line for line in said if line.startswith("Open interest"))


def test_open_interest_is_that_of_all_venues_and_its_change_of_those_that_tell_their_past() -> None:
    whole = reading(open_interest_usd=9e9)
    assert "Open interest $9B (" in context(caption.lines(whole, profile=False))
    assert "told" not in context(caption.lines(whole, profile=False))
    younger = replace(whole.venues[0], exchange="bitget", open_interest_usd=3e9)
    more = replace(whole, venues=(*whole.venues, younger))
    said = context(caption.lines(more, profile=False))
    assert "Open interest $12B (" in said
    assert " in 24h where its past is told), last funding " in said


def test_a_venue_that_tells_no_open_interest_at_all_adds_nothing() -> None:
    whole = reading(open_interest_usd=9e9)
    silent = replace(whole.venues[0], exchange="bitget", open_interest_usd=None)
    assert replace(whole, venues=(*whole.venues, silent)).interest_usd == whole.interest_usd
