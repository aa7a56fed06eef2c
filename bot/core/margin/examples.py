"""Checks positions whose liquidation or bankruptcy price their venue gave.

An example names exchange, contract, margin mode and what is asked, and tells the position in its
venue's own terms. The rule follows from these and from the names of the inputs; where a venue has
changed its rule and nothing tells them apart, `date` does, and without a date the rule that the
venue's numbers known so far were made by.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

from bot.core.errors import BadExample
from bot.core.instruments import Contract
from bot.core.margin.inputs import Inputs
from bot.core.margin.readers import Reader
from bot.core.margin.rules import Family, MarginMode, MarginRule, rules_of

# Where an example gives no tolerance. The families differ by 1e-5 to 1e-2: any looser, and a check
# could not tell them apart.
USUAL_TOLERANCE = 1e-5

_Choice = TypeVar("_Choice", bound=StrEnum)
_SIDES = {"long": 1, "buy": 1, "short": -1, "sell": -1}


class Asked(StrEnum):
    """Which price an example is about."""

    LIQUIDATION = "liquidation_price"
    BANKRUPTCY = "bankruptcy_price"


@dataclass(frozen=True, slots=True)
class Example:
    """One position, and the price its venue gave for it."""

    name: str
    exchange: str
    quote: str  # currency the contract is quoted in, empty if not said
    contract: Contract
    mode: MarginMode
    asked: Asked
    side: int  # +1 long, -1 short, 0 not said but by a signed size
    inputs: Inputs
    expected: float  # [quote/base]
    tolerance: float  # relative
    at: int | None  # [ms] UTC


@dataclass(frozen=True, slots=True)
class Checked:
    """What came out for an example."""

    example: Example
    computed: float  # [quote/base]
    rule: MarginRule

    @property
    def relative_error(self) -> float:
        """Distance from the expected price, as a fraction of it."""
        distance = abs(self.computed - self.example.expected)
        return distance / (abs(self.example.expected) or 1.0)

    @property
    def passed(self) -> bool:
        """Whether the price lies within the example's tolerance."""
        return self.relative_error <= self.example.tolerance


class _Fields:
    """Takes what an example says out of its JSON object."""

    def __init__(self, name: str, fields: Mapping[str, Any]) -> None:
        self.name = name
        self.fields = fields

    def wrong(self, why: str) -> BadExample:
        return BadExample(self.name, why)

    def text(self, key: str, example: str) -> str:
        value = self.fields.get(key)
        if not isinstance(value, str) or not value.strip():
            said = "is missing" if value is None else f"is {value!r}"
            raise self.wrong(f"{key} {said}; it should be a text such as “{example}”")
        return value.strip()

    def choice(self, key: str, kinds: type[_Choice]) -> _Choice:
        words = [str(kind.value) for kind in kinds]
        said = self.text(key, words[0]).lower()
        if said not in words:
            raise self.wrong(f"{key} is “{said}”; known are {' and '.join(words)}")
        return kinds(said)

    def number(self, name: str, value: Any) -> float:
        try:
            number = math.nan if isinstance(value, bool) else float(value)
        except (TypeError, ValueError, OverflowError):
            number = math.nan
        if not math.isfinite(number):
            said = "is missing" if value is None else f"is {value!r}"
            raise self.wrong(f"{name} {said}; it should be a number")
        return number

    def date(self) -> int | None:
        """When the position stood [ms] UTC, if the example says so."""
        said = self.fields.get("date")
        if said is None:
            return None
        if isinstance(said, int) and not isinstance(said, bool):
            return said
        try:
            when = datetime.fromisoformat(str(said))
        except ValueError:
            raise self.wrong(f"date is {said!r}; it should be one such as 2025-11-10") from None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return int(when.timestamp() * 1000)

    def side(self, inputs: Mapping[str, float]) -> int:
        """Side by word, by sign or by a signed size; they must not contradict."""
        said: dict[str, int] = {}
        word = self.fields.get("side")
        if word is not None:
            if str(word).lower() not in _SIDES:
                raise self.wrong(f"side is {word!r}; it should be “long” or “short”")
            said["side"] = _SIDES[str(word).lower()]
        for name in ("side", "szi", "s", "qty"):
            value = inputs.get(name, 0.0)
            if name == "side" and name in inputs and abs(value) != 1:
                raise self.wrong(f"inputs.side is {value:g}; it should be 1 (long) or -1 (short)")
            if value < 0 or (value > 0 and name != "qty"):
                said[f"inputs.{name}"] = int(math.copysign(1, value))
        if len(set(said.values())) > 1:
            raise self.wrong(f"{' and '.join(said)} name different sides")
        return next(iter(said.values()), 0)


def _sign(said: Any) -> Any:
    """A side in words as its sign; anything else as it is."""
    return _SIDES.get(said.lower(), said) if isinstance(said, str) else said


def read_example(raw: Any, number: int) -> Example:
    """Read the `number`th example of a file; BadExample says what is missing or wrong."""
    if not isinstance(raw, dict):
        raise BadExample(f"#{number}", "should be an object, in braces")
    fields = _Fields(str(raw.get("id") or f"#{number}"), raw)
    given = raw.get("inputs")
    if not isinstance(given, dict) or not given:
        raise fields.wrong("inputs should be an object such as {entry, qty, margin, mmr}")
    given = {
        name: fields.number(f"inputs.{name}", _sign(value) if name == "side" else value)
        for name, value in given.items()
        if value is not None
    }
    quote = re.search("USD[TC]?", str(raw.get("symbol") or ""))
    tolerance = raw.get("tolerance")
    return Example(
        fields.name,
        fields.text("exchange", "binance"),
        quote[0] if quote else "",
        fields.choice("contract_type", Contract),
        fields.choice("margin_mode", MarginMode),
        fields.choice("asks", Asked) if raw.get("asks") is not None else Asked.LIQUIDATION,
        fields.side(given),
        Inputs(fields.name, given),
        fields.number("expected_price", raw.get("expected_price")),
        USUAL_TOLERANCE if tolerance is None else fields.number("tolerance", tolerance),
        fields.date(),
    )


def _rule(example: Example) -> MarginRule:
    """Choose among the rules a venue has had."""
    rules = rules_of(example.exchange, example.contract, example.mode, example.quote)
    if example.at is not None:
        return [rule for rule in rules if rule.since <= max(example.at, 0)][-1]
    has, inputs = example.inputs.has, example.inputs
    at_liquidation = has("bankrupt", "mmr") and not has("entry")
    told: tuple[tuple[bool, Callable[[MarginRule], bool]], ...] = (
        (has("extra"), lambda rule: rule.told_by == "extra"),
        (has("fee"), lambda rule: rule.fee > 0),
        (inputs.get("deduction") != 0, lambda rule: rule.deduction),
        (at_liquidation, lambda rule: rule.family is Family.AT_LIQUIDATION),
    )
    for said, fits in told:
        if said:
            rules = tuple(rule for rule in rules if fits(rule)) or rules
    return next((rule for rule in rules if rule.usual), rules[-1])


def check(example: Example) -> Checked:
    """Compute the price an example asks for; BadExample if an input is missing or absurd."""
    rule = _rule(example)
    bankruptcy = example.asked is Asked.BANKRUPTCY
    reader = Reader(example.inputs, rule, example.side, rate_needed=not bankruptcy)
    holding, family = reader.holding(), reader.family()
    price = holding.bankruptcy_price() if bankruptcy else holding.liquidation_price(family)
    return Checked(example, price, replace(rule, family=family, fee=reader.fee()))
