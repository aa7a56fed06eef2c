"""A text that rephrases facts may add nothing to them: no figure, no coin, no side, no link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import languages
from bot.core.language import speaking
from bot.core.signals.rephrased import foreign, numbers, refusal

FACTS = (
    (
        "BTC at 97,412: maximum squeeze since 14:00 UTC, with funding +0.059 % for 8 h (above "
        "97 % of its past), open interest +8.0 % in a day and 6.1 % of it in longs within "
        "5 % below."
    ),
    "Longs pay much to stay in: a fall would force them out into one another.",
    "Largest clusters: $1.2B of longs at 93,314–94,090 (−3.0 %) below.",
    (
        "After 23 of these price went that way by +0.80 % within 4h on average, +0.20 % after "
        "random times as volatile."
    ),
    "Measured accuracy of the map: good, 412 hours.",
)
GOOD = (
    "BTC trades at 97,412 and has been in a maximum squeeze since 14:00 UTC: funding stands at "
    "+0.059 % for 8 h (above 97 % of its past), open interest grew 8.0 % in a day, and 6.1 % of "
    "it sits in longs within 5 % below. Longs pay much to stay, so a fall would force them out. "
    "The largest cluster holds $1.2 billion of longs at 93,314–94,090 (−3.0 %). After 23 of these "
    "the price went that way by +0.80 % within 4h on average, against +0.20 % after random times "
    "as volatile. The map's measured accuracy is good, over 412 hours."
)


def test_the_same_in_other_words_is_taken() -> None:
    assert refusal(GOOD, FACTS, "BTC", ["ETH", "SOL", "NEAR"]) == ""


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("412 hours", "413 hours", "figures"),
        ("$1.2 billion", "$1.2 million", "figures"),
        ("97,412", "97.412", "figures"),
        ("within 4h", "within 4 days", "figures"),
        ("grew 8.0 %", "grew almost tenfold, by 8.0 %, twice", "says"),
        ("Longs pay much", "Longs pay millions", "says"),
        ("a fall would", "a fall will certainly", "says"),
        ("Longs pay", "Shorts pay", "side"),
        ("so a fall", "so go bullish, a fall", "side"),
        ("BTC trades", "BTC, like ETH, trades", "another coin"),
        ("BTC trades", "BTC (not $SOL) trades", "another coin"),
        ("BTC trades", "BTC, unlike solana, trades", "another coin"),
        ("The largest", "See https://example.org. The largest", "elsewhere"),
        ("The largest", "Ask @trader. The largest", "elsewhere"),
        ("The largest", "Join best-signals.io. The largest", "elsewhere"),
        ("The largest", "[Click](x) the largest", "elsewhere"),
        ("The largest", "<b>The</b> largest", "elsewhere"),
        ("The largest", "最 largest", "letters"),
        ("The largest", "🚀 The largest", "letters"),
    ],
)
def test_what_adds_to_the_facts_is_refused(old: str, new: str, why: str) -> None:
    assert old in GOOD
    assert why in refusal(GOOD.replace(old, new), FACTS, "BTC", ["ETH", "SOL", "NEAR"])


@pytest.mark.parametrize("text", ["", "  ", "BTC is squeezed.", GOOD * 3])
def test_a_text_of_another_length_is_no_rephrasing(text: str) -> None:
    assert "long" in refusal(text, FACTS, "BTC")


def test_every_figure_is_read_with_what_it_counts() -> None:
    assert numbers("1,234.5 and 4 h, 3 hours, 2 days, 5 percent, $7M") == {
        "1234.5",
        "4h",
        "3h",
        "2d",
        "5%",
        "7m",
    }
    assert foreign("4h", ["4 hours"]) == set()
    assert foreign("4", ["4 hours"]) == {"4"}


@given(st.integers(0, 10**7), st.sampled_from(["", " %", "B", "M", " h"]))
def test_a_figure_that_is_not_in_the_facts_is_always_found(value: int, unit: str) -> None:
    said = f"{value:,}{unit}"
    known = set().union(*(numbers(fact) for fact in FACTS))
    assert (foreign(f"It is {said}.", FACTS) == set()) is (numbers(said) <= known)


def test_the_facts_are_a_rephrasing_of_themselves() -> None:
    assert refusal(" ".join(FACTS), FACTS, "BTC", ["ETH", "BTC"]) == ""


GERMAN = languages.tongue("de")
GERMAN_FACTS = (
    (
        "BTC bei 97,412: maximaler Squeeze seit 14:00 UTC, mit Funding +0.059 % für 8 h (über "
        "97 % seiner Vergangenheit) und 6.1 % davon in Longs, die bis 5 % darunter liquidiert "
        "würden."
    ),
    "Longs zahlen viel: ein Rückgang würde sie ineinander hinausdrängen.",
    "Größter Cluster: $1.2B Longs bei 93,314–94,090 (−3.0 %) darunter.",
)
GERMAN_GOOD = (
    "BTC steht bei 97,412 und ist seit 14:00 UTC in einem maximalen Squeeze: Das Funding liegt bei "
    "+0.059 % für 8 h (über 97 % seiner Vergangenheit), und 6.1 % davon stecken in Longs, die bis "
    "5 % unterhalb liquidiert würden. Longs zahlen viel, ein Rückgang würde sie hinausdrängen. Der "
    "größte Cluster hält $1.2 Milliarden Longs bei 93,314–94,090 (−3.0 %)."
)


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("", "", ""),
        ("$1.2 Milliarden", "$1.2 Billionen", "figures"),
        ("$1.2 Milliarden", "$1,2 Milliarden", "figures"),
        ("97,412", "97.412", "figures"),
        ("8 h", "8 Tage", "figures"),
        ("zahlen viel", "zahlen doppelt so viel", "says"),
        ("zahlen viel", "zahlen dreimal so viel", "says"),
        ("würde sie", "würde sie sicher", "says"),
        ("Longs zahlen", "Shorts zahlen", "side"),
        ("ein Rückgang würde", "bullisch: ein Rückgang würde", "side"),
        ("ein Rückgang würde", "es geht hoch, ein Rückgang würde", "side"),
        ("BTC steht", "BTC steht wie Ethereum", "another coin"),
        ("BTC steht", "最 BTC steht", "letters"),
    ],
)
def test_german_words_are_held_against_german_facts(old: str, new: str, why: str) -> None:
    with speaking(GERMAN):
        found = refusal(GERMAN_GOOD.replace(old, new), GERMAN_FACTS, "BTC", ["ETH"])
    assert why in found
    assert bool(why) is bool(found)


def test_a_german_billion_is_a_thousand_times_as_much() -> None:
    assert foreign("1.2 billion", ["$1.2B"]) == set()
    with speaking(GERMAN):
        assert numbers("1.2 Billion, 3 Mio, 4 Mrd, 5 Prozent, 6 Stunden, 7 Tage") == {
            "1.2t",
            "3m",
            "4b",
            "5%",
            "6h",
            "7d",
        }
        assert foreign("1.2 Billion", ["$1.2B"]) == {"1.2t"}


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_comma_that_parts_no_thousands_makes_another_figure(language: str) -> None:
    with speaking(languages.tongue(language)):
        assert numbers("97,412 and 1,234,567.8") == {"97412", "1234567.8"}
        assert "12m" not in numbers("$1,2M")
        assert foreign("$1,2M", ["$12M"])
