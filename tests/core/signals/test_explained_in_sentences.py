"""An explanation is three to six sentences of which every figure is a reading."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

import pytest

from bot import languages
from bot.core.evidence.base import Followed
from bot.core.market.liquidations import PositionSide
from bot.core.signals.episode import Episode, Kind, Way
from bot.core.signals.events import Bar, Look, Zone
from bot.core.signals.explain import MOST, explained, kinds
from bot.core.signals.read import Signals, signals
from bot.core.signals.rephrased import foreign
from bot.core.signals.together import told
from bot.core.simulation.simulate import simulate
from tests.support.squeezes import followed_by, hours_of, machine_of

ZONE = Zone(PositionSide.SHORT, 103.0, 103.5, 4e8)
EVIDENCE: Mapping[Kind, tuple[Followed, ...]] = {kind: followed_by() for kind in Kind}


@cache
def regime(strength: float) -> Signals:
    """A coin's signals, with a regime of that strength."""
    events = hours_of(price=100.0, surges=((1.0, 26, strength),) if strength else ())
    machine, found = machine_of(events)
    bar, look = events[-2:]
    assert isinstance(bar, Bar)
    assert isinstance(look, Look)
    return Signals("m", bar.time, bar.close, machine.reading, tuple(found), look, 1e9, 40.0)


def read(strength: float = 1.0, *episodes: Episode) -> Signals:
    """The same with episodes under way."""
    now = regime(strength)
    return replace(now, told=(*now.told, *episodes))


def episode(kind: Kind, phase: str, way: Way = Way.UP) -> Episode:
    return Episode(
        kind,
        "m",
        phase,
        began=1_767_139_200_000,
        time=1_767_142_800_000,
        price=100.0,
        began_price=99.0,
        way=way,
        zone=ZONE,
        target=ZONE,
        stop=97.25,
        invalidation="price goes as far the other way",
    )


@pytest.mark.parametrize("strength", [1.0, -1.0, 0.45, 0.2, 0.0])
@pytest.mark.parametrize("grade", ["fair, 210 hours", "unproven, 8 hours"])
def test_three_to_six_sentences_whatever_there_is(strength: float, grade: str) -> None:
    said = explained("SOL", read(strength), grade, EVIDENCE)
    assert 3 <= len(said) <= MOST
    for sentence in said:
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "nan" not in sentence
        assert "–." not in sentence


def test_a_squeeze_is_told_with_side_end_evidence_risk_and_grade() -> None:
    text = " ".join(explained("SOL", read(1.0), "fair, 210 hours", EVIDENCE))
    for part in (
        "SOL at 100.00: maximum squeeze since ",
        "Longs pay much to stay in",
        "It ends when funding leaves its extreme",
        "After 23 of these price went that way by +0.80 % within 4h",
        "random times",
        "Risk: half of them went 0.90 % or more against it within 4h",
        "measured accuracy of the map: fair, 210 hours.",
    ):
        assert part in text, part
    assert "Shorts pay much" in " ".join(explained("SOL", read(-1.0), "fair, 210", EVIDENCE))


def test_too_few_to_say_is_said() -> None:
    few = {Kind.SQUEEZE: followed_by(count=9)}
    text = " ".join(explained("SOL", read(1.0), "fair, 210 hours", few))
    assert "too few to say (9 seen, 10 needed)" in text
    assert "Risk" not in text
    assert "too few to say (none seen" in " ".join(explained("SOL", read(1.0), "fair, 1", {}))


def test_a_setup_is_told_before_a_regime_and_where_it_is_wrong() -> None:
    now = read(1.0, episode(Kind.MAGNET, "draws"))
    text = " ".join(explained("SOL", now, "good, 300 hours", EVIDENCE))
    assert "a magnet up since 31 Dec" in text or "a magnet up since " in text
    assert "$400M of shorts at 103.00–103.50 (+3.0 %) draws" in text
    assert "It is wrong if price goes as far the other way; a stop belongs beyond 97.250." in text
    assert kinds(now, "good, 300 hours") == (Kind.MAGNET,)
    swept = read(1.0, episode(Kind.MAGNET, "draws"), episode(Kind.SWEEP, "setup"))
    text = " ".join(explained("SOL", swept, "good, 300 hours", EVIDENCE))
    assert "a sweep reversal up, $400M of shorts were swept" in text
    assert kinds(swept, "good, 300 hours") == (Kind.SWEEP,)


def test_an_unproven_map_raises_no_setup_and_no_cluster_is_named() -> None:
    now = read(1.0, episode(Kind.MAGNET, "draws"))
    said = explained("SOL", now, "unproven, 8 hours", EVIDENCE)
    text = " ".join(said)
    assert "magnet" not in text
    assert "maximum squeeze" not in text
    assert "$" not in text
    assert "Longs pay to hold their positions, and more is being opened." in text
    assert "unproven" in text
    assert kinds(now, "unproven, 8 hours") == ()


def test_a_cascade_is_seen_on_the_tape_also_without_a_map() -> None:
    now = read(0.0, episode(Kind.CASCADE, "cascade", Way.DOWN))
    for grade in ("unproven, 8 hours", "good, 300 hours"):
        text = " ".join(explained("SOL", now, grade, EVIDENCE))
        assert "a cascade down since " in text
        assert kinds(now, grade) == (Kind.CASCADE,)
        assert "After 23 of these" in text
    assert "$400M" not in " ".join(explained("SOL", now, "unproven, 8 hours", EVIDENCE))


def test_nobody_is_called_crowded_where_funding_is_neutral() -> None:
    text = " ".join(explained("SOL", read(0.0), "unproven", EVIDENCE))
    assert "Neither side pays more than is built in" in text


def test_a_market_that_is_new_says_so() -> None:
    events = hours_of(days=5, surges=())
    machine, _ = machine_of(events)
    now = replace(read(0.0), regime=machine.reading)
    for grade in ("fair, 80 hours", "unproven"):
        text = " ".join(explained("SOL", now, grade, EVIDENCE))
        assert "5 days of its own past are too few" in text
    assert explained("SOL", replace(now, regime=None, look=None), "fair, 80 hours", EVIDENCE)


URGENT = {
    "none": (),
    "magnet": (episode(Kind.MAGNET, "draws"),),
    "sweep": (episode(Kind.SWEEP, "swept", Way.DOWN),),
    "setup": (episode(Kind.SWEEP, "setup"),),
    "cascade": (episode(Kind.CASCADE, "cascade", Way.DOWN),),
}


@pytest.mark.parametrize("urgent", URGENT)
@pytest.mark.parametrize("strength", [1.0, -1.0, 0.45, 0.2, 0.0])
@pytest.mark.parametrize("grade", ["fair, 210 hours", "unproven, 8 hours"])
@pytest.mark.parametrize("count", [23, 9])
def test_german_is_as_many_sentences_of_the_same_figures(
    urgent: str, strength: float, grade: str, count: int
) -> None:
    now = read(strength, *URGENT[urgent])
    evidence = dict.fromkeys(Kind, followed_by(count=count))
    english = explained("SOL", now, grade, evidence)
    with languages.spoken("de"):
        german = explained("SOL", now, grade, evidence)
    assert len(german) == len(english)
    for sentence, other in zip(german, english, strict=True):
        assert sentence != other
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert not foreign(sentence, [other]), (sentence, other)
        assert not foreign(other, [sentence]), (sentence, other)


@pytest.mark.parametrize("style", ["crash", "trend"])
def test_simulated_days_are_explained_at_any_time(style: str) -> None:
    events = list(told([simulate(style, 11, 12 * 288).history]))
    spoken = set()
    for part in (0.3, 0.62, 0.7, 0.85, 1.0):
        now = signals("m", events[: int(len(events) * part)])
        assert now is not None
        said = explained("SOL", now, "fair, 210 hours", EVIDENCE)
        assert 2 <= len(said) <= MOST
        assert len(" ".join(said)) < 1_600
        spoken |= set(kinds(now, "fair, 210 hours"))
        assert all("nan" not in sentence for sentence in said)
    assert spoken
