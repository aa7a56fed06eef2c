"""From the grammar's tree to the typed one: every rule has one function here."""

from collections.abc import Callable, Iterator

from lark import Token, Tree

from bot.core.language import say
from bot.core.watches import values
from bot.core.watches.figures import USUAL_LIQUIDATION_WINDOW, Figure, Measure, Side
from bot.core.watches.refusal import at_token
from bot.core.watches.text import Typed
from bot.core.watches.tree import (
    And,
    Clause,
    Comparison,
    Condition,
    NoRegime,
    Not,
    Or,
    Sign,
    Signal,
)

_LEVELS = {
    "PRICE": Measure.PRICE,
    "FUNDING": Measure.FUNDING,
    "INTEREST": Measure.INTEREST,
    "RATIO": Measure.RATIO,
}
_CHANGES = {
    "PRICE": Measure.PRICE_CHANGE,
    "FUNDING": Measure.FUNDING_CHANGE,
    "INTEREST": Measure.INTEREST_CHANGE,
    "RATIO": Measure.RATIO_CHANGE,
}
_PLAIN = {
    "MORE": Comparison.MORE,
    "ABOVE": Comparison.MORE,
    "LESS": Comparison.LESS,
    "BELOW": Comparison.LESS,
    "AT_LEAST": Comparison.AT_LEAST,
    "AT_MOST": Comparison.AT_MOST,
}
_CROSSING = {
    "ABOVE": Comparison.CROSSES_UP,
    "UP": Comparison.CROSSES_UP,
    "BELOW": Comparison.CROSSES_DOWN,
    "DOWN": Comparison.CROSSES_DOWN,
}
_SIDES = {
    "ABOVE": Side.ABOVE,
    "BELOW": Side.BELOW,
    "LONGS": Side.LONGS,
    "SHORTS": Side.SHORTS,
}
_SIGNS = {sign.name: sign for sign in Sign}


def tokens(tree: Tree[Token]) -> Iterator[Token]:
    """Yield all tokens under a node, as typed."""
    return tree.scan_values(lambda each: isinstance(each, Token))


def _of(tree: Tree[Token], *types: str) -> list[Token]:
    return [each for each in tree.children if isinstance(each, Token) and each.type in types]


def _trees(tree: Tree[Token], *names: str) -> list[Tree[Token]]:
    return [each for each in tree.children if isinstance(each, Tree) and each.data in names]


class Builder:
    """Reads the condition of one watch; refusals point into what was typed."""

    def __init__(self, said: Typed) -> None:
        self._said = said
        self._rules: dict[str, Callable[[Tree[Token]], Condition]] = {
            "condition": lambda tree: self.condition(_trees(tree, "any")[0]),
            "any": lambda tree: _joined(Or, map(self.condition, _trees(tree, "all"))),
            "all": lambda tree: _joined(And, map(self.condition, _subtrees(tree))),
            "one": lambda tree: self.condition(_subtrees(tree)[0]),
            "bracketed": lambda tree: self.condition(_subtrees(tree)[0]),
            "negated": self._negated,
            "level": self._level,
            "change": self._change,
            "trend": self._trend,
            "cluster_size": self._cluster_size,
            "cluster_distance": self._cluster_distance,
            "delta": self._delta,
            "liquidated": self._liquidated,
            "signal": self.signal,
            "regime": self._regime,
        }

    def condition(self, tree: Tree[Token]) -> Condition:
        """Build the condition under a node."""
        return self._rules[tree.data](tree)

    def _negated(self, tree: Tree[Token]) -> Condition:
        inner = self.condition(_subtrees(tree)[0])
        return inner.part if isinstance(inner, Not) else Not(inner)

    def _comparison(self, tree: Tree[Token]) -> Comparison:
        crossing = list(tree.find_data("crossing"))
        if crossing:
            ways = _of(crossing[0], *_CROSSING)
            return _CROSSING[ways[0].type] if ways else Comparison.CROSSES
        return _PLAIN[next(tokens(next(tree.find_data("plain")))).type]

    def _level(self, tree: Tree[Token]) -> Condition:
        named = _of(tree, *_LEVELS)
        measure = _LEVELS[named[0].type] if named else Measure.PRICE
        value = values.value(self._said, _of(tree, "AMOUNT", "PERCENT")[0], measure)
        return Clause(Figure(measure), self._comparison(tree), value)

    def _changed(self, tree: Tree[Token]) -> Figure:
        named = _of(tree, *_CHANGES)
        measure = _CHANGES[named[0].type] if named else Measure.PRICE_CHANGE
        return Figure(measure, window=self._span(_trees(tree, "span")[0]))

    def _span(self, tree: Tree[Token]) -> int:
        return values.span(self._said, _of(tree, "WINDOW")[0])

    def _change(self, tree: Tree[Token]) -> Condition:
        figure = self._changed(tree)
        percent = _of(tree, "PERCENT")[0]
        value = values.value(self._said, percent, figure.measure)
        way = _of(tree, "UP", "DOWN", "MOVES")
        if not way:
            return Clause(figure, self._comparison(tree), value)
        if value <= 0 or percent.startswith("+"):
            why = say("After “{word}” comes a size such as 3%.", word=way[0])
            raise at_token(self._said, percent, why)
        if way[0].type == "MOVES":
            return Clause(figure, Comparison.MOVES, value)
        if way[0].type == "UP":
            return Clause(figure, Comparison.AT_LEAST, value)
        lower = percent.update(value=f"-{percent}")
        return Clause(figure, Comparison.AT_MOST, values.value(self._said, lower, figure.measure))

    def _trend(self, tree: Tree[Token]) -> Condition:
        rises = bool(_of(tree, "RISING", "UP"))
        return Clause(self._changed(tree), Comparison.RISES if rises else Comparison.FALLS, 0.0)

    def _side_and_reach(self, tree: Tree[Token]) -> tuple[Side, float]:
        within = _trees(tree, "within")
        sides = [
            token
            for each in (tree, *within)
            for side in _trees(each, "side")
            for token in tokens(side)
        ]
        if len(sides) > 1:
            raise at_token(self._said, sides[-1], say("The side is said twice."))
        distance = values.reach(self._said, _of(within[0], "PERCENT")[0]) if within else 0.0
        return _SIDES[sides[0].type] if sides else Side.EITHER, distance

    def _cluster_size(self, tree: Tree[Token]) -> Condition:
        measure = Measure.NEAREST if _of(tree, "NEAREST") else Measure.CLUSTER
        side, within = self._side_and_reach(tree)
        value = values.value(self._said, _of(tree, "AMOUNT")[0], measure)
        return Clause(Figure(measure, side, within=within), self._comparison(tree), value)

    def _cluster_distance(self, tree: Tree[Token]) -> Condition:
        side, within = self._side_and_reach(tree)
        figure = Figure(Measure.DISTANCE, side)
        if within:
            return Clause(figure, Comparison.AT_MOST, within)
        value = values.value(self._said, _of(tree, "PERCENT")[0], Measure.DISTANCE)
        return Clause(figure, self._comparison(tree), value)

    def _delta(self, tree: Tree[Token]) -> Condition:
        reach = _trees(tree, "reach")
        within = values.reach(self._said, _of(reach[0], "PERCENT")[0]) if reach else 0.0
        value = values.value(self._said, _of(tree, "AMOUNT")[0], Measure.DELTA)
        return Clause(Figure(Measure.DELTA, within=within), self._comparison(tree), value)

    def _liquidated(self, tree: Tree[Token]) -> Condition:
        sides, spans = _of(tree, "LONGS", "SHORTS"), _trees(tree, "span")
        if len(spans) > 1:
            raise at_token(self._said, next(tokens(spans[1])), say("The time is said twice."))
        window = self._span(spans[0]) if spans else USUAL_LIQUIDATION_WINDOW
        size = _of(tree, "AMOUNT", "TIMES")[0]
        times = size.type == "TIMES"
        measure = Measure.LIQUIDATED_TIMES if times else Measure.LIQUIDATED
        side = _SIDES[sides[0].type] if sides else Side.EITHER
        value = values.value(self._said, size, measure)
        return Clause(Figure(measure, side, window), self._comparison(tree), value)

    def signal(self, tree: Tree[Token]) -> Condition:
        """Build a signal by its name."""
        ways, phases = _trees(tree, "way"), _trees(tree, "phase")
        return Signal(
            _SIGNS[next(tokens(tree)).type],
            next(tokens(ways[0])).type.lower() if ways else "",
            next(tokens(phases[0])).type.lower() if phases else "",
        )

    def _regime(self, tree: Tree[Token]) -> Condition:
        name = list(tokens(tree))[-1].type
        return NoRegime() if name == "NONE" else Signal(_SIGNS[name])


def _subtrees(tree: Tree[Token]) -> list[Tree[Token]]:
    return [each for each in tree.children if isinstance(each, Tree)]


def _joined(kind: type[And] | type[Or], parts: Iterator[Condition]) -> Condition:
    """Join parts of one kind into one; a single part is itself."""
    flat: list[Condition] = []
    for part in parts:
        flat.extend(part.parts if isinstance(part, kind) else (part,))
    return kind(tuple(flat)) if len(flat) > 1 else flat[0]
