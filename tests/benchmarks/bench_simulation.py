"""How long a simulated market takes to work out."""

from collections.abc import Iterator

from bot.core.simulation.market import START, Market
from bot.core.simulation.simulate import simulate
from bot.core.simulation.styles import MAJOR
from bot.core.simulation.views import observed, positions
from tests.benchmarks.table import Row, best_of

_MONTH = 8640  # five-minute bars of 30 days


def rows() -> Iterator[Row]:
    """Yield the rows of the simulated market."""
    market = Market(MAJOR, 1)

    def month() -> None:
        nonlocal market
        market = Market(MAJOR, 1)
        market.step(_MONTH)

    took = best_of(month, repeats=2)
    yield Row(
        f"simulated market, 30 days of 5m bars, {market.book.count:,} positions open",
        took,
        "s",
        "<= 5 s",
        took <= 5.0,
    )
    step = best_of(market.step, repeats=200)
    yield Row("simulated market, one more bar, live", step * 1e3, "ms", "", None)
    seen = best_of(lambda: observed(market, START))
    yield Row("simulated market, 30 days of history read", seen * 1e3, "ms", "", None)
    held = best_of(lambda: positions(market))
    yield Row("simulated market, all positions read", held * 1e3, "ms", "", None)
    lossy = simulate("major", 2, 2016)
    told = lossy.history.liquidations
    share = 0.0 if told is None else float(told.value.sum() / lossy.liquidations.value.sum())
    yield Row("value that its feed tells of what was liquidated", share, "", "", None)
