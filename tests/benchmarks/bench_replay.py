"""Reading a recording: a month of five-minute bars with everything a venue gives."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bot.exchanges.replay import read_market
from bot.exchanges.replay_writer import write_market
from tests.benchmarks.table import Row, best_of
from tests.support.histories import history

_BARS = 8_928  # 31 days of five minutes
_MS = 1e3


def _floor(folder: Path) -> None:
    """Unzip and split the same files, and turn the texts that are numbers into numbers."""
    for path in folder.glob("*.csv.gz"):
        header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        columns = zip(*(line.split(",") for line in lines), strict=True)
        for name, texts in zip(header.split(","), columns, strict=True):
            if name != "side":
                np.array(texts, np.float64)


def rows() -> Iterator[Row]:
    """Measure reading against unzipping and parsing without a single check."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "btc"
        write_market(folder, history(bars=_BARS))
        ours = best_of(lambda: read_market(folder)) * _MS
        floor = best_of(lambda: _floor(folder)) * _MS
    stage = f"recording of {_BARS:,} bars -> history"
    yield Row(stage, ours, "ms", "<= 100 ms", ours <= 100, floor, "unzip and parse, no checks")
