"""Three coins that cascade the same way at about the same time are one cascade of the market."""

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from bot.core.arrays import DAY, MINUTE
from bot.core.signals.cascade import AFTERWARDS, ALL, FIRST
from bot.core.signals.episode import Episode, Fact, Kind, Way
from bot.core.signals.wide import COINS, MARKET, WITHIN, WideMachine

START = 20_000 * DAY


def cascade(coin: str, at: int, way: Way = Way.DOWN, *, usd: float = 2e6) -> tuple[str, Episode]:
    """A coin's cascade, confirmed so many milliseconds after the start."""
    facts = (Fact(FIRST, usd, "USD"), Fact(AFTERWARDS, usd / 2, "USD"))
    time = START + at
    began = time - 30_000
    return coin, Episode(
        Kind.CASCADE, coin, "cascade", began, time, 99.0, 100.0, way=way, facts=facts
    )


def over(state: tuple[str, Episode], at: int, usd: float = 5e6) -> tuple[str, Episode]:
    """The same cascade at its end."""
    coin, going = state
    time = START + at
    facts = (*going.facts, Fact(ALL, usd, "USD"))
    ended = Episode(
        Kind.CASCADE, coin, "over", going.began, time, 98.0, 100.0, way=going.way, facts=facts
    )
    return coin, Episode(**{name: getattr(ended, name) for name in _FIELDS}, ended=time)


_FIELDS = ("kind", "market", "phase", "began", "time", "price", "began_price", "way", "facts")


def said(states: Iterable[tuple[str, Episode]]) -> list[Episode]:
    machine = WideMachine()
    return [one for state in states for one in machine.take(*state)]


BTC, ETH, SOL = (cascade(coin, n * MINUTE) for n, coin in enumerate(("BTC", "ETH", "SOL")))


def test_it_begins_when_the_third_joins_and_tells_of_all_from_the_first_on() -> None:
    assert not said([BTC, ETH])
    (wide,) = said([BTC, ETH, SOL])
    assert (wide.kind, wide.market, wide.way) == (Kind.CASCADE, MARKET, Way.DOWN)
    assert (wide.began, wide.time) == (BTC[1].began, SOL[1].time)
    count, usd, apart, *coins = wide.facts
    assert (count.value, count.threshold) == (3, COINS)
    assert usd.value == 9e6
    assert apart.value == 120
    assert [fact.name for fact in coins] == ["BTC", "ETH", "SOL"]


def test_it_goes_on_as_others_join_and_ends_with_the_last_of_them() -> None:
    late = cascade("DOGE", 9 * MINUTE)  # long after the first: it is the same cascade
    states = [BTC, ETH, SOL, over(BTC, 5 * MINUTE), late, over(ETH, 10 * MINUTE)]
    states += [over(SOL, 11 * MINUTE), over(late, 12 * MINUTE)]
    begun, more, ended = said(states)
    assert begun.name == more.name == ended.name
    assert more.facts[0].value == ended.facts[0].value == 4
    assert ended.facts[1].value == 20e6
    assert (ended.phase, ended.ended) == ("over", START + 12 * MINUTE)
    assert ended.why_ended


def test_one_that_is_over_before_the_third_still_was_part_of_it() -> None:
    (wide,) = said([BTC, over(BTC, MINUTE // 2), ETH, SOL])
    assert wide.facts[0].value == 3


def test_coins_that_go_other_ways_or_too_far_apart_or_are_the_same_are_not_the_market() -> None:
    assert not said([BTC, ETH, cascade("SOL", MINUTE, Way.UP)])
    assert not said([BTC, ETH, cascade("SOL", WITHIN + 1)])
    assert not said([BTC, cascade("BTC", MINUTE), cascade("BTC", 2 * MINUTE), ETH])
    assert said([BTC, ETH, cascade("SOL", WITHIN)])


def test_after_its_end_three_others_are_another_one() -> None:
    first = [BTC, ETH, SOL, *(over(each, 3 * MINUTE) for each in (BTC, ETH, SOL))]
    again = [cascade(coin, 4 * MINUTE) for coin in ("BTC", "ETH", "SOL")]
    found = said([*first, *again])
    assert [one.phase for one in found] == ["cascade", "over", "cascade"]
    assert found[0].name != found[2].name
    assert not said([*first, again[0], again[1]])[2:]


@given(
    st.lists(
        st.tuples(st.sampled_from("ABCDE"), st.integers(0, 40), st.integers(1, 30)), max_size=12
    ),
    st.integers(0, 24),
)
def test_what_was_said_does_not_depend_on_what_came_after(
    drawn: list[tuple[str, int, int]], cut: int
) -> None:
    begun = [cascade(coin, 30_000 * at) for coin, at, _ in drawn]
    states = begun + [
        over(state, 30_000 * (at + lasts))
        for state, (_, at, lasts) in zip(begun, drawn, strict=True)
    ]
    states.sort(key=lambda one: (one[1].time, one[1].ended is not None))
    whole, before = said(states), said(states[:cut])
    assert list(map(repr, before)) == list(map(repr, whole[: len(before)]))
    assert sum(one.phase == "over" for one in whole) == len({one.name for one in whole})
