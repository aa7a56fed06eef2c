"""Watches: read, judged all at once, taken through their states; and a million spoilt texts."""

import os
import random
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np

from bot.core.arrays import DAY, MINUTE
from bot.core.errors import WatchRefused
from bot.core.watches.columns import Column, Columns
from bot.core.watches.gate import State, Tick, advance
from bot.core.watches.lifecycle import Seen, due
from bot.core.watches.margin import kept
from bot.core.watches.parse import grammar, watch
from bot.core.watches.presets import rules
from bot.core.watches.preview import preview
from bot.core.watches.program import Program
from bot.core.watches.tree import Digest, HeatmapEvery, Watch
from bot.core.watches.truth import Truth
from tests.benchmarks.table import Row, best_of
from tests.support.watch_texts import Grammar, spoilt
from tests.support.watching import NOW, columns

WATCHES, MARKETS = 50_000, 200
TEXTS, BATCH = 1_000_000, 5_000
SLOWEST = 50.0  # [ms]
EXAMPLE = "BTC funding > 0.03% and oi rising 4h and clusters above > 500M within 3%"
# A quarter of them compound, as traders keep them.
_TYPED = (
    "price > {a}",
    "price < {a}",
    "price crosses {a}",
    "funding > {b}%",
    "funding < -{b}%",
    "oi change 1h > {c}%",
    "clusters above > {d}M within {c}%",
    "nearest cluster below within {c}%",
    "liqs longs 15m > {c}x normal",
    "cascade",
    "squeeze",
    "ratio > {c}",
    "funding > {b}% and oi rising 4h",
    "funding > {b}% and oi rising 4h and clusters above > {d}M within {c}%",
    "cascade down or (liqs longs 15m > {c}x normal and not squeeze)",
    "(price < {a} or price > 9{a}) and oi falling 1h",
)


def some_watches(count: int) -> list[Watch]:
    """Return watches of all kinds, each with values of its own."""
    rng = random.Random(5)  # noqa: S311 - no secret
    return [
        watch(
            "BTC "
            + rng.choice(_TYPED).format(
                a=rng.randint(1, 9_999),
                b=rng.randint(1, 90) / 1000,
                c=rng.randint(2, 9),
                d=rng.randint(50, 900),
            )
        )
        for _ in range(count)
    ]


def rows() -> Iterator[Row]:
    """Measure everything above."""
    grammar()
    read = best_of(lambda: [watch(EXAMPLE) for _ in range(200)]) / 200
    yield Row("watch read from words", read * 1e6, "us", "", None)
    yield from _judged()
    yield from _followed()
    yield from _previewed()
    yield from _fuzzed()


def _judged() -> Iterator[Row]:
    watches = some_watches(WATCHES)
    conditions = [each.what for each in watches]
    asked = [each for each in conditions if not isinstance(each, Digest | HeatmapEvery)]
    on = [place % MARKETS for place in range(WATCHES)]
    eased = [kept(each, watches[0].options) for each in asked]
    began = time.perf_counter()
    starts = Program(list(zip(on, asked, strict=True)))
    took = time.perf_counter() - began
    yield Row("50,000 watches compiled", took * 1e3, "ms", "", None)
    keeps = Program(list(zip(on, eased, strict=True)))
    rng = random.Random(7)  # noqa: S311 - no secret
    now = columns(rng, asked, MARKETS)
    before = columns(rng, asked, MARKETS, time=NOW - MINUTE)

    def judge() -> None:
        starts.truths(now, before)
        keeps.truths(now, before)

    least = best_of(judge, 10) * 1e3
    row = "50,000 watches over 200 markets judged, to begin and to go on"
    yield Row(row, least, "ms", "<= 50 ms", least <= 50, *_closures(on))


def _closures(on: list[int]) -> tuple[float, str]:
    """Time the same number of plain comparisons made by Python functions, one a watch [ms]."""
    prices = np.random.default_rng(1).random(MARKETS).tolist()
    closures = [partial(_above, at) for at in on]
    return best_of(lambda: [each(prices) for each in closures]) * 1e3, "one closure a watch"


def _above(at: int, seen: list[float]) -> bool:
    return seen[at] > 0.5


def _followed() -> Iterator[Row]:
    """One tick in which a fiftieth of all watches change, and the filter that finds them."""
    told = rules("w", watch("BTC price > 3"))
    states = [
        advance(State(), Tick((Seen("BTC", NOW, Truth.FALSE, Truth.FALSE),)), told)[0]
        for _ in range(WATCHES)
    ]
    rests = np.array([each.courses["BTC"].rests_on for each in states], dtype=np.int8)
    start = np.where(np.arange(WATCHES) % 50 == 0, 1, -1).astype(np.int8)
    tick = Tick((Seen("BTC", NOW + MINUTE, Truth.TRUE, Truth.TRUE),))

    def follow() -> None:
        for place in due(start, rests).tolist():
            advance(states[place], tick, told)

    took = best_of(follow) * 1e3
    yield Row("a tick that opens 1,000 episodes of 50,000 watches", took, "ms", "", None)


def _previewed() -> Iterator[Row]:
    told = watch(EXAMPLE)
    assert not isinstance(told.what, Digest | HeatmapEvery)
    steps = 30 * DAY // (5 * MINUTE)
    still = columns(random.Random(3), [told.what], steps)  # noqa: S311 - no secret
    later = 5 * MINUTE * np.arange(steps, dtype=np.int64)
    figures = {
        key: Column(each.value, each.known_at + later) for key, each in still.figures.items()
    }
    clusters = replace(still.clusters, known_at=still.clusters.known_at + later)
    past = Columns(still.time + later, figures, clusters)
    took = best_of(lambda: preview(told, past, rules("w", told)), 3) * 1e3
    yield Row("preview of 30 days in steps of 5 min", took, "ms", "", None)


def _fuzzed() -> Iterator[Row]:
    began = time.perf_counter()
    with ProcessPoolExecutor(os.cpu_count()) as workers:
        found = list(workers.map(_batch, range(TEXTS // BATCH)))
    took = time.perf_counter() - began
    texts = sum(count for count, _, _, _ in found)
    read = sum(understood for _, understood, _, _ in found)
    failed = [failure for _, _, failures, _ in found for failure in failures]
    slowest, text = max(slowest for *_, slowest in found)
    yield Row("texts from the grammar, two thirds of them spoilt", texts, "", "1,000,000", met=True)
    yield Row("of these understood", read, "", "", None)
    yield Row("unhandled exceptions, or printed back another", len(failed), "", "0", not failed)
    yield Row("slowest answer (CPU)", slowest, "ms", "<= 50 ms", slowest <= SLOWEST)
    yield Row("texts a second", texts / took, "1/s", "", None)
    print(f"slowest text: {text!r}", *failed[:5], sep="\n")  # noqa: T201 - a benchmark speaks


def _batch(seed: int) -> tuple[int, int, list[str], tuple[float, str]]:
    """Read a batch; return its size, how many were understood, what failed, and the slowest."""
    rng, texts = random.Random(seed), Grammar()  # noqa: S311 - no secret
    understood, failures, slowest = 0, list[str](), (0.0, "")
    for number in range(BATCH):
        text = texts.text(rng)
        if number % 3:
            text = spoilt(text, rng)
        began = time.process_time()
        told = _answer(text)
        slowest = max(slowest, ((time.process_time() - began) * 1e3, text))
        if isinstance(told, Watch):
            understood += 1
            if _answer(str(told)) != told:
                failures.append(f"printed back another: {text!r}")
        elif isinstance(told, str):
            failures.append(f"{text!r}: {told}")
    return BATCH, understood, failures, slowest


def _answer(text: str) -> Watch | WatchRefused | str:
    try:
        return watch(text)
    except WatchRefused as refused:
        return refused if refused.caret else "a refusal without a place"
    except Exception as error:  # noqa: BLE001 - to be counted, whatever it is
        return repr(error)
