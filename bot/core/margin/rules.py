"""Which rule each venue goes by, and since when.

Each line of the table was checked against numbers the venue itself gave, unless its note says
otherwise. A fee is the taker fee that a venue counts into the maintenance margin, 0 where it
counts none. Where deductions are False the rate of a position's bracket holds for all of it.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, StrEnum

from bot.core.instruments import Contract


class Family(Enum):
    """Where the maintenance margin is reckoned; see families.py."""

    AT_LIQUIDATION = "A"
    AT_ENTRY = "B"
    FROZEN = "C"


class MarginMode(StrEnum):
    """Whether a position stands alone or with all others of its account."""

    ISOLATED = "isolated"
    CROSS = "cross"


@dataclass(frozen=True, slots=True)
class MarginRule:
    """How one venue finds the price at which it takes a position over."""

    exchange: str
    contract: Contract
    mode: MarginMode
    family: Family
    fee: float = 0.0  # [fraction of value] counted into the maintenance margin
    deduction: bool = True  # the bracket's deduction counts
    since: int = 0  # [ms] UTC
    usual: bool = True  # meant where nothing says of which time a number is
    quote: str = ""  # only for contracts quoted in it; empty: all
    bankruptcy_has_fee: bool = False  # the venue's bankruptcy price leaves room for the fee
    told_by: str = ""  # a term that no other rule of the venue has
    known: bool = True  # False: no rule of this venue is known, the commonest stands in
    note: str = ""

    @property
    def words(self) -> str:
        """Say the rule in a few words.

        >>> rule_for("okx", Contract.LINEAR).words
        'A, fee 0.05 %'
        """
        fee = f", fee {self.fee * 100:g} %" if self.fee else ""
        return f"{self.family.value}{fee}{'' if self.known else ', assumed'}"


def _day(date: str) -> int:
    return int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class _Line:
    exchange: str
    family: Family
    fee: float = 0.0
    contract: Contract | None = None  # None: both
    mode: MarginMode | None = None  # None: both
    deduction: bool = True
    since: str = "1970-01-01"
    usual: bool = True
    quote: str = ""
    bankruptcy_has_fee: bool = False
    told_by: str = ""
    note: str = ""

    def rules(self) -> Iterator[MarginRule]:
        for contract in [self.contract] if self.contract else Contract:
            for mode in [self.mode] if self.mode else MarginMode:
                yield MarginRule(
                    self.exchange,
                    contract,
                    mode,
                    self.family,
                    self.fee,
                    self.deduction,
                    _day(self.since),
                    self.usual,
                    self.quote,
                    self.bankruptcy_has_fee,
                    self.told_by,
                    note=self.note,
                )


_A, _B, _C = Family.AT_LIQUIDATION, Family.AT_ENTRY, Family.FROZEN
_LINEAR, _INVERSE = Contract.LINEAR, Contract.INVERSE
_ISOLATED, _CROSS = MarginMode.ISOLATED, MarginMode.CROSS

_TABLE = (
    _Line("architect_ax", _C, note="portfolio margin: the account's equity and margin of now"),
    _Line("binance", _A, contract=_LINEAR),
    _Line("binance", _A, contract=_INVERSE, note="the venue's text; its prices were not met"),
    _Line("bingx", _A, 0.0005, note="the venue's text; no number of its was met"),
    _Line("bitget", _A, 0.0006, mode=_ISOLATED, deduction=False),
    _Line("bitget", _A, 0.0006, mode=_ISOLATED, since="2025-11-10", usual=False),
    _Line("bitget", _C, 0.0006, mode=_CROSS, deduction=False, note="classic account"),
    _Line(
        "bitget",
        _A,
        0.0006,
        mode=_CROSS,
        since="2025-11-10",
        usual=False,
        note="taken to be as isolated; no number was met",
    ),
    _Line("bitmex", _B, note="the fee to close is held apart from the margin"),
    _Line("blofin", _A, 0.0006),
    _Line("bybit", _B, note="the fee to close stands in both margins and cancels"),
    _Line(
        "bybit",
        _A,
        since="2026-01-01",
        usual=False,
        told_by="extra",
        note="the venue's text; no number was met",
    ),
    _Line("coinex", _A, deduction=False),
    _Line("delta", _B),
    _Line("dydx", _A, deduction=False),
    _Line("gate", _A, 0.00075),
    _Line("htx", _A, deduction=False, note="the rate is adjust factor / leverage"),
    _Line("hyperliquid", _A, note="the rate is 1 / (2 x the bracket's maximum leverage)"),
    _Line("kraken", _A, contract=_INVERSE, deduction=False),
    _Line("kraken", _B, contract=_LINEAR, deduction=False, note="the venue's text"),
    _Line("kucoin", _B, mode=_ISOLATED, note="funding may be added to the rate"),
    _Line("kucoin", _A, 0.0006, mode=_ISOLATED, since="2025-05-22", usual=False),
    _Line("kucoin", _A, 0.0006, mode=_CROSS, note="margin is split by value among positions"),
    _Line("lighter", _A, deduction=False, note="one cross position met; one rate for any size"),
    _Line("mexc", _B),
    _Line("okx", _A, 0.0005, deduction=False),
    _Line("phemex", _A, 0.0006, contract=_LINEAR, bankruptcy_has_fee=True),
    _Line("phemex", _B, contract=_LINEAR, quote="USD", note="contracts settled in BTC or USD"),
    _Line("phemex", _B, contract=_INVERSE),
)

# Other names of the same venue.
_ALIASES = {
    "ax": "architect_ax",
    "binancecoinm": "binance",
    "binanceusdm": "binance",
    "bybitinverse": "bybit",
    "deltaexchange": "delta",
    "dydxv4": "dydx",
    "gateio": "gate",
    "huobi": "htx",
    "krakenfutures": "kraken",
    "kucoinfutures": "kucoin",
    "okex": "okx",
}


def _by_market() -> dict[tuple[str, Contract, MarginMode], tuple[MarginRule, ...]]:
    found = defaultdict(list)
    for line in _TABLE:
        for rule in line.rules():
            found[rule.exchange, rule.contract, rule.mode].append(rule)
    return {key: tuple(sorted(rules, key=lambda rule: rule.since)) for key, rules in found.items()}


_RULES = _by_market()


def venue(exchange: str) -> str:
    """Return the name a venue has here, whatever name a library or a person gives it.

    >>> venue("krakenfutures"), venue("Gate.io"), venue("dydx_v4"), venue("nowhere")
    ('kraken', 'gate', 'dydx', 'nowhere')
    """
    plain = exchange.lower().strip()
    bare = plain.translate({ord(sign): None for sign in "._- "})
    return _ALIASES.get(bare, plain if plain in _NAMES else bare)


_NAMES = {line.exchange for line in _TABLE}


def rules_of(
    exchange: str, contract: Contract, mode: MarginMode, quote: str = ""
) -> tuple[MarginRule, ...]:
    """Return all rules a venue has had, oldest first; for an unknown venue the commonest one."""
    name = venue(exchange)
    unknown = MarginRule(
        name, contract, mode, _A, known=False, note="no rule of this venue is known"
    )
    rules = _RULES.get((name, contract, mode), (unknown,))
    special = tuple(rule for rule in rules if quote and rule.quote == quote)
    return special or tuple(rule for rule in rules if not rule.quote)


def rule_for(
    exchange: str,
    contract: Contract,
    at: int | None = None,
    mode: MarginMode = MarginMode.ISOLATED,
) -> MarginRule:
    """Return the rule a venue went by at `at` [ms], None for its newest.

    Venues whose rule is not known get family A without fee, the commonest.

    >>> rule_for("bybit", Contract.LINEAR, 1_750_000_000_000).family
    <Family.AT_ENTRY: 'B'>
    >>> rule_for("nowhere", Contract.LINEAR).words
    'A, assumed'
    """
    rules = rules_of(exchange, contract, mode)
    past = [rule for rule in rules if at is None or rule.since <= at]
    return past[-1]
