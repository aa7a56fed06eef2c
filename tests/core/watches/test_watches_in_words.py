"""Watches as traders type them: what is understood, and how what is not is refused."""

import random
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import WatchRefused
from bot.core.watches.figures import Figure, Measure, Side
from bot.core.watches.parse import condition, grammar, watch
from bot.core.watches.presets import PRESETS, preset
from bot.core.watches.tree import (
    ALL,
    And,
    Clause,
    Comparison,
    Digest,
    HeatmapEvery,
    Hours,
    NoRegime,
    Not,
    Or,
    Sign,
    Signal,
    Watch,
)
from tests.support.watch_texts import Grammar, spoilt, terminals

# An answer slower than this hangs a chat; a machine that is shared may take a moment more.
SLOWEST = 0.05
SEEDS = st.integers(0, 2**32)


def answered(text: str) -> Watch | WatchRefused:
    """Read a watch, or return why it is none."""
    try:
        return watch(text)
    except WatchRefused as refused:
        return refused


def test_the_example_of_the_product_is_understood_whole() -> None:
    told = watch("BTC funding > 0.03% and oi rising 4h and clusters above > 500M within 3%")
    assert told.markets == ("BTC",)
    assert told.what == And(
        (
            Clause(Figure(Measure.FUNDING), Comparison.MORE, 0.0003),
            Clause(Figure(Measure.INTEREST_CHANGE, window=4 * HOUR), Comparison.RISES, 0.0),
            Clause(Figure(Measure.CLUSTER, Side.ABOVE, within=0.03), Comparison.MORE, 5e8),
        )
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("price > 98k", Clause(Figure(Measure.PRICE), Comparison.MORE, 98_000)),
        ("> 98,000.5", Clause(Figure(Measure.PRICE), Comparison.MORE, 98_000.5)),
        ("above $98'000", Clause(Figure(Measure.PRICE), Comparison.MORE, 98_000)),
        ("price < 98\u202f000", Clause(Figure(Measure.PRICE), Comparison.LESS, 98_000)),
        ("crosses 100k", Clause(Figure(Measure.PRICE), Comparison.CROSSES, 1e5)),
        ("crosses below 1", Clause(Figure(Measure.PRICE), Comparison.CROSSES_DOWN, 1)),
        ("FUNDING ≥ 3 bps", Clause(Figure(Measure.FUNDING), Comparison.AT_LEAST, 0.0003)),
        ("funding < −0,01%", Clause(Figure(Measure.FUNDING), Comparison.LESS, -0.0001)),
        ("funding > ٠.٠٣%", Clause(Figure(Measure.FUNDING), Comparison.MORE, 0.0003)),
        ("open interest over 5 billion", Clause(Figure(Measure.INTEREST), Comparison.MORE, 5e9)),
        (
            "oi falling in 2 hours",
            Clause(Figure(Measure.INTEREST_CHANGE, window=2 * HOUR), Comparison.FALLS, 0.0),
        ),
        (
            "oi > 5% in 4h",
            Clause(Figure(Measure.INTEREST_CHANGE, window=4 * HOUR), Comparison.MORE, 0.05),
        ),
        (
            "down 3% in 15m",
            Clause(Figure(Measure.PRICE_CHANGE, window=15 * MINUTE), Comparison.AT_MOST, -0.03),
        ),
        (
            "price moves 3% in 1d",
            Clause(Figure(Measure.PRICE_CHANGE, window=DAY), Comparison.MOVES, 0.03),
        ),
        ("l/s ratio under 0.8", Clause(Figure(Measure.RATIO), Comparison.LESS, 0.8)),
        (
            "nearest cluster below within 2%",
            Clause(Figure(Measure.DISTANCE, Side.BELOW), Comparison.AT_MOST, 0.02),
        ),
        (
            "clusters above 500M",
            Clause(Figure(Measure.CLUSTER), Comparison.MORE, 5e8),
        ),
        (
            "delta < -200M within 5%",
            Clause(Figure(Measure.DELTA, within=0.05), Comparison.LESS, -2e8),
        ),
        (
            "long liquidations > 20M in 15m",
            Clause(Figure(Measure.LIQUIDATED, Side.LONGS, 15 * MINUTE), Comparison.MORE, 2e7),
        ),
        (
            "liqs shorts 1h > 5x normal",
            Clause(Figure(Measure.LIQUIDATED_TIMES, Side.SHORTS, HOUR), Comparison.MORE, 5),
        ),
        ("regime is exhaustion", Signal(Sign.EXHAUSTION)),
        ("regime none", NoRegime()),
        ("sweep up confirmed", Signal(Sign.SWEEP, "up", "confirmed")),
        ("cascade down", Signal(Sign.CASCADE, "down")),
    ],
)
def test_every_figure_is_understood_in_the_words_traders_type(typed: str, read: object) -> None:
    assert condition(typed) == read


def test_and_binds_closer_than_or_and_brackets_closer_than_both() -> None:
    squeeze, magnet, sweep = Signal(Sign.SQUEEZE), Signal(Sign.MAGNET), Signal(Sign.SWEEP)
    assert condition("squeeze or magnet and sweep") == Or((squeeze, And((magnet, sweep))))
    assert condition("(squeeze or magnet) and sweep") == And((Or((squeeze, magnet)), sweep))
    assert condition("not (squeeze or magnet)") == Not(Or((squeeze, magnet)))
    assert condition("not not squeeze") == squeeze
    assert condition("squeeze, magnet") == And((squeeze, magnet))


def test_options_are_understood_in_any_order() -> None:
    said = "eth, sol on binance, okx squeeze cap 5/day, quiet 22:00–07:00, for 10m every 4h"
    told = watch(f"{said} cooldown 2h until funding < 0.02%")
    assert told.markets == ("ETH", "SOL")
    assert told.venues == ("binance", "okx")
    options = told.options
    assert (options.cap, options.hold, options.every) == (5, 10 * MINUTE, 4 * HOUR)
    assert (options.cooldown, options.quiet) == (2 * HOUR, Hours(22 * 60, 7 * 60))
    assert options.until == Clause(Figure(Measure.FUNDING), Comparison.LESS, 0.0002)


def test_presets_are_understood_with_the_coin_first_or_last() -> None:
    for name in PRESETS:
        assert watch(preset(name, "BTC")).markets == ("BTC",)
        assert watch(f"{name} btc") == watch(preset(name, "BTC"))
    assert watch("digest 08:00").what == Digest(8 * 60)
    assert watch("heatmap every 4h").what == HeatmapEvery(4 * HOUR)
    assert watch("all cascade").markets == (ALL,)


def test_coins_that_are_called_like_words_of_the_language_can_be_watched() -> None:
    assert watch("NOT price > 3").markets == ("NOT",)
    assert watch("MOVE moves 3% in 1h").markets == ("MOVE",)


@pytest.mark.parametrize(
    ("typed", "wrong", "hint"),
    [
        ("BTC fundin > 3%", "fundin", "Did you mean “funding”?"),
        ("BTC oi risng 4h", "risng", "Did you mean “rising”?"),
        ("BTC funding > 0.03", "0.03", "a percentage such as 0.03%"),
        ("BTC funding > 0.03% quite 22:00-07:00", "quite", "Did you mean “quiet”?"),
        ("funding > 3%", "funding", "Name a coin"),
        ("BTC clusters > 3x", "3x", "a number such as"),
        ("BTC funding > 50%", "50%", "from -10% to 10%"),
        ("BTC price > 0", "0", "it goes from"),
        ("BTC price crosses 9 for 10m", "crosses", "cannot hold"),
        ("BTC squeeze until price crosses 9", "until", "not crosses"),
        ("BTC squeeze for 10m for 20m", "for", "twice"),
        ("BTC squeeze cap 500/day", "500/day", "1 to 100"),
        ("BTC squeeze quiet 25:00-07:00", "25:00-07:00", "no time of day"),
        ("BTC oi rising 99d", "99d", "from 1m to 30d"),
        ("BTC clusters above > 5M within 3% below", "below", "twice"),
        ("BTC, ETH funding > 0.03% oi rising 4h", "oi", "Here fits"),
        ("BTC up -3% in 1h", "-3%", "a size such as 3%"),
    ],
)
def test_a_refusal_points_at_the_wrong_word(typed: str, wrong: str, hint: str) -> None:
    with pytest.raises(WatchRefused) as refused:
        watch(typed)
    said = refused.value
    assert typed[said.at : said.at + said.length] == wrong
    assert hint in str(said)
    line, caret = said.caret.splitlines()
    assert line[caret.index("^") : caret.rindex("^") + 1] == wrong


def test_the_caret_stands_right_where_signs_were_taken_out_or_changed() -> None:
    typed = "BTC price > 98’000 and oi ＞ ﬁve"
    with pytest.raises(WatchRefused) as refused:
        watch(typed)
    assert typed[refused.value.at :] == "ﬁve"


def test_what_stops_too_early_is_told_what_comes_next() -> None:
    with pytest.raises(WatchRefused, match=r"It stops too early. Next comes .*funding") as refused:
        watch("BTC funding > 0.03% and ")
    assert refused.value.at == len("BTC funding > 0.03% and")


@pytest.mark.parametrize(
    "typed",
    [
        "BTC " + " or ".join(["squeeze"] * 13),
        "BTC squeeze and " * 30,
        "BTC " + "(" * 50 + "squeeze" + ")" * 50,
        "BTC squeeze or (magnet and (sweep or (cascade and (fuel or exhaustion))))",
        "BTC price > " + "9" * 60,
        "BTC price > 1e999",
        " ".join(f"C{number}" for number in range(25)) + " squeeze",
        "",
        " \n ",
    ],
)
def test_what_is_too_long_too_deep_or_no_number_is_refused(typed: str) -> None:
    with pytest.raises(WatchRefused) as refused:
        watch(typed)
    assert str(refused.value).endswith((".", "?"))


@pytest.mark.parametrize(
    "typed",
    [
        "BTC on okx, mark > 488",
        "squeeze BTC, MAXIMUM",
        "squeeze heatmap/every22m, SOL",
        "squeeze BTC, MOVE",
        "squeeze FUEL",
        "digest at 01:08 on okx, binance.",
        "digest at 01:08 on okx. binance. okx",
    ],
)
def test_a_name_that_would_be_read_as_another_word_is_refused_or_comes_back(typed: str) -> None:
    told = answered(typed)
    if isinstance(told, WatchRefused):
        assert told.length
    else:
        assert watch(str(told)) == told


def test_every_word_of_the_grammar_is_tried() -> None:
    used = {each.name for rule in grammar().rules for each in rule.expansion if each.is_term}
    assert used == terminals()


@settings(max_examples=400)
@given(SEEDS)
def test_what_the_grammar_allows_is_read_and_printed_back_the_same(seed: int) -> None:
    text = Grammar().text(random.Random(seed))  # noqa: S311 - no secret
    told = answered(text)
    if isinstance(told, WatchRefused):
        assert _says_a_limit(str(told)), (text, str(told))
    else:
        assert watch(str(told)) == told
        assert str(watch(str(told))) == str(told)


def _says_a_limit(refusal: str) -> bool:
    limits = ("at most", "goes from", "deeper", "twice", "both sides", "cannot hold", "crosses")
    sizes = ("a size such as", "bare number", "Did you mean", "whole number")
    return any(limit in refusal for limit in (*limits, *sizes))


def test_spoilt_texts_are_read_or_refused_and_never_slowly() -> None:
    rng, texts = random.Random(6), Grammar()  # noqa: S311 - no secret
    grammar()
    slow: list[tuple[float, str]] = []
    for _ in range(3_000):
        text = spoilt(texts.text(rng), rng)
        began = time.process_time()
        told = answered(text)
        took = time.process_time() - began
        if took > SLOWEST:
            slow.append((took, text))
        if isinstance(told, WatchRefused):
            assert 0 <= told.at <= told.at + told.length <= len(text)
            assert told.caret
        else:
            assert watch(str(told)) == told
    assert not slow


@given(st.text(max_size=400))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    for typed in (text, f"BTC {text}", f"BTC funding > {text}"):
        told = answered(typed)
        assert str(told)
        if isinstance(told, WatchRefused):
            assert told.caret
