"""Clauses in words, as they are read: every number comes back as the number it was."""

from decimal import Decimal

from bot.core.arrays import DAY, HOUR, MINUTE
from bot.core.watches.figures import TRAITS, Figure, Measure, Unit

_LARGE = (("B", 9), ("M", 6), ("K", 3))


def written_span(span: int) -> str:
    """Write a length of time [ms], a whole number of minutes, in its largest whole unit.

    >>> written_span(14_400_000), written_span(5_400_000), written_span(86_400_000)
    ('4h', '90m', '1d')
    """
    unit, letter = next(
        pair for pair in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")) if pair[0] <= span
    )
    while span % unit:
        unit, letter = (HOUR, "h") if unit == DAY else (MINUTE, "m")
    return f"{span // unit}{letter}"


def written_hours(start: int, end: int) -> str:
    """Write a part of the day [minutes of the day].

    >>> written_hours(1320, 420)
    '22:00-07:00'
    """
    return f"{start // 60:02d}:{start % 60:02d}-{end // 60:02d}:{end % 60:02d}"


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def written_value(value: float, unit: Unit) -> str:
    """Write a value so that reading it gives the same float.

    >>> written_value(0.0003, Unit.RATE), written_value(5e8, Unit.USD), written_value(5, Unit.TIMES)
    ('0.03%', '500M', '5x')
    """
    number = Decimal(repr(float(value)))
    if unit in {Unit.RATE, Unit.PART}:
        return f"{_plain(number.scaleb(2))}%"
    if unit is Unit.TIMES:
        return f"{_plain(number)}x"
    if unit is Unit.USD:
        for letter, digits in _LARGE:
            if abs(number) >= Decimal(1).scaleb(digits):
                return f"{_plain(number.scaleb(-digits))}{letter}"
    return _plain(number)


def written_clause(figure: Figure, comparison: str, value: float) -> str:
    """Write one clause as traders type it.

    >>> written_clause(Figure(Measure.INTEREST_CHANGE, window=14_400_000), ">", 0.05)
    'oi change 4h > 5%'
    """
    told = written_value(value, TRAITS[figure.measure].unit)
    reach = f" within {written_value(figure.within, Unit.PART)}" if figure.within else ""
    side = f" {figure.side.value}" if figure.side.value else ""
    match figure.measure:
        case (
            Measure.PRICE_CHANGE
            | Measure.FUNDING_CHANGE
            | Measure.INTEREST_CHANGE
            | Measure.RATIO_CHANGE
        ):
            return _written_change(figure, comparison, told)
        case Measure.DISTANCE:
            return f"nearest cluster{side} distance {comparison} {told}"
        case Measure.CLUSTER | Measure.NEAREST | Measure.DELTA:
            return f"{figure.measure.value}{side} {comparison} {told}{reach}"
        case Measure.LIQUIDATED | Measure.LIQUIDATED_TIMES:
            normal = " normal" if figure.measure is Measure.LIQUIDATED_TIMES else ""
            return f"liquidations{side} {written_span(figure.window)} {comparison} {told}{normal}"
        case _:
            return f"{figure.measure.value} {comparison} {told}"


def _written_change(figure: Figure, comparison: str, told: str) -> str:
    name, span = figure.measure.value.removesuffix(" change"), written_span(figure.window)
    if comparison in {"rising", "falling"}:
        return f"{name} {comparison} {span}"
    if comparison == "moves":
        return f"{name} moves {told} in {span}"
    return f"{name} change {span} {comparison} {told}"
