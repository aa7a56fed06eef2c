"""Hysteresis: what a watch goes on by is held to less than what it began by."""

from dataclasses import replace

from bot.core.watches.figures import REACH_MARGIN, TRAITS
from bot.core.watches.tree import And, Clause, Comparison, Condition, Not, Options, Or

_RISING = {Comparison.MORE, Comparison.AT_LEAST}
_KEPT_CROSSING = {
    Comparison.CROSSES_UP: Comparison.AT_LEAST,
    Comparison.CROSSES_DOWN: Comparison.AT_MOST,
}
# A trend goes on while this part of what counts as one is left.
_TREND_LEFT = 0.5
# A move either way goes on while this part of it is left.
_MOVE_LEFT = 0.8


def kept(condition: Condition, options: Options) -> Condition:
    """Return what must hold for a watch that fires to go on firing."""
    return loosened(condition) if options.until is None else Not(options.until)


def loosened(condition: Condition, *, negated: bool = False) -> Condition:
    """Return a condition that holds wherever this one does, and a margin further.

    >>> from bot.core.watches.parse import condition
    >>> print(loosened(condition("funding > 0.03% and not price < 100")))
    funding > 0.027% and not price < 99.8
    """
    match condition:
        case And(parts) | Or(parts):
            return type(condition)(tuple(loosened(part, negated=negated) for part in parts))
        case Not(part):
            return Not(loosened(part, negated=not negated))
        case Clause():
            return _clause(condition, negated=negated)
    return condition  # signals keep a margin of their own


def _clause(clause: Clause, *, negated: bool) -> Clause:
    traits, comparison = TRAITS[clause.figure.measure], clause.comparison
    if comparison is Comparison.CROSSES or (comparison.crosses and negated):
        return clause  # it is over in a moment, and what is not it was none before
    if comparison in {Comparison.RISES, Comparison.FALLS}:
        rises = comparison is Comparison.RISES
        left = traits.rises * (2 - _TREND_LEFT if negated else _TREND_LEFT)
        held = Comparison.AT_LEAST if rises else Comparison.AT_MOST
        return replace(clause, comparison=held, value=left if rises else -left)
    if comparison is Comparison.MOVES:
        return replace(clause, value=clause.value * (1 / _MOVE_LEFT if negated else _MOVE_LEFT))
    comparison = _KEPT_CROSSING.get(comparison, comparison)
    margin = max(abs(clause.value) * traits.margin, traits.least_margin)
    eased = clause.value - margin if (comparison in _RISING) != negated else clause.value + margin
    figure = clause.figure
    if figure.measure.of_map and comparison in _RISING:  # a larger reach finds no less
        further = 1 / (1 + REACH_MARGIN) if negated else 1 + REACH_MARGIN
        figure = replace(figure, within=_rounded(figure.within * further))
    return replace(clause, figure=figure, comparison=comparison, value=_rounded(eased))


def _rounded(value: float) -> float:
    """Leave out what binary arithmetic adds, so that a loosened condition reads well."""
    return float(f"{value:.12g}")
