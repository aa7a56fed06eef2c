"""One cascade over many symbols is one message, and stands before a squeeze."""

from bot.core.watches.gate import Act, Effect, State, Tick, advance
from bot.core.watches.grouping import Group, cascading, together
from bot.core.watches.lifecycle import Seen
from bot.core.watches.parse import watch
from bot.core.watches.presets import rules
from bot.core.watches.saved import restored_groups, saved_groups
from bot.core.watches.truth import Truth
from tests.support.watching import MINUTE, NOW, Told

YES, NO = Truth.TRUE, Truth.FALSE


def test_a_cascade_holds_a_squeeze_of_the_same_market_back() -> None:
    squeeze = Told(rules("s", watch("BTC squeeze")))
    squeeze.tick(YES, cascading=frozenset({"BTC"}))
    assert squeeze.acts() == []
    opened = squeeze.tick(YES, cascading=frozenset({"ETH"}))
    assert opened[0].why == "a cascade is under way"
    cascade = Told(rules("c", watch("BTC cascade")))
    cascade.tick(YES, cascading=frozenset({"BTC"}))
    assert cascade.acts() == ["open"]
    pairs = [(cascade.rules, cascade.state), (squeeze.rules, squeeze.state)]
    assert cascading(pairs) == {"BTC"}


def test_one_cascade_over_many_symbols_is_one_message() -> None:
    followed = rules("c", watch("all cascade"))
    state, done = State(), list[Effect]()
    groups: tuple[Group, ...] = ()
    script = {
        1: {"BTC": YES, "ETH": NO, "SOL": NO},
        2: {"BTC": YES, "ETH": YES, "SOL": NO},
        5: {"BTC": NO, "ETH": YES, "SOL": NO},
        6: {"BTC": NO, "ETH": NO, "SOL": NO},
        40: {"BTC": NO, "ETH": NO, "SOL": YES},
    }
    for minute, markets in script.items():
        seen = tuple(
            Seen(market, NOW + minute * MINUTE, truth, truth, way="down")
            for market, truth in markets.items()
        )
        state, effects = advance(state, Tick(seen), followed)
        groups, effects = together(groups, effects)
        assert restored_groups(saved_groups(groups)) == groups
        done.extend(effects)
    told = [(each.act.value, each.market, each.message) for each in done if each.act != Act.EDIT]
    assert told == [
        ("open", "BTC", "c/BTC/1"),
        ("join", "ETH", "c/BTC/1"),
        ("close", "ETH", "c/BTC/1"),
        ("open", "SOL", "c/SOL/1"),
    ]


def test_a_cascade_that_begins_long_after_the_others_is_told_by_itself() -> None:
    def opened(key: str, time: int) -> Effect:
        return Effect(Act.OPEN, key, key, "w", key, time, way="down", cascade=True)

    groups, _ = together((), [opened("a", NOW)])
    groups, effects = together(groups, [opened("b", NOW + 9 * MINUTE)])
    assert effects[0].message == "a"
    groups, effects = together(groups, [opened("c", NOW + 20 * MINUTE)])
    assert (effects[0].act, effects[0].message) == (Act.OPEN, "c")
    assert [group.going for group in groups] == [("a", "b"), ("c",)]


def test_a_cascade_the_other_way_is_another_one() -> None:
    def opened(key: str, way: str) -> Effect:
        return Effect(Act.OPEN, key, key, "w", key, NOW, way=way, cascade=True)

    groups, effects = together((), [opened("a", "down"), opened("b", "up"), opened("c", "down")])
    assert [each.act for each in effects] == [Act.OPEN, Act.OPEN, Act.JOIN]
    assert len(groups) == 2
