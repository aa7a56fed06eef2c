"""Reads and writes the tables of a recording: CSV with a header, plain or gzipped.

Strict: the first fault is an error naming file, line and column, with what would be right; a file
with a fault gives nothing at all.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.core.arrays import Floats, floats
from bot.core.errors import MalformedData

_END_OF_TIME = 1e15  # [ms] the year 33658; float64 counts every millisecond until then
_FIRST_LINE = 2  # of the rows: the header is line 1


@dataclass(frozen=True, slots=True)
class Column:
    """What a column holds: numbers within bounds, or one of a few words."""

    name: str
    right: str  # what would be right, as in "is not a positive price"
    valid: Callable[[Floats], NDArray[np.bool_]] = np.isfinite
    words: Mapping[str, float] = field(default_factory=dict)  # the few words, as numbers
    optional: bool = False  # the whole column may be missing
    blank: bool = False  # a field may be empty, or nan


@dataclass(frozen=True, slots=True)
class _Fault:
    line: int
    column: str | None
    why: str


def _positive(values: Floats) -> NDArray[np.bool_]:
    return np.isfinite(values) & (values > 0)


def _not_negative(values: Floats) -> NDArray[np.bool_]:
    return np.isfinite(values) & (values >= 0)


def _below_one(values: Floats) -> NDArray[np.bool_]:
    return np.isfinite(values) & (np.abs(values) < 1)


def _whole(values: Floats) -> NDArray[np.bool_]:
    whole: NDArray[np.bool_] = values == np.floor(values)
    return _not_negative(values) & whole & (values < _END_OF_TIME)


def time(name: str = "ts") -> Column:
    """Epoch milliseconds UTC."""
    return Column(name, "a time in whole milliseconds UTC such as 1718830800000", _whole)


def positive(name: str, what: str) -> Column:
    """A number above zero."""
    return Column(name, f"{what} above zero", _positive)


def or_blank(name: str, what: str) -> Column:
    """Any number, or nothing."""
    return Column(name, f"{what}, or empty", lambda values: ~np.isnan(values), blank=True)


def amount(name: str, what: str, *, optional: bool = False) -> Column:
    """A number that is zero or more."""
    return Column(name, f"{what}, zero or more", _not_negative, optional=optional)


def fraction(name: str, right: str) -> Column:
    """A number between -1 and 1."""
    return Column(name, right, _below_one)


def word(name: str, words: Mapping[str, float]) -> Column:
    """One of a few words."""
    return Column(name, " or ".join(f"“{each}”" for each in words), words=words)


def _text(path: Path, label: str) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise MalformedData(label, None, None, f"cannot be read: {error.strerror}") from error
    if path.suffix == ".gz":
        try:
            raw = gzip.decompress(raw)
        except (OSError, EOFError, zlib.error) as error:
            raise MalformedData(label, None, None, "is not a whole gzip file") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise MalformedData(label, line, None, "is not UTF-8 text") from error


def _places(header: Sequence[str], columns: Sequence[Column], label: str) -> dict[str, int]:
    """Where each column stands; unknown ones are passed over, misspelt ones are not."""
    names = [name.strip() for name in header]
    for name in names:
        if names.count(name) > 1:
            raise MalformedData(label, 1, name, "is named twice in the header")
    for column in columns:
        if column.name in names:
            continue
        strangers = [name for name in names if name not in {known.name for known in columns}]
        near = get_close_matches(column.name, strangers, n=1, cutoff=0.8)
        if near:
            raise MalformedData(label, 1, near[0], f"is not known; should it be {column.name}?")
        if not column.optional:
            needed = ",".join(known.name for known in columns if not known.optional)
            why = f"the header lacks it; the header should name at least {needed}"
            raise MalformedData(label, 1, column.name, why)
    return {column.name: names.index(column.name) for column in columns if column.name in names}


def _number(text: str) -> float:
    """Read one field; nan, which no column takes, if it is no number."""
    try:
        return float("nan") if "_" in text else float(text)
    except ValueError:
        return float("nan")


def _column(texts: Sequence[str], column: Column, *, plain: bool) -> tuple[Floats, _Fault | None]:
    """Read one column at once, field by field only if that fails."""
    if column.words:
        values = floats([column.words.get(text.strip(), np.nan) for text in texts])
    else:
        try:
            values = floats(texts) if plain else floats([_number(text) for text in texts])
        except ValueError:
            values = floats([_number(text) for text in texts])
    right = column.valid(values)
    if column.blank:
        blanks = (text.strip().lower() in {"", "nan"} for text in texts)
        right |= np.fromiter(blanks, np.bool_, len(texts))
    if bool(right.all()):
        return values, None
    row = int(np.argmin(right))
    said = f"“{texts[row]}” is" if texts[row].strip() else "is empty and should be"
    negation = " not" if texts[row].strip() else ""
    return values, _Fault(row + _FIRST_LINE, column.name, f"{said}{negation} {column.right}")


def read_rows(path: Path, label: str, columns: Sequence[Column]) -> dict[str, Floats]:
    """Read a table; each column wanted becomes an array of shape (N,), N >= 0.

    `label` is how errors name the file. An optional column that the file lacks is not in what is
    returned. MalformedData names the first fault.
    """
    text = _text(path, label)
    try:
        rows = list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise MalformedData(label, None, None, f"is not CSV: {error}") from error
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        needed = ",".join(column.name for column in columns if not column.optional)
        raise MalformedData(label, 1, None, f"is empty; its header should name {needed}")
    header, *body = rows
    place = _places(header, columns, label)
    faults = []
    width = len(header)
    ragged = next((at for at, row in enumerate(body) if len(row) != width), None)
    if ragged is not None:
        fields = len(body[ragged])
        why = f"has {fields} field{'' if fields == 1 else 's'} where the header names {width}"
        faults.append(_Fault(ragged + _FIRST_LINE, None, why))
        body = body[:ragged]
    texts = list(zip(*body, strict=True)) or [()] * width
    plain = (
        "_" not in text.partition("\n")[2]
    )  # Python reads 1_000 as a number; a recorder does not
    found = {}
    for column in columns:
        if column.name in place:
            values, fault = _column(texts[place[column.name]], column, plain=plain)
            found[column.name] = values
            faults += [fault] if fault else []
    if faults:
        first = min(faults, key=lambda fault: fault.line)
        raise MalformedData(label, first.line, first.column, first.why)
    return found


def check_rows(
    label: str, column: str, right: NDArray[np.bool_], why: Callable[[int], str]
) -> None:
    """Raise MalformedData at the first row that is not right; `why` is given its index."""
    if not bool(right.all()):
        row = int(np.argmin(right))
        raise MalformedData(label, row + _FIRST_LINE, column, why(row))


def check_rising(label: str, when: NDArray[np.int64], *, may_repeat: bool = False) -> None:
    """Raise MalformedData where time repeats or runs backwards."""
    step = np.diff(when, prepend=when[:1] - 1)

    def why(row: int) -> str:
        wrong = "repeats" if step[row] == 0 else "goes backwards from"
        return f"{when[row]} {wrong} the line before ({when[row - 1]}); time must rise"

    check_rows(label, "ts", step >= 0 if may_repeat else step > 0, why)


def packed(header: Sequence[str], columns: Iterable[Sequence[object]]) -> bytes:
    """Write a table as a gzipped CSV; the same rows give the same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return gzip.compress(out.getvalue().encode(), mtime=0)
