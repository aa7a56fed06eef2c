"""The picture: from a reading to PNG bytes, against the same arrays drawn the usual way.

The usual way is pyplot as most bots use it: pcolormesh, a patch for each candle, barh, tight_layout
and savefig. It is drawn at the same size in the same run.
"""

import io
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib import pyplot as plt
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from PIL import Image

from bot.core.estimate.reading import MapReading
from renderers import heatmap, profile
from renderers.canvas import HEIGHT, WIDTH
from renderers.theme import Theme
from tests.benchmarks.table import Row, best_of
from tests.support.pictures import decoded
from tests.support.readings import reading

_MARKETS = 6  # drawn in turn, so that no figure or label is that of the picture before
_BATCH = 60
_MANY = 300
_DPI = 100


def _markets() -> list[MapReading]:
    return [reading(seed=seed, price=97_000.0 + 311.3 * seed) for seed in range(_MARKETS)]


def _usual(made: MapReading) -> bytes:
    """Draw a reading as most bots do."""
    figure, (top, middle, bottom) = plt.subplots(
        3, 2, figsize=(WIDTH / _DPI, HEIGHT / _DPI), width_ratios=(4, 1), height_ratios=(8, 1, 1)
    )
    time_edges, heat = made.heatmap.column_edges, made.heatmap.long_usd + made.heatmap.short_usd
    mesh = top[0].pcolormesh(
        time_edges, made.heatmap.edges, heat.T + 1, norm=LogNorm(1e6, 1e9), cmap="inferno"
    )
    figure.colorbar(mesh, ax=top[1])
    bars = made.candles
    width = 0.7 * bars.interval
    for at in range(len(bars)):
        colour = "white" if bars.close[at] >= bars.open[at] else "grey"
        x = bars.open_time[at] + bars.interval / 2
        top[0].plot([x, x], [bars.low[at], bars.high[at]], color=colour, linewidth=1)
        body = float(bars.close[at] - bars.open[at])
        top[0].add_patch(
            Rectangle((x - width / 2, float(bars.open[at])), width, body, color=colour)
        )
    centres = made.now.centres
    seen = (centres > made.heatmap.edges[0]) & (centres < made.heatmap.edges[-1])
    size = np.diff(made.now.edges)[seen]
    top[1].barh(centres[seen], made.now.long_usd[seen], height=size, color="tab:blue")
    top[1].barh(centres[seen], made.now.short_usd[seen], height=size, color="tab:orange")
    for cluster in made.clusters[:6]:
        top[0].text(float(time_edges[-1]), cluster.peak, f"{cluster.usd / 1e6:.0f}M", clip_on=True)
    if made.open_interest is not None and made.funding is not None:
        middle[0].plot(made.open_interest.time, made.open_interest.value)
        bottom[0].bar(made.funding.time, made.funding.value, width=width)
    top[0].set_title(f"{made.base} {made.window.name}, price {made.price:,.0f}")
    figure.tight_layout()
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=_DPI)
    plt.close(figure)
    return file.getvalue()


def _each(draw: Callable[[MapReading, Theme], bytes], markets: list[MapReading]) -> float:
    """Return the least time of one warm picture [s], each of another market than the one before."""
    turn = cycle(markets)
    for _ in markets:
        draw(next(turn), Theme.DARK)
    return best_of(lambda: draw(next(turn), Theme.DARK), 30)


def _batch(count: int) -> int:
    """Draw `count` pictures; returns their bytes."""
    markets = _markets()
    for made in markets:
        heatmap.render(made, Theme.DARK)
    return sum(len(heatmap.render(markets[at % _MARKETS], Theme.DARK)) for at in range(count))


def _warm() -> None:
    _batch(1)


def _per_second() -> float:
    """Return pictures a second from two processes that are warm."""
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn"), initializer=_warm) as pool:
        list(pool.map(_batch, [1, 1]))
        start = time.perf_counter()
        list(pool.map(_batch, [_BATCH, _BATCH]))
        return 2 * _BATCH / (time.perf_counter() - start)


def _resident() -> float:
    """Return this process's memory [MB]."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _growth() -> float:
    """Return how much memory many more pictures take after the first ones [MB]."""
    _batch(_BATCH)
    before = _resident()
    _batch(_MANY)
    return _resident() - before


def _alone(measure: Callable[[], float]) -> float:
    """Measure in a process of its own."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure).result()


def _truecolour(png: bytes) -> int:
    """Return the size of the same pixels without a palette, as a browser's screenshot has them."""
    file = io.BytesIO()
    Image.fromarray(decoded(png)).save(file, "PNG")
    return len(file.getvalue())


def rows() -> Iterator[Row]:
    """Measure heatmap and map, their bytes, pictures a second and memory."""
    mpl.use("agg")
    markets = _markets()
    _usual(markets[0])
    usual = best_of(lambda: _usual(markets[1]), 3)
    ours = _each(heatmap.render, markets)
    yield Row(
        "picture: reading to PNG, 1280x1600", ours * 1e3, "ms", "<= 60 ms order", ours <= 0.06,
        usual * 1e3, "the same arrays by pyplot",
    )  # fmt: skip
    yield Row("picture: times faster than pyplot", usual / ours, "x", ">= 20x", usual / ours >= 20)
    by_leverage = _each(profile.render, markets)
    yield Row("map: reading to PNG", by_leverage * 1e3, "ms", "<= 60 ms order", by_leverage <= 0.06)
    png = heatmap.render(markets[0], Theme.DARK)
    yield Row(
        "picture: bytes", len(png) / 1024, "KiB", "<= 256 KiB", len(png) <= 256 * 1024,
        _truecolour(png) / 1024, "the same pixels in truecolour",
    )  # fmt: skip
    speed = _per_second()
    yield Row("picture: two processes on two cores", speed, "1/s", ">= 25", speed >= 25)
    grown = _alone(_growth)
    yield Row(f"picture: memory after {_MANY} more", grown, "MB", "+-2 MB", abs(grown) <= 2)
