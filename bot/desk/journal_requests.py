"""What can be asked of one's own journal, once the words have been understood."""

from dataclasses import dataclass, replace
from typing import TypeAlias

from bot.core.errors import TradeRefused
from bot.core.journal.trade import Mistake, Trade
from bot.core.language import say
from bot.core.market.liquidations import PositionSide

_MOST_LEVERAGE = 1000.0  # [1] more is no leverage that anybody offers


@dataclass(frozen=True, slots=True)
class Told:
    """What somebody says of a trade of his own; None: not said."""

    side: PositionSide | None = None
    entry: float | None = None  # [quote/base]
    stop: float | None = None  # [quote/base]
    target: float | None = None  # [quote/base]
    exit: float | None = None  # [quote/base]
    coins: float | None = None  # [base] size
    usd: float | None = None  # [USD] size
    leverage: float | None = None  # [1]
    signal: str | None = None  # "sweep"; "": his own idea
    note: str | None = None
    cleared: frozenset[str] = frozenset()  # "stop" or "target" that is to be taken out
    dollars: bool = False  # the entry was written in dollars, and may be the size

    def changing(self, trade: Trade) -> Trade:
        """Return a trade with what is said here. TradeRefused."""
        leverage = trade.leverage if self.leverage is None else self.leverage
        if leverage is not None and not 1 <= leverage <= _MOST_LEVERAGE:
            raise TradeRefused(
                say(
                    "A leverage of {leverage} cannot be: name 1x to 1000x.",
                    leverage=f"{leverage:g}x",
                )
            )
        entry = self.entry or trade.entry
        usd = self.usd or trade.usd
        return replace(
            trade,
            side=self.side or trade.side,
            entry=entry,
            stop=None if "stop" in self.cleared else self.stop or trade.stop,
            target=None if "target" in self.cleared else self.target or trade.target,
            exit=self.exit or trade.exit,
            usd=usd if self.coins is None else self.coins * entry,
            leverage=leverage,
            signal=trade.signal if self.signal is None else self.signal,
            note=trade.note if self.note is None else self.note,
        )


@dataclass(frozen=True, slots=True)
class TradeRequest:
    """`/journal add BTC long 60000 20x stop 59000`: a trade in words."""

    symbol: str  # as typed
    told: Told


@dataclass(frozen=True, slots=True)
class EditRequest:
    """`/journal edit t12 stop 59000`."""

    trade: str  # "t12"
    told: Told


@dataclass(frozen=True, slots=True)
class LogRequest:
    """`journal log sweep BTC`, or of an alert `journal log w12/BTC/3 long sweep`: one tap."""

    symbol: str  # as typed
    signal: str = ""  # "sweep"; empty: whatever the alert was about
    side: PositionSide | None = None  # None: the way of the signal
    venues: tuple[str, ...] = ()  # that the setup was read on; empty: all connected
    message: str = ""  # key of the alert's episode; empty: a setup under way


@dataclass(frozen=True, slots=True)
class JournalRequest:
    """`/journal`, `/journal t12`, and what is done with a trade: `/journal close t12 61000`."""

    trade: str = ""  # "t12"; empty: all of them
    act: str = ""  # "close", "open", "tag" or "drop"; empty: shown
    price: float | None = None  # [quote/base] it was closed at; None: now
    tag: Mistake | None = None
    sure: bool = False  # a removal that was asked for twice
    theme: str | None = None  # None: the chat's own


@dataclass(frozen=True, slots=True)
class CoachRequest:
    """`/coach`: what one's trades tell."""

    theme: str | None = None  # None: the chat's own


JournalRequests: TypeAlias = TradeRequest | EditRequest | LogRequest | JournalRequest | CoachRequest
