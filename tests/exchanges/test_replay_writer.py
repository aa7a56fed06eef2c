"""What is written as a recording is read back bit for bit."""

import gzip
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from bot.core.arrays import HOUR, Floats, Times, floats
from bot.core.errors import NotEnoughData
from bot.core.instruments import Contract, Instrument
from bot.core.margin.bundled import brackets_for
from bot.core.market.heard import Heard
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from bot.core.market.positions import Positions
from bot.core.market.series import Candles, FundingRates, LongShortRatio, OpenInterest
from bot.exchanges.replay import read_market
from bot.exchanges.replay_writer import write_market
from tests.support.histories import history as random_history
from tests.support.recordings import START, TABLES, recording

INSTRUMENTS = [
    Instrument("binance", "BTC", "USDT", "USDT"),
    Instrument("bitmex", "BTC", "USD", "BTC", Contract.INVERSE),
    Instrument("okx", "ETH", "USDT", "USDT"),
]


def same(one: object, other: object) -> bool:
    """Every field equal, arrays to the last bit."""
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one.dtype == other.dtype and np.array_equal(one, other, equal_nan=one.dtype == float)
    if hasattr(one, "__dataclass_fields__") and type(one) is type(other):
        return all(same(getattr(one, f.name), getattr(other, f.name)) for f in fields(one))  # type: ignore[arg-type]
    return one == other


def column(draw: st.DrawFn, count: int, low: float, high: float) -> Floats:
    values = st.floats(low, high, allow_subnormal=False)
    return draw(arrays.arrays(np.float64, count, elements=values))


def rising(draw: st.DrawFn, count: int, least: int) -> Times:
    steps = draw(arrays.arrays(np.int64, count, elements=st.integers(least, 10 * least)))
    return START + np.cumsum(steps)


def signs(draw: st.DrawFn, count: int) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    return draw(arrays.arrays(np.int8, count, elements=st.sampled_from([1, -1])))


def heards() -> st.SearchStrategy[Heard]:
    moments = st.integers(START, START + 10**9)
    return st.lists(st.tuples(moments, moments), max_size=4).map(Heard.of)


@st.composite
def histories(draw: st.DrawFn) -> MarketHistory:
    bars, rows = draw(st.integers(1, 6)), draw(st.integers(0, 5))
    interval = draw(st.sampled_from([60_000, 900_000, HOUR, 24 * HOUR, 90_000]))
    body = np.sort(column(draw, 4 * bars, 1e-8, 1e8).reshape(4, bars), axis=0)
    low, opened, close, high = body
    volume = column(draw, bars, 0, 1e12)
    instrument = draw(st.sampled_from(INSTRUMENTS))
    events = Liquidations(
        np.sort(rising(draw, rows, 1) // 2 * 2),
        signs(draw, rows),
        column(draw, rows, 1e-8, 1e8),
        column(draw, rows, 1e-8, 1e8),
    )
    unliquidatable = draw(arrays.arrays(np.bool_, rows))
    positions = Positions(
        np.full(rows, START),
        signs(draw, rows),
        column(draw, rows, 1e-8, 1e8),
        column(draw, rows, 1e-8, 1e8),
        column(draw, rows, 0.1, 200),
        np.where(unliquidatable, np.nan, column(draw, rows, 1e-8, 1e8)),
        draw(arrays.arrays(np.bool_, rows)),
    )
    return MarketHistory(
        instrument,
        Candles(
            rising(draw, bars, interval),
            opened,
            high,
            low,
            close,
            volume,
            draw(st.sampled_from([None, volume * 0.3])),
            interval,
        ),
        OpenInterest(rising(draw, rows, 1), column(draw, rows, 0, 1e12)),
        FundingRates(rising(draw, rows, 1), column(draw, rows, -0.5, 0.5)),
        LongShortRatio(rising(draw, rows, 1), column(draw, rows, 1e-3, 1e3)),
        events,
        draw(st.sampled_from([None, events.totals(HOUR)])),
        positions,
        draw(st.sampled_from([None, brackets_for(instrument)])),
        draw(st.text('abc “”,"\n', max_size=9)).strip(),
        draw(st.booleans()),
        draw(st.one_of(st.none(), heards())),
    )


@given(histories())
def test_what_is_written_is_read_back_bit_for_bit(history: MarketHistory) -> None:
    with TemporaryDirectory() as folder:
        write_market(Path(folder), history)
        assert same(read_market(Path(folder)), history)


@settings(max_examples=20)
@given(histories())
def test_the_same_history_is_written_as_the_same_bytes(history: MarketHistory) -> None:
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        for folder in (one, other):
            write_market(Path(folder), history)
        names = sorted(path.name for path in Path(one).iterdir())
        assert names == sorted(path.name for path in Path(other).iterdir())
        assert all(
            (Path(one) / name).read_bytes() == (Path(other) / name).read_bytes() for name in names
        )


def test_a_month_of_bars_survives_the_way(tmp_path: Path) -> None:
    history = random_history(bars=3000)
    write_market(tmp_path / "btc", history)
    assert same(read_market(tmp_path / "btc"), history)


def test_what_a_series_no_longer_has_is_not_left_lying(tmp_path: Path) -> None:
    folder = recording(tmp_path, **TABLES)
    bare = replace(read_market(folder), funding=None, positions=None)
    write_market(folder, bare)
    assert same(read_market(folder), bare)


def test_a_history_without_a_bar_is_no_recording(tmp_path: Path) -> None:
    history = random_history(bars=5)
    empty = replace(history, candles=history.candles.sliced(slice(0, 0)))
    with pytest.raises(NotEnoughData, match="binance BTC/USDT:USDT has no candle to record"):
        write_market(tmp_path / "btc", empty)


def test_figures_are_written_as_short_as_they_can_be(tmp_path: Path) -> None:
    folder = recording(tmp_path, **TABLES)
    market = read_market(folder)
    write_market(folder, market)
    assert market.open_interest is not None
    assert same(market.open_interest.quantity, floats([89832.175, 89353.369, 89353.0]))
    assert not (folder / "open_interest.csv").exists()
    text = gzip.decompress((folder / "open_interest.csv.gz").read_bytes()).decode()
    assert text.splitlines()[1] == "1764547500000,89832.175"


class Killed(BaseException):
    """As by kill -9: nothing after it runs."""


def test_a_kill_at_any_moment_leaves_a_recording_that_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    longer = random_history(bars=40)
    shorter = longer.known_at(int(longer.candles.close_time[19]))
    whole = []
    for steps in range(60):
        folder = tmp_path / f"{steps}"
        write_market(folder, shorter)
        left = [steps]

        def counted(work: Callable[..., object], left: list[int] = left) -> Callable[..., object]:
            def call(*given: object, **named: object) -> object:
                if not left[0]:
                    raise Killed
                left[0] -= 1
                return work(*given, **named)

            return call

        with monkeypatch.context() as patch:
            for name in ("open", "replace", "unlink"):
                patch.setattr(Path, name, counted(getattr(Path, name)))
            with suppress(Killed):
                write_market(folder, longer)
        found = read_market(folder)
        assert len(found.candles) in {20, 40}
        assert found.open_interest is not None
        assert len(found.open_interest.time) in {20, 40}
        write_market(folder, longer)  # and goes on
        assert same(read_market(folder), longer)
        whole.append(left[0] > 0)
    assert whole[-1], "the last one was not killed at all"
    assert not whole[0]
