"""The figures that a heatmap was drawn from, as a file; its words are for programs, in English."""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
import numpy as np

from bot.core.estimate.reading import MapReading, StripSeries
from bot.core.language import ENGLISH, speaking
from bot.core.market.liquidations import PositionSide
from bot.reply import Document

_ZIPPED_AT = (1980, 1, 1, 0, 0, 0)  # the same figures give the same bytes
_LONG = 2_000_000  # [bytes] more is packed, so that every chat can carry it
_DIGITS = 10  # of a price or a rate: more than any venue tells


def map_json(reading: MapReading, name: str) -> Document:
    """Write a reading as JSON: times [ms] UTC, prices [quote/base], sizes [USD]; long, in a ZIP."""
    now, heatmap = reading.now, reading.heatmap
    figures: dict[str, Any] = {
        "coin": reading.base,
        "quote": reading.quote,
        "simulated": reading.simulated,
        "estimate": True,
        "window": reading.window.name,
        "as_of_ms": reading.as_of,
        "price": reading.price,
        "grade": _english(reading.grade),
        "venues": [each.exchange for each in reading.venues],
        "asked": list(reading.asked),
        "failures": [_english(why) for why in reading.failures],
        "bins": {
            "edges": _numbers(now.edges),
            "long_usd": _dollars(now.long_usd),
            "short_usd": _dollars(now.short_usd),
            "long_low_usd": _dollars(now.long_range[0]),
            "long_high_usd": _dollars(now.long_range[1]),
            "short_low_usd": _dollars(now.short_range[0]),
            "short_high_usd": _dollars(now.short_range[1]),
        },
        "heatmap": {
            "column_edges_ms": heatmap.column_edges.tolist(),
            "edges": _numbers(heatmap.edges),
            "long_usd": [_dollars(column) for column in heatmap.long_usd],
            "short_usd": [_dollars(column) for column in heatmap.short_usd],
            "forming": heatmap.forming,
        },
        "clusters": _rows(_CLUSTERS, _clusters(reading)),
        "swept": _rows(_SWEPT, _swept(reading)),
        "candles": _rows(_CANDLES, _candles(reading)),
        "strips": _rows(_STRIPS, _strips(reading)),
    }
    body = msgspec.json.encode(figures)
    if len(body) > _LONG:
        return Document(zipped({f"{name}.json": body}), f"{name}.zip", "application/zip")
    return Document(body, f"{name}.json", "application/json")


def map_csv(reading: MapReading, name: str) -> Document:
    """Write a reading as tables, one CSV each, together in a ZIP."""
    now = reading.now
    bins = zip(
        now.edges[:-1],
        now.edges[1:],
        now.long_usd,
        now.short_usd,
        *now.long_range,
        *now.short_range,
        strict=True,
    )
    tables = {
        "about": (("what", "value"), _about(reading)),
        "bins": (_BINS, bins),
        "clusters": (_CLUSTERS, _clusters(reading)),
        "swept": (_SWEPT, _swept(reading)),
        "candles": (_CANDLES, _candles(reading)),
        "strips": (_STRIPS, _strips(reading)),
    }
    files = {f"{each}.csv": table(*columns) for each, columns in tables.items()}
    return Document(zipped(files), f"{name}.zip", "application/zip")


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Write rows as CSV in UTF-8, below the names of their columns."""
    page = io.StringIO(newline="")
    write = csv.writer(page)
    write.writerow(columns)
    for row in rows:
        write.writerow([_cell(each) for each in row])
    return page.getvalue().encode()


def zipped(files: dict[str, bytes]) -> bytes:
    """Put files into one ZIP."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in files.items():
            entry = zipfile.ZipInfo(name, _ZIPPED_AT)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, body)
    return packed.getvalue()


def utc(at: int) -> str:
    """Write a time [ms] as every spreadsheet reads it."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


_BINS = (
    "low",
    "high",
    "long_usd",
    "short_usd",
    "long_low_usd",
    "long_high_usd",
    "short_low_usd",
    "short_high_usd",
)
_CLUSTERS = ("side", "low", "high", "peak", "usd", "low_usd", "high_usd", "distance")
_SWEPT = ("side", "low", "high", "usd", "formed_utc", "swept_utc", "reported_usd")
_CANDLES = ("open_utc", "open", "high", "low", "close", "volume")
_STRIPS = ("what", "time_utc", "value")


def _about(reading: MapReading) -> Iterable[tuple[str, object]]:
    yield "coin", reading.base
    yield "quote", reading.quote
    yield "simulated", "yes" if reading.simulated else "no"
    yield "what it is", "an estimate from public data"
    yield "window", reading.window.name
    yield "as of, UTC", utc(reading.as_of)
    yield "price", reading.price
    yield "grade", _english(reading.grade)
    yield "venues", " ".join(each.exchange for each in reading.venues)
    yield from (("not in it", _english(why)) for why in reading.failures)


def _english(words: object) -> str:
    with speaking(ENGLISH):
        return str(words)


def _clusters(reading: MapReading) -> Iterable[tuple[object, ...]]:
    for each in reading.clusters:
        yield (
            _side(each.side),
            each.low,
            each.high,
            each.peak,
            each.usd,
            each.usd_low,
            each.usd_high,
            each.distance,
        )


def _swept(reading: MapReading) -> Iterable[tuple[object, ...]]:
    for each in reading.swept:
        reported = each.reported_usd
        formed, swept = utc(each.formed), utc(each.swept)
        yield _side(each.side), each.low, each.high, each.usd, formed, swept, reported


def _candles(reading: MapReading) -> Iterable[tuple[object, ...]]:
    bars = reading.candles
    for at, *figures in zip(
        bars.open_time.tolist(),
        bars.open,
        bars.high,
        bars.low,
        bars.close,
        bars.volume,
        strict=True,
    ):
        yield utc(at), *figures


def _strips(reading: MapReading) -> Iterable[tuple[object, ...]]:
    of: dict[str, StripSeries | None] = {
        "open_interest_usd": reading.open_interest,
        "funding_8h": reading.funding,
    }
    for what, strip in of.items():
        if strip is not None:
            for at, value in zip(strip.time.tolist(), strip.value, strict=True):
                yield what, utc(at), value


def _rows(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> list[dict[str, object]]:
    return [dict(zip(columns, map(_plain, row), strict=True)) for row in rows]


def _side(side: PositionSide) -> str:
    return "long" if side is PositionSide.LONG else "short"


def _plain(value: object) -> object:
    """Return a figure as JSON has it: no figure is null."""
    if isinstance(value, float | np.floating):
        return float(f"{value:.{_DIGITS}g}") if np.isfinite(value) else None
    return value


def _cell(value: object) -> object:
    plain = _plain(value)
    return "" if plain is None else plain


def _numbers(values: np.ndarray[Any, Any]) -> list[object]:
    return [_plain(each) for each in values]


def _dollars(values: np.ndarray[Any, Any]) -> list[int]:
    """Return sizes as whole dollars: an estimate knows no cents."""
    return np.rint(np.nan_to_num(values)).astype(np.int64).tolist()  # type: ignore[no-any-return]
