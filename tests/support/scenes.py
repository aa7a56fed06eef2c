"""The pictures that were looked at and approved, by name; all from simulated markets."""

from collections.abc import Callable

from bot.core.arrays import HOUR
from bot.core.estimate.reading import MapReading
from bot.core.estimate.strips import BELOW
from bot.core.flow.book import BookReading
from bot.core.flow.liquidated import LiquidatedReading
from bot.core.judge.accuracy import AccuracyReading
from bot.core.market.liquidations import PositionSide
from bot.core.panels.reading import Kind, PanelReading
from bot.core.watches.columns import About
from bot.core.watches.figures import Side
from bot.core.watches.mark import Mark
from renderers import (
    accuracy,
    backtest,
    book,
    cascade,
    heatmap,
    journal,
    liqs,
    panel,
    position,
    profile,
    ranking,
    setup,
    squeeze,
    watch_preview,
    whatif,
)
from renderers.theme import Theme
from tests.support import journals
from tests.support.accuracies import accuracy_reading
from tests.support.flows import Venue, book_reading, liquidated_reading
from tests.support.own_positions import position_reading
from tests.support.panels import many, panel_of, scarce
from tests.support.readings import reading
from tests.support.setups import cascade_chart, magnet_chart, strategy_reading, sweep_chart
from tests.support.squeezes import ranking_reading, squeeze_reading, whatif_reading
from tests.support.watch_previews import watch_reading


def _btc() -> MapReading:
    return reading(seed=9)


def _partial() -> MapReading:
    """One venue of three did not answer; a falling week."""
    return reading(
        "SOL",
        window="7d",
        price=187.32,
        seed=21,
        volatility=1.4,
        open_interest_usd=1.4e9,
        venues=("binance", "okx"),
        failed=("bybit",),
        failures=("Bybit is not answering: timed out.",),
        exact_share=0.12,
    )


def _small() -> MapReading:
    """A cheap coin on one venue, without open interest, funding and liquidations."""
    return reading(
        "1000PEPE",
        window="12h",
        price=0.00001234,
        seed=9,
        volatility=2.0,
        open_interest_usd=4e7,
        venues=("okx",),
        open_interest=False,
        funding=False,
        liquidations=False,
    )


def _nothing() -> MapReading:
    """A market in which nothing is known to be open."""
    return reading("NEW", window="3d", price=2.5, seed=4, sides="none", venues=("okx",))


def _mark() -> Mark:
    """An episode of three hours, about a cluster of longs."""
    return Mark(_btc().as_of - 3 * HOUR, "since", About(Side.BELOW, 94_089.0, 94_750.0))


def _btc_scores() -> AccuracyReading:
    return accuracy_reading("BTC", venues=("binance", "bybit", "okx"))


def _unproven() -> AccuracyReading:
    """Three days of a simulated market in which the map knew nothing."""
    return accuracy_reading("1000PEPE", count=60, skill=0.0, coverage=9.0, simulated=True)


def _btc_funding() -> PanelReading:
    return panel_of(Kind.FUNDING, *many(5), failed=("kraken",))


def _btc_interest() -> PanelReading:
    """Three simulated venues that are known for three months."""
    return panel_of(Kind.INTEREST, *many(3, days=95, simulated=True))


def _btc_ratio() -> PanelReading:
    """As many venues as there are."""
    return panel_of(Kind.RATIO, *many())


def _new_funding() -> PanelReading:
    """Three days of a coin; a venue that does not tell, and one that has fallen silent."""
    return panel_of(Kind.FUNDING, *scarce(), base="NEW")


def _btc_book() -> BookReading:
    """Three of four venues, told deep; walls near clusters."""
    return book_reading(failed=("kraken",))


def _ragged_book() -> BookReading:
    """Six venues that tell between 0.1 and 9 %, one of them late; no map just now."""
    reach = {"binance": 0.0011, "kraken": 0.09, "hyperliquid": 0.004, "okx": 0.02, "bybit": 0.01}
    venues = [Venue(name, deep) for name, deep in reach.items()]
    venues.append(Venue("deribit", 0.03, usd=4e6, age=90_000))
    return book_reading(
        "1000PEPE", price=0.0098123, venues=tuple(venues), seed=8, clusters=None, span=3_000_000
    )


def _shallow_book() -> BookReading:
    """One venue that tells a tenth of a percent and no trades."""
    near = (Venue("binance", 0.0011, usd=2e8),)
    return book_reading("SOL", price=187.3, venues=near, seed=9, traded=False, clusters=())


def _btc_liquidated() -> LiquidatedReading:
    """A day with a fall; one venue was not heard at first, one not at all."""
    return liquidated_reading(failed=("kraken",), deaf=0.3)


def _all_liquidated() -> LiquidatedReading:
    """Five simulated coins ranked."""
    return liquidated_reading(others=("ETH", "SOL", "1000PEPE", "XRP"), simulated=True)


def _few_liquidated() -> LiquidatedReading:
    """Three small ones of a cheap coin."""
    return liquidated_reading("SHIB", price=0.000012, count=3, venues=("okx",))


SCENES: dict[str, Callable[[], bytes]] = {
    "heatmap-btc-24h-dark": lambda: heatmap.render(_btc(), Theme.DARK),
    "heatmap-btc-24h-light": lambda: heatmap.render(_btc(), Theme.LIGHT),
    "heatmap-sol-7d-dark": lambda: heatmap.render(_partial(), Theme.DARK),
    "heatmap-pepe-12h-light": lambda: heatmap.render(_small(), Theme.LIGHT),
    "heatmap-new-3d-dark": lambda: heatmap.render(_nothing(), Theme.DARK),
    "heatmap-funding-dark": lambda: heatmap.render(_btc(), Theme.DARK, below=("funding",)),
    "heatmap-alone-light": lambda: heatmap.render(_partial(), Theme.LIGHT, below=()),
    "heatmap-panels-light": lambda: heatmap.render(_btc(), Theme.LIGHT, below=BELOW),
    "heatmap-marked-dark": lambda: heatmap.render(_btc(), Theme.DARK, _mark()),
    "map-btc-24h-dark": lambda: profile.render(_btc(), Theme.DARK),
    "map-sol-7d-light": lambda: profile.render(_partial(), Theme.LIGHT),
    "accuracy-btc-dark": lambda: accuracy.render(_btc_scores(), Theme.DARK),
    "accuracy-pepe-light": lambda: accuracy.render(_unproven(), Theme.LIGHT),
    "funding-btc-dark": lambda: panel.render(_btc_funding(), Theme.DARK),
    "funding-new-dark": lambda: panel.render(_new_funding(), Theme.DARK),
    "oi-btc-light": lambda: panel.render(_btc_interest(), Theme.LIGHT),
    "ratio-btc-light": lambda: panel.render(_btc_ratio(), Theme.LIGHT),
    "book-btc-dark": lambda: book.render(_btc_book(), Theme.DARK),
    "book-pepe-light": lambda: book.render(_ragged_book(), Theme.LIGHT),
    "book-sol-dark": lambda: book.render(_shallow_book(), Theme.DARK),
    "liqs-btc-dark": lambda: liqs.render(_btc_liquidated(), Theme.DARK),
    "liqs-all-light": lambda: liqs.render(_all_liquidated(), Theme.LIGHT),
    "squeeze-btc-dark": lambda: squeeze.render(squeeze_reading(failed=("kraken",)), Theme.DARK),
    "squeeze-pepe-light": lambda: squeeze.render(
        squeeze_reading(
            "1000PEPE",
            price=0.0123,
            venues=("okx",),
            simulated=True,
            grade="unproven",
            surges=((0.3, 20, -0.6), (0.7, 16, 0.5)),
            days=20,
        ),
        Theme.LIGHT,
    ),
    "squeeze-all-dark": lambda: ranking.render(ranking_reading(waiting=3), Theme.DARK),
    "position-btc-dark": lambda: position.render(position_reading(entry=1.01), Theme.DARK),
    "position-btc-light": lambda: position.render(
        position_reading(PositionSide.SHORT, 50, entry=0.985, simulated=True, grade="unproven"),
        Theme.LIGHT,
    ),
    "whatif-btc-dark": lambda: whatif.render(whatif_reading(), Theme.DARK),
    "whatif-btc-light": lambda: whatif.render(
        whatif_reading(0.03, books=False, simulated=True, grade="unproven"), Theme.LIGHT
    ),
    "setup-sweep-dark": lambda: setup.render(sweep_chart(phases=3), Theme.DARK),
    "setup-sweep-light": lambda: setup.render(sweep_chart(scale=1e-5), Theme.LIGHT),
    "cascade-sol-dark": lambda: cascade.render(cascade_chart(over=False), Theme.DARK),
    "cascade-sol-light": lambda: cascade.render(cascade_chart(simulated=False), Theme.LIGHT),
    "setup-magnet-dark": lambda: setup.render(magnet_chart(), Theme.DARK),
    "backtest-btc-dark": lambda: backtest.render(strategy_reading(), Theme.DARK),
    "coach-dark": lambda: journal.render(journals.reading(), Theme.DARK, whole=True),
    "coach-few-light": lambda: journal.render(
        journals.reading(6, simulated=True), Theme.LIGHT, whole=True
    ),
    "journal-light": lambda: journal.render(journals.reading(), Theme.LIGHT, whole=False),
    "journal-percent-dark": lambda: journal.render(
        journals.reading(160, stops=0.2), Theme.DARK, whole=False
    ),
    "backtest-few-light": lambda: backtest.render(strategy_reading(4, simulated=True), Theme.LIGHT),
    "liqs-shib-light": lambda: liqs.render(_few_liquidated(), Theme.LIGHT),
    "watch-btc-dark": lambda: watch_preview.render(
        watch_reading("BTC funding > 0.03% and oi rising 4h"), Theme.DARK
    ),
    "watch-pepe-light": lambda: watch_preview.render(
        watch_reading(
            "1000PEPE squeeze or funding < 0.004% until funding > 0.01% quiet 22:00-07:00",
            price=1.2e-5,
            base="1000PEPE",
            days=12,
            seed=3,
            simulated=True,
        ),
        Theme.LIGHT,
    ),
}
