"""The terms of a position under the names that venues and people give them."""

from collections.abc import Mapping

from bot.core.errors import BadExample

# Our name -> other names of the same term; compared without underscores and capitals, but for Q,
# which is the size in quote where q is one in base.
NAMES: dict[str, tuple[str, ...]] = {
    "side": (),
    "entry": (
        *("entry_price", "entry_px", "avg_entry", "avg_price", "avg_px", "open_price"),
        *("entry_hold", "cost_hold", "settle", "settle_price"),
    ),
    "mark": ("mark_price", "mark_px"),
    "qty": ("quantity", "q", "amount", "size"),
    "Q": ("quote_size", "size_usd", "notional", "value", "position_value"),
    "contracts": (),
    "contract_size": ("ct_val", "multiplier"),
    "margin": (
        *("position_margin", "isolated_margin", "initial_margin", "im", "pos_init", "collateral"),
        *("isolated_wallet", "wallet", "wallet_balance", "wb", "margin_static"),
    ),
    "leverage": ("lever", "lever_rate"),
    "equity": ("account_equity",),
    "margin_ratio": ("mgn_ratio",),
    "lmr": (),
    "amr": (),
    "mm": ("maintenance_margin",),
    "mmr": (
        *("maintenance_margin_rate", "maint_margin_rate", "maint_margin_ratio", "mm_rate"),
        *("mmf", "l"),
    ),
    "adjust": ("adjust_factor",),
    "max_leverage": (),
    "deduction": ("cum", "mm_amount", "maint_amount", "maint_amt", "mm_deduction", "c"),
    "fee": ("taker", "taker_fee", "taker_fee_rate", "fee_rate", "close_fee_rate", "f"),
    "funding": ("funding_rate",),
    "other": (),  # and every other name with "other" in it: the others' maintenance margin
    "upnl_other": (),  # and every name with "other" and "pnl" in it
    "extra": ("extra_margin",),
    "bankrupt": ("bankrupt_price", "bankruptcy_price", "bust"),
    "maint_less_fee_per_qty": (),
    "maint_less_fee": ("maint_less_comm",),
    "pos_maint": (),
    "pos_comm": (),
    "szi": (),
    "raw_usd": (),
    "account_value": (),
    "maint_total": ("maintenance_total",),
    "e": (),
    "s": (),
    "p": ("oracle",),
}


def _plain(name: str) -> str:
    return name if name == "Q" else name.lower().replace("_", "")


_OURS = {_plain(name): ours for ours, names in NAMES.items() for name in (ours, *names)}


def _ours(name: str) -> str:
    plain = _plain(name)
    if "other" in plain:
        return "upnl_other" if "pnl" in plain else "other"
    if "deduction" in plain:
        return "deduction"
    return _OURS.get(plain, name)


class Inputs:
    """The numbers given for one position, asked for by our names."""

    def __init__(self, example: str, given: Mapping[str, float]) -> None:
        self._example = example
        self._given: dict[str, float] = {}
        self._as: dict[str, str] = {}  # our name -> the name it was given under
        for name, value in given.items():
            ours = _ours(name)
            if ours in self._given:
                raise self.wrong(f"{self._as[ours]} and {name} are the same input, given twice")
            self._given[ours] = value
            self._as[ours] = name

    @property
    def unknown(self) -> tuple[str, ...]:
        """Names that mean nothing here, as they were given."""
        return tuple(given for ours, given in self._as.items() if ours not in NAMES)

    def wrong(self, why: str) -> BadExample:
        """Return the error that says what is wrong with this example."""
        return BadExample(self._example, why)

    def has(self, *names: str) -> bool:
        """Say whether all of these are given."""
        return all(name in self._given for name in names)

    def get(self, name: str, default: float = 0.0) -> float:
        """Return an input that may be left out."""
        return self._given.get(name, default)

    def need(self, name: str, right: str) -> float:
        """Return an input that must be given; `right` says what it is."""
        if name not in self._given:
            raise self.wrong(f"the input {name} is missing; it is {right}")
        return self._given[name]

    def positive(self, name: str, right: str) -> float:
        """Return an input that must be above zero."""
        value = self.need(name, right)
        if value <= 0:
            raise self.wrong(
                f"{self._as[name]} is {value:g}, which is not above zero; it is {right}"
            )
        return value

    def fraction(self, name: str, right: str) -> float:
        """Return an input that must lie in 0 .. 1."""
        value = self.need(name, right)
        if not 0 <= value < 1:
            said = f"{self._as[name]} is {value:g}, which is not between 0 and 1"
            raise self.wrong(f"{said}; it is {right}")
        return value
