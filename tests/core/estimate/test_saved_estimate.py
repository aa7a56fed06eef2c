"""An estimate that was saved goes on to the same bits as one that never stopped."""

import zlib
from dataclasses import fields, is_dataclass, replace
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.errors import StateOfAnother, StateRefused
from bot.core.estimate import saved as saved_module
from bot.core.estimate.market import MarketEstimate
from bot.core.estimate.parameters import prior
from bot.core.estimate.saved import read_back, saved
from bot.core.instruments import Contract, Instrument
from bot.core.market.history import MarketHistory
from bot.core.market.liquidations import Liquidations
from tests.support.histories import history as told
from tests.support.walks import first_bars, wandering

# What is worked out anew, and so need not be equal.
_DERIVED = {"_ahead", "_next", "_openings"}


def assert_same(one: Any, other: Any, where: str = "estimate") -> None:
    """Every figure of both has the same type and the same bits, however deep it lies."""
    assert type(one) is type(other), where
    if isinstance(one, np.ndarray):
        assert (one.dtype, one.shape) == (other.dtype, other.shape), where
        assert one.tobytes() == other.tobytes(), where
    elif is_dataclass(one):
        for field in fields(one):
            if field.name not in _DERIVED:
                name = f"{where}.{field.name}"
                assert_same(getattr(one, field.name), getattr(other, field.name), name)
    elif isinstance(one, dict):
        assert_same(list(one), list(other), where)
        assert_same(list(one.values()), list(other.values()), where)
    elif isinstance(one, tuple | list):
        assert len(one) == len(other), where
        for at, pair in enumerate(zip(one, other, strict=True)):
            assert_same(*pair, f"{where}[{at}]")
    else:
        assert one == other or one != one, where  # noqa: PLR0124 - nan


def again(estimate: MarketEstimate) -> MarketEstimate:
    return read_back(saved(estimate), estimate.instrument)


walks = st.builds(
    wandering,
    seed=st.integers(0, 10_000),
    bars=st.integers(3, 150),
    interval=st.sampled_from([MINUTE, 5 * MINUTE, HOUR]),
    volatility=st.sampled_from([0.0002, 0.002, 0.02, 0.15]),
    contract=st.sampled_from(list(Contract)),
    interest=st.booleans(),
)


@st.composite
def markets(draw: st.DrawFn) -> MarketHistory:
    """A market that wanders, with liquidations to learn from or without."""
    made = draw(walks)
    if draw(st.booleans()):
        return made
    candles, random = made.candles, np.random.default_rng(draw(st.integers(0, 99)))
    count = len(candles)
    when = np.sort(random.integers(candles.open_time[0], candles.close_time[-1], count))
    side = random.choice(np.array([1, -1], np.int8), count)
    events = Liquidations(when, side, candles.close, random.lognormal(-2, 1, count))
    return replace(made, liquidations=events)


@settings(max_examples=60, deadline=None)
@given(markets(), st.data())
def test_going_on_from_what_was_saved_is_never_having_stopped(
    history: MarketHistory, data: st.DataObject
) -> None:
    count = data.draw(st.integers(1, len(history.candles)))
    stopped = MarketEstimate.of(first_bars(history, count))
    assert_same(again(stopped), stopped)
    never_stopped = stopped.advanced(history)
    gone_on = again(stopped).advanced(history)
    assert_same(gone_on, never_stopped)
    assert_same(gone_on.map(), never_stopped.map())
    assert saved(gone_on) == saved(never_stopped)


def test_stopping_every_hour_of_a_market_that_learns_changes_nothing() -> None:
    history = told(bars=12 * 24 * 5)
    stepped = MarketEstimate.of(first_bars(history, 1))
    for count in range(12, len(history.candles) + 1, 12):
        stepped = again(stepped.advanced(first_bars(history, count)))
    never_stopped = MarketEstimate.of(history)
    assert never_stopped.learner.intervals > 50
    assert_same(stepped.map(), never_stopped.map())
    assert_same(stepped.learner, never_stopped.learner)


def test_a_price_that_leaves_the_saved_grid_finds_a_new_one() -> None:
    history = wandering(bars=60, volatility=0.15)
    stopped = again(MarketEstimate.of(first_bars(history, 20)))
    gone_on = stopped.advanced(history)
    assert gone_on.inventory.first != stopped.inventory.first
    assert_same(gone_on, MarketEstimate.of(history))


def test_what_was_read_back_can_be_moved_without_its_blob_knowing() -> None:
    history = wandering(bars=50)
    blob = saved(MarketEstimate.of(first_bars(history, 40)))
    read_back(blob, history.instrument).advanced(history)
    assert saved(read_back(blob, history.instrument)) == blob


def test_a_month_takes_less_than_two_megabytes() -> None:
    blob = saved(MarketEstimate.of(wandering(bars=31 * DAY // (5 * MINUTE))))
    assert len(blob) <= 2e6


def test_what_bars_held_is_saved_for_a_month() -> None:
    whole = MarketEstimate.of(wandering(bars=40 * 24, interval=HOUR))
    kept = again(whole).expected
    assert len(kept.time) == 31 * 24
    assert_same(kept, whole.expected.since(whole.time - 31 * DAY))


@pytest.fixture(scope="module")
def blob() -> bytes:
    return saved(MarketEstimate.of(told(bars=300)))


BTC = Instrument("binance", "BTC", "USDT", "USDT")


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_damage_goes_unnoticed_and_none_is_more_than_a_refusal(
    blob: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(blob) - 1))
    flipped = blob[at] ^ data.draw(st.integers(1, 255))
    damaged = data.draw(
        st.sampled_from(
            [blob[:at] + bytes((flipped,)) + blob[at + 1 :], blob[:at], blob + blob[: at + 1]]
        )
    )
    with pytest.raises(StateRefused, match=r"saved estimate of binance BTC/USDT:USDT is not used"):
        read_back(damaged, BTC)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_also_those_that_look_like_a_blob(body: bytes) -> None:
    with pytest.raises(StateRefused):
        read_back(body, BTC)
    looks_right = b"EmbE\x01" + saved_module._digest(body) + body
    with pytest.raises(StateRefused):
        read_back(looks_right, BTC)


_plain = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(st.sampled_from(["array", "tuple", "dict", "Learner", "Inventory"]), inner)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(document=_plain)
def test_a_whole_document_of_something_else_is_refused(document: object) -> None:
    with pytest.raises(StateRefused):
        read_back(_blob(document), BTC)
    whose = [[BTC.key, "linear"], 300_000]
    with pytest.raises(StateRefused):
        read_back(_blob([saved_module._made_by(), whose, *[document] * 6]), BTC)


def _blob(document: object) -> bytes:
    body = zlib.compress(msgspec.msgpack.encode(document), 1)
    return b"EmbE\x01" + saved_module._digest(body) + body


def test_a_document_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_module, "_LARGEST", 1_000_000)
    with pytest.raises(StateRefused):
        read_back(_blob(b"0" * 2_000_000), BTC)


def test_a_blob_of_another_market_is_refused(blob: bytes) -> None:
    for other in (
        Instrument("okx", "BTC", "USDT", "USDT"),
        replace(BTC, contract=Contract.INVERSE),
    ):
        with pytest.raises(StateRefused, match="another market"):
            read_back(blob, other)


@pytest.fixture
def _as_another() -> Any:
    saved_module._made_by.cache_clear()
    yield
    saved_module._made_by.cache_clear()


@pytest.mark.usefixtures("_as_another")
def test_a_blob_of_another_model_is_refused(blob: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_module, "MODEL", "inventory 0")
    with pytest.raises(StateOfAnother, match="made by inventory 4, prior"):
        read_back(blob, BTC)


@pytest.mark.usefixtures("_as_another")
def test_a_blob_of_other_fields_is_refused(blob: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_module, "_DERIVED", saved_module._DERIVED | {"watched"})
    with pytest.raises(StateOfAnother, match="made by inventory 4, prior"):
        read_back(blob, BTC)


@pytest.mark.usefixtures("_as_another")
@pytest.mark.parametrize("change", ["version", "figures"])
def test_a_blob_of_other_assumptions_is_refused(
    blob: bytes, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = prior()
    other = (
        replace(usual, version="prior 0")
        if change == "version"
        else replace(usual, lifetime=usual.lifetime * 1.01)
    )
    monkeypatch.setattr(saved_module, "prior", lambda: other)
    with pytest.raises(StateOfAnother):
        read_back(blob, BTC)


@pytest.mark.usefixtures("_as_another")
def test_a_blob_with_other_fields_is_refused(blob: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_module, "_DERIVED", saved_module._DERIVED | {"published"})
    with pytest.raises(StateOfAnother):
        read_back(blob, BTC)


def test_a_blob_written_in_another_way_is_refused(
    blob: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_module, "SCHEMA", 2)
    with pytest.raises(StateOfAnother, match="another version of the bot"):
        read_back(blob, BTC)


@pytest.mark.parametrize("name", ["stored", "factor", "held"])
@pytest.mark.parametrize("size", [np.nan, np.inf])
def test_sizes_that_cannot_be_are_neither_saved_nor_gone_on_from(
    name: str, size: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimate = MarketEstimate.of(wandering(bars=20))
    inventory = estimate.inventory.copy()
    value = getattr(inventory, name)
    if isinstance(value, np.ndarray):
        value[0, 0] = size
    else:
        setattr(inventory, name, size)
    broken = replace(estimate, inventory=inventory)
    with pytest.raises(StateRefused, match="sizes that cannot be"):
        saved(broken)
    monkeypatch.setattr(saved_module, "_wrong", lambda _: "")
    blob = saved(broken)
    monkeypatch.undo()
    with pytest.raises(StateRefused, match="sizes that cannot be"):
        read_back(blob, estimate.instrument)


def test_parts_that_do_not_fit_together_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    estimate = MarketEstimate.of(wandering(bars=20))
    inventory = estimate.inventory.copy()
    inventory.lack = inventory.lack[:, 1:]
    with pytest.raises(StateRefused, match="do not fit"):
        saved(replace(estimate, inventory=inventory))
    monkeypatch.setattr(saved_module, "_wrong", lambda _: "")
    blob = saved(replace(estimate, inventory=inventory))
    monkeypatch.undo()
    with pytest.raises(StateRefused, match="do not fit"):
        read_back(blob, estimate.instrument)


def test_what_has_no_place_in_a_state_is_an_error_of_ours() -> None:
    estimate = MarketEstimate.of(wandering(bars=20))
    learner = estimate.learner.copy()
    learner.closes = {1: 2j}  # type: ignore[dict-item]
    with pytest.raises(TypeError, match="cannot hold complex"):
        saved(replace(estimate, learner=learner))
