"""Reads a position out of the inputs it is told in; which way of telling, the names say.

What the ways have in common: entry price and own margin may be exchanged for any other pair with
the same equity, because

    equity at price P = W + s q (P - E)         inverse: W + s Q (1/E - 1/P)

so that (mark price, equity), (bankruptcy price, 0) and (0, cash) all serve as (E, W).
"""

import math
from dataclasses import dataclass

from bot.core.instruments import Contract
from bot.core.margin.holding import Holding
from bot.core.margin.inputs import Inputs
from bot.core.margin.rules import Family, MarginMode, MarginRule

_ENTRY = "the price the position was opened at, such as 32481.98"
_MARK = "the mark price of now, such as 37370.5"
_RATE = "the maintenance margin rate, a fraction such as 0.005"
_MAX_LEVERAGE = "the highest leverage of the position's bracket, such as 50"
_SIGNED = "the size in base coin, negative for a short, such as -0.45"
_MARGIN = "the position's own margin (or give its leverage)"
_QTY = "the size in base coin, such as 0.25"


@dataclass(frozen=True, slots=True)
class Reader:
    """The inputs of one position, to be read by one rule."""

    inputs: Inputs
    rule: MarginRule
    side: int  # +1 long, -1 short, 0 not said but by the inputs themselves
    rate_needed: bool  # a bankruptcy price asks for none

    def holding(self) -> Holding:
        """Read the position; BadExample says what is missing."""
        has = self.inputs.has
        if has("szi"):
            return self._by_signed_size()
        if has("s", "e") or has("s", "p"):
            return self._by_account()
        if has("bankrupt"):
            return self._by_bankruptcy()
        if has("mark", "equity", "mm"):
            return self._frozen()
        return self._by_margin()

    def family(self) -> Family:
        """Return the rule's family; a margin told as an amount of now stays as it is."""
        frozen = self.inputs.has("mark", "equity", "mm")
        return Family.FROZEN if frozen else self.rule.family

    def fee(self) -> float:
        """Return the fee counted into the maintenance margin: the one given, or the venue's."""
        counts = self.rule.fee > 0 or not self.rule.known
        if counts and self.inputs.has("fee"):
            return self.inputs.fraction("fee", "the taker fee")
        return self.rule.fee

    def _holding(
        self, side: float, entry: float, size: float, margin: float, rate: float, deduction: float
    ) -> Holding:
        contract = self.rule.contract
        return Holding(contract, int(math.copysign(1, side)), entry, size, margin, rate, deduction)

    def _side(self) -> float:
        if not self.side:
            raise self.inputs.wrong("the side is missing; it is “long” or “short”")
        return self.side

    def _signed(self, name: str, right: str = _SIGNED) -> float:
        size = self.inputs.need(name, right)
        if size == 0:
            raise self.inputs.wrong(f"{name} is 0, which is no position")
        return size

    def _by_signed_size(self) -> Holding:
        """Hyperliquid: cash beside the position if isolated, the account's value if cross."""
        inputs = self.inputs
        signed = self._signed("szi")
        isolated = self.rule.mode is MarginMode.ISOLATED and not inputs.has("account_value")
        isolated = isolated or inputs.has("raw_usd")
        size, rate, deduction = abs(signed), self._rate(needed=not isolated), self._deduction()
        if isolated:
            cash = inputs.need("raw_usd", "the USDC beside the position, such as -475.24")
            return self._holding(signed, 0.0, size, cash, rate, deduction)
        mark = inputs.positive("mark", _MARK)
        value = inputs.need("account_value", "the account's value in USD, such as 1182.31")
        right = "the maintenance margin of all positions, this one with them"
        others = inputs.need("maint_total", right) - (size * mark * rate - deduction)
        return self._holding(signed, mark, size, value - others, rate, deduction)

    def _by_account(self) -> Holding:
        """The dYdX way: equity e, signed size s, oracle price p."""
        inputs = self.inputs
        signed = self._signed("s")
        oracle = inputs.positive("p", "the oracle price, such as 1000")
        equity = inputs.need("e", "the account's equity, such as 100")
        margin = equity - inputs.get("other")
        return self._holding(signed, oracle, abs(signed), margin, self._rate(), 0.0)

    def _by_bankruptcy(self) -> Holding:
        """A bankruptcy price the venue shows, and the maintenance margin above it."""
        inputs, side = self.inputs, self._side()
        bankrupt = inputs.positive("bankrupt", "the bankruptcy price, such as 32006.4")
        if (told := self._maintenance(bankrupt)) is not None:
            size, amount = told
        elif self.rule.family is Family.AT_LIQUIDATION:
            rate = self._rate(fee=not self.rule.bankruptcy_has_fee)
            return self._holding(side, bankrupt, 1.0, 0.0, rate, 0.0)
        else:
            entry = inputs.positive("entry", f"{_ENTRY} (or give maint_less_fee_per_qty)")
            size = 1.0
            amount = self._rate() * self._value(entry, size)
        return Holding(self.rule.contract, int(side), bankrupt, size, 0.0, maintenance=amount)

    def _maintenance(self, price: float) -> tuple[float, float] | None:
        """Size and maintenance margin less the fee to close, if that is told as an amount."""
        inputs = self.inputs
        if inputs.has("maint_less_fee_per_qty"):
            return 1.0, inputs.get("maint_less_fee_per_qty")
        if inputs.has("maint_less_fee"):
            return self._size(price), inputs.get("maint_less_fee")
        if inputs.has("pos_maint"):
            return self._size(price), inputs.get("pos_maint") - inputs.get("pos_comm")
        return None

    def _frozen(self) -> Holding:
        """Equity and maintenance margin of now, both as amounts."""
        inputs = self.inputs
        mark = inputs.positive("mark", _MARK)
        return Holding(
            self.rule.contract,
            int(self._side()),
            mark,
            self._size(mark),
            self._margin_of_others(inputs.get("equity")),
            maintenance=inputs.get("mm"),
        )

    def _by_margin(self) -> Holding:
        """Entry price, size and own margin; or mark price, size and equity."""
        inputs = self.inputs
        by_mark = not inputs.has("entry") and inputs.has("mark")
        entry = inputs.positive("mark", _MARK) if by_mark else inputs.positive("entry", _ENTRY)
        alone = inputs.has("lmr") or (inputs.has("leverage") and not inputs.has("deduction"))
        size = 1.0 if alone and not self._sized() else self._size(entry)
        value = self._value(entry, size)
        told = None if inputs.has("mmr") else self._maintenance(entry)
        if told is not None:
            kept = told[1] * size / told[0]
            margin = self._margin_of_others(self._margin(value, kept))
            side = int(self._side())
            return Holding(self.rule.contract, side, entry, size, margin, maintenance=kept)
        rate = self._rate(needed=inputs.has("margin_ratio"))
        deduction = self._deduction()
        margin = self._margin_of_others(self._margin(value, value * rate - deduction))
        return self._holding(self._side(), entry, size, margin, rate, deduction)

    def _value(self, price: float, size: float) -> float:
        """Value at a price, in the currency of the margin."""
        return price * size if self.rule.contract is Contract.LINEAR else size / price

    def _sized(self) -> bool:
        return any(self.inputs.has(name) for name in ("qty", "Q", "contracts"))

    def _size(self, entry: float) -> float:
        """Size in base, inverse in quote; one told in the other is turned over by `entry`."""
        inputs, linear = self.inputs, self.rule.contract is Contract.LINEAR
        if inputs.has("contracts"):
            each = inputs.positive("contract_size", "what one contract is, such as 0.01")
            return abs(self._signed("contracts")) * each
        if linear and inputs.has("Q") and not inputs.has("qty"):
            return abs(self._signed("Q")) / entry
        name = "qty" if linear or (inputs.has("qty") and not inputs.has("Q")) else "Q"
        right = _QTY if linear else "the size in USD, such as 10000"
        return abs(self._signed(name, right))

    def _margin(self, value: float, maintenance: float) -> float:
        """Own margin, or what comes to the same; `value` and `maintenance` in its currency."""
        inputs = self.inputs
        if inputs.has("margin") and self.rule.mode is MarginMode.ISOLATED:
            return inputs.positive("margin", _MARGIN)
        for name in ("margin", "equity"):
            if inputs.has(name):
                return inputs.get(name)
        if inputs.has("margin_ratio"):
            # While a position lives, equity is above its maintenance margin: a ratio above one is
            # equity / maintenance margin (OKX), one below is the reverse (Bitget).
            ratio = inputs.positive("margin_ratio", "the margin ratio the venue shows")
            return maintenance * max(ratio, 1 / ratio)
        for name in ("lmr", "amr"):
            if inputs.has(name):
                return inputs.get(name) * value
        if inputs.has("leverage"):
            return value / inputs.positive("leverage", "the leverage, such as 10")
        return inputs.need("margin", _MARGIN)

    def _margin_of_others(self, margin: float) -> float:
        inputs = self.inputs
        extra = inputs.get("extra")
        if self.rule.told_by == "extra":  # what was added keeps room for the fee to close
            extra /= 1 + inputs.get("fee")
        return margin - inputs.get("other") + inputs.get("upnl_other") + extra

    def _rate(self, *, fee: bool = True, needed: bool = False) -> float:
        """Maintenance margin rate, with the fee where the venue counts it."""
        inputs = self.inputs
        if inputs.has("mmr"):
            rate = inputs.fraction("mmr", _RATE)
        elif inputs.has("adjust"):
            right = "the leverage the adjust factor is for, such as 5"
            rate = inputs.get("adjust") / inputs.positive("leverage", right)
        elif inputs.has("max_leverage"):
            rate = 1 / (2 * inputs.positive("max_leverage", _MAX_LEVERAGE))
        elif self.rate_needed or needed:
            rate = inputs.need("mmr", _RATE)
        else:
            return 0.0
        rate += self.fee() if fee else 0.0
        # Where the margin is fixed at the entry, the funding to come is fixed with it.
        return rate + (inputs.get("funding") if self.rule.family is Family.AT_ENTRY else 0.0)

    def _deduction(self) -> float:
        return self.inputs.get("deduction") if self.rule.deduction else 0.0
