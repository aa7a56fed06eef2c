"""The pictures that were looked at and approved, by name; all from simulated markets."""

from collections.abc import Callable

from bot.core.estimate.reading import MapReading
from bot.core.judge.accuracy import AccuracyReading
from bot.core.panels.reading import Kind, PanelReading
from renderers import accuracy, heatmap, panel, profile
from renderers.theme import Theme
from tests.support.accuracies import accuracy_reading
from tests.support.panels import many, panel_of, scarce
from tests.support.readings import reading


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


SCENES: dict[str, Callable[[], bytes]] = {
    "heatmap-btc-24h-dark": lambda: heatmap.render(_btc(), Theme.DARK),
    "heatmap-btc-24h-light": lambda: heatmap.render(_btc(), Theme.LIGHT),
    "heatmap-sol-7d-dark": lambda: heatmap.render(_partial(), Theme.DARK),
    "heatmap-pepe-12h-light": lambda: heatmap.render(_small(), Theme.LIGHT),
    "heatmap-new-3d-dark": lambda: heatmap.render(_nothing(), Theme.DARK),
    "map-btc-24h-dark": lambda: profile.render(_btc(), Theme.DARK),
    "map-sol-7d-light": lambda: profile.render(_partial(), Theme.LIGHT),
    "accuracy-btc-dark": lambda: accuracy.render(_btc_scores(), Theme.DARK),
    "accuracy-pepe-light": lambda: accuracy.render(_unproven(), Theme.LIGHT),
    "funding-btc-dark": lambda: panel.render(_btc_funding(), Theme.DARK),
    "funding-new-dark": lambda: panel.render(_new_funding(), Theme.DARK),
    "oi-btc-light": lambda: panel.render(_btc_interest(), Theme.LIGHT),
    "ratio-btc-light": lambda: panel.render(_btc_ratio(), Theme.LIGHT),
}
