"""An estimate as a blob, so that a restart goes on where the bot has stopped.

Going on from a blob leads to the same bits as never having stopped. It names the version of the
model, that of the assumptions with their figures, and what fields there are; whatever was made
by another is refused, for the state would mix two ways of counting.

    b"EmbE" | schema, 1 byte | blake2b of the rest, 16 bytes | zlib of a msgpack document

The document is nested lists of plain values; arrays are their bytes. Nothing in it is ever run.
"""

import hashlib
import zlib
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import msgspec
import numpy as np

from bot.core.arrays import DAY
from bot.core.deflate import deflated
from bot.core.errors import StateOfAnother, StateRefused
from bot.core.estimate.columns import REACH, Column
from bot.core.estimate.inventory import Inventory
from bot.core.estimate.learning import Hour, Learner
from bot.core.estimate.market import Expected, MarketEstimate
from bot.core.estimate.parameters import Parameters, prior
from bot.core.instruments import Instrument

# To be raised when the same bars lead to another state than before.
MODEL = "inventory 4"

# To be raised when blobs are written in another way.
SCHEMA = 1

_MAGIC, _DIGEST = b"EmbE", 16
_START = len(_MAGIC) + 1 + _DIGEST

# A market of a hundred tiers, on a grid three times as wide as any, would take less [bytes].
_LARGEST = 64 * 2**20

# What a bar held on its way is needed until it is scored, days at most; a month is what a memory
# without any scores begins with.
_EXPECTED_FOR = 31 * DAY

# What the state consists of, field by field, but for what follows from the rest.
_PARTS = {each.__name__: each for each in (Parameters, Inventory, Learner, Hour, Expected)}
_DERIVED = frozenset({"_openings", "_worth", "_ahead", "_next", "_sides", "passing"})

_DTYPES = frozenset({"<f8", "<f4", "<f2", "<i8", "|b1"})


def saved(estimate: MarketEstimate) -> bytes:
    """Write an estimate down. StateRefused if it holds what is no number: that is not passed on."""
    why = _wrong(estimate)
    if why:
        raise StateRefused(estimate.instrument.key, why)
    columns = estimate.columns
    document = [
        _made_by(),
        [_market(estimate.instrument), estimate.interval],
        _plain(estimate.parameters),
        _plain(estimate.inventory),
        _plain(estimate.learner),
        _plain(estimate.expected.since(estimate.time - _EXPECTED_FOR)),
        [[each.time, each.until, each.first, each.scale] for each in columns],
        b"".join(each.long.tobytes() + each.short.tobytes() for each in columns),
    ]
    body = deflated(msgspec.msgpack.encode(document))
    return _MAGIC + bytes((SCHEMA,)) + _digest(body) + body


def read_back(blob: bytes, instrument: Instrument) -> MarketEstimate:
    """Return the estimate of a market from its blob.

    StateOfAnother if another version wrote it, StateRefused if it is damaged, of another market,
    or holds what is no number.
    """
    market = instrument.key
    if blob[: len(_MAGIC)] != _MAGIC or len(blob) <= _START:
        raise StateRefused(market, "it is no saved estimate, or was cut short")
    if blob[len(_MAGIC)] != SCHEMA:
        raise StateOfAnother(market, "another version of the bot wrote it")
    body = blob[_START:]
    if blob[_START - _DIGEST : _START] != _digest(body):
        raise StateRefused(market, "it is damaged")
    try:
        return _estimate(instrument, msgspec.msgpack.decode(_expanded(body)))
    except StateRefused:
        raise
    except Exception as error:  # whatever a document may be, it is refused
        raise StateRefused(market, "it does not hold what it should") from error


def _estimate(instrument: Instrument, document: list[Any]) -> MarketEstimate:
    made_by, (whose, interval), *parts, columns, maps = document
    if made_by != _made_by():
        raise StateOfAnother(instrument.key, f"it was made by {made_by[0]}, {made_by[1]}")
    if whose != _market(instrument):
        raise StateRefused(instrument.key, "it is of another market")
    parameters, inventory, learner, expected = map(_part, parts)
    sides = np.frombuffer(maps, np.float16).reshape(len(columns), 2, REACH + 1)
    kept = (Column(*told, *both) for told, both in zip(columns, sides, strict=True))
    estimate = MarketEstimate(
        instrument, interval, parameters, inventory, learner, tuple(kept), expected
    )
    why = _wrong(estimate)
    if why:
        raise StateRefused(instrument.key, why)
    inventory.resume()
    return estimate


def _plain(value: Any) -> Any:
    """Return a value as lists and scalars; TypeError for what has no place in a state."""
    if isinstance(value, np.ndarray):
        return ["array", value.dtype.str, list(value.shape), value.tobytes()]
    if isinstance(value, np.generic):
        return value.item()
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, tuple | list):
        return [type(value).__name__, *map(_plain, value)]
    if isinstance(value, dict):
        return ["dict", *([_plain(key), _plain(item)] for key, item in value.items())]
    if is_dataclass(value) and type(value).__name__ in _PARTS:
        name = type(value).__name__
        return [name, *(_plain(getattr(value, field)) for field in _fields(name))]
    raise TypeError(f"a state cannot hold {type(value).__name__}")


def _part(plain: Any) -> Any:
    """Undo `_plain`."""
    if not isinstance(plain, list):
        return plain
    kind, *rest = plain
    if kind == "array":
        dtype, shape, body = rest
        if dtype not in _DTYPES:
            raise ValueError(f"an array of {dtype}")
        return np.frombuffer(body, dtype).reshape(shape).copy()
    if kind == "dict":
        return {_part(key): _part(item) for key, item in rest}
    if kind in ("tuple", "list"):
        items = map(_part, rest)
        return tuple(items) if kind == "tuple" else list(items)
    made = object.__new__(_PARTS[kind])
    for name, value in zip(_fields(kind), rest, strict=True):
        object.__setattr__(made, name, _part(value))
    return made


def _wrong(estimate: MarketEstimate) -> str:
    """Say what of a state cannot be; nothing if it can be gone on from."""
    inventory, expected = estimate.inventory, estimate.expected
    shape = inventory.shifts.shape
    sizes = (inventory.stored, inventory.factor, inventory.weight, estimate.learner.weight)
    if (
        shape != (2, len(estimate.parameters.leverage))
        or inventory.stored.shape[::2] != shape
        or any(each.shape != shape for each in (*sizes[1:], inventory.lack))
        or expected.usd.shape != (2, len(expected.time))
    ):
        return "its parts do not fit together"
    figures = (inventory.held, inventory.price, inventory.mark, inventory.usual)
    if not np.isfinite(figures).all() or not all(
        bool(np.isfinite(each).all()) and each.min(initial=0.0) >= 0 for each in sizes
    ):
        return "it holds sizes that cannot be"
    return ""


def _market(instrument: Instrument) -> list[str]:
    return [instrument.key, instrument.contract.value]


def _digest(body: bytes) -> bytes:
    return hashlib.blake2b(body, digest_size=_DIGEST).digest()


def _expanded(body: bytes) -> bytes:
    reader = zlib.decompressobj()
    document = reader.decompress(body, _LARGEST)
    if not reader.eof:
        raise ValueError("a document that is too long, or cut short")
    return document


def _fields(name: str) -> list[str]:
    return [field.name for field in fields(_PARTS[name]) if field.name not in _DERIVED]


@cache
def _made_by() -> list[Any]:
    """Name the model, the assumptions and their figures, and the fields of a state."""
    assumed = prior()
    figures = msgspec.msgpack.encode(_plain(assumed))
    return [MODEL, assumed.version, _digest(figures), {name: _fields(name) for name in _PARTS}]
