"""A simulated perpetual market that is stepped on, and whose every position is known."""

import math
from zlib import crc32

import numpy as np

from bot.core.arrays import DAY, HOUR, MINUTE, Floats
from bot.core.instruments import Instrument
from bot.core.simulation import accounts
from bot.core.simulation.arrivals import draw, long_odds, placed
from bot.core.simulation.book import Book, Rows
from bot.core.simulation.dealers import Dealers
from bot.core.simulation.genesis import past, populate
from bot.core.simulation.mood import Mood
from bot.core.simulation.path import Closing, Opening, Order, Quotes, Walk, Why
from bot.core.simulation.record import Record
from bot.core.simulation.styles import Style, style_brackets
from bot.core.simulation.traders import HABITS, Crowd
from bot.core.simulation.underlying import Followed, News, Underlying

START = 1_767_225_600_000  # [ms] 2026-01-01 00:00 UTC
STEP = 5 * MINUTE
SUBSTEP = 15_000  # [ms]
FUNDING_EVERY = 8 * HOUR

_PREMIUM_HALF = 3 * MINUTE  # arbitrage with other venues
_LEAN = 0.012  # premium [log price] by which dealers short of all open interest would quote
_MOOD_PAYS = 0.0003  # premium [log price] that a crowd in a mood pays
_SHAKE = 0.16  # of the usual move of a step: noise of quotes in each substep, soon forgotten
_THIN = 0.5  # power of restlessness by which books thin out
_TAKER_EXITS = 0.6  # share of owners who leave by taking from the book
_WINNERS_LEAVE, _LOSERS_STAY, _MOST_LEAVE = 0.9, -0.5, 2.5
_REACH = 8.0  # usual moves of a step within which levels are looked at first
_FUNDING_CLAMP, _FUNDING_CALM, _FUNDING_CAP = 0.0002, 0.0001, 0.0075
_RANGE = 1.6  # range of a random walk, in standard deviations of its end
_TRADES_SPREAD = 0.25  # of log turnover, at the same range
_AGGRESSION, _AGGRESSION_NOISE = 0.12, 0.05  # taker buy share: by move over range; by chance


class Market:
    """One venue's perpetual; the same arguments give the same market, however it is stepped.

    `leader` is another Market of equal start and step that this one's price follows, and which
    must have been stepped before this one is. `leverage` multiplies what traders choose.
    """

    def __init__(
        self,
        style: Style,
        seed: int,
        *,
        instrument: Instrument | None = None,
        start: int = START,
        step: int = STEP,
        price: float | None = None,
        open_interest: float | None = None,
        leader: "Market | None" = None,
        leverage: float = 1.0,
    ) -> None:
        if step % SUBSTEP or start % step:
            raise ValueError("a step is a whole number of substeps, and the start of steps")
        self.style = style
        self.instrument = instrument or Instrument("sim", style.base, "USDT", "USDT")
        self.step_length = step
        substeps = step // SUBSTEP
        self.record = Record(start, step, substeps)
        self.target = open_interest or style.open_interest  # [quote]
        self.brackets = style_brackets(style, self.target)
        self.crowd = Crowd(HABITS, style.leverage * leverage, style.volatility)
        mix = np.random.SeedSequence([seed, crc32(style.name.encode())])
        self._rng, news, crowd, dealers = (np.random.default_rng(s) for s in mix.spawn(4))
        self._mood = Mood(style, crowd, step)
        self.past: Floats = leader.past if leader else past(style, price or style.price, news)
        self._underlying: Underlying = (
            Followed(leader) if leader else News(style, news, step, substeps)
        )
        self._lasting = 0.0 if leader else style.lasting
        self.book = Book()
        populate(self.book, self.crowd, self.past, self.target, self.brackets, crowd)
        self._spot = float(self.past[0])
        self._premium = 0.0
        self._price = self._spot  # log
        self.dealers = Dealers(-self.book.net(), self.target / math.exp(self._spot), dealers)
        self.ledger = accounts.Ledger(deposited=accounts.equity(self.book, self.price))
        self._premiums = [0.0]
        self._usual = style.volatility * math.sqrt(step / DAY)
        self._hour_ago = self._spot

    @property
    def time(self) -> int:
        """End of the last step [ms] UTC."""
        return self.record.start + self.record.bars.count * self.step_length

    @property
    def price(self) -> float:
        """Last price [quote/base]."""
        return math.exp(self._price)

    @property
    def restless(self) -> float:
        """Volatility now, as a multiple of the usual."""
        return self._underlying.restless

    @property
    def open_interest(self) -> float:
        """Sum of all longs [base]; that of all shorts is the same."""
        side = self.book["side"]
        return float(self.book["quantity"][side > 0].sum()) + self.dealers.longs

    def increments(self, time: int) -> Floats:
        """Log price increments traded through in the step that began at `time`, shape (M,)."""
        place = (time - self.record.start) // self.step_length
        if not 0 <= place < self.record.bars.count:
            raise ValueError("a market was stepped past the one it follows")
        last = self.record.trails.rows[place, 0::3]
        opened = self.record.bars.rows[place, 0]
        return np.diff(np.log(last), prepend=math.log(opened))

    def step(self, count: int = 1) -> None:
        """Go on by `count` steps."""
        for _ in range(count):
            self._step()

    def _step(self) -> None:
        time, before = self.time, self._price
        if time % FUNDING_EVERY == 0 and self.record.bars.count:
            self._settle_funding(time)
        if time % HOUR == 0:
            accounts.drift(self.book, self.ledger, self._price - self._hour_ago, self._rng)
            self._hour_ago = self._price
        accounts.top_up(self.book, self.ledger, self._price, self._rng)
        moves = self._underlying.moves(time)
        restless = self._underlying.restless
        inventory = -self.book.net() * self.price / self.target
        drawn = self._arrivals(restless, inventory)
        push = self.style.impact / self.target * max(restless, 0.5) ** _THIN
        walk = self._walk(moves, drawn, self._leaving(restless), push, inventory)
        self._settle(walk, drawn, time)
        move = self._price - before
        self._underlying.saw(move)

    def _arrivals(self, restless: float, inventory: float) -> dict[str, Floats]:
        sentiment = self._mood.sentiment(inventory)
        usual = self.crowd.accounts / self.crowd.lifetime * self.step_length
        counts = self._rng.poisson(usual * self._mood.arrivals(restless))
        habit = np.repeat(np.arange(len(counts)), counts)
        odds = long_odds(self.crowd, sentiment)
        return draw(self.crowd, habit, odds, self.target, self.brackets, self._rng)

    def _leaving(self, restless: float) -> Rows:
        """Let owners' patience run, faster for winners; return the rows whose owners leave."""
        book = self.book
        gain = book["side"] * (self._price - book["entry"]) / book["horizon"]
        haste = 1 + _WINNERS_LEAVE * np.minimum(np.maximum(gain, _LOSERS_STAY), _MOST_LEAVE)
        passed = self.step_length * (0.6 + 0.4 * min(restless, 3.0))
        patience = book["patience"]
        patience -= book["pace"] * passed * haste
        return np.flatnonzero(patience <= 0)

    def _walk(
        self, moves: Floats, drawn: dict[str, Floats], leaving: Rows, push: float, inventory: float
    ) -> Walk:
        substeps = len(moves)
        first, opening = self.book.count, len(drawn["side"])
        rows = np.concatenate((np.arange(first, first + opening), leaving))
        side = self.book["side"][leaving]
        value = self.book["quantity"][leaving] * self.price
        taking = self._rng.random(len(leaving)) < _TAKER_EXITS
        pushes = push * np.concatenate(
            (drawn["side"] * drawn["value"] * drawn["taker"], -side * value * taking)
        )
        at = self._rng.integers(0, substeps, len(rows))
        order = np.argsort(at, kind="stable")
        # Openings are numbered as they come, so that the walk can append their entries.
        coming = order[order < opening]
        rows[coming] = first + np.arange(opening)
        for name in drawn:
            drawn[name] = drawn[name][coming]
        orders = [
            Order(*each)
            for each in zip(
                at[order].tolist(), rows[order].tolist(), pushes[order].tolist(), strict=True
            )
        ]
        names = ("side", "value", "down", "up", "stopped")
        openings = [
            Opening(*each) for each in zip(*(drawn[n].tolist() for n in names), strict=True)
        ]
        quotes = Quotes(
            _LEAN * -inventory + _MOOD_PAYS * self._mood.sentiment(0.0).mood,
            0.5 ** (SUBSTEP / _PREMIUM_HALF),
            self._lasting,
            push,
        )
        noise = self._rng.standard_normal(substeps) * (_SHAKE * self._usual * self.restless)
        reach = _REACH * self._usual * max(self.restless, 1.0)
        walk = Walk(self._spot, self._premium, quotes, reach, self.book)
        walk.run(moves.tolist(), noise.tolist(), orders, openings, SUBSTEP)
        return walk

    def _settle(self, walk: Walk, drawn: dict[str, Floats], time: int) -> None:
        """Bring the accounts up to date with what happened on the way, and record it."""
        book = self.book
        opened_at = self.price
        added = placed(drawn, np.array(walk.entries))
        book.add(added)
        rows = np.array([closing.row for closing in walk.closings], dtype=np.intp)
        why = np.array([closing.why for closing in walk.closings], dtype=np.intp)
        fill = np.exp(np.array([closing.price for closing in walk.closings]))
        side, quantity = book.column("side", rows), book.column("quantity", rows)
        forced = why == Why.LIQUIDATION
        left = book.column("wallet", rows) + side * (quantity * fill - book.column("value", rows))
        self.ledger.deposited += float(added["wallet"].sum())
        self.ledger.withdrawn += float(left[~forced].sum())
        self.ledger.insurance += float(left[forced].sum())
        spent = float((added["side"] * added["value"]).sum() - (side * quantity * fill).sum())
        self._note_liquidations(walk.closings, side, quantity, fill, time)
        liquidated = float((quantity * fill)[forced].sum()) / self.target
        taken = self._volumes(added, drawn["taker"], side, quantity, why)
        book.remove(rows)
        self._spot, self._premium, self._price = walk.spot, walk.premium, walk.price
        self._premiums.append(walk.premium)
        self.dealers.trade(-book.net(), -spent, opened_at, self.price)
        self._mood.saw(self._price - math.log(opened_at), liquidated)
        self._note_bar(walk, opened_at, taken)

    def _note_liquidations(
        self, closings: list[Closing], side: Floats, quantity: Floats, fill: Floats, time: int
    ) -> None:
        forced = [n for n, closing in enumerate(closings) if closing.why == Why.LIQUIDATION]
        if not forced:
            return
        at = np.array([closings[n].time for n in forced], dtype=np.float64) + time
        rows = np.column_stack((at, side[forced], fill[forced], quantity[forced]))
        self.record.forced.add(rows[np.argsort(at, kind="stable")])

    def _volumes(
        self,
        added: dict[str, Floats],
        taker: Floats,
        side: Floats,
        quantity: Floats,
        why: Rows,
    ) -> tuple[float, float]:
        """What traders traded, and what of it they bought by taking from the book [base]."""
        opened = added["quantity"]
        taking = np.where(why == Why.OWNER, _TAKER_EXITS, np.where(why == Why.TAKE, 0.0, 1.0))
        bought = (opened * taker)[added["side"] > 0].sum() + (quantity * taking)[side < 0].sum()
        # An order that waited and sold was bought from by a taker.
        waited = (opened * (1 - taker))[added["side"] < 0].sum()
        waited += (quantity * (1 - taking))[side > 0].sum()
        return float(opened.sum() + quantity.sum()), float(bought + waited)

    def _note_bar(self, walk: Walk, opened_at: float, traded: tuple[float, float]) -> None:
        last, low, high = np.exp(np.array(walk.trail)).T
        # exp() may differ in the last digit by where a number stands in an array.
        low, high = np.minimum(low, last), np.maximum(high, last)
        lowest = min(float(low.min()), opened_at, self.price)
        highest = max(float(high.max()), opened_at, self.price)
        width = max(math.log(highest / lowest), 1e-9)
        usual = self._usual * _RANGE
        shock, aim = self._rng.standard_normal(2).tolist()
        churn = self.style.turnover * self.target / self.price * self.step_length / DAY
        churn *= (width / usual) ** 0.9 * math.exp(_TRADES_SPREAD * shock)
        share = 0.5 + _AGGRESSION * (self._price - math.log(opened_at)) / width
        share = min(max(share + _AGGRESSION_NOISE * aim, 0.1), 0.9)
        volume, bought = traded
        side = self.book["side"]
        longs = max(int((side > 0).sum()), 1)
        ratio = longs / max(self.book.count - longs, 1)
        bar = (opened_at, highest, lowest, self.price)
        numbers = (volume + churn, bought + churn * share, self.open_interest, ratio)
        self.record.bars.add(np.array([[*bar, *numbers]]))
        self.record.trails.add(np.column_stack((last, low, high)).reshape(1, -1))

    def _settle_funding(self, time: int) -> None:
        premium = sum(self._premiums) / len(self._premiums)
        self._premiums = []
        towards = min(max(_FUNDING_CALM - premium, -_FUNDING_CLAMP), _FUNDING_CLAMP)
        rate = min(max(premium + towards, -_FUNDING_CAP), _FUNDING_CAP)
        paid = accounts.pay_funding(self.book, rate, self.price)
        paid += self.dealers.pay(rate, self.price)
        self.ledger.insurance += paid  # rounding alone: longs pay exactly what shorts receive
        self.record.funding.add(np.array([[float(time), rate]]))
